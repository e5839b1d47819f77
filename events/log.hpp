// The Log port, reading side: partitioned, append-only topics, of which only committed records are
// seen. The writing side is engine/log_writer.hpp. A log object may be shared by threads;
// production is Kafka, the embedded default is a SQLite file, tests use memory; one contract suite
// covers all.
#pragma once

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "events/failure.hpp"
#include "events/ids.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

enum class Topic : std::uint8_t { commands, events, results, customers, dead_letters };
inline constexpr std::size_t topic_count = 5;

template <>
struct EnumNames<Topic> {
  static constexpr std::array<std::string_view, topic_count> names{"commands", "events", "results",
                                                                   "customers", "dead-letters"};
};

struct TopicPartition {
  Topic topic = Topic::commands;
  Partition partition;
  auto operator<=>(const TopicPartition&) const = default;
};

struct Header {
  std::string name;
  std::string value;
  bool null = false;  // it has no value, which is not an empty one
  bool operator==(const Header&) const = default;
};

/// What is written. `cloud_event` stands for the header `content-type:
/// application/cloudevents+json; charset=UTF-8`, which nearly every record has.
struct Payload {
  std::optional<std::string> key;
  std::string value;
  std::vector<Header> headers;  // besides content-type
  bool cloud_event = true;
  bool null_value = false;  // it has none, which is not an empty one
  bool operator==(const Payload&) const = default;
};

/// Bytes of a header, with what a broker adds to it at most.
std::size_t size_of(const Header& header);
/// Bytes of key, value and headers.
std::size_t size_of(const Payload& payload);

/// What was written, with its place. `timestamp` is the log's own (append time), but where somebody
/// let senders choose theirs (Kafka: CreateTime).
struct Record {
  Offset offset;
  Instant timestamp;
  Payload payload;
  bool senders_time = false;
  bool unpackable = false;  // the batch that it came in unpacks to too much: there is no payload
};

/// What is fixed when a log is made; each of its LogOpened events says it.
struct LogInfo {
  std::string log_id;
  std::int32_t partitions = 1;  // of commands, events and results
  Clock clock = Clock::append;
  std::int64_t format = 1;
};

struct ReadLimit {
  std::size_t records = 1000;
  std::size_t bytes = std::size_t{8} << 20;  // stops after the record that passes it
};

/// Where a partition's records begin and end; `end` is the offset after the last committed one.
struct OffsetRange {
  Offset begin;
  Offset end;
};

class LogReader {
 public:
  LogReader() = default;
  LogReader(const LogReader&) = delete;
  LogReader& operator=(const LogReader&) = delete;
  virtual ~LogReader() = default;

  /// Partitions of commands, events and results; customers and dead-letters have what they have.
  virtual std::int32_t partitions() const = 0;
  /// Partitions that commands have now: those beyond are inlets, which somebody added.
  virtual Fallible<std::int32_t> command_partitions() { return partitions(); }
  /// Replaces `into` by committed records of one partition, offsets ascending from `from` (there
  /// may be gaps), or nothing where there is none. `from` outside the range is `fatal`: before its
  /// begin records are gone, after its end the log was restored behind the reader.
  virtual Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                              std::vector<Record>& into) = 0;
  /// As it is now. Every read that comes after it waits for what stands in it; one that came before
  /// may have ended sooner.
  virtual Fallible<OffsetRange> range(TopicPartition source) = 0;
  /// The offset after the last record that is written, committed or not: beyond the range's end
  /// while a transaction is open.
  virtual Fallible<Offset> written_end(TopicPartition source) {
    const auto whole = range(source);
    if (!whole) return std::unexpected(whole.error());
    return whole->end;
  }
  using Places = std::span<const TopicPartition>;
  /// How often these partitions are known to have changed. Take it before looking for work there.
  virtual std::uint64_t changes(Places places) = 0;
  /// True when one of them changed since, whoever wrote; false after `wait`. Of a partition that
  /// the caller has read to its end, whatever is committed after `since` was taken ends the wait.
  /// Of others it may not, and a wait may end though there is nothing new to read.
  virtual Fallible<bool> wait_for_change(Places places, std::uint64_t since,
                                         std::chrono::milliseconds wait) = 0;
  /// Now and then, also while nobody reads: what came unasked is looked at, what is left of readers
  /// goes. Any thread.
  virtual void idle() {}
};

/// Whether a record stands in [from, to). Offsets have gaps, so an end that is ahead of a reader
/// does not mean that anything is left for it.
Fallible<bool> holds_records(LogReader& log, TopicPartition source, Offset from, Offset to);

/// The last committed record of a partition, as of now or a little later. The offsets between it
/// and the end are a gap of any length.
Fallible<std::optional<Record>> last_record(LogReader& log, TopicPartition source);

}  // namespace pesan
