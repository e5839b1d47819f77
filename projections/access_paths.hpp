// The access paths (docs/ways_in.md#access-paths): every way in which a page of rows may be asked
// for, each described once, with the question that it is for. A path goes by a table's key or by
// one of its indexes; a filter that none serves has no name here, so it does not compile.
// Constants; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "events/assert.hpp"
#include "projections/indexes.hpp"
#include "projections/tables.hpp"

namespace pesan {

// clang-format off
/// Name, table, index (or `key`), how many of its first columns have one value each, and the
/// question. Rows come in the order of its other columns, the key last; the first of these may have
/// a range.
#define PESAN_ACCESS_PATHS(X) \
  X(rooms, room_availability, "key", 0, "The room types") \
  X(nights, room_night, "key", 0, "The nights that were ever held") \
  X(nights_of_room, room_night, "key", 1, "The nights of a room type, in a range of dates") \
  X(services, service, "key", 0, "The services") \
  X(slots, schedule_capacity, "key", 0, "The slots of all services") \
  X(slots_by_day, schedule_capacity, "schedule_capacity_date", 1, \
    "The slots of a service, in a range of dates, in the order of the day") \
  X(slots_of_day, schedule_capacity, "schedule_capacity_day", 0, \
    "The slots of all services, in a range of dates, in the order of the day") \
  X(bookings, booking, "key", 0, "The bookings; of a resource: those that begin with its id") \
  X(booking_of_number, booking, "booking_number", 1, "The booking that has a number") \
  X(stays_of_room, booking, "booking_resource_check_in", 1, \
    "The stays in a room type, by check-in, in a range of dates") \
  X(stays, booking, "booking_check_in", 0, \
    "The stays in all rooms, by check-in, in a range of dates") \
  X(departures, booking, "booking_check_out", 0, \
    "The stays in all rooms, by departure, in a range of dates") \
  X(bookings_of_slot, booking, "booking_schedule", 2, "The bookings of a slot of a service") \
  X(bookings_in_status, booking, "booking_status", 1, \
    "The bookings in a status, by creation, in a range of it") \
  X(bookings_of_ref, booking, "booking_customer_ref", 1, \
    "The bookings with a caller's own id of the customer") \
  X(history, booking_history, "key", 0, "The history of all bookings") \
  X(history_of_booking, booking_history, "key", 1, "The history of a booking") \
  X(payments, payment, "key", 0, "The payments of all bookings") \
  X(payments_of_booking, payment, "key", 1, "The payments of a booking") \
  X(customers, customer, "key", 0, "The customers, by code") \
  X(customers_by_name, customer, "customer_name", 0, \
    "The customers whose names begin with a text") \
  X(customers_of_phone, customer, "customer_phone", 1, "The customers with a phone number") \
  X(customers_of_email, customer, "customer_email", 1, "The customers with an e-mail address") \
  X(customer_bookings, customer_booking, "key", 0, "Whose booking each is") \
  X(bookings_of_customer, customer_booking, "customer_booking_customer", 1, \
    "The bookings of a customer")

#define PESAN_PATH(name, table, index, equal, question) name,
enum class Path : std::uint8_t { PESAN_ACCESS_PATHS(PESAN_PATH) };
#undef PESAN_PATH
// clang-format on

/// All that adapters know of a path. Rows whose first column of the order is null are not on it.
struct AccessPath {
  std::string_view name;
  Table table = Table::booking;
  std::string_view index;  // `key`: the primary key
  std::size_t equal = 0;
  std::string_view question;
  std::array<ColumnIndex, 5> columns{};  // of the index, then those of the key that it lacks
  std::size_t width = 0;

  constexpr std::span<const ColumnIndex> equals() const { return {columns.data(), equal}; }
  constexpr std::span<const ColumnIndex> order() const {
    return {columns.data() + equal, width - equal};
  }
  constexpr const Column& column(ColumnIndex place) const {
    return describe(table).columns[place.value];
  }
  constexpr bool goes_by_key() const { return index == "key"; }
};

namespace tables {

constexpr void add_column(AccessPath& path, std::string_view name) {
  const auto place = static_cast<std::uint8_t>(describe(path.table).index_of(name));
  PESAN_ASSERT(place < describe(path.table).width(), "an index of a column that is not there");
  for (std::size_t i = 0; i < path.width; ++i) {
    if (path.columns[i].value == place) return;
  }
  path.columns[path.width++] = {place};
}

consteval AccessPath access_path(AccessPath path) {
  bool known = path.goes_by_key();
  for (const Index& index : indexes) {
    if (index.name != path.index) continue;
    known = index.table == path.table && index.where == Index::Where::everywhere;
    for (const std::string_view name : index.columns()) add_column(path, name);
  }
  PESAN_ASSERT(known, "a path by an index that not every store has");
  const TableDescription& in = describe(path.table);
  for (std::size_t i = 0; i < in.key_columns; ++i) add_column(path, in.columns[i].name);
  return path;
}

#define PESAN_PATH(name, table, index, equal, question) \
  access_path({#name, Table::table, index, equal, question}),
inline constexpr std::array paths{PESAN_ACCESS_PATHS(PESAN_PATH)};
#undef PESAN_PATH

}  // namespace tables

constexpr const AccessPath& describe(Path path) {
  return tables::paths[static_cast<std::size_t>(path)];
}

/// All rows of a table, in the order of its key.
constexpr Path whole(Table table) {
  std::size_t i = 0;
  while (tables::paths[i].table != table || !tables::paths[i].goes_by_key() ||
         tables::paths[i].equal != 0) {
    ++i;
  }
  return static_cast<Path>(i);
}

}  // namespace pesan
