// Several processes and threads on one SqliteLog: an owner and its readers, rivals for the write
// lock, the WAL under readers that never rest, and who holds the server lock.

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <thread>

#include <time.h>
#include <unistd.h>

#include "adapters/sqlite/server_lock.hpp"
#include "tests/integration/sqlite_log_fixture.hpp"
#include "tests/support/read_or_wait.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

using sqlite::Access;
using sqlite::Database;
using sqlite::ServerLock;

class SqliteLogProcesses : public SqliteLogFiles {
 protected:
  std::uintmax_t wal_size() const {
    std::error_code ignored;
    const auto size = std::filesystem::file_size(path + "-wal", ignored);
    return ignored ? 0 : size;
  }
};

TEST_F(SqliteLogProcesses, AReaderProcessIsWokenByWhatTheOwnerCommits) {
  constexpr int commits = 200;
  create();
  ChildProcess owner([&](const ChildProcess::Tell& tell) {
    auto log = open();
    auto writer = open_taken(*log, "engine");
    tell(0);
    for (int i = 0; i < commits; ++i) {
      ::usleep(2000);  // so that the reader has to wait
      must(writer->commit({.records = {record(events_0, std::to_string(i))},
                           .consumed = {},
                           .places = {commands_0}}));
    }
  });
  owner.next();
  auto log = must(SqliteLog::open({.path = path, .read_only = true}));
  std::vector<Record> records;
  Offset next{0};
  while (next.value < commits) {
    // Not woken, it would wait until the time of the whole suite is over.
    must(read_or_wait(*log, events_0, next, {}, std::chrono::hours(1), records));
    ASSERT_FALSE(records.empty());
    for (const auto& found : records) {
      ASSERT_EQ(found.offset, next);
      EXPECT_EQ(found.payload.value, std::to_string(next.value));
      next = next.next();
    }
  }
  EXPECT_EQ(owner.wait(), 0);
}

TEST_F(SqliteLogProcesses, RivalProcessesWaitForEachOtherAndLoseNothing) {
  constexpr int processes = 3;
  constexpr int appends = 150;
  create();
  std::vector<std::unique_ptr<ChildProcess>> rivals;
  for (int p = 0; p < processes; ++p) {
    rivals.push_back(std::make_unique<ChildProcess>([&, p](const ChildProcess::Tell&) {
      auto log = open();
      for (int i = 0; i < appends; ++i) {
        must(log->append({record(commands_0, fmt::format("{} {}", p, i)),
                          record({Topic::commands, {0}}, "second of two")}));
      }
    }));
  }
  for (auto& rival : rivals) EXPECT_EQ(rival->wait(), 0);
  const auto records = read_all(*open(), commands_0);
  ASSERT_EQ(records.size(), 2U * processes * appends);
  std::vector<int> next(processes);
  for (std::size_t i = 0; i < records.size(); i += 2) {
    const auto& value = records[i].payload.value;
    const auto rival = static_cast<std::size_t>(value.at(0) - '0');
    EXPECT_EQ(value, fmt::format("{} {}", rival, next.at(rival)++));  // each one's own order
    EXPECT_EQ(records[i + 1].payload.value, "second of two");         // and never torn
  }
}

TEST_F(SqliteLogProcesses, OfProcessesThatCreateALogAtOnceOneDoesAndAllOpenIt) {
  for (int round = 0; round < 10; ++round) {
    path = folder / fmt::format("log-{}.db", round);
    std::vector<std::unique_ptr<ChildProcess>> rivals;
    for (int p = 0; p < 4; ++p) {
      rivals.push_back(std::make_unique<ChildProcess>([&, p](const ChildProcess::Tell& tell) {
        auto made = SqliteLog::create({.path = path, .info = {.log_id = std::to_string(p)}},
                                      {record(events_0, "opened")});
        if (!made && made.error().kind != FailureKind::conflict) must(std::move(made));
        const bool maker = made.has_value();
        auto log = open();
        if (read_all(*log, events_0).size() != 1) throw std::runtime_error("not one record");
        if (maker && log->info().log_id != std::to_string(p)) throw std::runtime_error("overrun");
        tell(maker ? 1 : 0);
      }));
    }
    std::int64_t makers = 0;
    for (auto& rival : rivals) makers += rival->next().value_or(0);
    for (auto& rival : rivals) EXPECT_EQ(rival->wait(), 0);
    EXPECT_EQ(makers, 1) << "round " << round;
  }
}

TEST_F(SqliteLogProcesses, ABusyLogIsATransientFailureOncePatienceIsOver) {
  create();
  auto log = must(SqliteLog::open({.path = path, .busy_timeout = std::chrono::milliseconds(30)}));
  auto rival = must(Database::open({.path = path, .access = Access::write}));
  {
    auto held = must(rival.begin());
    const auto refused = log->append({record(commands_0, "a")});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, FailureKind::transient);
    EXPECT_TRUE(says(refused.error().what, "Another process")) << refused.error().what;
  }
  must(log->append({record(commands_0, "a")}));
  EXPECT_EQ(read_all(*log, commands_0).size(), 1U);
}

// --- threads of one process
// -----------------------------------------------------------------------

TEST_F(SqliteLogProcesses, AClientGetsItsTurnWhileAnEngineCommitsWithoutAPause) {
  create();
  auto log = open();
  std::atomic<bool> stop{false};
  std::atomic<int> commits{0};
  std::jthread engine([&] {
    auto writer = open_taken(*log, "engine");
    std::vector<OutgoingRecord> batch(200, record(events_0, std::string(500, 'x')));
    while (!stop) {
      must(writer->commit({.records = batch, .consumed = {}, .places = {commands_0}}));
      ++commits;
    }
  });
  while (commits == 0) std::this_thread::yield();
  const int before = commits;
  for (int i = 0; i < 30; ++i) must(log->append({record(commands_0, "command")}));
  const int meanwhile = commits - before;
  stop = true;
  // In turn: about one commit passes for each append; unfair, it would be hundreds.
  EXPECT_LT(meanwhile, 30 * 5);
}

TEST_F(SqliteLogProcesses, ManyThreadsShareOneLog) {
  constexpr int threads = 6;
  constexpr int each = 40;
  create();
  auto log = open();
  std::atomic<int> read{0};
  {
    std::vector<std::jthread> crowd;
    for (int t = 0; t < threads; ++t) {
      crowd.emplace_back([&] {
        for (int i = 0; i < each; ++i) must(log->append({record(commands_0, "x")}));
      });
      crowd.emplace_back([&] {
        std::vector<Record> records;
        for (Offset next{0}; next.value < threads * each;) {
          must(read_or_wait(*log, commands_0, next, {.records = 7}, std::chrono::seconds(20),
                            records));
          ASSERT_FALSE(records.empty());
          next = records.back().offset.next();
          read += static_cast<int>(records.size());
        }
      });
    }
  }
  EXPECT_EQ(read, threads * threads * each);
}

// --- the WAL
// --------------------------------------------------------------------------------------

TEST_F(SqliteLogProcesses, TheWALStaysSmallUnderReadersThatNeverRest) {
  create();
  std::vector<std::unique_ptr<ChildProcess>> readers;
  for (int i = 0; i < 2; ++i) {  // killed when they go
    readers.push_back(std::make_unique<ChildProcess>([&](const ChildProcess::Tell& tell) {
      auto log = must(SqliteLog::open({.path = path, .read_only = true}));
      std::vector<Record> records;
      for (std::int64_t n = 0;; ++n) {
        must(log->read(events_0, {0}, {.records = 5}, records));
        if (n == 0) tell(1);
      }
    }));
  }
  for (auto& reader : readers) ASSERT_EQ(reader->next(), 1);
  auto log = open();
  std::uintmax_t largest = 0;
  for (int i = 0; i < 300; ++i) {  // 150 MB
    must(log->append({record(events_0, std::string(500'000, 'x'))}));
    largest = std::max(largest, wal_size());
  }
  RecordProperty("largest_wal", std::to_string(largest));
  EXPECT_LT(largest, 130'000'000U);  // usually 35 MB; without bound it would be 150
}

TEST_F(SqliteLogProcesses, TheWALIsEmptiedOnceAReaderThatKeptItsSnapshotGoes) {
  create();
  auto log = open();
  must(log->append({record(events_0, "first")}));
  auto foreign = must(Database::open({.path = path, .access = Access::read}));
  {
    auto held = must(foreign.begin_read());  // as a backup tool would
    ASSERT_EQ(must(foreign.query_integer("SELECT count(*) FROM events")), 1);
    for (int i = 0; i < 150; ++i) {
      must(log->append({record(events_0, std::string(500'000, 'x'))}));
    }
    EXPECT_GT(wal_size(), 70'000'000U);
    ASSERT_EQ(must(foreign.query_integer("SELECT count(*) FROM events")), 1);
  }
  for (int i = 0; i < 60; ++i) {
    must(log->append({record(events_0, std::string(500'000, 'x'))}));
  }
  EXPECT_LE(wal_size(), 40'000'000U);
  EXPECT_EQ(must(log->range(events_0)).end, Offset{211});
}

// --- the server lock
// ------------------------------------------------------------------------------

TEST_F(SqliteLogProcesses, TheServerLockHasOneHolderAtATime) {
  {
    const auto lock = must(ServerLock::try_acquire(path));
    ASSERT_TRUE(lock);
    EXPECT_FALSE(must(ServerLock::try_acquire(path)));
  }
  EXPECT_TRUE(must(ServerLock::try_acquire(path)));
}

TEST_F(SqliteLogProcesses, TheServerLockIsFreeAfterItsHolderWasKilled) {
  ChildProcess server([&](const ChildProcess::Tell& tell) {
    const auto lock = must(ServerLock::try_acquire(path));
    tell(lock ? 1 : 0);
    ::pause();
  });
  ASSERT_EQ(server.next(), 1);
  EXPECT_FALSE(must(ServerLock::try_acquire(path)));
  server.kill();
  EXPECT_TRUE(must(ServerLock::try_acquire(path)));
}

TEST_F(SqliteLogProcesses, TheServerLockOfOnePartitionLeavesTheOthersFree) {
  auto first = must(ServerLock::open(path));
  auto second = must(ServerLock::open(path));
  const TopicPartition one{Topic::commands, Partition{1}};
  EXPECT_TRUE(must(first.try_take(one)));
  EXPECT_FALSE(must(second.try_take(one)));
  EXPECT_TRUE(must(second.try_take({Topic::commands, Partition{2}})));
  EXPECT_TRUE(must(second.try_take({Topic::customers, Partition{1}})));
  EXPECT_FALSE(must(ServerLock::try_acquire(path)));  // which wants all of them
  first.release(one);
  EXPECT_TRUE(must(second.try_take(one)));
}

TEST_F(SqliteLogProcesses, TheServerLockIsOneByWhateverPathTheLogIsNamed) {
  create();
  const std::string link = folder / "link.db";
  std::filesystem::create_symlink(path, link);
  const auto lock = must(ServerLock::try_acquire(path));
  EXPECT_FALSE(must(ServerLock::try_acquire(link)));
}

TEST_F(SqliteLogProcesses, AServerLockInAFolderThatIsNotThereIsRefused) {
  const auto refused = ServerLock::try_acquire(folder / "nowhere/log.db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
}

}  // namespace
}  // namespace pesan
