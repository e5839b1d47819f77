// How far the read models are behind the log, measured from outside: by the end of the log and the
// checkpoint in the database, whatever the projectors say or fail to say. A thread of its own looks
// at both every second, with its own handles, so that it delays nobody. Any thread may ask.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <vector>

#include "events/log.hpp"
#include "projections/read_model.hpp"

namespace pesan::metrics {

struct Lag {
  TopicPartition source;
  std::int64_t events = 0;  // in the log and not in the rows
  double seconds = 0;       // age of the first of them; 0 without one
  double age = 0;           // seconds since it was measured
};

/// The `sequence` of an event as it stands in its record; nothing where there is none. It asks
/// nothing else of the event, so that one of a newer program counts too.
std::optional<Sequence> sequence_of(std::string_view record);

/// What is measured of one partition. One thread.
class LagMeasure {
 public:
  explicit LagMeasure(TopicPartition source) : source_(source) {}

  /// `stored`: how far the rows are; a failure: as far as last known, if that is.
  Fallible<void> look(LogReader& log, const Fallible<std::optional<Checkpoint>>& stored,
                      Instant now);
  /// Nothing before the first look that found out both ends.
  std::optional<Lag> at(Instant now) const;

 private:
  Fallible<void> find_last(LogReader& log, const OffsetRange& range);
  Fallible<void> find_first_waiting(LogReader& log, const OffsetRange& range);

  TopicPartition source_;
  bool known_ = false;          // how far the rows are
  std::optional<Offset> next_;  // the record after the rows; nothing: from the beginning
  std::int64_t folded_ = -1;    // sequence of the last event in the rows
  std::optional<Offset> end_;   // of the log, as of `last_`
  std::int64_t last_ = -1;      // sequence of the last event in the log
  std::optional<Instant> first_waiting_;
  std::optional<Offset> first_waiting_from_;  // the place that it was looked for from
  std::optional<Instant> measured_;
};

class LagWatch {
 public:
  struct Options {
    std::function<std::vector<TopicPartition>()> sources;  // those that are this process's now
    std::function<Fallible<std::shared_ptr<LogReader>>()> open_log;
    std::function<Fallible<std::unique_ptr<ReadModel>>()> open_store;
    std::function<Instant()> now;
    std::chrono::milliseconds pause{1000};
  };

  /// Nothing is looked at before `start`.
  explicit LagWatch(Options options) : options_(std::move(options)) {}
  ~LagWatch() { stop(); }
  void start();
  void request_stop() { thread_.request_stop(); }
  void stop();

  /// Of the sources that could be measured, in their order.
  std::vector<Lag> lags() const;

 private:
  void run(const std::stop_token& stop);
  void round(const std::stop_token& stop);

  Options options_;
  std::shared_ptr<LogReader> log_;  // of the thread, as the store
  std::unique_ptr<ReadModel> store_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<TopicPartition, LagMeasure> measures_;
  std::jthread thread_;
};

}  // namespace pesan::metrics
