// What SqliteLog says of files that are not what they should be, and of folders where it may not
// write. Nothing in such a file may change.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <new>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/integration/sqlite_log_fixture.hpp"
#include "tests/support/read_or_wait.hpp"

namespace pesan {
namespace {

using sqlite::Access;
using sqlite::Database;

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write_bytes(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void execute(const std::string& path, const std::string& sql) {
  auto database = must(Database::open({.path = path, .access = Access::create}));
  must(database.execute(sql));
}

TEST_F(SqliteLogFiles, ANewLogHoldsItsFirstRecordsAndKnowsItself) {
  must(SqliteLog::create(
      {.path = path,
       .info = {.log_id = "L-1", .partitions = 2, .clock = Clock::command, .format = 1},
       .now = [] { return Instant{77}; }},
      {record({Topic::events, {0}}, "opened 0"), record({Topic::events, {1}}, "opened 1")}));
  auto log = open();
  EXPECT_EQ(log->info().log_id, "L-1");
  EXPECT_EQ(log->info().clock, Clock::command);
  EXPECT_EQ(log->info().format, 1);
  EXPECT_EQ(log->partitions(), 2);
  EXPECT_EQ(read_all(*log, {Topic::events, {0}}).at(0).payload.value, "opened 0");
  EXPECT_EQ(read_all(*log, {Topic::events, {1}}).at(0).payload.value, "opened 1");
  EXPECT_EQ(read_all(*log, {Topic::events, {1}}).at(0).timestamp, Instant{77});
}

TEST_F(SqliteLogFiles, CreatingMakesTheFolder) {
  path = folder / "a/b/log.db";
  create();
  EXPECT_EQ(open()->info().log_id, "test");
}

TEST_F(SqliteLogFiles, ALogThatIsThereIsNeverCreatedOver) {
  create({record(events_0, "opened")});
  const auto again = SqliteLog::create({.path = path, .info = {.log_id = "other"}}, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, FailureKind::conflict);
  EXPECT_EQ(open()->info().log_id, "test");
}

TEST_F(SqliteLogFiles, WhetherALogExistsIsAnsweredWithoutMakingOne) {
  EXPECT_FALSE(must(SqliteLog::exists(path)));
  EXPECT_FALSE(std::filesystem::exists(path));
  write_bytes(path, "");
  EXPECT_FALSE(must(SqliteLog::exists(path)));
  create();
  EXPECT_TRUE(must(SqliteLog::exists(path)));
}

TEST_F(SqliteLogFiles, ALogThatWasClosedIsOneFile) {
  create();
  {
    auto log = open();
    must(log->append({record(commands_0, "a")}));
    std::vector<Record> records;
    must(log->read(commands_0, {0}, {}, records));
  }
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
}

TEST_F(SqliteLogFiles, APathWithoutALogIsNamed) {
  EXPECT_TRUE(says(refusal(), "there is no log at " + path + ": check the path"));
  EXPECT_TRUE(says(refusal(true), "there is no log at " + path));
  write_bytes(path, "");
  EXPECT_TRUE(says(refusal(), "there is no log at " + path + ": check the path"));
  EXPECT_EQ(bytes_of(path), "");
}

TEST_F(SqliteLogFiles, AFileThatIsNoDatabaseIsRefusedAndLeftAlone) {
  const std::string text =
      "Dear diary, this is longer than the header of a database.\n" + std::string(2000, '.');
  write_bytes(path, text);
  EXPECT_TRUE(says(refusal(), "not a SQLite database")) << refusal();
  const auto created = SqliteLog::create({.path = path, .info = {.log_id = "test"}}, {});
  ASSERT_FALSE(created);
  EXPECT_TRUE(says(created.error().what, "not a SQLite database"));
  EXPECT_FALSE(SqliteLog::exists(path));
  EXPECT_EQ(bytes_of(path), text);
}

TEST_F(SqliteLogFiles, ADatabaseOfAnotherProgramIsRefusedAndLeftAlone) {
  execute(path, "CREATE TABLE diary (day TEXT, line TEXT); INSERT INTO diary VALUES ('1', 'x')");
  const auto before = bytes_of(path);
  EXPECT_TRUE(says(refusal(), "not a pesan log")) << refusal();
  const auto created = SqliteLog::create({.path = path, .info = {.log_id = "test"}}, {});
  ASSERT_FALSE(created);
  EXPECT_TRUE(says(created.error().what, "not a pesan log"));
  EXPECT_EQ(bytes_of(path), before);
}

TEST_F(SqliteLogFiles, ALogOfANewerProgramIsRefusedAndLeftAlone) {
  create();
  execute(path, fmt::format("PRAGMA user_version = {}", sqlite::log_file.version + 1));
  const auto before = bytes_of(path);
  EXPECT_TRUE(says(refusal(), "written by a newer pesan")) << refusal();
  EXPECT_TRUE(says(refusal(true), "written by a newer pesan"));
  EXPECT_FALSE(SqliteLog::exists(path));
  EXPECT_EQ(bytes_of(path), before);
}

TEST_F(SqliteLogFiles, AFolderInThePlaceOfTheFileIsRefused) {
  std::filesystem::create_directory(path);
  EXPECT_TRUE(says(refusal(), "check the path")) << refusal();
}

TEST_F(SqliteLogFiles, ADamagedPageIsNoticedByItsReader) {
  create();
  {
    auto log = open();
    for (int i = 0; i < 200; ++i) {
      must(log->append({record(commands_0, noise(5000))}));
    }
  }
  auto bytes = bytes_of(path);
  ASSERT_GT(bytes.size(), 900'000U);
  for (std::size_t i = 400'000; i < 600'000; ++i) bytes[i] = '\x5a';
  write_bytes(path, bytes);

  auto log = open();
  std::vector<Record> records;
  const auto refused = log->read(commands_0, {0}, {.records = 1000}, records);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_TRUE(says(refused.error().what, "damaged")) << refused.error().what;
  EXPECT_TRUE(records.empty());
}

TEST_F(SqliteLogFiles, ATruncatedFileIsNoticed) {
  create();
  {
    auto log = open();
    for (int i = 0; i < 200; ++i) {
      must(log->append({record(commands_0, noise(5000))}));
    }
  }
  std::filesystem::resize_file(path, 400'000);
  auto log = SqliteLog::open({.path = path});
  Fallible<void> answer;
  std::vector<Record> records;
  if (log) answer = (*log)->read(commands_0, {0}, {.records = 1000}, records);
  const auto& failure = log ? answer.error() : log.error();
  EXPECT_TRUE(!log || !answer);
  EXPECT_TRUE(says(failure.what, "damaged")) << failure.what;
}

TEST_F(SqliteLogFiles, ALogOpenedForReadingRefusesToWrite) {
  create({record(events_0, "opened")});
  auto log = must(SqliteLog::open({.path = path, .read_only = true}));
  EXPECT_EQ(read_all(*log, events_0).size(), 1U);
  const auto appended = log->append({record(commands_0, "x")});
  ASSERT_FALSE(appended);
  EXPECT_TRUE(says(appended.error().what, "opened for reading only"));
  EXPECT_FALSE(log->open_writer("engine"));
}

// --- read-only folders: as an ordinary user, for whom permissions mean something
// ------------------

void become_ordinary_user() {
  if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) {
    throw std::runtime_error("cannot become an ordinary user");
  }
}

class ReadOnlyFolder : public SqliteLogFiles {
 protected:
  /// Runs `work` in a process that may read everything in the folder and write nothing.
  int as_reader(const std::function<void()>& work) {
    ::chmod(folder.path().c_str(), 0555);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
      ::chmod(entry.path().c_str(), 0444);
    }
    ChildProcess child([&](const ChildProcess::Tell&) {
      become_ordinary_user();
      work();
    });
    const int code = child.wait();
    ::chmod(folder.path().c_str(), 0755);
    return code;
  }
  static void expect(bool fact, const std::string& what) {
    if (!fact) throw std::runtime_error(what);
  }
};

TEST_F(ReadOnlyFolder, ALogAtRestCanBeRead) {
  create({record(events_0, "opened")});
  EXPECT_EQ(as_reader([&] {
              auto log = must(SqliteLog::open({.path = path, .read_only = true}));
              expect(read_all(*log, events_0).size() == 1, "one record");
              expect(must(log->range(events_0)).end == Offset{1}, "the range");
              std::vector<Record> none;
              must(read_or_wait(*log, events_0, {1}, {}, std::chrono::milliseconds(5), none));
              expect(must(SqliteLog::exists(path)), "it exists");
            }),
            0);
}

TEST_F(ReadOnlyFolder, OpeningForWritingSaysThatPermissionsAreMissing) {
  create();
  EXPECT_EQ(as_reader([&] {
              const auto why = refusal();
              expect(says(why, "permissions"), why);
            }),
            0);
}

TEST_F(ReadOnlyFolder, CreatingSaysWhatIsMissing) {
  EXPECT_EQ(as_reader([&] {
              const auto made = SqliteLog::create({.path = path, .info = {.log_id = "x"}}, {});
              expect(!made && says(made.error().what, "permissions"), "refused");
              const auto deep =
                  SqliteLog::create({.path = folder / "a/log.db", .info = {.log_id = "x"}}, {});
              expect(!deep && says(deep.error().what, "cannot make the folder"), "refused");
            }),
            0);
}

TEST_F(ReadOnlyFolder, WhatWasOpenedAtRestIsRefusedOnceSomebodyWritesToIt) {
  create({record(events_0, "opened")});
  ::chmod(folder.path().c_str(), 0555);
  ChildProcess reader([&](const ChildProcess::Tell& tell) {
    become_ordinary_user();
    auto log = must(SqliteLog::open({.path = path, .read_only = true}));
    tell(static_cast<std::int64_t>(read_all(*log, events_0).size()));
    std::vector<Record> records;
    for (int i = 0; i < 2000; ++i) {
      const auto answer = log->read(events_0, {0}, {}, records);
      if (!answer) {
        expect(says(answer.error().what, "open it again"), answer.error().what);
        return;
      }
      ::usleep(1000);
    }
    throw std::runtime_error("it never noticed");
  });
  EXPECT_EQ(reader.next(), 1);
  ::chmod(folder.path().c_str(), 0755);
  auto log = open();
  must(log->append({record(events_0, "more")}));
  EXPECT_EQ(reader.wait(), 0);
}

// As where there is no memory for a row. SQLite takes no value for a statement that has more rows.
TEST_F(SqliteLogFiles, WhatAnExceptionCutsShortCanBeReadAgain) {
  auto database = must(sqlite::Database::open({.path = path, .access = sqlite::Access::create}));
  auto select = must(database.prepare("SELECT ?1 UNION ALL SELECT ?1"));
  const auto cut_short = [&] {
    const sqlite::Rows rows(select);
    EXPECT_TRUE(must(select.bind(1, std::int64_t{1}).step()));
    throw std::bad_alloc();
  };
  EXPECT_THROW(cut_short(), std::bad_alloc);
  EXPECT_TRUE(must(select.bind(1, std::int64_t{2}).step()));
  EXPECT_EQ(select.integer(0), 2);
}

}  // namespace
}  // namespace pesan
