#include "adapters/sqlite/log_writing.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pesan::sqlite {
namespace {

// 16 MB. Measured: rarer checkpoints gain little more, and this much is read back quickly after a
// kill.
constexpr int checkpoint_pages = 2048;
// A reader that never rests keeps a checkpoint from finishing; from here on it is asked to wait.
constexpr int restart_pages = 2 * checkpoint_pages;
constexpr auto first_patience = std::chrono::milliseconds(100);
constexpr auto last_patience = std::chrono::milliseconds(2000);

int remember_wal_pages(void* pages, sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

}  // namespace

Fallible<void> prepare_for_writing(Database& database) {
  if (auto set = database.use_wal(); !set) return set;
  return database.execute(
      "PRAGMA synchronous = FULL;"  // an acknowledged commit survives a power cut
      "PRAGMA journal_size_limit = 33554432;"
      "PRAGMA cache_size = -8000;"
      "PRAGMA temp_store = MEMORY");
}

Fallible<void> take_newest_version(Database& database) {
  auto open = database.begin();
  if (!open) return std::unexpected(std::move(open.error()));
  // Again, now that nobody else writes: a newer program may have been faster.
  if (auto known = identify(database, log_file); !known) return std::unexpected(known.error());
  if (auto done = database.execute(fmt::format("PRAGMA user_version = {}", log_file.version));
      !done) {
    return done;
  }
  return open->commit();
}

LogWriting::LogWriting(Database database)
    : database_(std::move(database)),
      next_checkpoint_(checkpoint_pages),
      next_restart_(restart_pages) {
  // Replaces SQLite's own automatic checkpoint, which would never insist.
  sqlite3_wal_hook(database_.handle(), remember_wal_pages, &wal_pages_);
}

Fallible<void> LogWriting::prepare(std::int32_t partitions) {
  for (std::size_t topic = 0; topic < topic_count; ++topic) {
    const auto table = table_of(static_cast<Topic>(topic));
    auto insert = database_.prepare(fmt::format(
        "INSERT INTO {} (record_id, at, key, headers, value) VALUES (?, ?, ?, ?, ?)", table));
    if (!insert) return std::unexpected(std::move(insert.error()));
    auto last = database_.prepare(
        fmt::format("SELECT record_id FROM {} WHERE record_id >= ?1 AND record_id < ?2"
                    " ORDER BY record_id DESC LIMIT 1",
                    table));
    if (!last) return std::unexpected(std::move(last.error()));
    topics_[topic] = {.insert = std::move(*insert),
                      .last = std::move(*last),
                      .tails = std::vector<Tail>(static_cast<std::size_t>(partitions))};
  }
  auto move = database_.prepare(
      "INSERT INTO consumed (role, topic, partition, next_offset) VALUES (?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET next_offset = excluded.next_offset");
  if (!move) return std::unexpected(std::move(move.error()));
  auto epoch = database_.prepare("SELECT epoch FROM writer WHERE role = ? AND partition = ?");
  if (!epoch) return std::unexpected(std::move(epoch.error()));
  auto next_epoch = database_.prepare(
      "INSERT INTO writer (role, partition, epoch) VALUES (?, ?, 1)"
      " ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch");
  if (!next_epoch) return std::unexpected(std::move(next_epoch.error()));
  move_consumed_ = std::move(*move);
  epoch_ = std::move(*epoch);
  next_epoch_ = std::move(*next_epoch);
  return {};
}

Fallible<FileTransaction> LogWriting::begin() {
  ++transaction_;  // what was known of the tails is not: other processes append too
  return database_.begin();
}

Fallible<LogWriting::Tail*> LogWriting::tail(TopicPartition place) {
  auto& topic = topics_[static_cast<std::size_t>(place.topic)];
  auto& tail = topic.tails[static_cast<std::size_t>(place.partition.value)];
  if (tail.transaction == transaction_) return &tail;
  const auto first_id = record_id(place.partition, {0});
  topic.last.bind(1, first_id).bind(2, first_id + offset_limit);
  auto row = topic.last.step();
  if (!row) return std::unexpected(std::move(row.error()));
  tail = {.transaction = transaction_, .next_id = first_id};
  if (*row) {
    tail.next_id = topic.last.integer(0) + 1;
    topic.last.reset();
  }
  return &tail;
}

Fallible<void> LogWriting::insert(const std::vector<OutgoingRecord>& records, Instant now,
                                  std::vector<Offset>* offsets) {
  sorted_.clear();
  for (const auto& record : records) sorted_.push_back(&record);
  std::ranges::stable_sort(sorted_, {}, &OutgoingRecord::to);
  if (offsets != nullptr) offsets->resize(records.size());
  for (Records rest = sorted_; !rest.empty();) {
    auto place = tail(rest.front()->to);
    if (!place) return std::unexpected(std::move(place.error()));
    auto& next_id = (*place)->next_id;
    const auto done = insert_frame(rest, next_id, now);
    if (!done) return std::unexpected(done.error());
    for (const auto* record : rest.first(*done)) {
      if (offsets != nullptr) {
        (*offsets)[static_cast<std::size_t>(record - records.data())] = offset_of(next_id);
      }
      ++next_id;
    }
    rest = rest.subspan(*done);
  }
  return {};
}

Fallible<std::size_t> LogWriting::insert_frame(Records records, std::int64_t first_id,
                                               Instant now) {
  const auto to = records.front()->to;
  packer_.begin();
  std::size_t count = 0;
  while (count < records.size() && records[count]->to == to &&
         packer_.add(records[count]->payload)) {
    ++count;
  }
  if (const auto frame = count > 0 ? packer_.pack() : std::nullopt) {
    const auto mark = frame_mark(static_cast<std::uint32_t>(count));
    const auto done = insert_row(to.topic,
                                 {.id = first_id + static_cast<std::int64_t>(count) - 1,
                                  .headers = Blob{mark},
                                  .value = {*frame}},
                                 now);
    if (!done) return std::unexpected(done.error());
    return count;
  }
  count = std::max<std::size_t>(count, 1);  // one that is larger than a frame
  for (const auto* record : records.first(count)) {
    const auto& payload = record->payload;
    Row row{.id = first_id++, .value = {payload.value}};
    if (payload.key) row.key = Blob{*payload.key};
    if (needs_headers(payload)) {
      encode_headers(payload, headers_);
      row.headers = Blob{headers_};
    }
    if (auto done = insert_row(to.topic, row, now); !done) return std::unexpected(done.error());
  }
  return count;
}

Fallible<void> LogWriting::insert_row(Topic topic, const Row& row, Instant now) {
  return topics_[static_cast<std::size_t>(topic)]
      .insert.bind(1, row.id)
      .bind(2, now.ms)
      .bind(3, row.key)
      .bind(4, row.headers)
      .bind(5, row.value)
      .run();
}

Fallible<void> LogWriting::move_consumed(std::string_view role, TopicPartition source,
                                         Offset next) {
  return move_consumed_.bind(1, role)
      .bind(2, name_of(source.topic))
      .bind(3, source.partition.value)
      .bind(4, next.value)
      .run();
}

Fallible<std::int64_t> LogWriting::epoch(std::string_view role, Partition place) {
  epoch_.bind(1, role).bind(2, place.value);
  auto row = epoch_.step();
  if (!row) return std::unexpected(std::move(row.error()));
  const auto epoch = *row ? epoch_.integer(0) : 0;
  epoch_.reset();
  return epoch;
}

Fallible<std::int64_t> LogWriting::next_epoch(std::string_view role, Partition place) {
  next_epoch_.bind(1, role).bind(2, place.value);
  auto row = next_epoch_.step();
  if (!row) return std::unexpected(std::move(row.error()));
  const auto epoch = next_epoch_.integer(0);
  // RETURNING gives its row after the change is made, yet the statement must end to be done.
  if (auto done = next_epoch_.run(); !done) return std::unexpected(std::move(done.error()));
  return epoch;
}

void LogWriting::tend_wal() {
  if (wal_pages_ < checkpoint_pages) {  // it was emptied and began anew
    next_checkpoint_ = checkpoint_pages;
    next_restart_ = restart_pages;
    return;
  }
  if (wal_pages_ < next_checkpoint_) return;
  auto* handle = database_.handle();
  // Passive waits for nobody: it writes back what no reader's snapshot needs. Once all is written
  // back, the next commit begins the WAL anew, if no reader is in it at that moment.
  sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_PASSIVE, nullptr, nullptr);
  next_checkpoint_ = wal_pages_ + checkpoint_pages / 4;
  if (wal_pages_ < next_restart_) return;
  // The larger it has grown, the longer it is worth to wait for readers. One that never goes (a
  // backup tool with a snapshot) costs a pause for every so many pages, not every commit.
  const auto times = wal_pages_ / restart_pages;
  const auto patience = database_.patience();
  database_.set_patience(std::min(first_patience * times * times, last_patience));
  sqlite3_wal_checkpoint_v2(handle, "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  database_.set_patience(patience);
  next_restart_ = wal_pages_ + checkpoint_pages;
}

}  // namespace pesan::sqlite
