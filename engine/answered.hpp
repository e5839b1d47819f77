// What became of commands, for metrics: no texts, and nothing that there is
// more of where there are more resources or bookings. Plain values.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "events/ids.hpp"
#include "events/rejection.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// What there is to say of the time that a command brought.
enum class TimeNote : std::uint8_t {
  none,
  senders,       // the record bears its sender's time: decided at the clock as it stood
  not_followed,  // `time` is more than a day old, and the log follows its append time
  unreadable,    // the log follows `time`, and there is none that can be read
  went_back,     // the log follows `time`, and it is before the partition's clock
};

template <>
struct EnumNames<TimeNote> {
  static constexpr std::array<std::string_view, 5> names{"none", "senders", "not_followed",
                                                         "unreadable", "went_back"};
};

/// A RunTimer that an engine of this log sent, of a booking that there is.
struct AnsweredTimer {
  std::uint32_t booking = 0;  // its place in the state
  Version version;            // of it when it was sent
  Timer timer = Timer::expiry;
  std::int64_t late_ms = 0;  // from the due instant to the decision; of one that was accepted
};

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
  TimeNote time = TimeNote::none;
  std::optional<AnsweredTimer> timer{};
};

/// What one transaction of an engine answered.
struct AnsweredBatch {
  std::vector<Answered> commands;
  std::chrono::nanoseconds deciding{0};  // all of them, from the records read to the commit begun
};

}  // namespace pesan
