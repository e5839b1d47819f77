#include "adapters/metrics/lag.hpp"

#include <algorithm>
#include <charconv>
#include <condition_variable>
#include <exception>
#include <ranges>
#include <utility>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

namespace pesan::metrics {
namespace {

double seconds_between(Instant earlier, Instant later) {
  return static_cast<double>(std::max<std::int64_t>(later.ms - earlier.ms, 0)) / 1000;
}

void sleep_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any().wait_for(lock, stop, time, [] { return false; });
}

}  // namespace

std::optional<Sequence> sequence_of(std::string_view record) {
  boost::system::error_code error;
  const auto event = boost::json::parse(record, error);
  const auto* object = error ? nullptr : event.if_object();
  const auto* found = object == nullptr ? nullptr : object->if_contains("sequence");
  const auto* text = found == nullptr ? nullptr : found->if_string();
  if (text == nullptr) return std::nullopt;
  Sequence sequence;
  const char* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, sequence.value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return sequence;
}

Fallible<void> LagMeasure::look(LogReader& log, const Fallible<std::optional<Checkpoint>>& stored,
                                Instant now) {
  if (stored) {
    known_ = true;
    next_ = *stored ? std::optional((*stored)->next_offset) : std::nullopt;
    folded_ = *stored ? (*stored)->sequence.value : -1;
  }
  if (!known_) return std::unexpected(stored.error());
  const auto range = log.range(source_);
  if (!range) return std::unexpected(range.error());
  if (auto found = find_last(log, *range); !found) return found;
  if (auto found = find_first_waiting(log, *range); !found) return found;
  measured_ = now;
  return {};
}

/// From the end backwards: transactions that were undone leave gaps of any length.
Fallible<void> LagMeasure::find_last(LogReader& log, const OffsetRange& range) {
  if (end_ == range.end) return {};
  const ReadLimit limit{.records = 1000, .bytes = std::size_t{8} << 20};
  std::vector<Record> records;
  for (std::int64_t back = 100;; back *= 100) {
    const Offset from{std::max(range.begin.value, range.end.value - back)};
    std::optional<Sequence> last;
    for (Offset next = from; next < range.end; next = records.back().offset.next()) {
      if (auto read = log.read(source_, next, limit, records); !read) return read;
      if (records.empty()) break;
      for (const Record& record : std::views::reverse(records)) {
        const auto found = sequence_of(record.payload.value);
        if (!found) continue;
        last = found;
        break;
      }
    }
    if (!last && from > range.begin) continue;
    last_ = last ? last->value : -1;
    end_ = range.end;
    return {};
  }
}

Fallible<void> LagMeasure::find_first_waiting(LogReader& log, const OffsetRange& range) {
  const Offset from = next_.value_or(range.begin);
  if (folded_ >= last_ || from >= range.end) {
    first_waiting_.reset();
    first_waiting_from_.reset();
    return {};
  }
  if (first_waiting_from_ == from && first_waiting_) return {};
  std::vector<Record> records;
  const ReadLimit limit{.records = 1, .bytes = 1};
  if (auto read = log.read(source_, std::max(from, range.begin), limit, records); !read) {
    return read;
  }
  first_waiting_from_ = from;
  first_waiting_.reset();
  if (!records.empty()) first_waiting_ = records.front().timestamp;
  return {};
}

std::optional<Lag> LagMeasure::at(Instant now) const {
  if (!measured_) return std::nullopt;
  return Lag{.source = source_,
             .events = std::max<std::int64_t>(last_ - folded_, 0),
             .seconds = first_waiting_ ? seconds_between(*first_waiting_, now) : 0,
             .age = seconds_between(*measured_, now)};
}

void LagWatch::start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void LagWatch::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void LagWatch::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    try {
      round(stop);
    } catch (const std::exception& bug) {  // or no memory; the roles go on
      spdlog::debug("lag: {}", bug.what());
    }
    sleep_for(options_.pause, stop);
  }
}

void LagWatch::round(const std::stop_token& stop) {
  const auto sources = options_.sources();
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(measures_, [&](const auto& measure) {
      return std::ranges::find(sources, measure.first) == sources.end();
    });
  }
  if (sources.empty()) return;
  // What cannot be measured is told by the age of the last measure; the roles log why.
  const auto failed = [](const Failure& failure) { spdlog::debug("lag: {}", failure.what); };
  if (log_ == nullptr) {
    auto opened = options_.open_log();
    if (!opened) return failed(opened.error());
    log_ = *std::move(opened);
  }
  if (store_ == nullptr) {
    if (auto opened = options_.open_store()) store_ = *std::move(opened);
  }
  for (const TopicPartition source : sources) {
    if (stop.stop_requested()) return;
    auto stored = store_ == nullptr
                      ? fail(FailureKind::transient, "the store is not open")
                      : Fallible<std::optional<Checkpoint>>(store_->checkpoint(source));
    if (!stored) store_.reset();
    LagMeasure measure(source);
    {
      const std::lock_guard lock(mutex_);
      measure = measures_.try_emplace(source, source).first->second;
    }
    if (auto looked = measure.look(*log_, stored, options_.now()); !looked) {
      failed(looked.error());
    }
    const std::lock_guard lock(mutex_);
    measures_.insert_or_assign(source, measure);
  }
  log_->idle();
}

std::vector<Lag> LagWatch::lags() const {
  const Instant now = options_.now();
  std::vector<Lag> lags;
  const std::lock_guard lock(mutex_);
  for (const auto& [source, measure] : measures_) {
    if (const auto lag = measure.at(now)) lags.push_back(*lag);
  }
  return lags;
}

}  // namespace pesan::metrics
