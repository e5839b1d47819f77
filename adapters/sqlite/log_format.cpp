#include "adapters/sqlite/log_format.hpp"

#include <array>
#include <bit>
#include <cstring>

#include <fmt/format.h>

namespace pesan::sqlite {
namespace {

// Bits of the first byte of a row's headers.
constexpr char has_cloud_event = 1;
constexpr char has_null_value = 2;
constexpr char is_frame = 4;  // and then nothing but a number: programs of version 1 stop at it
/// In place of a size: there are no bytes, which is not the same as none of them.
constexpr std::uint32_t no_bytes = 0xFFFFFFFF;

static_assert(std::endian::native == std::endian::little, "sizes are stored little end first");

void append_size(std::string& into, std::uint32_t size) {
  std::array<char, sizeof size> bytes{};
  std::memcpy(bytes.data(), &size, sizeof size);
  into.append(bytes.data(), bytes.size());
}

std::optional<std::uint32_t> take_size(std::string_view& from) {
  std::uint32_t size = 0;
  if (from.size() < sizeof size) return std::nullopt;
  std::memcpy(&size, from.data(), sizeof size);
  from.remove_prefix(sizeof size);
  return size;
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
        "  record_id INTEGER PRIMARY KEY, -- partition << 40 | offset; the last of a frame's\n"
        "  at INTEGER NOT NULL,           -- append time, ms since 1970, UTC\n"
        "  key BLOB,\n"
        "  headers BLOB,                  -- null: content-type is CloudEvents JSON, no others\n"
        "  value BLOB NOT NULL            -- JSON text, or a frame (headers begin with 4)\n"
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

void append_sized(std::string& into, std::optional<std::string_view> bytes) {
  append_size(into, bytes ? static_cast<std::uint32_t>(bytes->size()) : no_bytes);
  if (bytes) into.append(*bytes);
}

bool take_sized(std::string_view& from, std::optional<std::string_view>& into) {
  const auto size = take_size(from);
  if (!size) return false;
  into.reset();
  if (*size == no_bytes) return true;
  if (from.size() < *size) return false;
  into = from.substr(0, *size);
  from.remove_prefix(*size);
  return true;
}

bool needs_headers(const Payload& payload) {
  return !payload.cloud_event || payload.null_value || !payload.headers.empty();
}

void encode_headers(const Payload& payload, std::string& into) {
  into.assign(1, static_cast<char>((payload.cloud_event ? has_cloud_event : 0) |
                                   (payload.null_value ? has_null_value : 0)));
  for (const auto& header : payload.headers) {
    append_sized(into, header.name);
    append_sized(into, header.null ? std::nullopt : std::optional<std::string_view>(header.value));
  }
}

bool decode_headers(std::optional<std::string_view> bytes, Payload& into) {
  into.headers.clear();
  into.cloud_event = true;
  into.null_value = false;
  if (!bytes) return true;
  if (bytes->empty()) return false;
  const char first = bytes->front();
  if ((first & ~(has_cloud_event | has_null_value)) != 0) return false;
  bytes->remove_prefix(1);
  into.cloud_event = (first & has_cloud_event) != 0;
  into.null_value = (first & has_null_value) != 0;
  std::optional<std::string_view> name;
  std::optional<std::string_view> value;
  while (!bytes->empty()) {
    if (!take_sized(*bytes, name) || !name || !take_sized(*bytes, value)) return false;
    into.headers.push_back(
        {.name = std::string(*name), .value = std::string(value.value_or("")), .null = !value});
  }
  return true;
}

std::string frame_mark(std::uint32_t records) {
  std::string bytes(1, is_frame);
  append_size(bytes, records);
  return bytes;
}

std::optional<std::uint32_t> frame_records(std::string_view headers) {
  if (headers.empty() || headers.front() != is_frame) return std::nullopt;
  headers.remove_prefix(1);
  const auto records = take_size(headers);
  return headers.empty() ? records : std::nullopt;
}

}  // namespace pesan::sqlite
