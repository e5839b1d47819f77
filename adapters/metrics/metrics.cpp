#include "adapters/metrics/metrics.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/text_serializer.h>

#include "adapters/metrics/families.hpp"
#include "engine/log_clock.hpp"
#include "events/assert.hpp"

namespace pesan::metrics {
namespace {

using prometheus::MetricFamily;
using Bounds = prometheus::Histogram::BucketBoundaries;

/// Of work inside a transaction.
const Bounds work_seconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                          0.05,   0.1,     0.25,   0.5,   1,      2.5,   5,    10};
/// Of what somebody waits for.
const Bounds wait_seconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                          1,     2.5,    5,     10,   30,    60,   300, 900};

double seconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// Many times at once, for one turn at the histogram.
class Observed {
 public:
  explicit Observed(const Bounds& bounds) : bounds_(bounds), counts_(bounds.size() + 1) {}
  void add(Instant from, Instant to) {
    // Whose clocks differ may see an answer before the question.
    const double seconds = static_cast<double>(std::max<std::int64_t>(to.ms - from.ms, 0)) / 1000;
    const auto bucket = std::lower_bound(bounds_.begin(), bounds_.end(), seconds);
    ++counts_[static_cast<std::size_t>(bucket - bounds_.begin())];
    sum_ += seconds;
  }
  void give_to(prometheus::Histogram& histogram) const { histogram.ObserveMultiple(counts_, sum_); }

 private:
  const Bounds& bounds_;
  std::vector<double> counts_;
  double sum_ = 0;
};

template <class Builder>
auto& family(Builder builder, const FamilyName& named, prometheus::Registry& registry) {
  return builder.Name(named.name).Help(named.help).Register(registry);
}

template <class E>
std::string text_of(E value) {
  return std::string(name_of(value));
}

std::string partition_text(Partition partition) { return std::to_string(partition.value); }

constexpr std::array standings{"waiting", "mine", "others", "stopped"};
static_assert(standings.size() == standing_count);

/// Of transactions: none is a person's wrong usage.
constexpr std::array<FailureKind, 5> failures{FailureKind::transient, FailureKind::conflict,
                                              FailureKind::poison, FailureKind::unknown,
                                              FailureKind::fatal};

}  // namespace

Metrics::Metrics(const Build& build)
    : commands_(family(prometheus::BuildCounter(),
                       {"pesan_commands_total",
                        "Commands answered, by type and outcome: accepted, duplicate (the stored "
                        "outcome again), forwarded (another partition answers it), or the code of "
                        "the rejection. The type of what names none that is known is unknown."},
                       registry_)),
      letters_(family(prometheus::BuildCounter(),
                      {"pesan_dead_letters_total", "Records put among the dead letters, and why."},
                      registry_)),
      times_(family(prometheus::BuildCounter(),
                    {"pesan_command_times_total",
                     "Commands whose time could not be taken as it stands: senders (the record "
                     "bears its sender's time), not_followed (a time of long ago on a log that "
                     "follows its append time), unreadable or went_back (in a backfill)."},
                    registry_)),
      foreign_(family(prometheus::BuildCounter(),
                      {"pesan_foreign_records_total",
                       "Records that do not name this log as their source, and were passed over."},
                      registry_)),
      timers_due_(family(prometheus::BuildGauge(),
                         {"pesan_timers_due",
                          "Holds and late guests that were due when the partition's engine last "
                          "looked; above a thousand they are not counted."},
                         registry_)),
      timers_sent_(family(prometheus::BuildCounter(),
                          {"pesan_timers_sent_total",
                           "Timers that engines sent, by what became of them: accepted, or the "
                           "code of the rejection."},
                          registry_)),
      timer_delay_(family(prometheus::BuildHistogram(),
                          {"pesan_timer_delay_seconds",
                           "From the instant at which a timer was due to its decision."},
                          registry_)
                       .Add({}, wait_seconds)),
      deciding_(family(prometheus::BuildHistogram(),
                       {"pesan_decide_seconds",
                        "Deciding one batch of commands, without reading and committing it."},
                       registry_)
                    .Add({}, work_seconds)),
      visible_(family(prometheus::BuildHistogram(),
                      {"pesan_result_visible_seconds",
                       "From a command's timestamp in the log to the commit of its result, a "
                       "command each."},
                      registry_)
                   .Add({}, wait_seconds)),
      rows_(family(prometheus::BuildHistogram(),
                   {"pesan_row_visible_seconds",
                    "From an event's timestamp in the log to the commit of its rows, an event "
                    "each."},
                   registry_)),
      transactions_(family(prometheus::BuildCounter(),
                           {"pesan_transactions_total",
                            "Transactions on the log (engine, registry) and the read models "
                            "(projector), by what became of them."},
                           registry_)),
      transaction_seconds_(family(
          prometheus::BuildHistogram(),
          {"pesan_transaction_seconds", "Writing and committing one transaction."}, registry_)),
      recovery_seconds_(family(prometheus::BuildGauge(),
                               {"pesan_recovery_seconds",
                                "The last recovery of a partition's engine, from taking the name "
                                "to the first command."},
                               registry_)),
      recovery_events_(family(prometheus::BuildGauge(),
                              {"pesan_recovery_events",
                               "Events that the last recovery of a partition's engine replayed."},
                              registry_)),
      recoveries_(family(prometheus::BuildCounter(),
                         {"pesan_recoveries_total", "Recoveries of engines that ended well."},
                         registry_)),
      clock_ahead_(family(prometheus::BuildGauge(),
                          {"pesan_clock_ahead_seconds",
                           "How far the clock of a partition, by which commands are decided, is "
                           "ahead of this machine's; 0 where it is not."},
                          registry_)),
      faults_(family(prometheus::BuildGauge(),
                     {"pesan_topic_faults",
                      "Settings of the log's topics that would lose records, topics that are not "
                      "there, partitions that were added; looked at each minute."},
                     registry_)),
      waiting_(family(prometheus::BuildGauge(),
                      {"pesan_commands_waiting",
                       "Commands that are written and not answered, of all partitions, and also "
                       "those that an open transaction hides."},
                      registry_)),
      waiting_seconds_(family(prometheus::BuildGauge(),
                              {"pesan_commands_waiting_seconds",
                               "How long the first of them has waited; 0 without one."},
                              registry_)) {
  family(prometheus::BuildGauge(),
         {"pesan_build_info", "1, with what this program was built from."}, registry_)
      .Add({{"version", build.version}, {"commit", build.commit}})
      .Set(1);
  for (const Code code : {Code::malformed, Code::unknown_type, Code::engine_failed}) {
    letters_.Add({{"reason", text_of(code)}});
  }
  for (const TimeNote note :
       {TimeNote::senders, TimeNote::not_followed, TimeNote::unreadable, TimeNote::went_back}) {
    times_.Add({{"kind", text_of(note)}});
  }
  for (const Topic topic : {Topic::events, Topic::results, Topic::customers}) {
    foreign_.Add({{"topic", text_of(topic)}});
  }
}

std::size_t Metrics::outcome_of(const Answered& answered) {
  switch (answered.kind) {
    case Answered::Kind::accepted: return 0;
    case Answered::Kind::duplicate: return 1;
    case Answered::Kind::forwarded: return 2;
    case Answered::Kind::rejected: return 3 + static_cast<std::size_t>(answered.code);
  }
  return 0;
}

void Metrics::answered(const AnsweredBatch& batch, Instant now) {
  if (batch.commands.empty()) return;
  Counts counts{};
  Observed visible(wait_seconds);
  for (const Answered& answered : batch.commands) {
    ++counts[answered.type.value_or(command_type_count)][outcome_of(answered)];
    const bool is_stamped = answered.time != TimeNote::senders && answered.appended > Instant{};
    if (is_stamped) visible.add(answered.appended, now);
    if (answered.time != TimeNote::none) times_.Add({{"kind", text_of(answered.time)}}).Increment();
    if (answered.dead_letter) letters_.Add({{"reason", text_of(answered.code)}}).Increment();
    if (answered.timer) count_timer(answered, *answered.timer);
  }
  for (std::size_t type = 0; type < counts.size(); ++type) {
    for (std::size_t outcome = 0; outcome < outcomes; ++outcome) {
      const auto count = counts[type][outcome];
      if (count == 0) continue;
      constexpr std::array<std::string_view, 3> first{"accepted", "duplicate", "forwarded"};
      const auto named = outcome < first.size()
                             ? first[outcome]
                             : name_of(static_cast<Code>(outcome - first.size()));
      commands_
          .Add({{"type", std::string(type < command_type_count ? type_name(type) : "unknown")},
                {"outcome", std::string(named)}})
          .Increment(static_cast<double>(count));
    }
  }
  deciding_.Observe(seconds_of(batch.deciding));
  visible.give_to(visible_);  // last: by it one can tell that all is counted
}

void Metrics::count_timer(const Answered& answered, const AnsweredTimer& timer) {
  const bool accepted = answered.kind == Answered::Kind::accepted;
  timers_sent_
      .Add({{"timer", text_of(timer.timer)},
            {"outcome", accepted ? "accepted" : text_of(answered.code)}})
      .Increment();
  if (accepted) timer_delay_.Observe(static_cast<double>(timer.late_ms) / 1000);
}

void Metrics::timers_due(Partition partition, std::size_t due) {
  timers_due_.Add({{"partition", partition_text(partition)}}).Set(static_cast<double>(due));
}

void Metrics::foreign_record(Topic topic) { foreign_.Add({{"topic", text_of(topic)}}).Increment(); }

void Metrics::applied(Topic topic, std::span<const Record> records, Instant now) {
  if (records.empty()) return;
  Observed visible(wait_seconds);
  for (const Record& record : records) visible.add(record.timestamp, now);
  visible.give_to(rows_.Add({{"topic", text_of(topic)}}, wait_seconds));
}

void Metrics::recovered(const Recovery& recovery) {
  const prometheus::Labels labels{{"partition", partition_text(recovery.partition)}};
  recovery_seconds_.Add(labels).Set(seconds_of(recovery.took));
  recovery_events_.Add(labels).Set(static_cast<double>(recovery.events));
  recoveries_.Add({}).Increment();
}

Metrics::Transactions Metrics::transactions(const std::string& role) {
  Transactions transactions;
  const auto result = [&](std::string name) {
    return &transactions_.Add({{"role", role}, {"result", std::move(name)}});
  };
  transactions.results_[0] = result("committed");
  for (const FailureKind kind : failures) {
    transactions.results_[1 + static_cast<std::size_t>(kind)] = result(text_of(kind));
  }
  transactions.seconds_ = &transaction_seconds_.Add({{"role", role}}, work_seconds);
  return transactions;
}

void Metrics::Transactions::ended(std::chrono::nanoseconds took,
                                  const std::optional<FailureKind>& failed) const {
  auto* counter = results_[failed ? 1 + static_cast<std::size_t>(*failed) : 0];
  PESAN_ASSERT(counter != nullptr, "a transaction that is wrong usage");
  counter->Increment();
  seconds_->Observe(seconds_of(took));
}

void Metrics::clock_stands(Partition partition, Instant clock, Instant now) {
  const std::int64_t ahead_ms = std::max<std::int64_t>(clock.ms - now.ms, 0);
  {
    const std::lock_guard lock(mutex_);
    const auto [known, is_first] = ahead_ms_.try_emplace(partition, ahead_ms);
    if (!is_first && std::exchange(known->second, ahead_ms) == ahead_ms) return;
  }
  clock_ahead_.Add({{"partition", partition_text(partition)}})
      .Set(static_cast<double>(ahead_ms) / 1000);
  std::optional<std::string> trouble;
  if (ahead_ms > most_ahead_ms) {
    trouble = fmt::format(
        "the clock of partition {} stands at {}, ahead of this machine's: `pesan "
        "topics mend-clock` sets it back",
        partition.value, to_string(clock));
  }
  health_.trouble(fmt::format("clock {}", partition.value), std::move(trouble));
}

void Metrics::topic_faults(std::size_t count) { faults_.Add({}).Set(static_cast<double>(count)); }

void Metrics::waiting(const std::vector<Waiting>& partitions) {
  for (const Waiting& waiting : partitions) {
    const prometheus::Labels labels{{"partition", partition_text(waiting.partition)}};
    waiting_.Add(labels).Set(static_cast<double>(waiting.commands));
    waiting_seconds_.Add(labels).Set(waiting.seconds);
  }
}

void Metrics::ask_lags(std::function<std::vector<Lag>()> lags) {
  const std::lock_guard lock(mutex_);
  ask_lags_ = std::move(lags);
}

std::vector<MetricFamily> Metrics::standing() const {
  auto ready = gauge(
      {"pesan_ready", "1 while everything goes on that is this process's, as /readyz says it."});
  ready.add({}, health_.not_ready(std::chrono::steady_clock::now()) ? 0 : 1);
  auto partitions =
      gauge({"pesan_partitions",
             "Partitions of a role: waiting to begin or go on, mine, another process's, or "
             "stopped."});
  for (const auto& count : health_.counts()) {
    for (std::size_t i = 0; i < standing_count; ++i) {
      partitions.add({{"role", count.role}, {"state", standings[i]}},
                     static_cast<double>(count.duties[i]));
    }
  }
  return {ready.take(), partitions.take()};
}

std::vector<MetricFamily> Metrics::lags() const {
  const auto measured = [&] {
    const std::lock_guard lock(mutex_);
    return ask_lags_ ? ask_lags_() : std::vector<Lag>{};
  }();
  if (measured.empty()) return {};
  auto events = gauge({"pesan_projection_lag_events",
                       "Events in the log that are not in the rows, by the end of the log and the "
                       "checkpoint in the store."});
  auto seconds = gauge({"pesan_projection_lag_seconds",
                        "Age of the first event that is not in the rows; 0 where all are."});
  auto age = gauge({"pesan_projection_lag_age_seconds",
                    "How long ago the lag was measured: much more than a second where the log does "
                    "not answer."});
  for (const Lag& lag : measured) {
    const Labels labels{{"topic", text_of(lag.source.topic)},
                        {"partition", partition_text(lag.source.partition)}};
    events.add(labels, static_cast<double>(lag.events));
    seconds.add(labels, lag.seconds);
    age.add(labels, lag.age);
  }
  return {events.take(), seconds.take(), age.take()};
}

std::string Metrics::text(Instant now) const {
  auto families = registry_.Collect();
  for (auto more : {standing(), lags(), kafka_.collect(now)}) {
    std::ranges::move(more, std::back_inserter(families));
  }
  std::erase_if(families, [](const MetricFamily& family) { return family.metric.empty(); });
  std::ranges::sort(families, {}, &MetricFamily::name);
  std::ostringstream out;
  prometheus::TextSerializer().Serialize(out, families);
  return out.str();
}

}  // namespace pesan::metrics
