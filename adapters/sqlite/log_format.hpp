// How a log lies in a SQLite file (docs/wire.md#files): tables, the packing of partition and offset
// into one row number, the bytes of headers, and the mark that tells a log from any other database.
// Frames are log_frame's. Pure but for reading and writing `log_info`; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/sqlite/database.hpp"
#include "events/log.hpp"

namespace pesan::sqlite {

/// Version 1 had no frames. Its files are read as they are, and become version 2 before they are
/// written, so that a program which knows no frames does not open them.
inline constexpr FileFormat log_file{
    .application_id = 0x70734c67, .version = 2, .called = "log"};  // "psLg"

/// One table per topic, its name; the rows of a partition are neighbours.
std::string_view table_of(Topic topic);
/// All tables and the mark, for an empty file, inside a transaction.
std::string log_schema();

Fallible<void> write_info(Database& database, const LogInfo& info, Instant created_at);
Fallible<LogInfo> read_info(Database& database);

/// Row number = partition << 40 | offset: a partition is a range of rows, and reading it in order
/// of offset is reading the table in its own order. 2^40 records a partition are enough.
inline constexpr int offset_bits = 40;
inline constexpr std::int64_t offset_limit = std::int64_t{1} << offset_bits;

constexpr std::int64_t record_id(Partition partition, Offset offset) {
  return (std::int64_t{partition.value} << offset_bits) | offset.value;
}
constexpr Offset offset_of(std::int64_t id) { return {id & (offset_limit - 1)}; }

/// A size and so many bytes, or the mark of there being none.
void append_sized(std::string& into, std::optional<std::string_view> bytes);
/// Takes them off; they live as long as `from`. False when they are not there.
bool take_sized(std::string_view& from, std::optional<std::string_view>& into);

/// The column `headers` is null for a record that has the usual content-type and nothing else.
bool needs_headers(const Payload& payload);
void encode_headers(const Payload& payload, std::string& into);
/// False when the bytes are not what `encode_headers` writes.
bool decode_headers(std::optional<std::string_view> bytes, Payload& into);

/// The column `headers` of a row that is a frame of so many records.
std::string frame_mark(std::uint32_t records);
/// Nothing when it is the headers of a record.
std::optional<std::uint32_t> frame_records(std::string_view headers);

}  // namespace pesan::sqlite
