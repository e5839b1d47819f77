// The indexes of the read models (docs/tables.md#access-paths): ways into a table other than by its
// key, each described once. SQLite's are made from this; those of sql/tables are compared with it.
// Here too is the version of the schema, which columns and indexes move. Constants; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "projections/tables.hpp"

namespace pesan {

struct Index {
  enum class Where : std::uint8_t {
    everywhere,  // pages are read by it
    on_servers,  // for readers who ask in SQL: dashboards and routines
  };
  Table table = Table::booking;
  std::string_view name;
  std::array<std::string_view, 3> names{};  // of its columns
  std::size_t width = 0;
  Where where = Where::everywhere;
  std::int32_t since = 1;  // version of the schema that every store has it from

  constexpr std::span<const std::string_view> columns() const { return {names.data(), width}; }
  /// Stores make it from the column, and give it a name of their own.
  constexpr bool is_of_a_unique_column() const {
    const TableDescription& in = describe(table);
    return in.columns[in.index_of(names[0])].unique;
  }
};

namespace tables {

using Where = Index::Where;

constexpr Index index(Table table, std::string_view name,
                      std::initializer_list<std::string_view> columns,
                      Where where = Where::everywhere, std::int32_t since = 1) {
  Index made{.table = table, .name = name, .where = where, .since = since};
  for (const std::string_view column : columns) made.names[made.width++] = column;
  return made;
}

// clang-format off
inline constexpr std::array indexes{
    index(Table::room_night, "room_night_night", {"night"}, Where::on_servers),
    index(Table::schedule_capacity, "schedule_capacity_date",
          {"resource_id", "date", "start_time"}, Where::everywhere, 2),
    index(Table::schedule_capacity, "schedule_capacity_schedule", {"schedule_id"},
          Where::on_servers),
    index(Table::booking, "booking_number", {"number"}),
    index(Table::booking, "booking_resource_check_in", {"resource_id", "check_in"},
          Where::everywhere, 2),
    index(Table::booking, "booking_check_in", {"check_in"}, Where::everywhere, 2),
    index(Table::booking, "booking_schedule", {"resource_id", "schedule_id"},
          Where::everywhere, 2),
    index(Table::booking, "booking_status", {"status", "created_at"}, Where::everywhere, 2),
    index(Table::booking, "booking_customer_ref", {"customer_ref"}, Where::everywhere, 2),
    index(Table::booking, "booking_customer_phone", {"customer_phone"}, Where::on_servers),
    index(Table::booking_history, "booking_history_at", {"at"}, Where::on_servers),
    index(Table::booking_history, "booking_history_actor", {"actor_id"}, Where::on_servers),
    index(Table::payment, "payment_at", {"at"}, Where::on_servers),
    index(Table::customer, "customer_name", {"name"}, Where::everywhere, 2),
    index(Table::customer, "customer_phone", {"phone"}, Where::everywhere, 2),
    index(Table::customer, "customer_email", {"email"}, Where::everywhere, 2),
    index(Table::customer, "customer_last_booking_at", {"last_booking_at"}, Where::on_servers),
    index(Table::customer_booking, "customer_booking_customer", {"customer_code"},
          Where::everywhere, 2)};
// clang-format on

/// Of what the tables and their indexes are now. A column that comes later is nullable: of what was
/// decided before it there is nothing to say.
inline constexpr std::int32_t schema_version = [] {
  std::int32_t newest = 1;
  for (const TableDescription& table : all) {
    for (const Column& column : table.columns) newest = std::max(newest, column.since);
  }
  for (const Index& index : indexes) newest = std::max(newest, index.since);
  return newest;
}();
static_assert([] {
  for (const TableDescription& table : all) {
    for (const Column& column : table.columns) {
      if (column.since > 1 && (!column.nullable || column.unique || column.is_generated())) {
        return false;
      }
    }
  }
  return true;
}());

}  // namespace tables
}  // namespace pesan
