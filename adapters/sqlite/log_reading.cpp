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
    // Descents of the tree in one statement, so that they see one state.
    auto range = database_.prepare(
        fmt::format("SELECT record_id, headers,"
                    " (SELECT record_id FROM {0} WHERE record_id >= ?1 AND record_id < ?2"
                    " ORDER BY record_id DESC LIMIT 1)"
                    " FROM {0} WHERE record_id >= ?1 AND record_id < ?2"
                    " ORDER BY record_id LIMIT 1",
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
  Reading reading{.source = source, .limit = limit, .into = into, .next = from};
  if (auto done = read_rows(reading, select); !done) {
    into.clear();
    return done;
  }
  into.resize(reading.count);
  return {};
}

Fallible<void> LogReading::read_rows(Reading& reading, Statement& rows) {
  while (reading.wants_more()) {
    auto row = rows.step();
    if (!row) return std::unexpected(std::move(row.error()));
    if (!*row) break;
    const auto headers = rows.is_null(3) ? std::nullopt : std::optional(rows.blob(3));
    if (const auto records = headers ? frame_records(*headers) : std::nullopt) {
      if (auto done = read_frame(reading, rows, *records); !done) return done;
      continue;
    }
    auto& record = reading.add(offset_of(rows.integer(0)), {rows.integer(1)});
    if (!decode_headers(headers, record.payload)) {
      return std::unexpected(
          damaged(fmt::format("the headers of record {}", record.offset.value), reading.source));
    }
    if (rows.is_null(2)) {
      record.payload.key.reset();
    } else {
      record.payload.key = rows.blob(2);
    }
    record.payload.value.assign(rows.blob(4));
    reading.added();
  }
  return {};
}

Fallible<void> LogReading::read_frame(Reading& reading, const Statement& row,
                                      std::uint32_t records) {
  const auto last = offset_of(row.integer(0));
  const Offset first{last.value - records + 1};
  const auto refused = [&] {
    return std::unexpected(
        damaged(fmt::format("records {} to {}", first.value, last.value), reading.source));
  };
  // The first row of a read may begin before what is wanted; any other begins where one ended.
  if (first.value < 0 || first > last || (reading.count > 0 && first < reading.next)) {
    return refused();
  }
  if (!unpacker_.open(row.blob(4))) return refused();
  for (Offset offset = first; offset <= last && reading.wants_more(); offset = offset.next()) {
    if (offset < reading.next) {
      if (!unpacker_.skip()) return refused();
      continue;
    }
    if (!unpacker_.next(reading.add(offset, {row.integer(1)}).payload)) return refused();
    reading.added();
  }
  // Where the read ended within it, the rest is looked at by the read that asks for it.
  if (reading.next > last && !unpacker_.at_end()) return refused();
  return {};
}

Record& LogReading::Reading::add(Offset offset, Instant at) {
  if (count == into.size()) into.emplace_back();
  auto& record = into[count];
  record.offset = offset;
  record.timestamp = at;
  return record;
}

void LogReading::Reading::added() {
  const auto& record = into[count++];
  next = record.offset.next();
  bytes += record.payload.value.size() + (record.payload.key ? record.payload.key->size() : 0);
}

Fallible<OffsetRange> LogReading::range(TopicPartition source) {
  auto& select = topics_[static_cast<std::size_t>(source.topic)].range;
  select.bind(1, record_id(source.partition, {0}))
      .bind(2, record_id({source.partition.value + 1}, {0}));
  auto row = select.step();
  if (!row) return std::unexpected(std::move(row.error()));
  OffsetRange range;
  if (*row) {
    const auto records = frame_records(select.blob(1)).value_or(1);
    range = {.begin = {offset_of(select.integer(0)).value - records + 1},
             .end = offset_of(select.integer(2)).next()};
    select.reset();
  }
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

Failure LogReading::damaged(std::string_view what, TopicPartition source) const {
  return {FailureKind::fatal,
          fmt::format("{} of {}-{} in {} are damaged. Keep a copy of the file, and restore it from "
                      "a backup.",
                      what, name_of(source.topic), source.partition.value, database_.path())};
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
