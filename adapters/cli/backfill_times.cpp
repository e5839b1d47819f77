#include "adapters/cli/backfill_times.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "events/partitioner.hpp"

namespace pesan::cli {

Fallible<void> BackfillTimes::look(const std::vector<std::string>& lines, Instant now) {
  for (const std::string& line : lines) {
    ++lines_;
    const Envelope& command = reader_.read(line);
    if (command.refusal) continue;
    const auto time = command.time ? parse_instant(*command.time) : std::nullopt;
    if (!time) {
      ++unreadable_;
      continue;
    }
    if (*time > now) {
      return fail(
          FailureKind::poison,
          fmt::format("line {}: its time, {}, is beyond this machine's clock ({}), and every "
                      "later command would be decided then: mend the line, or say --future",
                      lines_, to_string(*time), to_string(now)));
    }
    const auto count = static_cast<std::int32_t>(clocks_.size());
    const Partition home = command.resource ? partition_of(*command.resource, count) : Partition{0};
    Instant& clock = clocks_[static_cast<std::size_t>(home.value)];
    if (*time < clock) ++went_back_;
    clock = std::max(clock, *time);
  }
  return {};
}

Fallible<void> BackfillTimes::look_at_all(LineSource& file, Instant now) {
  constexpr LineSource::Most a_batch{.lines = 2'000, .bytes = std::size_t{8} << 20};
  while (!file.at_end()) {
    const auto lines = file.next(a_batch, std::chrono::milliseconds{1'000});
    if (!lines) return std::unexpected(lines.error());
    if (auto good = look(*lines, now); !good) return good;
  }
  return file.rewind();
}

}  // namespace pesan::cli
