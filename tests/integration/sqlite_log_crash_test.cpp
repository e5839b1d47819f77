// What is left of a log when its process is killed, or its disk is full: everything that was
// acknowledged, and of the rest either all of a transaction or nothing.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <random>
#include <thread>

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/integration/sqlite_log_fixture.hpp"
#include "tests/support/taken.hpp"

namespace pesan {
namespace {

class SqliteLogCrash : public SqliteLogFiles {};

TEST_F(SqliteLogCrash, WhatWasAcknowledgedIsThereAfterSIGKILLAndCommitsAreWhole) {
  constexpr int records_per_commit = 7;
  create();
  std::mt19937 random(20260101);
  std::int64_t before = 0;
  for (int round = 0; round < 12; ++round) {
    ChildProcess child([&](const ChildProcess::Tell& tell) {
      auto log = open();
      auto writer = open_taken(*log, "engine");
      Offset consumed = must(writer->committed(commands_0)).value_or(Offset{0});
      for (;;) {
        consumed = consumed.next();
        Transaction transaction{
            .records = {}, .consumed = {{commands_0, consumed}}, .places = {commands_0}};
        for (int i = 0; i < records_per_commit; ++i) {
          transaction.records.push_back(record(events_0, std::to_string(consumed.value)));
        }
        must(writer->commit(transaction));
        tell(consumed.value);
      }
    });
    std::int64_t acknowledged = 0;
    const auto enough = std::uniform_int_distribution<int>(1, 150)(random);
    for (int i = 0; i < enough; ++i) acknowledged = child.next().value_or(-1);
    ::usleep(std::uniform_int_distribution<useconds_t>(0, 2000)(random));
    child.kill();
    while (const auto later = child.next()) acknowledged = *later;
    ASSERT_GT(acknowledged, before) << "round " << round;

    auto log = open();
    const auto records = read_all(*log, events_0);
    const auto consumed = must(open_taken(*log, "engine")->committed(commands_0));
    ASSERT_TRUE(consumed);
    EXPECT_GE(consumed->value, acknowledged);
    ASSERT_EQ(std::ssize(records), consumed->value * records_per_commit);
    for (std::size_t i = 0; i < records.size(); ++i) {
      ASSERT_EQ(records[i].payload.value, std::to_string(1 + i / records_per_commit));
      ASSERT_EQ(records[i].offset.value, static_cast<std::int64_t>(i));
    }
    before = acknowledged;
  }
}

TEST_F(SqliteLogCrash, ACreationThatIsKilledLeavesAWholeLogOrNone) {
  const std::vector<OutgoingRecord> first_records(500, record(events_0, "opened"));
  // Pauses up to half as long again as a creation takes here hit every part of it.
  const auto begin = std::chrono::steady_clock::now();
  create(first_records);
  const auto whole_us = std::chrono::duration_cast<std::chrono::microseconds>(
                            std::chrono::steady_clock::now() - begin)
                            .count();
  std::uniform_int_distribution<std::int64_t> pause(0, whole_us * 3 / 2);
  std::mt19937 random(7);
  int wholes = 0;
  int nones = 0;
  for (int round = 0; round < 60 || (round < 600 && (wholes == 0 || nones == 0)); ++round) {
    path = folder / fmt::format("log-{}.db", round);
    {
      ChildProcess child([&](const ChildProcess::Tell& tell) {
        tell(0);
        create(first_records);
      });
      child.next();
      std::this_thread::sleep_for(std::chrono::microseconds(pause(random)));
    }  // killed here
    if (must(SqliteLog::exists(path))) {
      ++wholes;
    } else {
      ++nones;
      create(first_records);  // the next start just creates it
    }
    EXPECT_EQ(read_all(*open(), events_0).size(), 500U) << "round " << round;
  }
  RecordProperty("wholes", wholes);
  RecordProperty("nones", nones);
  EXPECT_GT(nones, 0) << "no creation was killed early enough";
  EXPECT_GT(wholes, 0) << "every creation was killed";
}

// --- a full disk
// ----------------------------------------------------------------------------------

/// Appends until it is refused, frees what was in the way, and goes on.
void append_until_full(const std::string& path, const std::function<void()>& make_room) {
  auto log = must(SqliteLog::open({.path = path}));
  auto writer = open_taken(*log, "engine");
  const auto commit = [&](std::int64_t number) {
    return writer->commit(
        {.records = {record(events_0, noise(20'000)), record(events_0, std::to_string(number))},
         .consumed = {{commands_0, Offset{number}}},
         .places = {commands_0}});
  };
  const auto expect = [](bool fact, const std::string& what) {
    if (!fact) throw std::runtime_error(what);
  };
  std::int64_t done = 0;
  Fallible<void> refused;
  for (; refused && done < 10'000; ++done) refused = commit(done + 1);
  --done;  // the last one was refused
  expect(!refused, "the disk was never full");
  expect(refused.error().kind == FailureKind::transient, refused.error().what);
  expect(refused.error().what.find("free some space") != std::string::npos, refused.error().what);

  // Refused means that nothing of it is there; all that was acknowledged still is.
  const auto whole = [&] {
    const auto records = read_all(*log, events_0);
    expect(std::ssize(records) == 2 * done, "acknowledged is what is there");
    expect(must(writer->committed(commands_0)) == Offset{done}, "so is what was consumed");
  };
  whole();
  expect(!commit(done + 1), "still full");
  make_room();
  must(commit(++done));  // the same call, repeated
  whole();
  writer.reset();
  log = must(SqliteLog::open({.path = path}));
  writer = open_taken(*log, "engine");
  whole();
}

TEST_F(SqliteLogCrash, ASizeLimitRefusesTheCommitAndLosesNothing) {
  create();
  ChildProcess child([&](const ChildProcess::Tell&) {
    std::signal(SIGXFSZ, SIG_IGN);
    struct rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 3 << 20;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    append_until_full(path, [&] {
      limit.rlim_cur = limit.rlim_max;
      ::setrlimit(RLIMIT_FSIZE, &limit);
    });
  });
  EXPECT_EQ(child.wait(), 0);
}

TEST_F(SqliteLogCrash, AFullDiskRefusesTheCommitAndLosesNothing) {
  constexpr int not_allowed = 77;
  ChildProcess child([&](const ChildProcess::Tell&) {
    // A small disk of this process alone; it goes with the process.
    if (::unshare(CLONE_NEWNS) != 0 ||
        ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=4m") != 0) {
      ::_exit(not_allowed);
    }
    const auto ballast = folder / "ballast";
    if (auto* file = std::fopen(ballast.c_str(), "w"); file != nullptr) {
      const std::string megabyte(1 << 20, 'x');
      std::fwrite(megabyte.data(), 1, megabyte.size(), file);
      std::fclose(file);
    }
    create();
    append_until_full(path, [&] { std::filesystem::remove(ballast); });
  });
  const int code = child.wait();
  if (code == not_allowed) GTEST_SKIP() << "this user may not mount a small disk";
  EXPECT_EQ(code, 0);
}

}  // namespace
}  // namespace pesan
