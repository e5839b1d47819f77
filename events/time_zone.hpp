// The time zones of resources. A zone turns an instant into the local date and time that the rules
// speak of, in any year: beyond the changes that the system's file lists, by the rule at its end.
#pragma once

#include <optional>
#include <string_view>

#include <absl/time/time.h>

#include "events/time.hpp"

namespace pesan {

class TimeZone {
 public:
  /// nullopt when the system does not know the name.
  static std::optional<TimeZone> find(std::string_view iana_name);

  LocalDateTime local(Instant instant) const;

 private:
  explicit TimeZone(absl::TimeZone zone) : zone_(zone) {}

  absl::TimeZone zone_;
};

}  // namespace pesan
