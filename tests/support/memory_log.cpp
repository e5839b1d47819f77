#include "tests/support/memory_log.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include <fmt/format.h>

namespace pesan {
/// Every commit asks whether its places are still this writer's.
class MemoryLog::Writer final : public LogWriter {
 public:
  Writer(MemoryLog& log, std::string_view role) : log_(log), role_(role) {}

  Fallible<void> take(const Taking& taking) override {
    if (auto known = log_.check(taking.place); !known) return known;
    epochs_[taking.place] = ++log_.epochs_[{role_, taking.place.partition}];
    return {};
  }

  Fallible<std::optional<Offset>> committed(TopicPartition source) override {
    if (auto known = log_.check(source); !known) return std::unexpected(known.error());
    const auto found = log_.committed_.find({.role = role_, .source = source});
    if (found == log_.committed_.end()) return std::nullopt;
    return found->second;
  }

  Fallible<void> commit(const Transaction& transaction) override {
    for (const TopicPartition place : transaction.places) {
      const auto mine = epochs_.find(place);
      if (mine != epochs_.end() && log_.epochs_[{role_, place.partition}] == mine->second) continue;
      return fail(FailureKind::conflict,
                  fmt::format("a newer writer is the {} of partition {}; this one may not write",
                              role_, place.partition.value));
    }
    for (const auto& [source, next] : transaction.consumed) {
      if (auto known = log_.check(source); !known) return known;
    }
    if (auto stored = log_.store(transaction.records, true); !stored) {
      return std::unexpected(stored.error());
    }
    for (const auto& [source, next] : transaction.consumed) {
      log_.committed_[{.role = role_, .source = source}] = next;
    }
    return {};
  }

 private:
  MemoryLog& log_;
  std::string role_;
  std::map<TopicPartition, std::int64_t> epochs_;  // of what it took
};

MemoryLog::MemoryLog(Options options) : options_(std::move(options)) {}

Fallible<void> MemoryLog::check(TopicPartition place) const {
  const std::int32_t count =
      options_.partitions + (place.topic == Topic::commands ? options_.inlets : 0);
  if (place.partition.value >= 0 && place.partition.value < count) return {};
  return fail(FailureKind::fatal,
              fmt::format("the log has no partition {} of {}: it has {}", place.partition.value,
                          name_of(place.topic), options_.partitions));
}

Fallible<void> MemoryLog::read(TopicPartition source, Offset from, const ReadLimit& limit,
                               std::vector<Record>& into) {
  into.clear();
  const auto whole = range(source);
  if (!whole) return std::unexpected(whole.error());
  if (from < whole->begin || from > whole->end) {
    return fail(FailureKind::fatal,
                fmt::format("offset {} of {}-{} was asked for, but the log holds {} to {}",
                            from.value, name_of(source.topic), source.partition.value,
                            whole->begin.value, whole->end.value));
  }
  const auto& all = records(source);
  auto next = std::ranges::lower_bound(all, from, {}, &Record::offset);
  std::size_t bytes = 0;
  for (; next != all.end() && into.size() < limit.records && bytes <= limit.bytes; ++next) {
    bytes += size_of(next->payload);
    into.push_back(*next);
  }
  return {};
}

Fallible<OffsetRange> MemoryLog::range(TopicPartition source) {
  if (auto known = check(source); !known) return std::unexpected(known.error());
  // Reading changes nothing: recovery reads from two threads at once.
  const auto stored = stored_.find(source);
  if (stored == stored_.end()) return OffsetRange{};
  return OffsetRange{.begin = stored->second.begin, .end = stored->second.end};
}

Fallible<bool> MemoryLog::wait_for_change(Places, std::uint64_t since,
                                          std::chrono::milliseconds wait) {
  // The only thread waits, so nothing changes meanwhile.
  if (changes_ == since) std::this_thread::sleep_for(wait);
  return changes_ != since;
}

Fallible<std::unique_ptr<LogWriter>> MemoryLog::open_writer(std::string_view role) {
  return std::make_unique<Writer>(*this, role);
}

Fallible<std::vector<Offset>> MemoryLog::append(const std::vector<OutgoingRecord>& records) {
  return store(records, false);
}

Fallible<std::vector<Offset>> MemoryLog::store(const std::vector<OutgoingRecord>& records,
                                               bool marked) {
  for (const auto& record : records) {
    if (auto known = check(record.to); !known) return std::unexpected(known.error());
  }
  // After this line everything is stored.
  ++changes_;
  const Instant now = options_.clock();
  std::set<TopicPartition> written;
  std::vector<Offset> offsets;
  offsets.reserve(records.size());
  for (const auto& record : records) {
    auto& stored = stored_[record.to];
    offsets.push_back(stored.end);
    stored.records.push_back({.offset = stored.end, .timestamp = now, .payload = record.payload});
    stored.end = stored.end.next();
    written.insert(record.to);
  }
  if (marked && options_.commit_markers) {
    for (const auto& place : written) stored_[place].end = stored_[place].end.next();
  }
  return offsets;
}

const std::vector<Record>& MemoryLog::records(TopicPartition source) const {
  static const std::vector<Record> none;
  const auto found = stored_.find(source);
  return found != stored_.end() ? found->second.records : none;
}

void MemoryLog::drop_before(TopicPartition source, Offset begin) {
  auto& stored = stored_[source];
  std::erase_if(stored.records, [&](const Record& record) { return record.offset < begin; });
  stored.begin = std::max(stored.begin, begin);
}

}  // namespace pesan
