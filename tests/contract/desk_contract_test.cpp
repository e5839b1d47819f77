// The installations without a server, each with a desk that is put through the contract.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "tests/support/lent_read_model.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"
#include "tests/support/opened.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

std::vector<OutgoingRecord> two_opened() {
  std::vector<OutgoingRecord> records;
  for (std::int32_t p = 0; p < 2; ++p) {
    records.push_back({.to = {Topic::events, {p}},
                       .payload = {.key = {}, .value = opened("log", 2, Clock::append, p)}});
  }
  return records;
}

template <bool Markers>
struct MemoryDesk {
  static constexpr std::chrono::milliseconds wait{0};

  MemoryDesk() { must(memory.append(two_opened())); }
  Log& log() { return memory; }
  std::unique_ptr<ReadModel> open_store() { return std::make_unique<LentReadModel>(rows); }

  MemoryLog memory{
      {.partitions = 2, .clock = [] { return Instant{0}; }, .commit_markers = Markers}};
  MemoryReadModel rows;
};

struct SqliteDesk {
  static constexpr std::chrono::milliseconds wait{0};

  SqliteDesk() {
    must(SqliteLog::create({.path = path, .info = {.log_id = "log", .partitions = 2}},
                           two_opened()));
    opened_log = must(SqliteLog::open({.path = path, .now = [] { return Instant{0}; }}));
  }
  Log& log() { return *opened_log; }
  std::unique_ptr<ReadModel> open_store() {
    return must(SqliteReadModel::open(
        {.path = folder / "read.db", .access = ReadModelOptions::Access::create}));
  }

  TempFolder folder;
  std::string path = folder / "log.db";
  std::unique_ptr<SqliteLog> opened_log;
};

using DeskHarnesses = testing::Types<MemoryDesk<false>, MemoryDesk<true>, SqliteDesk>;

}  // namespace
}  // namespace pesan

#include "tests/contract/desk_contract.hpp"  // tries the harnesses named above
