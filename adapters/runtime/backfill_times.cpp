#include "adapters/runtime/backfill_times.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "events/object_cursor.hpp"
#include "events/partitioner.hpp"
#include "events/rejection.hpp"

namespace pesan::runtime {

namespace {

/// Of a time that no record can have, as of the year 2919: it is meant to be one all the same.
bool is_of_a_later_year(std::string_view time, Instant now) {
  constexpr std::size_t year_digits = 4;
  constexpr Instant readable_end{4'133'980'800'000};  // 2101
  if (now >= readable_end) return false;
  if (time.size() <= year_digits || time[year_digits] != '-') return false;
  const auto year = parse_digits(time.substr(0, year_digits));
  return year && *year > parse_digits(to_string(now).substr(0, year_digits)).value_or(*year);
}

}  // namespace

Fallible<void> BackfillTimes::look(const std::vector<std::string>& lines, Instant now) {
  for (const std::string& line : lines) {
    ++lines_;
    const Envelope& command = reader_.read(line);
    if (command.refusal) continue;
    const auto time = command.time ? parse_instant(*command.time) : std::nullopt;
    if (time ? *time > now : command.time && is_of_a_later_year(*command.time, now)) {
      return fail(
          FailureKind::usage,
          fmt::format("line {}: its time, {}, is beyond this machine's clock ({}), and every "
                      "later command would be decided then: mend the line, or say --future",
                      lines_, time ? to_string(*time) : cut_detail(*command.time), to_string(now)));
    }
    if (!time) {
      if (++unreadable_ == 1) first_unreadable_ = lines_;
      continue;
    }
    oldest_ = std::min(oldest_.value_or(*time), *time);
    const auto count = static_cast<std::int32_t>(clocks_.size());
    const Partition home = command.resource ? partition_of(*command.resource, count) : Partition{0};
    Instant& clock = clocks_[static_cast<std::size_t>(home.value)];
    if (*time < clock) ++went_back_;
    clock = std::max(clock, *time);
  }
  return {};
}

}  // namespace pesan::runtime
