// Everything that is measured in a process that runs roles, and its text for Prometheus. Counts and
// times come from the roles, batch by batch; how they stand, how far the rows are and what
// librdkafka counts is asked for when the text is. Labels are types, codes, roles, topics,
// partitions and brokers: never a resource or a booking. Any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <prometheus/registry.h>

#include "adapters/metrics/health.hpp"
#include "adapters/metrics/kafka_statistics.hpp"
#include "adapters/metrics/lag.hpp"
#include "adapters/metrics/waiting.hpp"
#include "engine/answered.hpp"
#include "events/command_reader.hpp"
#include "events/failure.hpp"
#include "events/log.hpp"

namespace prometheus {
class Counter;
class Histogram;
}  // namespace prometheus

namespace pesan::metrics {

struct Build {
  std::string version;
  std::string commit;
};

class Metrics {
 public:
  explicit Metrics(const Build& build);
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// A batch of commands whose answers can be read since `now`.
  void answered(const AnsweredBatch& batch, Instant now);
  /// Records whose rows can be read since `now`.
  void applied(Topic topic, std::span<const Record> records, Instant now);
  /// A record of events, results or customers that is not of this log.
  void foreign_record(Topic topic);
  /// Where a partition's clock stands: ahead of this machine's it makes the process not ready.
  void clock_stands(Partition partition, Instant clock, Instant now);
  /// How many timers were due when the partition's engine last looked.
  void timers_due(Partition partition, std::size_t due);
  /// An engine that has begun to decide.
  struct Recovery {
    Partition partition;
    std::chrono::nanoseconds took{0};
    std::int64_t events = 0;  // replayed
  };
  void recovered(const Recovery& recovery);

  /// The transactions of one role. One thread; cheap to copy.
  class Transactions {
   public:
    /// `failed`: why it was not committed.
    void ended(std::chrono::nanoseconds took, const std::optional<FailureKind>& failed) const;

   private:
    friend class Metrics;
    std::array<prometheus::Counter*, 7> results_{};  // committed, then by FailureKind
    prometheus::Histogram* seconds_ = nullptr;
  };
  Transactions transactions(const std::string& role);

  Health& health() { return health_; }
  const Health& health() const { return health_; }
  KafkaStatistics& kafka() { return kafka_; }
  /// Where lags are asked for from now on; it must outlive this, or be taken back by nothing.
  void ask_lags(std::function<std::vector<Lag>()> lags);

  /// What of the log's topics is not as it must be.
  void topic_faults(std::size_t count);
  /// Of every partition of the log, as measured just now.
  void waiting(const std::vector<Waiting>& partitions);

  /// Prometheus' text format, version 0.0.4.
  std::string text(Instant now) const;

 private:
  /// accepted, duplicate, forwarded, and each code.
  static constexpr std::size_t outcomes = 3 + EnumNames<Code>::names.size();
  /// The last type: none that is known.
  using Counts = std::array<std::array<std::int64_t, outcomes>, command_type_count + 1>;
  static std::size_t outcome_of(const Answered& answered);

  void count_timer(const Answered& answered, const AnsweredTimer& timer);
  std::vector<prometheus::MetricFamily> standing() const;
  std::vector<prometheus::MetricFamily> lags() const;

  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& commands_;
  prometheus::Family<prometheus::Counter>& letters_;
  prometheus::Family<prometheus::Counter>& times_;
  prometheus::Family<prometheus::Counter>& foreign_;
  prometheus::Family<prometheus::Gauge>& timers_due_;
  prometheus::Family<prometheus::Counter>& timers_sent_;
  prometheus::Histogram& timer_delay_;
  prometheus::Histogram& deciding_;
  prometheus::Histogram& visible_;
  prometheus::Family<prometheus::Histogram>& rows_;
  prometheus::Family<prometheus::Counter>& transactions_;
  prometheus::Family<prometheus::Histogram>& transaction_seconds_;
  prometheus::Family<prometheus::Gauge>& recovery_seconds_;
  prometheus::Family<prometheus::Gauge>& recovery_events_;
  prometheus::Family<prometheus::Counter>& recoveries_;
  prometheus::Family<prometheus::Gauge>& clock_ahead_;
  prometheus::Family<prometheus::Gauge>& faults_;
  prometheus::Family<prometheus::Gauge>& waiting_;
  prometheus::Family<prometheus::Gauge>& waiting_seconds_;
  Health health_;
  KafkaStatistics kafka_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<Partition, std::int64_t> ahead_ms_;
  std::function<std::vector<Lag>()> ask_lags_;
};

}  // namespace pesan::metrics
