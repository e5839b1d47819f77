#include "events/failure.hpp"

namespace pesan {

std::string_view name_of(FailureKind kind) {
  switch (kind) {
    case FailureKind::transient: return "transient";
    case FailureKind::conflict: return "conflict";
    case FailureKind::poison: return "poison";
    case FailureKind::unknown: return "unknown";
    case FailureKind::fatal: return "fatal";
    case FailureKind::usage: return "usage";
  }
  return "";
}

}  // namespace pesan
