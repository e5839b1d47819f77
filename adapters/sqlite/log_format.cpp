#include "adapters/sqlite/log_format.hpp"

#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace pesan::sqlite {
namespace {

// Bits of the first byte.
constexpr char has_cloud_event = 1;
constexpr char has_null_value = 2;
/// In place of the size of a header's value: it has none.
constexpr std::uint32_t no_value = 0xFFFFFFFF;

static_assert(std::endian::native == std::endian::little, "sizes are stored little end first");

void append_size(std::string& into, std::uint32_t size) {
  std::array<char, sizeof size> bytes{};
  std::memcpy(bytes.data(), &size, sizeof size);
  into.append(bytes.data(), bytes.size());
}

void append_sized(std::string& into, std::string_view text) {
  append_size(into, static_cast<std::uint32_t>(text.size()));
  into.append(text);
}

/// `null` where one may be that has no value.
bool take_sized(std::string_view& bytes, std::string& into, bool* null = nullptr) {
  std::uint32_t size = 0;
  if (bytes.size() < sizeof size) return false;
  std::memcpy(&size, bytes.data(), sizeof size);
  bytes.remove_prefix(sizeof size);
  if (null != nullptr && size == no_value) {
    *null = true;
    return true;
  }
  if (bytes.size() < size) return false;
  into.assign(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

std::string_view table_of(Topic topic) {
  static constexpr std::array<std::string_view, topic_count> tables{"commands", "events", "results",
                                                                    "customers", "dead_letters"};
  return tables[static_cast<std::size_t>(topic)];
}

std::string log_schema() {
  std::string sql;
  for (std::size_t topic = 0; topic < topic_count; ++topic) {
    // No index but the row number, and no trigger: an append writes one row in one place.
    sql += fmt::format(
        "CREATE TABLE {} (\n"
        "  record_id INTEGER PRIMARY KEY, -- partition << 40 | offset\n"
        "  at INTEGER NOT NULL,           -- append time, ms since 1970, UTC\n"
        "  key BLOB,\n"
        "  headers BLOB,                  -- null: content-type is CloudEvents JSON, no others\n"
        "  value BLOB NOT NULL            -- JSON text: CAST(value AS TEXT)\n"
        ") STRICT;\n",
        table_of(static_cast<Topic>(topic)));
  }
  sql +=
      "CREATE TABLE consumed ( -- how far each role has come, moved with what it produced\n"
      "  role TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL,\n"
      "  next_offset INTEGER NOT NULL,\n"
      "  PRIMARY KEY (role, topic, partition)\n"
      ") STRICT, WITHOUT ROWID;\n"
      "CREATE TABLE writer ( -- the epoch of the one writer that may commit\n"
      "  role TEXT NOT NULL, partition INTEGER NOT NULL, epoch INTEGER NOT NULL,\n"
      "  PRIMARY KEY (role, partition)\n"
      ") STRICT, WITHOUT ROWID;\n"
      "CREATE TABLE log_info ( -- one row\n"
      "  one INTEGER PRIMARY KEY CHECK (one = 1),\n"
      "  log_id TEXT NOT NULL, partitions INTEGER NOT NULL, clock TEXT NOT NULL,\n"
      "  format INTEGER NOT NULL, created_at INTEGER NOT NULL\n"
      ") STRICT;\n";
  return sql + marking(log_file);
}

Fallible<void> write_info(Database& database, const LogInfo& info, Instant created_at) {
  auto insert = database.prepare("INSERT INTO log_info VALUES (1, ?, ?, ?, ?, ?)");
  if (!insert) return std::unexpected(std::move(insert.error()));
  insert->bind(1, info.log_id).bind(2, info.partitions).bind(3, name_of(info.clock));
  return insert->bind(4, info.format).bind(5, created_at.ms).run();
}

Fallible<LogInfo> read_info(Database& database) {
  auto select = database.prepare("SELECT log_id, partitions, clock, format FROM log_info");
  if (!select) return std::unexpected(std::move(select.error()));
  auto row = select->step();
  if (!row) return std::unexpected(std::move(row.error()));
  const auto clock = *row ? parse_enum<Clock>(select->text(2)) : std::nullopt;
  if (!clock) {
    return fail(FailureKind::fatal,
                fmt::format("{} does not say which log it is: something else changed it. Restore "
                            "it from a backup.",
                            database.path()));
  }
  return LogInfo{.log_id = std::string(select->text(0)),
                 .partitions = static_cast<std::int32_t>(select->integer(1)),
                 .clock = *clock,
                 .format = select->integer(3)};
}

bool needs_headers(const Payload& payload) {
  return !payload.cloud_event || payload.null_value || !payload.headers.empty();
}

void encode_headers(const Payload& payload, std::string& into) {
  into.assign(1, static_cast<char>((payload.cloud_event ? has_cloud_event : 0) |
                                   (payload.null_value ? has_null_value : 0)));
  for (const auto& header : payload.headers) {
    append_sized(into, header.name);
    if (header.null) {
      append_size(into, no_value);
    } else {
      append_sized(into, header.value);
    }
  }
}

bool decode_headers(std::string_view bytes, Payload& into) {
  into.headers.clear();
  if (bytes.empty()) return false;
  into.cloud_event = (bytes.front() & has_cloud_event) != 0;
  into.null_value = (bytes.front() & has_null_value) != 0;
  bytes.remove_prefix(1);
  while (!bytes.empty()) {
    auto& header = into.headers.emplace_back();
    if (!take_sized(bytes, header.name)) return false;
    if (!take_sized(bytes, header.value, &header.null)) return false;
  }
  return true;
}

}  // namespace pesan::sqlite
