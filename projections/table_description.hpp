// The words in which read-model tables are described: columns, keys, generated columns. One
// description (tables.hpp) is the single source for schema, fold, show and verify; what a type is
// called in SQL is each store's own affair. Constants; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/log.hpp"

namespace pesan {

/// How values of a column look in a store. All but integer and boolean are texts whose byte order
/// is their order.
enum class ColumnType : std::uint8_t {
  integer,
  text,
  date,          // 2026-12-01
  time_of_day,   // 09:30
  local_minute,  // 2026-12-01T09:30
  local_time,    // 2026-12-01T09:30:00.000
  instant,       // 2026-12-01T02:30:00.000Z
  boolean,       // 0 or 1
  json,          // JSON text; to be kept byte by byte, or verify finds drift
};

/// A column that the store computes from others of the same row.
struct Generated {
  enum class How : std::uint8_t {
    no,
    difference,  // left − right; null when one is
    is_present,  // 1 when left is not null, else 0
  };
  How how = How::no;
  std::string_view left;
  std::string_view right;
};

struct Column {
  std::string_view name;
  ColumnType type = ColumnType::integer;
  std::string_view comment;
  bool nullable = false;
  std::int32_t width = 0;  // characters of a text, where stores want to know
  bool unique = false;
  Generated generated{};
  std::int32_t since = 1;  // version of the schema that has it first

  constexpr bool is_generated() const { return generated.how != Generated::How::no; }
};

struct TableDescription {
  std::string_view name;
  Topic source = Topic::events;  // the topic that it is a fold of
  std::string_view comment;
  std::size_t key_columns = 1;  // the first ones
  std::span<const Column> columns;

  constexpr std::size_t width() const { return columns.size(); }
  /// `columns.size()` when there is none of that name.
  constexpr std::size_t index_of(std::string_view column) const {
    std::size_t i = 0;
    while (i < columns.size() && columns[i].name != column) ++i;
    return i;
  }
};

/// The place of a column in its table's description.
struct ColumnIndex {
  std::uint8_t value = 0;
};

/// Changes carry one bit a column.
inline constexpr std::size_t max_columns = 64;

}  // namespace pesan
