// The times of a backfill's commands, looked at before these are sent: one that is beyond this
// machine's clock would put all later decisions there. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "events/command_reader.hpp"
#include "events/failure.hpp"
#include "events/time.hpp"

namespace pesan::runtime {

class BackfillTimes {
 public:
  explicit BackfillTimes(std::int32_t partitions) : clocks_(static_cast<std::size_t>(partitions)) {}

  /// The next lines; what is no command has no time. `usage` at the first one beyond `now`.
  Fallible<void> look(const std::vector<std::string>& lines, Instant now);

  /// Commands without a time that can be read, and the line of the first one, from 1.
  std::int64_t unreadable() const { return unreadable_; }
  std::int64_t first_unreadable() const { return first_unreadable_; }
  /// Commands whose time is before that of one before it in the same partition.
  std::int64_t went_back() const { return went_back_; }
  /// Nothing without any.
  std::optional<Instant> oldest() const { return oldest_; }

 private:
  std::vector<Instant> clocks_;  // by partition
  CommandReader reader_;
  std::int64_t lines_ = 0;
  std::int64_t unreadable_ = 0;
  std::int64_t first_unreadable_ = 0;
  std::int64_t went_back_ = 0;
  std::optional<Instant> oldest_;
};

}  // namespace pesan::runtime
