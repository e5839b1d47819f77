// The one connection of a process that writes a log: its statements, the steps of a transaction,
// what of it goes into a frame, and the care of the WAL. One thread at a time, which SqliteLog sees
// to with a fair mutex.
#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/log_frame.hpp"
#include "engine/log_writer.hpp"

namespace pesan::sqlite {

class LogWriting {
 public:
  explicit LogWriting(Database database);
  LogWriting(const LogWriting&) = delete;
  LogWriting& operator=(const LogWriting&) = delete;
  /// Before anything but `begin`; the tables must be there, if only in an open transaction.
  Fallible<void> prepare(std::int32_t partitions);

  // The steps below stand between `begin` and the commit of what it returns.
  Fallible<FileTransaction> begin();
  /// Appends in the order given; `offsets` may be null. Bytes are borrowed for the call.
  Fallible<void> insert(const std::vector<OutgoingRecord>& records, Instant now,
                        std::vector<Offset>* offsets);
  Fallible<void> move_consumed(std::string_view role, TopicPartition source, Offset next);
  /// The epoch of the writer that may commit in the name of a place, 0 when nobody ever took it.
  Fallible<std::int64_t> epoch(std::string_view role, Partition place);
  Fallible<std::int64_t> next_epoch(std::string_view role, Partition place);

  /// After a commit: writes back what the WAL holds when it has grown enough. Its refusal loses
  /// nothing (the records are in the WAL), so there is no answer.
  void tend_wal();

  Database& database() { return database_; }

 private:
  /// Where the next record of a partition goes, known for the length of a transaction.
  struct Tail {
    std::uint64_t transaction = 0;  // which one it was read in
    std::int64_t next_id = 0;
  };
  struct OfTopic {
    Statement insert;
    Statement last;
    std::vector<Tail> tails;  // by partition
  };

  using Records = std::span<const OutgoingRecord* const>;  // of one place, or as they follow it
  struct Row {
    std::int64_t id = 0;
    std::optional<Blob> key = {};
    std::optional<Blob> headers = {};
    Blob value;
  };

  Fallible<Tail*> tail(TopicPartition place);
  /// Those of the first record's place that fit one frame, as one or as they are. How many.
  Fallible<std::size_t> insert_frame(Records records, std::int64_t first_id, Instant now);
  Fallible<void> insert_row(Topic topic, const Row& row, Instant now);

  Database database_;
  std::array<OfTopic, topic_count> topics_;
  Statement move_consumed_;
  Statement epoch_;
  Statement next_epoch_;
  std::vector<const OutgoingRecord*> sorted_;  // the records at hand, by their places
  FramePacker packer_;
  std::string headers_;  // encoded, of the record at hand
  std::uint64_t transaction_ = 0;

  int wal_pages_ = 0;        // as of the last commit
  int next_checkpoint_ = 0;  // pages at which to try the next one
  int next_restart_ = 0;     // pages at which to insist
};

/// What every connection that creates or writes a log sets.
Fallible<void> prepare_for_writing(Database& database);
/// Marks a log of an older version as one of this one, before anything else is written to it.
Fallible<void> take_newest_version(Database& database);
/// Set on the empty file, before its first table. Measured: a tenth faster than 4096 in large
/// transactions and in reading, and no slower in small ones; 16384 gains no more.
inline constexpr int log_page_size = 8192;

}  // namespace pesan::sqlite
