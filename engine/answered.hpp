// What became of commands, for whoever counts and measures: no texts, and nothing that there is
// more of where there are more resources or bookings. Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "events/rejection.hpp"
#include "events/time.hpp"

namespace pesan {

struct Answered {
  enum class Kind : std::uint8_t {
    accepted,
    rejected,   // `code` says why
    duplicate,  // the stored outcome again, whatever it was
    forwarded,  // another partition answers it
  };
  Instant appended;                  // the record's timestamp
  std::optional<std::uint8_t> type;  // by its place in CommandBody; nothing: no type pesan knows
  Kind kind = Kind::accepted;
  Code code = Code::malformed;  // of a rejection
  bool dead_letter = false;     // kept among those too
};

/// What one transaction of an engine answered.
struct AnsweredBatch {
  std::vector<Answered> commands;
  std::chrono::nanoseconds waiting{0};   // for the first of them, and reading them
  std::chrono::nanoseconds deciding{0};  // all of them, from the records read to the commit begun
};

}  // namespace pesan
