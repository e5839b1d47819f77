// The Log port on Kafka: one topic each for commands, events, results, customers and dead letters.
// A commit is one Kafka transaction of {records, the group's offsets}, fenced by the group
// (worker_writer.hpp). Readers see committed records only. Any thread may use a KafkaLog; writers
// point to it and must go before it.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/kafka/appender.hpp"
#include "adapters/kafka/client_on_call.hpp"
#include "adapters/kafka/cursor_pool.hpp"
#include "adapters/kafka/group_offsets.hpp"
#include "adapters/kafka/known_ends.hpp"
#include "adapters/kafka/topics.hpp"
#include "engine/log_writer.hpp"

namespace pesan {

class KafkaLog final : public Log {
 public:
  /// Makes what is missing of the topics, then writes the first records (the LogOpened events) in
  /// one transaction: killed at any moment, the next call finishes it. `conflict` when a log is
  /// there already, with whatever number of partitions.
  static Fallible<void> create(const kafka::Place& place, std::int32_t partitions,
                               const std::vector<OutgoingRecord>& first_records);
  /// All topics must be there. Its partitions are those that commands, events and results have in
  /// common, until `settle` says with how many the log was made.
  static Fallible<std::unique_ptr<KafkaLog>> open(const kafka::Place& place);
  /// Makes a log that is there whole again: the topic of dead letters, which is no history, where
  /// it is missing, and settings that would lose records. Says what it did, a line each.
  static Fallible<std::vector<std::string>> mend(const kafka::Place& place);
  /// From LogOpened, once, before the log is used. `fatal` where a topic has fewer; those that have
  /// more have had some added, and `find_faults` tells.
  Fallible<void> settle(std::int32_t partitions);
  Fallible<std::vector<kafka::TopicFault>> find_faults();

  std::int32_t partitions() const override { return partitions_; }
  /// As the brokers say it now.
  Fallible<std::int32_t> command_partitions() override;
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override;
  Fallible<OffsetRange> range(TopicPartition source) override;
  Fallible<Offset> written_end(TopicPartition source) override;
  std::uint64_t changes(Places places) override { return arrivals_.count(places); }
  Fallible<bool> wait_for_change(Places places, std::uint64_t since,
                                 std::chrono::milliseconds wait) override;
  void idle() override;
  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override;
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) override;

 private:
  explicit KafkaLog(kafka::Place place) : place_(std::move(place)) {}
  static Fallible<std::unique_ptr<KafkaLog>> connect(const kafka::Place& place);
  Fallible<kafka::PartitionCounts> count_partitions();
  void know(const kafka::PartitionCounts& counts);
  /// Whether LogOpened, or anything else, stands in events.
  Fallible<bool> holds_events();
  Fallible<void> check_half_made(const kafka::PartitionCounts& wanted) const;
  Fallible<void> check(TopicPartition place) const;
  Fallible<void> check(const std::vector<OutgoingRecord>& records) const;
  Fallible<kafka::CursorPool::Lease> start_cursor(TopicPartition source, Offset from);
  kafka::GroupOffsets& group(const std::string& name);
  std::string new_id(std::string_view role);

  const kafka::Place place_;
  kafka::ClientOnCall asking_{place_,
                              {.kind = kafka::Client::Kind::reader, .id = place_.prefix + "-ask"}};
  kafka::ClientOnCall uncommitted_{
      place_,  // sees what is not committed yet
      {.kind = kafka::Client::Kind::reader, .id = place_.prefix + "-ends", .uncommitted = true}};
  kafka::PartitionCounts counts_{};
  std::atomic<std::int32_t> command_count_ = 0;  // as it was last seen: somebody may add some
  std::int32_t partitions_ = 0;
  kafka::KnownEnds ends_;
  kafka::Arrivals arrivals_;
  kafka::CursorPool cursors_{place_, arrivals_};
  kafka::Appender appender_{place_, ends_};
  std::mutex groups_turn_;  // guards groups_, whose members any thread may use
  std::map<std::string, kafka::GroupOffsets> groups_;
  const std::uint64_t life_ =
      (std::uint64_t{std::random_device{}()} << 32) | std::random_device{}();
  std::atomic<int> writers_ = 0;
};

}  // namespace pesan
