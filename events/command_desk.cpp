#include "events/command_desk.hpp"

namespace pesan {

ResultBrief brief_of(const Result& result) {
  return {.kind = result.kind,
          .code = result.code,
          .sequence = result.sequence,
          .version = result.version,
          .duplicate = result.duplicate,
          .creates_booking = result.event && result.type == "CreateBooking"};
}

}  // namespace pesan
