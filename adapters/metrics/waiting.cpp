#include "adapters/metrics/waiting.hpp"

#include <algorithm>
#include <vector>

#include "events/last_answered.hpp"

namespace pesan::metrics {

Fallible<void> WaitingMeasure::find_last_answer(LogReader& log) {
  const TopicPartition results{Topic::results, partition_};
  const auto range = log.range(results);
  if (!range) return std::unexpected(range.error());
  if (results_end_ == range->end) return {};
  const auto last = last_answered(log, partition_);
  if (!last) return std::unexpected(last.error());
  if (*last) next_ = (*last)->next();
  results_end_ = range->end;
  return {};
}

Fallible<void> WaitingMeasure::look(LogReader& log, Instant now) {
  if (auto found = find_last_answer(log); !found) return found;
  const TopicPartition commands{Topic::commands, partition_};
  const auto range = log.range(commands);
  if (!range) return std::unexpected(range.error());
  const auto written = log.written_end(commands);
  if (!written) return std::unexpected(written.error());
  const Offset from = std::max(next_.value_or(range->begin), range->begin);
  std::vector<Record> records;
  if (from < range->end) {
    const ReadLimit one{.records = 1, .bytes = 1};
    if (auto read = log.read(commands, from, one, records); !read) return read;
  }
  measured_ = true;
  since_.reset();
  commands_ = 0;
  const bool hides = *written > range->end;
  if (!hides) hidden_from_.reset();
  if (hides && hidden_from_ != range->end) {
    hidden_from_ = range->end;
    hidden_since_ = now;
  }
  if (!records.empty()) {
    commands_ = written->value - records.front().offset.value;
    since_ = records.front().senders_time ? now : records.front().timestamp;
  } else if (hides) {
    commands_ = written->value - range->end.value;
    since_ = hidden_since_;
  }
  return {};
}

std::optional<Waiting> WaitingMeasure::at(Instant now) const {
  if (!measured_) return std::nullopt;
  const double seconds =
      since_ ? static_cast<double>(std::max<std::int64_t>(now.ms - since_->ms, 0)) / 1000 : 0;
  return Waiting{.partition = partition_, .commands = commands_, .seconds = seconds};
}

}  // namespace pesan::metrics
