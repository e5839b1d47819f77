#include "adapters/kafka/kafka_log.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "adapters/kafka/repeat.hpp"
#include "adapters/kafka/topic_settings.hpp"
#include "adapters/kafka/transactional_writer.hpp"
#include "adapters/kafka/worker_writer.hpp"

namespace pesan {

using namespace kafka;

namespace {

constexpr milliseconds retry_pause{20};
/// Cursors that nobody reads go after a second.
constexpr milliseconds keep_interval{250};

std::optional<Topic> missing_topic(const PartitionCounts& counts) {
  const auto missing = std::ranges::find(counts, 0);
  if (missing == counts.end()) return std::nullopt;
  return static_cast<Topic>(missing - counts.begin());
}

constexpr std::array partitioned{Topic::commands, Topic::events, Topic::results};

std::int32_t common_partitions(const PartitionCounts& counts) {
  std::int32_t common = count_of(counts, Topic::commands);
  for (const Topic topic : partitioned) common = std::min(common, count_of(counts, topic));
  return common;
}

/// Of a partition, as far as the client sees.
std::optional<Refusal> ask_for_ends(Client& client, const std::string& topic, Partition partition,
                                    OffsetRange& into) {
  const auto code = rd_kafka_query_watermark_offsets(client.get(), topic.c_str(), partition.value,
                                                     &into.begin.value, &into.end.value,
                                                     static_cast<int>(patience.count()));
  client.serve();
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
  return Refusal{.code = code, .step = Step::ask};
}

/// Making it anew is no way out, so it is not advised.
std::unexpected<Failure> was_deleted(const Place& place, Topic topic) {
  return fail(
      FailureKind::fatal,
      fmt::format("{} holds events, but there is no topic {}: it was deleted. Restore it; a "
                  "new one would be of another history.",
                  place.url(), place.topic(topic)));
}

}  // namespace

// --- coming into being ---------------------------------------------------------------------------

Fallible<std::unique_ptr<KafkaLog>> KafkaLog::connect(const Place& place) {
  auto log = std::unique_ptr<KafkaLog>(new KafkaLog(place));
  const auto counts = log->count_partitions();
  if (!counts) return std::unexpected(counts.error());
  log->know(*counts);
  return log;
}

Fallible<PartitionCounts> KafkaLog::count_partitions() {
  const auto client = asking_.get();
  if (!client) return std::unexpected(client.error());
  return kafka::count_partitions(**client, place_);
}

void KafkaLog::know(const PartitionCounts& counts) {
  counts_ = counts;
  command_count_ = count_of(counts, Topic::commands);
  partitions_ = common_partitions(counts);
}

Fallible<std::unique_ptr<KafkaLog>> KafkaLog::open(const Place& place) {
  auto log = connect(place);
  if (!log) return log;
  const PartitionCounts& counts = (*log)->counts_;
  const auto deadline = std::chrono::steady_clock::now() + metadata_lag;
  for (auto missing = missing_topic(counts); missing; missing = missing_topic(counts)) {
    if (std::chrono::steady_clock::now() > deadline) {
      if (*missing != Topic::dead_letters && count_of(counts, Topic::events) > 0) {
        const auto history = (*log)->holds_events();
        if (!history) return std::unexpected(history.error());
        if (*history) return was_deleted(place, *missing);
      }
      return fail(FailureKind::fatal,
                  fmt::format("there is no topic {} on {}: run `pesan topics create`",
                              place.topic(*missing), place.url()));
    }
    std::this_thread::sleep_for(retry_pause);
    const auto again = (*log)->count_partitions();
    if (!again) return std::unexpected(again.error());
    (*log)->know(*again);
  }
  return log;
}

Fallible<void> KafkaLog::settle(std::int32_t partitions) {
  for (const Topic topic : partitioned) {
    if (count_of(counts_, topic) >= partitions) continue;
    return fail(FailureKind::fatal,
                fmt::format("{} has {} partition(s) and the log was made with {}: it was made "
                            "anew. Restore it; a new one would be of another history.",
                            place_.topic(topic), count_of(counts_, topic), partitions));
  }
  partitions_ = partitions;
  return {};
}

Fallible<std::int32_t> KafkaLog::command_partitions() {
  const auto counts = count_partitions();
  if (!counts) return std::unexpected(counts.error());
  // It never goes down: brokers may know of what was added at different times.
  const std::int32_t known = command_count_;
  command_count_ = std::max({count_of(*counts, Topic::commands), partitions_, known});
  return command_count_;
}

Fallible<std::vector<TopicFault>> KafkaLog::find_faults() {
  const auto client = asking_.get();
  if (!client) return std::unexpected(client.error());
  return kafka::find_faults(**client, place_, partitions_);
}

Fallible<std::vector<std::string>> KafkaLog::mend(const Place& place) {
  auto log = connect(place);
  if (!log) return std::unexpected(std::move(log.error()));
  const auto asking = (*log)->asking_.get();
  if (!asking) return std::unexpected(asking.error());
  Client& client = **asking;
  PartitionCounts& counts = (*log)->counts_;
  std::vector<std::string> done;
  if (count_of(counts, Topic::dead_letters) == 0) {
    PartitionCounts wanted = counts;
    count_of(wanted, Topic::dead_letters) = 1;
    if (auto made = make_topics(client, place, wanted, counts); !made) {
      return std::unexpected(std::move(made.error()));
    }
    counts = wanted;
    done.push_back(fmt::format("made {} anew", place.topic(Topic::dead_letters)));
  }
  std::vector<Topic> there;
  for (std::size_t i = 0; i < topic_count; ++i) {
    if (counts[i] > 0) there.push_back(static_cast<Topic>(i));
  }
  const auto faults = find_setting_faults(client, place, there);
  if (!faults) return std::unexpected(faults.error());
  if (auto mended = mend_settings(client, place, *faults); !mended) {
    return std::unexpected(std::move(mended.error()));
  }
  for (const auto& fault : *faults) {
    done.push_back(fmt::format("set {} of {} to {}; it was {}", fault.should.name,
                               place.topic(fault.topic), fault.should.value, fault.is));
  }
  return done;
}

Fallible<void> KafkaLog::create(const Place& place, std::int32_t partitions,
                                const std::vector<OutgoingRecord>& first_records) {
  auto log = connect(place);
  if (!log) return std::unexpected(std::move(log.error()));
  const auto conflict = [&] {
    return fail(FailureKind::conflict,
                fmt::format("there is a log at {} already; it was left as it is", place.url()));
  };
  auto there = (*log)->holds_events();
  if (!there) return std::unexpected(std::move(there.error()));
  const PartitionCounts wanted = wanted_counts(partitions);
  if (*there) {
    // The log is there: `topics create` goes on with mending it.
    count_of((*log)->counts_, Topic::dead_letters) = 1;
    if (const auto missing = missing_topic((*log)->counts_)) {
      return was_deleted(place, *missing);
    }
    return conflict();
  }
  if (auto fits = (*log)->check_half_made(wanted); !fits) return fits;
  const auto asking = (*log)->asking_.get();
  if (!asking) return std::unexpected(asking.error());
  if (auto made = make_topics(**asking, place, wanted, (*log)->counts_); !made) return made;
  if (first_records.empty()) return {};

  // Another process that makes this log is fenced by this name: it has committed its records or
  // never will.
  (*log)->know(wanted);
  auto writer = kafka::TransactionalWriter::open(
      {.place = place, .id = place.prefix + "-topics-0", .ends = (*log)->ends_});
  if (!writer) return std::unexpected(std::move(writer.error()));
  there = (*log)->holds_events();
  if (!there) return std::unexpected(std::move(there.error()));
  if (*there) return conflict();
  auto done = (*writer)->commit({.records = first_records, .consumed = {}, .places = {}}, nullptr);
  // The caller may open the log next in another process. Until the brokers show the records, that
  // one would be told to make it.
  for (const auto& record : first_records) {
    if (!done) break;
    if (auto shown = (*log)->range(record.to); !shown) done = std::unexpected(shown.error());
  }
  return done;
}

Fallible<bool> KafkaLog::holds_events() {
  std::vector<Record> records;
  for (std::int32_t p = 0; p < count_of(counts_, Topic::events); ++p) {
    const TopicPartition events{Topic::events, Partition{p}};
    const auto whole = range(events);
    if (!whole) return std::unexpected(whole.error());
    if (whole->begin > Offset{}) return true;
    if (auto done = read(events, {}, {.records = 1, .bytes = 1}, records); !done) {
      return std::unexpected(std::move(done.error()));
    }
    if (!records.empty()) return true;
  }
  return false;
}

Fallible<void> KafkaLog::check_half_made(const PartitionCounts& wanted) const {
  for (std::size_t i = 0; i < topic_count; ++i) {
    if (counts_[i] == 0 || counts_[i] == wanted[i]) continue;
    return fail(FailureKind::fatal,
                fmt::format("{} is there with {} partition(s) and is to have {}: make the log with "
                            "its number, or delete the topic",
                            place_.topic(static_cast<Topic>(i)), counts_[i], wanted[i]));
  }
  return {};
}

// --- the port ------------------------------------------------------------------------------------

Fallible<void> KafkaLog::read(TopicPartition source, Offset from, const ReadLimit& limit,
                              std::vector<Record>& into) {
  if (auto known = check(source); !known) return known;
  auto cursor = cursors_.lend(source, from);
  if (!cursor) {
    auto started = start_cursor(source, from);
    if (!started) {
      into.clear();
      return std::unexpected(std::move(started.error()));
    }
    cursor.emplace(*std::move(started));
  }
  auto done = (*cursor)->read(limit, ends_.of(source), into);
  if (!done) cursor->give_up();
  cursors_.sweep();
  return done;
}

Fallible<CursorPool::Lease> KafkaLog::start_cursor(TopicPartition source, Offset from) {
  const auto whole = range(source);
  if (!whole) return std::unexpected(whole.error());
  if (from < whole->begin || from > whole->end) {
    return fail(
        FailureKind::fatal,
        fmt::format("record {} of {}-{} was asked for, but {} holds {} to {}: it was restored "
                    "behind this reader, its records are gone, or the reader belongs to another "
                    "log",
                    from.value, place_.topic(source.topic), source.partition.value, place_.url(),
                    whole->begin.value, whole->end.value));
  }
  return cursors_.start(source, from);
}

Fallible<OffsetRange> KafkaLog::range(TopicPartition source) {
  if (auto known = check(source); !known) return std::unexpected(std::move(known.error()));
  const auto asking = asking_.get();
  if (!asking) return std::unexpected(asking.error());
  const auto topic = place_.topic(source.topic);
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    OffsetRange there;  // the end of what is committed, as this client reads only that
    const auto refusal = ask_for_ends(**asking, topic, source.partition, there);
    const auto waited = std::chrono::steady_clock::now() - begun;
    const bool late = waited > patience;
    if (!refusal) {
      // What this process committed may take the brokers a moment to show.
      if (there.end >= ends_.of(source)) {
        ends_.raise(source, there.end);
        return there;
      }
      // A broker never says that less was written than it said before.
      if (waited > metadata_lag) {
        const Offset seen = ends_.of(source);  // before asking: others write meanwhile
        const auto written = written_end(source);
        if (written && *written < seen) {
          return fail(
              FailureKind::fatal,
              fmt::format("{}-{} on {} holds records up to {}, though this process has "
                          "seen it hold those up to {}: it is of another timeline, made "
                          "anew or restored behind this process. Start the process again",
                          topic, source.partition.value, place_.url(), written->value, seen.value));
        }
      }
      if (late) {
        return fail(FailureKind::transient,
                    fmt::format("{}-{} ends at {} on {}, though records up to {} were committed: "
                                "look at the brokers",
                                topic, source.partition.value, there.end.value, place_.url(),
                                ends_.of(source).value));
      }
    } else if (remedy_for(*refusal) != Remedy::repeat || late) {
      const auto what =
          fmt::format("the ends of {}-{} on {}", topic, source.partition.value, place_.url());
      return std::unexpected(describe({.doing = "ask for", .what = what, .answer = {}}, *refusal));
    }
    std::this_thread::sleep_for(refusal ? retry_pause : milliseconds{1});
  }
}

Fallible<Offset> KafkaLog::written_end(TopicPartition source) {
  if (auto known = check(source); !known) return std::unexpected(std::move(known.error()));
  const auto asking = uncommitted_.get();
  if (!asking) return std::unexpected(asking.error());
  const auto topic = place_.topic(source.topic);
  OffsetRange there;
  const auto once = [&] { return ask_for_ends(**asking, topic, source.partition, there); };
  const auto refusal = repeat(once, {.patience = patience});
  if (!refusal) return there.end;
  const auto what =
      fmt::format("how far {}-{} on {} is written", topic, source.partition.value, place_.url());
  return std::unexpected(describe({.doing = "ask", .what = what, .answer = {}}, *refusal));
}

Fallible<bool> KafkaLog::wait_for_change(Places places, std::uint64_t since, milliseconds wait) {
  const auto until = std::chrono::steady_clock::now() + wait;
  for (;;) {
    cursors_.keep(places);
    const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
    if (arrivals_.wait(places, since, std::clamp(left, milliseconds{0}, keep_interval)))
      return true;
    if (left <= keep_interval) return false;
    cursors_.sweep();
  }
}

Fallible<std::unique_ptr<LogWriter>> KafkaLog::open_writer(std::string_view role) {
  return std::make_unique<kafka::WorkerWriter>(kafka::WorkerWriter::Options{
      .place = place_,
      .role = std::string(role),
      .log = *this,
      .offsets = group(fmt::format("{}-{}", place_.prefix, role)),
      .ends = ends_,
      .new_id = [this, role = std::string(role)] { return new_id(role); },
      .check = [this](TopicPartition place) { return check(place); }});
}

/// A name that no other process and no other writer of this one has, or had.
std::string KafkaLog::new_id(std::string_view role) {
  return fmt::format("{}-{}-{:016x}-{}", place_.prefix, role, life_, ++writers_);
}

Fallible<std::vector<Offset>> KafkaLog::append(const std::vector<OutgoingRecord>& records) {
  if (auto known = check(records); !known) return std::unexpected(std::move(known.error()));
  return appender_.append(records);
}

GroupOffsets& KafkaLog::group(const std::string& name) {
  const std::scoped_lock turn(groups_turn_);
  return groups_.try_emplace(name, place_, name).first->second;
}

void KafkaLog::idle() {
  cursors_.sweep();
  asking_.rest();
  uncommitted_.rest();
  const std::scoped_lock turn(groups_turn_);
  for (auto& [name, offsets] : groups_) offsets.rest();
}

// --- what is asked of it -------------------------------------------------------------------------

Fallible<void> KafkaLog::check(TopicPartition place) const {
  const std::int32_t count =
      place.topic == Topic::commands ? command_count_.load() : count_of(counts_, place.topic);
  if (place.partition.value >= 0 && place.partition.value < count) return {};
  return fail(FailureKind::fatal,
              fmt::format("{} has no partition {} of {}: it has {}", place_.url(),
                          place.partition.value, place_.topic(place.topic), count));
}

Fallible<void> KafkaLog::check(const std::vector<OutgoingRecord>& records) const {
  for (const auto& record : records) {
    if (auto known = check(record.to); !known) return known;
  }
  return {};
}

}  // namespace pesan
