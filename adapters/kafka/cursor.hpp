// One partition, read from one offset on: committed records only, in order. librdkafka fetches
// ahead in the background, so going on where the last read ended costs no round trip. A cursor is
// used by one thread at a time; CursorPool lends it.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "adapters/kafka/arrivals.hpp"
#include "adapters/kafka/client.hpp"

namespace pesan::kafka {

class Cursor {
 public:
  struct Start {
    Client& client;  // a reader that does not read this partition yet; outlives the cursor
    TopicPartition source;
    Offset from;           // within the partition's range
    std::string where;     // for messages
    Arrivals::Bell& bell;  // rung when there may be more to read; outlives the cursor
  };
  static Fallible<std::unique_ptr<Cursor>> start(const Start& start);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  /// Waits until librdkafka has let go of the partition.
  ~Cursor();

  /// As LogReader::read, from `next()` on. Records before `known_end` that are still on their way
  /// are waited for. After a failure the cursor is done.
  Fallible<void> read(const ReadLimit& limit, Offset known_end, std::vector<Record>& into);

  TopicPartition source() const { return source_; }
  /// Where a reader goes on that has read all that was given to it.
  Offset next() const { return next_; }
  Client& client() const { return client_; }

 private:
  using Time = std::chrono::steady_clock::time_point;

  explicit Cursor(const Start& start);
  /// Lets librdkafka fetch from there on, into a new queue.
  Fallible<void> begin(Offset from);
  void end();
  /// Null when there is none.
  Fallible<MessageHandle> next_message(Offset known_end);
  void take(const rd_kafka_message_t& message, Record& into);
  /// A client's batch can be made so that it unpacks to more than any reader takes (compression).
  /// Its records are given without what they hold; this finds out how many they are.
  /// `batch`: the offset that it begins with.
  Fallible<void> pass_unpackable(Offset batch);
  Fallible<bool> is_within(Offset offset, Offset batch);
  /// With nothing in the queue.
  void fetch_on();
  Failure describe_refusal(const rd_kafka_message_t& message) const;

  Client& client_;
  TopicPartition source_;
  std::string where_;
  Arrivals::Bell& bell_;
  QueueHandle queue_;
  bool started_ = false;
  Offset next_;
  Offset empty_at_;              // where next_ was when the queue was empty last
  std::size_t bytes_taken_ = 0;  // since then
  Offset end_seen_;              // there is no committed record from next_ up to here
  Offset unpackable_until_;      // records from next_ up to here cannot be unpacked
};

}  // namespace pesan::kafka
