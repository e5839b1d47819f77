// The indexes of the read models (docs/ways_in.md#indexes): ways into a table other than by its
// key, each described once. SQLite's are made from this; those of sql/tables are compared with it.
// Here too is the version of the schema, which columns and indexes move. Constants; any thread.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "projections/tables.hpp"

namespace pesan {

struct Index {
  enum class Where : std::uint8_t {
    everywhere,  // pages are read by it: the access paths that name it say which
    on_servers,  // only for those who ask in SQL
  };
  Table table = Table::booking;
  std::string_view name;
  std::array<std::string_view, 3> names{};  // of its columns
  std::int32_t since = 1;                   // version of the schema that every store has it from
  Where where = Where::everywhere;
  /// Who asks in SQL and goes by it, one behind a comma: routines of sql/, and panels of the
  /// example dashboard by their titles. The servers' plans of these are compared with it.
  std::string_view readers{};

  constexpr std::span<const std::string_view> columns() const {
    std::size_t width = 0;
    while (width < names.size() && !names[width].empty()) ++width;
    return {names.data(), width};
  }
  /// Stores make it from the column, and give it a name of their own.
  constexpr bool is_of_a_unique_column() const {
    const TableDescription& in = describe(table);
    return in.columns[in.index_of(names[0])].unique;
  }
};

/// An index that servers had and that nobody's question needed.
struct DroppedIndex {
  Table table = Table::booking;
  std::string_view name;
  std::int32_t since = 2;  // version of the schema that has it no more
};

namespace tables {

using enum Index::Where;

// clang-format off
inline constexpr std::array indexes{
    Index{Table::room_night, "room_night_night", {"night"}, 1, on_servers,
          "Occupancy of nightly rooms"},
    Index{Table::schedule_capacity, "schedule_capacity_date",
          {"resource_id", "date", "start_time"}, 2, everywhere, "GetAvailableSchedules"},
    Index{Table::schedule_capacity, "schedule_capacity_schedule", {"schedule_id"}, 1, on_servers,
          "IsScheduleAvailable"},
    Index{Table::schedule_capacity, "schedule_capacity_day", {"date", "start_time"}, with_holds},
    Index{Table::booking, "booking_number", {"number"}},
    Index{Table::booking, "booking_resource_check_in", {"resource_id", "check_in"}, 2},
    Index{Table::booking, "booking_check_in", {"check_in"}, 2},
    Index{Table::booking, "booking_check_out", {"check_out"}, with_holds},
    Index{Table::booking, "booking_schedule", {"resource_id", "schedule_id"}, 2},
    Index{Table::booking, "booking_status", {"status", "created_at"}, 2, everywhere,
          "GetTotalRevenue,Bookings by status,New bookings a day"},
    Index{Table::booking, "booking_customer_ref", {"customer_ref"}, 2, everywhere,
          "GetUserBookingCount"},
    Index{Table::booking_history, "booking_history_actor", {"actor_id"}, 1, on_servers,
          "GetUserBookingCount"},
    Index{Table::customer, "customer_name", {"name"}, 2},
    Index{Table::customer, "customer_phone", {"phone"}, 2},
    Index{Table::customer, "customer_email", {"email"}, 2},
    Index{Table::customer_booking, "customer_booking_customer", {"customer_code"}, 2}};

inline constexpr std::array dropped_indexes{
    DroppedIndex{Table::booking, "booking_customer_phone", 3},
    DroppedIndex{Table::booking_history, "booking_history_at", 3},
    DroppedIndex{Table::payment, "payment_at", 3},
    DroppedIndex{Table::customer, "customer_last_booking_at", 3}};
// clang-format on

/// Of what the tables and their indexes are now. A column that comes later is nullable: of what was
/// decided before it there is nothing to say.
inline constexpr std::int32_t schema_version = [] {
  std::int32_t newest = 1;
  for (const TableDescription& table : all) {
    for (const Column& column : table.columns) newest = std::max(newest, column.since);
  }
  for (const Index& index : indexes) newest = std::max(newest, index.since);
  for (const DroppedIndex& index : dropped_indexes) newest = std::max(newest, index.since);
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
