// The logs that this build has, each put through the contract.

#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

template <bool Markers>
struct MemoryHarness {
  static constexpr bool waits = false;
  static constexpr bool owns_clock = true;

  Log& log() { return memory; }
  Log& other() { return memory; }
  void reopen() {}
  void set_now(Instant instant) { now = instant; }
  static ClaimProof claim(std::string_view) { return {}; }  // the log settles it by itself

  Instant now{1000};
  MemoryLog memory{{.partitions = 3, .clock = [this] { return now; }, .commit_markers = Markers}};
};

struct SqliteHarness {
  static constexpr bool waits = true;
  static constexpr bool owns_clock = true;

  SqliteHarness() {
    must(SqliteLog::create({.path = path, .info = {.log_id = "test", .partitions = 3}}, {}));
    reopen();
  }
  Log& log() { return *first; }
  Log& other() { return *second; }
  void reopen() {
    first.reset();
    second.reset();
    first = open();
    second = open();
  }
  void set_now(Instant instant) { now = instant; }
  static ClaimProof claim(std::string_view) { return {}; }  // the log settles it by itself

  std::unique_ptr<SqliteLog> open() {
    return must(SqliteLog::open({.path = path, .now = [this] { return now; }}));
  }

  Instant now{1000};
  TempFolder folder;
  std::string path = folder / "log.db";
  std::unique_ptr<SqliteLog> first;
  std::unique_ptr<SqliteLog> second;
};

using LogHarnesses = testing::Types<MemoryHarness<false>, MemoryHarness<true>, SqliteHarness>;

}  // namespace
}  // namespace pesan

#include "tests/contract/log_contract.hpp"  // tries the harnesses named above
