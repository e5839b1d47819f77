// The time zones of resources. A zone turns an instant into the local date and time that the rules
// speak of, in any year: beyond the changes that the system's file lists, by the rule at its end.
// It remembers the last offset that it looked up, so one object belongs to one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include <absl/time/time.h>

#include "events/time.hpp"

namespace pesan {

class TimeZone {
 public:
  /// nullopt when the system does not know the name. TZDIR is not asked: what is decided is no
  /// matter of one process's environment.
  static std::optional<TimeZone> find(std::string_view iana_name,
                                      std::string_view folder = "/usr/share/zoneinfo");

  LocalDateTime local(Instant instant) const;
  /// The first instant at which clocks there show `local` or later: where they go forward over it,
  /// that of the change, and where they go back over it, the earlier of the two.
  Instant first_showing(LocalDateTime local) const;

 private:
  explicit TimeZone(absl::TimeZone zone) : zone_(zone) {}

  absl::TimeZone zone_;
  // The offset that holds in [since_ms_, until_ms_).
  mutable std::int64_t since_ms_ = 0;
  mutable std::int64_t until_ms_ = 0;
  mutable std::int64_t offset_ms_ = 0;
};

}  // namespace pesan
