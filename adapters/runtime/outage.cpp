#include "adapters/runtime/outage.hpp"

#include <spdlog/spdlog.h>

namespace pesan::runtime {

bool Outage::goes_on(Failure failure, Time now) {
  const bool passes =
      failure.kind == FailureKind::transient || failure.kind == FailureKind::unknown;
  if (!failure_) {
    since_ = now;
    if (passes) spdlog::warn("{}", failure.what);
  }
  failure_ = std::move(failure);
  return !passes || now - since_ >= longest_;
}

}  // namespace pesan::runtime
