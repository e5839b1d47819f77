// How a log lies in a SQLite file: tables, the packing of partition and offset into one row number,
// the bytes of headers, and the mark that tells a log from any other database. Pure but for reading
// and writing `log_info`; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "adapters/sqlite/database.hpp"
#include "events/log.hpp"

namespace pesan::sqlite {

inline constexpr FileFormat log_file{
    .application_id = 0x70734c67, .version = 1, .called = "log"};  // "psLg"

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

/// The column `headers` is null for a record that has the usual content-type and nothing else.
bool needs_headers(const Payload& payload);
void encode_headers(const Payload& payload, std::string& into);
/// False when the bytes are not what `encode_headers` writes.
bool decode_headers(std::string_view bytes, Payload& into);

}  // namespace pesan::sqlite
