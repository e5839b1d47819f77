// What arrived and could not be read: looking it up, and handing it in again. It tells its caller
// what became of what, and prints nothing. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/command_reader.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

/// Engines of all partitions write to this one.
inline constexpr TopicPartition dead_letters{Topic::dead_letters, Partition{0}};

/// All of them from an offset on, or until `on_letter` answers false.
Fallible<void> each_letter(LogReader& log, Offset from,
                           const std::function<Fallible<bool>(const Record&)>& on_letter);
/// `usage` where there is none.
Fallible<Record> letter_at(LogReader& log, std::int64_t offset);

/// Hands letters in again, so many at a time, and says which command each became.
class Redrive {
 public:
  using Sent = std::function<void(Offset letter, TopicPartition to, Offset command)>;
  Redrive(Log& log, Sent sent) : log_(log), sent_(std::move(sent)) {}

  /// Equal ones are sent once: what stays unreadable leaves one more letter each time, not twice as
  /// many.
  Fallible<void> all();
  /// All of them or none: they are looked up before the first is handed in. `mended` replaces what
  /// they hold.
  Fallible<void> chosen(const std::vector<std::int64_t>& offsets,
                        const std::optional<std::string>& mended);
  std::size_t count() const { return count_; }

 private:
  static constexpr std::size_t most_letters = 1000;
  static constexpr std::size_t most_bytes = std::size_t{8} << 20;

  Fallible<void> add(const Record& letter, const std::optional<std::string>& mended = {});
  Fallible<void> flush();

  Log& log_;
  Sent sent_;
  CommandReader reader_;
  std::vector<OutgoingRecord> outgoing_;
  std::vector<Offset> letters_;
  std::size_t bytes_ = 0;
  std::size_t count_ = 0;
};

}  // namespace pesan::runtime
