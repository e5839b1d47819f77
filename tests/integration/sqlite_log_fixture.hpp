// What the tests of SqliteLog share: a folder, a log in it, short names for what they do to it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {

inline constexpr TopicPartition commands_0{Topic::commands, {0}};
inline constexpr TopicPartition events_0{Topic::events, {0}};

inline OutgoingRecord record(TopicPartition to, std::string value) {
  return {.to = to, .payload = {.key = "villa", .value = std::move(value), .headers = {}}};
}

/// Bytes that no compression makes fewer.
inline std::string noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint64_t state = 1;
  for (char& byte : bytes) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    byte = static_cast<char>(state >> 56U);
  }
  return bytes;
}

inline std::vector<Record> read_all(LogReader& log, TopicPartition source) {
  std::vector<Record> all;
  std::vector<Record> some;
  for (Offset next{0};; next = all.back().offset.next()) {
    must(log.read(source, next, {}, some));
    if (some.empty()) return all;
    all.insert(all.end(), some.begin(), some.end());
  }
}

class SqliteLogFiles : public ::testing::Test {
 protected:
  void create(const std::vector<OutgoingRecord>& first_records = {}) {
    must(SqliteLog::create({.path = path, .info = {.log_id = "test"}}, first_records));
  }
  std::unique_ptr<SqliteLog> open() { return must(SqliteLog::open({.path = path})); }
  /// Why the log cannot be opened.
  std::string refusal(bool read_only = false) {
    auto log = SqliteLog::open({.path = path, .read_only = read_only});
    if (log) return "it opened";
    EXPECT_EQ(log.error().kind, FailureKind::fatal);
    return log.error().what;
  }
  static bool says(const std::string& sentence, const std::string& words) {
    return sentence.find(words) != std::string::npos;
  }

  TempFolder folder;
  std::string path = folder / "log.db";
};

}  // namespace pesan
