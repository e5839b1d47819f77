// The read-model tables (docs/tables.md#tables), each described once: the schema, the folds, `show`
// and `verify` all read this. Adding a column here adds it everywhere; a fold that names a column
// that is not here does not compile. Constants; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "events/limits.hpp"
#include "events/vocabulary.hpp"
#include "projections/table_description.hpp"

namespace pesan {

// clang-format off
/// Every read model, once: its name, the topic that it is a fold of, how many of its first columns
/// are the key, and what it is. Its columns stand under its name below.
#define PESAN_READ_MODELS(X) \
  X(room_availability, events, 1, "Room types and what is free") \
  X(room_night, events, 2, "Units held of nightly rooms, night by night") \
  X(service, events, 1, "Services") \
  X(schedule_capacity, events, 2, "Slots of services and what is free") \
  X(booking, events, 1, "Bookings as they stand") \
  X(booking_history, events, 2, "Every event of every booking, deleted ones too") \
  X(payment, events, 2, "Payments, of deleted bookings too") \
  X(customer, customers, 1, "The customer master") \
  X(customer_booking, customers, 1, "Whose booking it is")

#define PESAN_TABLE(name, source, key_columns, comment) name,
enum class Table : std::uint8_t { PESAN_READ_MODELS(PESAN_TABLE) };
#undef PESAN_TABLE
#define PESAN_TABLE(name, source, key_columns, comment) +1
inline constexpr std::size_t table_count = PESAN_READ_MODELS(PESAN_TABLE);
#undef PESAN_TABLE
// clang-format on

namespace tables {

using enum ColumnType;
inline constexpr bool nullable = true;

inline constexpr Column resource_id{"resource_id", text,
                                    "The room type or service; its events have one partition",
                                    false, limit::resource_id};
inline constexpr Column currency{"currency", text, "ISO 4217 code", false, limit::currency};
inline constexpr Column is_active{"is_active", boolean, "Whether new bookings are accepted"};
/// Of the schema that came with holds. A definition says them, so no row lacks a time zone.
inline constexpr std::int32_t with_holds = 4;
inline constexpr Column hold_minutes{
    "hold_minutes",
    integer,
    "Minutes that a pending booking holds its place; null: it does not",
    nullable,
    0,
    false,
    {},
    with_holds};
inline constexpr Column no_show_minutes{
    "no_show_minutes",
    integer,
    "Minutes after its time until a confirmed booking is a no_show; null: never",
    nullable,
    0,
    false,
    {},
    with_holds};
inline constexpr Column timezone{"timezone",
                                 text,
                                 "IANA name of the zone that local dates and times are in",
                                 nullable,
                                 limit::short_text,
                                 false,
                                 {},
                                 with_holds};
inline constexpr Column booking_id{"booking_id", text,
                                   "<resource>.<suffix>: the id alone says where it lives", false,
                                   limit::booking_id};
inline constexpr Column sequence{
    "sequence", integer, "Sequence, within its partition, of the last event that touched the row"};
inline constexpr Column updated_at{"updated_at", instant, "When that event was decided (UTC)"};

// clang-format off
inline constexpr std::array room_availability{
    resource_id,
    Column{"room_type", text, "Name of the room type", false, limit::name},
    Column{"inventory", text, "counter: counted whatever the date; nightly: night by night", false,
           limit::name_of_any<Inventory>},
    Column{"total_units", integer, "Units that there are"},
    Column{"allocated_units", integer,
           "Units held by bookings; null for nightly rooms (see room_night)", nullable},
    Column{"available_units", integer, "total_units - allocated_units; null for nightly rooms",
           nullable, 0, false, {Generated::How::difference, "total_units", "allocated_units"}},
    Column{"active_bookings", integer, "Bookings that occupy"},
    Column{"nightly_price_minor", integer, "Price of a night in minor units", nullable},
    currency, is_active,
    Column{"max_party", integer, "Guests that a unit takes at most", nullable, 0, false, {},
           with_holds},
    hold_minutes, no_show_minutes, timezone, sequence, updated_at};

inline constexpr std::array room_night{
    resource_id,
    Column{"night", date, "The night that begins on this local date"},
    Column{"booked_units", integer, "Units held; a night without a row, or with 0, is free"},
    sequence, updated_at};

inline constexpr std::array service{
    resource_id,
    Column{"name", text, "Name of the service", false, limit::name},
    Column{"price_minor", integer, "Price in minor units"},
    currency,
    Column{"duration_minutes", integer, "How long it takes"},
    is_active, hold_minutes, no_show_minutes, timezone, sequence, updated_at};

inline constexpr std::array schedule_capacity{
    resource_id,
    Column{"schedule_id", text, "The slot, within its service", false, limit::schedule_id},
    Column{"date", date, "Local date"},
    Column{"start_time", time_of_day, "Local time of its start"},
    Column{"end_time", time_of_day, "Local time of its end, up to 24:00"},
    Column{"capacity", integer, "Units that it takes"},
    Column{"booked", integer, "Units held by bookings"},
    Column{"available", integer, "capacity - booked", false, 0, false,
           {Generated::How::difference, "capacity", "booked"}},
    Column{"is_open", boolean, "Whether it may be booked"},
    sequence, updated_at};

inline constexpr std::array booking{
    booking_id,
    Column{"number", integer, "Its integer name, for callers that need one", false, 0, true},
    resource_id,
    Column{"schedule_id", text, "The slot of a service booking", nullable, limit::schedule_id},
    Column{"appointment_at", local_minute, "Local time within the slot", nullable},
    Column{"check_in", date, "First night of a stay", nullable},
    Column{"check_out", date, "Day of departure", nullable},
    Column{"nights", integer, "Nights of a stay", nullable},
    Column{"units", integer, "Units booked"},
    Column{"party_size", integer, "Guests", nullable},
    Column{"status", text,
           "pending, confirmed, in_progress, completed, cancelled, no_show, expired", false,
           limit::name_of_any<Status>},
    Column{"payment_status", text, "unpaid, partial, paid, refunded", false,
           limit::name_of_any<Payment>},
    Column{"customer_name", text, "As given with the booking", false, limit::name},
    Column{"customer_gender", text, "male, female", nullable, limit::name_of_any<Gender>},
    Column{"customer_phone", text, "As given", nullable, limit::phone},
    Column{"customer_email", text, "As given", nullable, limit::email},
    Column{"customer_address", text, "As given", nullable, limit::long_text},
    Column{"customer_ref", text, "The caller's own id of the customer", nullable,
           limit::short_text},
    Column{"subject_type", text, "Kind of what the service is given to, e.g. dog", nullable,
           limit::short_text},
    Column{"subject_id", text, "The caller's id of it", nullable, limit::short_text},
    Column{"subject_name", text, "Its name", nullable, limit::short_text},
    Column{"staff_id", text, "Who serves", nullable, limit::short_text},
    Column{"price_minor", integer, "Price of one unit (and night) when it was created", nullable},
    Column{"total_minor", integer, "price x units (x nights)", nullable},
    Column{"currency", text, "ISO 4217 code", nullable, limit::currency},
    Column{"checked_in_at", instant, "Check-in of the current episode (UTC)", nullable},
    Column{"checked_out_at", instant, "Check-out of the current episode (UTC)", nullable},
    Column{"is_checked_in", boolean, "Whether checked_in_at is there", false, 0, false,
           {Generated::How::is_present, "checked_in_at", ""}},
    Column{"is_checked_out", boolean, "Whether checked_out_at is there", false, 0, false,
           {Generated::How::is_present, "checked_out_at", ""}},
    Column{"notes", text, "As given", nullable, limit::long_text},
    Column{"created_at", instant, "When it was created (UTC)"},
    Column{"version", integer, "Version, within its resource, of the last event that touched it"},
    Column{"starts_at", local_minute, "Local time at which its stay or its slot begins", nullable,
           0, false, {}, with_holds},
    Column{"ends_at", local_minute, "Local time at which its stay or its slot ends", nullable, 0,
           false, {}, with_holds},
    Column{"cancelled_at", instant, "When it was cancelled (UTC); null in every other status",
           nullable, 0, false, {}, with_holds},
    Column{"hold_until", instant, "Until when it is on hold (UTC); null where it is not", nullable,
           0, false, {}, with_holds},
    sequence, updated_at};

inline constexpr std::array booking_history{
    booking_id,
    Column{"version", integer, "Version of the event within its resource"},
    Column{"event_type", text, "Type of the event", false, 40},
    Column{"old_status", text, "Status before it; null before creation", nullable,
           limit::name_of_any<Status>},
    Column{"new_status", text, "Status after it; null after deletion", nullable,
           limit::name_of_any<Status>},
    Column{"old_payment", text, "Payment status before it", nullable, limit::name_of_any<Payment>},
    Column{"new_payment", text, "Payment status after it", nullable, limit::name_of_any<Payment>},
    Column{"actor_type", text, "user, admin, system", false, limit::name_of_any<ActorType>},
    Column{"actor_id", text, "Who asked for it", false, limit::short_text},
    Column{"reason", text, "Why, in the actor's words", nullable, limit::short_text},
    Column{"details", json, "What the event says beyond these columns", nullable},
    Column{"at", instant, "When it was decided (UTC)"},
    sequence, updated_at};

inline constexpr std::array payment{
    booking_id,
    Column{"version", integer, "Version of the event within its resource"},
    Column{"status", text, "Payment status after it", false, limit::name_of_any<Payment>},
    Column{"amount_minor", integer, "Amount in minor units", nullable},
    Column{"method", text, "cash, transfer, card, ewallet", nullable,
           limit::name_of_any<PaymentMethod>},
    Column{"transaction_id", text, "The payer's reference", nullable, limit::short_text},
    Column{"at", instant, "When it was recorded (UTC)"},
    sequence, updated_at};

inline constexpr std::array customer{
    Column{"code", text, "CS-000001, CS-000002, ...", false, 24},
    Column{"name", text, "As first given", false, limit::name},
    Column{"gender", text, "male, female", nullable, limit::name_of_any<Gender>},
    Column{"phone", text, "As first given", nullable, limit::phone},
    Column{"email", text, "As last given", nullable, limit::email},
    Column{"address", text, "As last given", nullable, limit::long_text},
    Column{"preferred_resource_id", text, "What the first booking was for", false,
           limit::resource_id},
    Column{"first_booking_at", local_time, "Local time that the first booking is for"},
    Column{"last_booking_at", local_time, "Local time that the latest made booking is for"},
    Column{"bookings", integer, "Bookings made, deleted ones too"},
    sequence, updated_at};

inline constexpr std::array customer_booking{
    booking_id,
    Column{"customer_code", text, "The customer whose booking it is", false, 24},
    sequence, updated_at};

#define PESAN_TABLE(name, source, key_columns, comment) \
    TableDescription{#name, Topic::source, comment, key_columns, name},
inline constexpr std::array all{PESAN_READ_MODELS(PESAN_TABLE)};
#undef PESAN_TABLE

/// How far the rows are, per partition of each source topic. Stores write it, folds do not.
inline constexpr std::array projection_checkpoint{
    Column{"projection", text, "Who folds", false, 40},
    Column{"topic", text, "events or customers", false, 16},
    Column{"partition", integer, "Of that topic"},
    Column{"next_offset", integer, "Offset after the last applied record"},
    Column{"sequence", integer, "Sequence of the last applied record"},
    Column{"last_digest", text, "Digest of the last applied record", false, 32},
    Column{"log_id", text, "Which log it was read from", false, 200},
    Column{"fold", integer, "Version of the fold; negative while a rebuild holds it frozen"},
    Column{"updated_at", instant, "When the last applied event was decided (UTC)"}};
inline constexpr TableDescription checkpoint{
    "projection_checkpoint", Topic::events, "How far the read models are", 3,
    projection_checkpoint};
// clang-format on

}  // namespace tables

template <>
struct EnumNames<Table> {
  static constexpr std::array<std::string_view, table_count> names = [] {
    std::array<std::string_view, table_count> result{};
    for (std::size_t i = 0; i < table_count; ++i) result[i] = tables::all[i].name;
    return result;
  }();
};

constexpr const TableDescription& describe(Table table) {
  return tables::all[static_cast<std::size_t>(table)];
}

/// The index of a column that a fold writes; a name that is not there does not compile.
consteval ColumnIndex column_of(Table table, std::string_view name) {
  const std::size_t index = describe(table).index_of(name);
  if (index >= describe(table).width()) throw "no such column";
  if (describe(table).columns[index].is_generated()) throw "the store computes this column";
  return {static_cast<std::uint8_t>(index)};
}

/// A column came no earlier than the one before it, but for the stamp: on a server each is added
/// behind that one, which must be there.
static_assert([] {
  for (const TableDescription& table : tables::all) {
    for (std::size_t i = 0; i + 2 < table.width(); ++i) {
      if (table.columns[i].since < (i == 0 ? 1 : table.columns[i - 1].since)) return false;
    }
  }
  return true;
}());

/// Every table ends with the stamp: `sequence`, `updated_at`.
static_assert([] {
  for (const TableDescription& table : tables::all) {
    if (table.width() > max_columns) return false;
    if (table.index_of("sequence") != table.width() - 2) return false;
    if (table.index_of("updated_at") != table.width() - 1) return false;
  }
  return true;
}());

inline constexpr std::array<Table, table_count> all_tables = [] {
  std::array<Table, table_count> result{};
  for (std::size_t i = 0; i < table_count; ++i) result[i] = static_cast<Table>(i);
  return result;
}();

/// A set of tables, one bit each.
class TableSet {
 public:
  constexpr TableSet() = default;
  constexpr explicit TableSet(Table table) : bits_(1U << static_cast<unsigned>(table)) {}
  constexpr TableSet(std::initializer_list<Table> some) {
    for (const Table table : some) bits_ |= TableSet(table).bits_;
  }
  static constexpr TableSet all() {
    TableSet set;
    set.bits_ = (1U << table_count) - 1;
    return set;
  }
  static constexpr TableSet of(Topic source) {
    TableSet set;
    for (const Table table : all_tables) {
      if (describe(table).source == source) set.bits_ |= TableSet(table).bits_;
    }
    return set;
  }
  constexpr bool has(Table table) const { return (bits_ & TableSet(table).bits_) != 0; }

 private:
  std::uint32_t bits_ = 0;
};

}  // namespace pesan
