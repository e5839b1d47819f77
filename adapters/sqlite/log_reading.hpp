// One connection that reads a log, with its statements, and a pool of them. Each call is one short
// read that leaves nothing open: a reader that kept its snapshot would keep the WAL from being
// emptied. A connection is used by one thread at a time; the pool by any.
#pragma once

#include <array>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "adapters/sqlite/log_frame.hpp"

namespace pesan::sqlite {

class LogReading {
 public:
  static Fallible<std::unique_ptr<LogReading>> open(const OpenOptions& options);

  /// Replaces `into`, reusing the memory of the records in it. Does not wait.
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into);
  /// An empty partition begins and ends at 0.
  Fallible<OffsetRange> range(TopicPartition source);
  Fallible<std::optional<Offset>> committed(std::string_view role, TopicPartition source);

  Database& database() { return database_; }

 private:
  explicit LogReading(Database database) : database_(std::move(database)) {}
  Fallible<void> prepare();

  /// Where a read stands.
  struct Reading {
    TopicPartition source;
    const ReadLimit& limit;
    std::vector<Record>& into;  // as many as `count` are read
    Offset next;                // no record before it is wanted, or left
    std::size_t count = 0;
    std::size_t bytes = 0;

    bool wants_more() const { return count < limit.records && bytes <= limit.bytes; }
    Record& add(Offset offset, Instant at);
    void added();
  };
  Fallible<void> read_rows(Reading& reading, Statement& rows);
  Fallible<void> read_frame(Reading& reading, const Statement& row, std::uint32_t records);
  Failure damaged(std::string_view what, TopicPartition source) const;

  struct OfTopic {
    Statement read;
    Statement range;
  };
  Database database_;
  std::array<OfTopic, topic_count> topics_;
  Statement committed_;
  FrameUnpacker unpacker_;
};

/// As many connections as threads that read at the same moment; they stay open for the next.
class ReadingPool {
 public:
  explicit ReadingPool(OpenOptions options) : options_(std::move(options)) {}

  /// Lent by `lend`, and back in the pool when it goes.
  class Lease {
   public:
    Lease(ReadingPool& pool, std::unique_ptr<LogReading> reading)
        : pool_(&pool), reading_(std::move(reading)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    LogReading* operator->() { return reading_.get(); }

   private:
    ReadingPool* pool_;
    std::unique_ptr<LogReading> reading_;
  };
  Fallible<Lease> lend();

 private:
  OpenOptions options_;
  std::mutex mutex_;  // guards what follows
  std::vector<std::unique_ptr<LogReading>> idle_;
};

}  // namespace pesan::sqlite
