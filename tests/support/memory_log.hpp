// The Log port in memory, for unit and simulation tests: deterministic, for one thread, on a clock
// that the test owns. It never waits and never fails by itself; faults are a decorator's business.
// The log is what survives a simulated crash: throw away the writers and open new ones. Writers
// point to their log and must go before it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/log_writer.hpp"

namespace pesan {

class MemoryLog final : public Log {
 public:
  struct Options {
    std::int32_t partitions = 1;  // of every topic
    std::function<Instant()> clock;
    /// Every transaction uses up one more offset in each partition that it wrote to, as the
    /// markers of Kafka's transactions do: readers must not take a gap for a loss.
    bool commit_markers = false;
    std::int32_t inlets = 0;  // partitions of commands beyond the others
  };
  explicit MemoryLog(Options options);

  std::int32_t partitions() const override { return options_.partitions; }
  Fallible<std::int32_t> command_partitions() override {
    return options_.partitions + options_.inlets;
  }
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override;
  Fallible<OffsetRange> range(TopicPartition source) override;
  std::uint64_t changes(Places) override { return changes_; }
  Fallible<bool> wait_for_change(Places, std::uint64_t since,
                                 std::chrono::milliseconds wait) override;
  Fallible<std::unique_ptr<LogWriter>> open_writer(std::string_view role) override;
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records) override;

  /// Everything in a partition, for assertions.
  const std::vector<Record>& records(TopicPartition source) const;

  // What time does to a log in production, on demand:
  /// Retention: records before `begin` are gone.
  void drop_before(TopicPartition source, Offset begin);
  /// The group was idle too long: no role remembers what it consumed.
  void forget_committed() { committed_.clear(); }

 private:
  class Writer;
  struct Stored {
    std::vector<Record> records;  // offsets ascending
    Offset begin;
    Offset end;
  };
  struct Consumer {
    std::string role;
    TopicPartition source;
    auto operator<=>(const Consumer&) const = default;
  };

  Fallible<void> check(TopicPartition place) const;
  Fallible<std::vector<Offset>> store(const std::vector<OutgoingRecord>& records, bool marked);

  Options options_;
  std::atomic<std::uint64_t> changes_ = 0;  // roles look at it while another one commits
  std::map<TopicPartition, Stored> stored_;
  std::map<Consumer, Offset> committed_;
  std::map<std::pair<std::string, Partition>, std::int64_t> epochs_;  // of the live writers
};

}  // namespace pesan
