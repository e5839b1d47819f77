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

/// Making it anew is no way out, so it is not advised.
std::unexpected<Failure> was_deleted(const Place& place, Topic topic) {
  return fail(
      FailureKind::fatal,
      fmt::format("{} holds events, but there is no topic {}: it was deleted. Restore it; a "
                  "new one would be of another history.",
                  place.url(), place.topic(topic)));
}

}  // namespace

KafkaLog::KafkaLog(Place place, std::unique_ptr<Client> asking, PartitionCounts counts)
    : place_(std::move(place)),
      asking_(std::move(asking)),
      counts_(counts),
      command_count_(count_of(counts, Topic::commands)),
      partitions_(common_partitions(counts)) {}

// --- coming into being ---------------------------------------------------------------------------

Fallible<std::unique_ptr<KafkaLog>> KafkaLog::connect(const Place& place) {
  auto client = Client::make(place, {.kind = Client::Kind::reader, .id = place.prefix + "-ask"});
  if (!client) return std::unexpected(std::move(client.error()));
  const auto counts = count_partitions(**client, place);
  if (!counts) return std::unexpected(counts.error());
  return std::unique_ptr<KafkaLog>(new KafkaLog(place, std::move(*client), *counts));
}

Fallible<std::unique_ptr<KafkaLog>> KafkaLog::open(const Place& place) {
  auto log = connect(place);
  if (!log) return log;
  PartitionCounts& counts = (*log)->counts_;
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
    const auto again = count_partitions(*(*log)->asking_, place);
    if (!again) return std::unexpected(again.error());
    counts = *again;
  }
  (*log)->partitions_ = common_partitions(counts);
  (*log)->command_count_ = count_of(counts, Topic::commands);
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
  const auto counts = count_partitions(*asking_, place_);
  if (!counts) return std::unexpected(counts.error());
  // It never goes down: brokers may know of what was added at different times.
  const std::int32_t known = command_count_;
  command_count_ = std::max({count_of(*counts, Topic::commands), partitions_, known});
  return command_count_;
}

Fallible<std::vector<TopicFault>> KafkaLog::find_faults() {
  return kafka::find_faults(*asking_, place_, partitions_);
}

Fallible<std::vector<std::string>> KafkaLog::mend(const Place& place) {
  auto log = connect(place);
  if (!log) return std::unexpected(std::move(log.error()));
  Client& client = *(*log)->asking_;
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
  if (auto made = make_topics(*(*log)->asking_, place, wanted, (*log)->counts_); !made) return made;
  if (first_records.empty()) return {};

  // Another process that makes this log is fenced by this name: it has committed its records or
  // never will.
  (*log)->counts_ = wanted;
  (*log)->command_count_ = partitions;
  (*log)->partitions_ = partitions;
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
  const auto topic = place_.topic(source.topic);
  const auto begun = std::chrono::steady_clock::now();
  for (;;) {
    std::int64_t begin = 0;
    std::int64_t end = 0;  // of what is committed, for a client that reads only that
    const auto code =
        rd_kafka_query_watermark_offsets(asking_->get(), topic.c_str(), source.partition.value,
                                         &begin, &end, static_cast<int>(patience.count()));
    asking_->serve();
    const auto waited = std::chrono::steady_clock::now() - begun;
    const bool late = waited > patience;
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      // What this process committed may take the brokers a moment to show.
      if (Offset{end} >= ends_.of(source)) {
        ends_.raise(source, {end});
        return OffsetRange{.begin = {begin}, .end = {end}};
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
        return fail(
            FailureKind::transient,
            fmt::format("{}-{} ends at {} on {}, though records up to {} were committed: "
                        "look at the brokers",
                        topic, source.partition.value, end, place_.url(), ends_.of(source).value));
      }
    } else {
      const Refusal refusal{.code = code, .step = Step::ask};
      if (remedy_for(refusal) != Remedy::repeat || late) {
        const auto what =
            fmt::format("the ends of {}-{} on {}", topic, source.partition.value, place_.url());
        return std::unexpected(describe({.doing = "ask for", .what = what, .answer = {}}, refusal));
      }
    }
    std::this_thread::sleep_for(code == RD_KAFKA_RESP_ERR_NO_ERROR ? milliseconds{1} : retry_pause);
  }
}

Fallible<Offset> KafkaLog::written_end(TopicPartition source) {
  if (auto known = check(source); !known) return std::unexpected(std::move(known.error()));
  {
    const std::scoped_lock turn(uncommitted_turn_);
    if (uncommitted_ == nullptr) {
      auto client = Client::make(
          place_,
          {.kind = Client::Kind::reader, .id = place_.prefix + "-ends", .uncommitted = true});
      if (!client) return std::unexpected(std::move(client.error()));
      uncommitted_ = std::move(*client);
    }
  }
  const auto topic = place_.topic(source.topic);
  std::int64_t begin = 0;
  std::int64_t end = 0;
  const auto once = [&]() -> std::optional<Refusal> {
    const auto code =
        rd_kafka_query_watermark_offsets(uncommitted_->get(), topic.c_str(), source.partition.value,
                                         &begin, &end, static_cast<int>(patience.count()));
    uncommitted_->serve();
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
    return Refusal{.code = code, .step = Step::ask};
  };
  const auto refusal = repeat(once, {.patience = patience});
  if (!refusal) return Offset{end};
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
  auto offsets = group(fmt::format("{}-{}", place_.prefix, role));
  if (!offsets) return std::unexpected(std::move(offsets.error()));
  return std::make_unique<kafka::WorkerWriter>(kafka::WorkerWriter::Options{
      .place = place_,
      .role = std::string(role),
      .log = *this,
      .offsets = **offsets,
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

Fallible<GroupOffsets*> KafkaLog::group(const std::string& name) {
  const std::scoped_lock turn(groups_turn_);
  auto& known = groups_[name];
  if (known == nullptr) {
    auto opened = GroupOffsets::open(place_, name);
    if (!opened) return std::unexpected(std::move(opened.error()));
    known = std::move(*opened);
  }
  return known.get();
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
