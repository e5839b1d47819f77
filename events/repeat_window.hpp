// What the last records of a partition were, by their numbers (sequences, offsets of commands). A
// writer that was fenced can still land its last transaction's records late: byte for byte those of
// its successor, where both took the same input in the same order. A reader skips those;
// another record under a number that was there stops it (docs/adr/0006-exactly-once-on-kafka.md has
// the cases). Plain values; one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "events/digest.hpp"

namespace pesan {

class RepeatWindow {
 public:
  /// More records than a transaction writes to one partition: 2,000 events and results, 4,096 at
  /// most (`--batch`); two records a booking of 4,000 events that the registry reads.
  static constexpr std::size_t length = 8192;

  void clear();
  /// Numbers grow; one that does not is known already, or forgotten, and changes nothing.
  void add(std::int64_t number, const Digest& digest);
  /// Null: there was none, or it was forgotten. Valid until the next call that changes something.
  const Digest* find(std::int64_t number) const;
  bool has(std::int64_t number, const Digest& digest) const;

 private:
  struct Entry {
    std::int64_t number;
    Digest digest;
  };
  const Entry& at(std::size_t age) const { return entries_[(oldest_ + age) % entries_.size()]; }

  std::vector<Entry> entries_;  // by number, from the oldest on and around the end
  std::size_t oldest_ = 0;
};

}  // namespace pesan
