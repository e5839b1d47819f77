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

#include "adapters/sqlite/log_format.hpp"

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
  Failure damaged(TopicPartition source, Offset offset) const;

  struct OfTopic {
    Statement read;
    Statement range;
  };
  Database database_;
  std::array<OfTopic, topic_count> topics_;
  Statement committed_;
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
