#include "adapters/sqlite/sqlite_log.hpp"

#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "adapters/sqlite/log_connections.hpp"

namespace pesan {

/// Every commit asks whether its places are still this writer's: each has an epoch in the file,
/// which goes up when somebody takes it.
class SqliteLog::Writer final : public LogWriter {
 public:
  Writer(SqliteLog& log, std::string_view role) : log_(log), role_(role) {}

  Fallible<void> take(const Taking& taking) override {
    if (auto known = log_.check(taking.place); !known) return known;
    const std::scoped_lock turn(log_.connections_->writing_turn);
    auto& writing = *log_.connections_->writing;
    auto open = writing.begin();
    if (!open) return std::unexpected(std::move(open.error()));
    const auto epoch = writing.next_epoch(role_, taking.place.partition);
    if (!epoch) return std::unexpected(epoch.error());
    if (auto done = open->commit(); !done) return done;
    epochs_.insert_or_assign(taking.place, *epoch);
    return {};
  }

  Fallible<std::optional<Offset>> committed(TopicPartition source) override {
    if (auto known = log_.check(source); !known) return std::unexpected(known.error());
    auto reading = log_.connections_->reading.lend();
    if (!reading) return std::unexpected(std::move(reading.error()));
    return (*reading)->committed(role_, source);
  }

  Fallible<void> commit(const Transaction& transaction) override {
    if (auto known = log_.check(transaction.records); !known) return known;
    for (const auto& [source, next] : transaction.consumed) {
      if (auto known = log_.check(source); !known) return known;
    }
    {
      const std::scoped_lock turn(log_.connections_->writing_turn);
      if (auto written = write(transaction); !written) return written;
    }
    log_.connections_->watch->notify();
    return {};
  }

 private:
  Fallible<void> write(const Transaction& transaction) {
    auto& writing = *log_.connections_->writing;
    auto open = writing.begin();
    if (!open) return std::unexpected(std::move(open.error()));
    for (const TopicPartition place : transaction.places) {
      const auto epoch = writing.epoch(role_, place.partition);
      if (!epoch) return std::unexpected(epoch.error());
      const auto mine = epochs_.find(place);
      if (mine != epochs_.end() && mine->second == *epoch) continue;
      return fail(FailureKind::conflict,
                  fmt::format("a newer writer is the {} of partition {} of {}; this one may not "
                              "write there any more",
                              role_, place.partition.value, log_.options_.path));
    }
    auto done = writing.insert(transaction.records, log_.options_.now(), nullptr);
    if (!done) return done;
    for (const auto& [source, next] : transaction.consumed) {
      done = writing.move_consumed(role_, source, next);
      if (!done) return done;
    }
    done = open->commit();
    if (done) writing.tend_wal();
    return done;
  }

  SqliteLog& log_;
  std::string role_;
  std::map<TopicPartition, std::int64_t> epochs_;  // of what it took
};

Instant system_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {std::chrono::floor<std::chrono::milliseconds>(now).count()};
}

SqliteLog::SqliteLog(OpenOptions options, std::unique_ptr<sqlite::LogConnections> connections)
    : options_(std::move(options)),
      info_(connections->info),
      connections_(std::move(connections)) {}

Fallible<bool> SqliteLog::exists(const std::string& path) { return sqlite::log_exists(path); }

Fallible<std::unique_ptr<SqliteLog>> SqliteLog::open(OpenOptions options) {
  auto connections = sqlite::open_log({.path = options.path,
                                       .read_only = options.read_only,
                                       .no_trace = options.no_trace,
                                       .busy_timeout = options.busy_timeout});
  if (!connections) return std::unexpected(std::move(connections.error()));
  return std::unique_ptr<SqliteLog>(new SqliteLog(std::move(options), std::move(*connections)));
}

SqliteLog::~SqliteLog() = default;

// --- the port -----------------------------------------------------------------------------------

Fallible<void> SqliteLog::read(TopicPartition source, Offset from, const ReadLimit& limit,
                               std::vector<Record>& into) {
  if (auto known = check(source); !known) return known;
  if (auto still = check_still_immutable(); !still) return still;
  {
    auto reading = connections_->reading.lend();
    if (!reading) return std::unexpected(std::move(reading.error()));
    if (auto done = (*reading)->read(source, from, limit, into); !done) return done;
  }
  if (!into.empty() && into.front().offset == from) return {};
  return check_offset(source, from);
}

Fallible<OffsetRange> SqliteLog::range(TopicPartition source) {
  if (auto known = check(source); !known) return std::unexpected(std::move(known.error()));
  if (auto still = check_still_immutable(); !still) return std::unexpected(still.error());
  auto reading = connections_->reading.lend();
  if (!reading) return std::unexpected(std::move(reading.error()));
  return (*reading)->range(source);
}

std::uint64_t SqliteLog::changes(Places) { return connections_->watch->generation(); }

Fallible<bool> SqliteLog::wait_for_change(Places, std::uint64_t since,
                                          std::chrono::milliseconds wait) {
  return connections_->watch->wait(since, std::chrono::steady_clock::now() + wait);
}

Fallible<std::unique_ptr<LogWriter>> SqliteLog::open_writer(std::string_view role) {
  if (auto may = check_writable(); !may) return std::unexpected(std::move(may.error()));
  return std::make_unique<Writer>(*this, role);
}

Fallible<std::vector<Offset>> SqliteLog::append(const std::vector<OutgoingRecord>& records) {
  if (auto may = check_writable(); !may) return std::unexpected(std::move(may.error()));
  if (auto known = check(records); !known) return std::unexpected(std::move(known.error()));
  std::vector<Offset> offsets;
  offsets.reserve(records.size());
  if (records.empty()) return offsets;
  {
    const std::scoped_lock turn(connections_->writing_turn);
    auto& writing = *connections_->writing;
    auto open = writing.begin();
    if (!open) return std::unexpected(std::move(open.error()));
    auto done = writing.insert(records, options_.now(), &offsets);
    if (done) done = open->commit();
    if (!done) return std::unexpected(std::move(done.error()));
    writing.tend_wal();
  }
  connections_->watch->notify();
  return offsets;
}

// --- what is asked of it
// --------------------------------------------------------------------------

Failure SqliteLog::no_such_partition(TopicPartition place) const {
  return {FailureKind::fatal,
          fmt::format("{} has no partition {} of {}: it has {}", options_.path,
                      place.partition.value, name_of(place.topic), info_.partitions)};
}

Fallible<void> SqliteLog::check(TopicPartition place) const {
  if (place.partition.value >= 0 && place.partition.value < info_.partitions) return {};
  return std::unexpected(no_such_partition(place));
}

Fallible<void> SqliteLog::check(const std::vector<OutgoingRecord>& records) const {
  for (const auto& record : records) {
    if (auto known = check(record.to); !known) return known;
  }
  return {};
}

Fallible<void> SqliteLog::check_offset(TopicPartition source, Offset from) {
  auto whole = range(source);
  if (!whole) return std::unexpected(std::move(whole.error()));
  if (from >= whole->begin && from <= whole->end) return {};
  return fail(
      FailureKind::fatal,
      fmt::format("record {} of {}-{} was asked for, but {} holds {} to {}: it was restored "
                  "from an older copy, or the reader belongs to another log",
                  from.value, name_of(source.topic), source.partition.value, options_.path,
                  whole->begin.value, whole->end.value));
}

Fallible<void> SqliteLog::check_still_immutable() const {
  if (!connections_->immutable) return {};
  std::error_code ignored;
  if (!std::filesystem::exists(options_.path + "-wal", ignored)) return {};
  return fail(FailureKind::fatal,
              fmt::format("{} was at rest when it was opened, and now somebody writes to it: open "
                          "it again to see that.",
                          options_.path));
}

Fallible<void> SqliteLog::check_writable() const {
  if (connections_->writing != nullptr) return {};
  return fail(FailureKind::fatal, fmt::format("{} was opened for reading only", options_.path));
}

}  // namespace pesan
