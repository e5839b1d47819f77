#include "adapters/sqlite/log_reading.hpp"

#include <fmt/format.h>

namespace pesan::sqlite {

Fallible<std::unique_ptr<LogReading>> LogReading::open(const OpenOptions& options) {
  auto database = Database::open(options);
  if (!database) return std::unexpected(std::move(database.error()));
  std::unique_ptr<LogReading> reading(new LogReading(std::move(*database)));
  if (auto ready = reading->prepare(); !ready) return std::unexpected(std::move(ready.error()));
  return reading;
}

Fallible<void> LogReading::prepare() {
  for (std::size_t topic = 0; topic < topic_count; ++topic) {
    const auto table = table_of(static_cast<Topic>(topic));
    auto read = database_.prepare(
        fmt::format("SELECT record_id, at, key, headers, value FROM {}"
                    " WHERE record_id >= ?1 AND record_id < ?2 ORDER BY record_id LIMIT ?3",
                    table));
    if (!read) return std::unexpected(std::move(read.error()));
    // Two descents of the tree in one statement, so that both see one state.
    auto range = database_.prepare(
        fmt::format("SELECT (SELECT record_id FROM {0} WHERE record_id >= ?1 AND record_id < ?2"
                    " ORDER BY record_id LIMIT 1),"
                    " (SELECT record_id FROM {0} WHERE record_id >= ?1 AND record_id < ?2"
                    " ORDER BY record_id DESC LIMIT 1)",
                    table));
    if (!range) return std::unexpected(std::move(range.error()));
    topics_[topic] = {.read = std::move(*read), .range = std::move(*range)};
  }
  auto committed = database_.prepare(
      "SELECT next_offset FROM consumed WHERE role = ? AND topic = ? AND partition = ?");
  if (!committed) return std::unexpected(std::move(committed.error()));
  committed_ = std::move(*committed);
  return {};
}

Fallible<void> LogReading::read(TopicPartition source, Offset from, const ReadLimit& limit,
                                std::vector<Record>& into) {
  auto& select = topics_[static_cast<std::size_t>(source.topic)].read;
  select.bind(1, record_id(source.partition, from))
      .bind(2, record_id({source.partition.value + 1}, {0}))
      .bind(3, limit.records);
  const Rows rows(select);
  std::size_t count = 0;
  std::size_t bytes = 0;
  while (bytes <= limit.bytes) {
    auto row = select.step();
    if (!row) {
      into.clear();
      return std::unexpected(std::move(row.error()));
    }
    if (!*row) break;
    if (count == into.size()) into.emplace_back();
    auto& record = into[count++];
    record.offset = offset_of(select.integer(0));
    record.timestamp = {select.integer(1)};
    auto& payload = record.payload;
    if (select.is_null(2)) {
      payload.key.reset();
    } else {
      if (!payload.key) payload.key.emplace();
      payload.key->assign(select.blob(2));
    }
    if (select.is_null(3)) {
      payload.headers.clear();
      payload.cloud_event = true;
      payload.null_value = false;
    } else if (!decode_headers(select.blob(3), payload)) {
      into.clear();
      return std::unexpected(damaged(source, record.offset));
    }
    payload.value.assign(select.blob(4));
    bytes += payload.value.size() + (payload.key ? payload.key->size() : 0);
  }
  into.resize(count);
  return {};
}

Fallible<OffsetRange> LogReading::range(TopicPartition source) {
  auto& select = topics_[static_cast<std::size_t>(source.topic)].range;
  select.bind(1, record_id(source.partition, {0}))
      .bind(2, record_id({source.partition.value + 1}, {0}));
  auto row = select.step();
  if (!row) return std::unexpected(std::move(row.error()));
  OffsetRange range;
  if (!select.is_null(0)) {
    range = {.begin = offset_of(select.integer(0)), .end = offset_of(select.integer(1)).next()};
  }
  select.reset();
  return range;
}

Fallible<std::optional<Offset>> LogReading::committed(std::string_view role,
                                                      TopicPartition source) {
  committed_.bind(1, role).bind(2, name_of(source.topic)).bind(3, source.partition.value);
  auto row = committed_.step();
  if (!row) return std::unexpected(std::move(row.error()));
  std::optional<Offset> offset;
  if (*row) offset = Offset{committed_.integer(0)};
  committed_.reset();
  return offset;
}

Failure LogReading::damaged(TopicPartition source, Offset offset) const {
  return {
      FailureKind::fatal,
      fmt::format("the headers of record {} of {}-{} in {} are damaged. Keep a copy of the "
                  "file, and restore it from a backup.",
                  offset.value, name_of(source.topic), source.partition.value, database_.path())};
}

// --- the pool -----------------------------------------------------------------------------------

Fallible<ReadingPool::Lease> ReadingPool::lend() {
  {
    const std::scoped_lock lock(mutex_);
    if (!idle_.empty()) {
      auto reading = std::move(idle_.back());
      idle_.pop_back();
      return Lease(*this, std::move(reading));
    }
  }
  auto reading = LogReading::open(options_);
  if (!reading) return std::unexpected(std::move(reading.error()));
  return Lease(*this, std::move(*reading));
}

ReadingPool::Lease::~Lease() {
  if (reading_ == nullptr) return;
  const std::scoped_lock lock(pool_->mutex_);
  // Room for it was made when it was lent or is made now; without memory the connection closes.
  try {
    pool_->idle_.push_back(std::move(reading_));
  } catch (...) {
    reading_.reset();
  }
}

}  // namespace pesan::sqlite
