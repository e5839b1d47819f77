// What every RowReader must do, whatever it is made of. A test that includes this names the readers
// to try, as `using RowReaderHarnesses = testing::Types<...>` in namespace pesan, before the
// include. A harness has
//   ReadModel& model();    what is read, empty at first, as another process writes it
//   RowReader& reader();   a pool of three of the readers under test
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "projections/fold.hpp"
#include "projections/row_reader.hpp"
#include "tests/contract/technology_of_harness.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/must.hpp"

namespace pesan {

using testing::ElementsAre;
using testing::IsEmpty;

template <class Harness>
class RowReaderContract : public ::testing::Test {
 protected:
  struct Booking {
    std::string_view id;
    std::string_view status = "confirmed";
    std::string_view created = "2031-01-01T08:00:00.000Z";
    std::optional<std::string_view> check_in{};
    std::optional<std::string_view> slot{};
    std::optional<std::string_view> ref{};
  };

  ReadModel& model() { return harness.model(); }
  RowReader& reader() { return harness.reader(); }

  static Checkpoint checkpoint(TopicPartition source, std::int64_t next_offset) {
    Checkpoint result;
    result.topic = source.topic;
    result.partition = source.partition;
    result.next_offset = {next_offset};
    result.sequence = {next_offset - 1};
    result.last_digest = digest_of("record " + std::to_string(next_offset));
    result.log_id = "log-1";
    result.fold = fold_version;
    result.updated_at = *parse_instant("2031-01-01T08:00:00.123Z");
    return result;
  }
  void apply(const RowChanges& changes) {
    const TopicPartition source{Topic::events, {0}};
    const auto stored = must(model().checkpoint(source));
    must(apply_alone(model(), changes, stored,
                     checkpoint(source, stored ? stored->next_offset.value + 1 : 1)));
  }

  static RowChanges::Row stamped(RowChanges::Row row, Table table) {
    const auto last = static_cast<std::uint8_t>(describe(table).width() - 1);
    row.set({static_cast<std::uint8_t>(last - 1)}, 7).set({last}, Instant{0});
    return row;
  }
  void add(RowChanges& changes, const Booking& booking) {
    constexpr Table table = Table::booking;
    const BookingId id{booking.id};
    auto row = changes.insert(table, booking.id);
    row.set(column_of(table, "number"), ++numbers)
        .set(column_of(table, "resource_id"), id.resource())
        .set(column_of(table, "units"), 1)
        .set(column_of(table, "status"), booking.status)
        .set(column_of(table, "payment_status"), Payment::unpaid)
        .set(column_of(table, "customer_name"), "Siti")
        .set(column_of(table, "created_at"), *parse_instant(booking.created))
        .set(column_of(table, "version"), 1);
    const auto check_in = parse_date(booking.check_in.value_or(""));
    if (check_in) row.set(column_of(table, "check_in"), *check_in);
    if (check_in) row.set(column_of(table, "check_out"), Date{check_in->days + 1});
    if (booking.slot) row.set(column_of(table, "schedule_id"), *booking.slot);
    if (booking.ref) row.set(column_of(table, "customer_ref"), *booking.ref);
    stamped(row, table);
  }
  static void add_room(RowChanges& changes, std::string_view id) {
    constexpr Table table = Table::room_availability;
    auto row = changes.insert(table, id);
    row.set(column_of(table, "room_type"), "Deluxe")
        .set(column_of(table, "inventory"), Inventory::nightly)
        .set(column_of(table, "total_units"), 5)
        .set(column_of(table, "active_bookings"), 0)
        .set(column_of(table, "currency"), "IDR")
        .set(column_of(table, "is_active"), true);
    stamped(row, table);
  }
  static void add_night(RowChanges& changes, std::string_view room, std::string_view night) {
    auto row = changes.insert(Table::room_night, {room, *parse_date(night)});
    stamped(row.set(column_of(Table::room_night, "booked_units"), 1), Table::room_night);
  }
  static void add_service(RowChanges& changes, std::string_view id) {
    constexpr Table table = Table::service;
    auto row = changes.insert(table, id);
    row.set(column_of(table, "name"), "Potong")
        .set(column_of(table, "price_minor"), 1)
        .set(column_of(table, "currency"), "IDR")
        .set(column_of(table, "duration_minutes"), 30)
        .set(column_of(table, "is_active"), true);
    stamped(row, table);
  }
  static void add_slot(RowChanges& changes, std::string_view service, std::string_view id,
                       std::string_view date, std::string_view start) {
    constexpr Table table = Table::schedule_capacity;
    auto row = changes.insert(table, {service, id});
    row.set(column_of(table, "date"), *parse_date(date))
        .set(column_of(table, "start_time"), *parse_time_of_day(start))
        .set(column_of(table, "end_time"), *parse_time_of_day("24:00"))
        .set(column_of(table, "capacity"), 4)
        .set(column_of(table, "booked"), 1)
        .set(column_of(table, "is_open"), true);
    stamped(row, table);
  }
  static void add_history(RowChanges& changes, std::string_view booking, int version) {
    constexpr Table table = Table::booking_history;
    auto row = changes.insert(table, {booking, version});
    row.set(column_of(table, "event_type"), "BookingCreated")
        .set(column_of(table, "actor_type"), ActorType::admin)
        .set(column_of(table, "actor_id"), "ani")
        .set(column_of(table, "at"), Instant{0});
    stamped(row, table);
  }
  static void add_payment(RowChanges& changes, std::string_view booking, int version) {
    constexpr Table table = Table::payment;
    auto row = changes.insert(table, {booking, version});
    row.set(column_of(table, "status"), Payment::paid).set(column_of(table, "at"), Instant{0});
    stamped(row, table);
  }
  static void add_customer(RowChanges& changes, std::string_view code, std::string_view name,
                           std::optional<std::string_view> phone = {},
                           std::optional<std::string_view> email = {}) {
    constexpr Table table = Table::customer;
    auto row = changes.insert(table, code);
    row.set(column_of(table, "name"), name)
        .set(column_of(table, "preferred_resource_id"), "villa")
        .set(column_of(table, "first_booking_at"), Value::local({0}))
        .set(column_of(table, "last_booking_at"), Value::local({0}))
        .set(column_of(table, "bookings"), 1);
    if (phone) row.set(column_of(table, "phone"), *phone);
    if (email) row.set(column_of(table, "email"), *email);
    stamped(row, table);
  }
  static void add_owner(RowChanges& changes, std::string_view booking, std::string_view code) {
    constexpr Table table = Table::customer_booking;
    auto row = changes.insert(table, booking);
    stamped(row.set(column_of(table, "customer_code"), code), table);
  }

  /// A little of everything, in and around what is asked for.
  void fill() {
    RowChanges changes;
    for (const char* id : {"hotel", "villa", "villa-2"}) add_room(changes, id);
    for (const char* night : {"2031-02-28", "2031-03-01", "2031-03-02", "2031-03-03"}) {
      for (const char* room : {"hotel", "villa", "villa-2"}) add_night(changes, room, night);
    }
    for (const char* id : {"salon", "spa"}) add_service(changes, id);
    add_slot(changes, "salon", "a", "2031-03-02", "09:30");
    add_slot(changes, "salon", "b", "2031-03-01", "13:00");
    add_slot(changes, "salon", "c", "2031-03-01", "09:00");
    add_slot(changes, "salon", "d", "2031-03-01", "09:00");
    add_slot(changes, "salon", "e", "2031-03-03", "00:00");
    add_slot(changes, "spa", "a", "2031-03-01", "09:00");
    add(changes, {.id = "villa.1", .check_in = "2031-03-02", .ref = "u-7"});
    add(changes, {.id = "villa.10", .check_in = "2031-03-01"});
    add(changes, {.id = "villa.2", .status = "pending", .check_in = "2031-03-01"});
    add(changes, {.id = "villa.3", .check_in = "2031-02-28"});
    add(changes, {.id = "villa.4", .check_in = "2031-03-03"});
    add(changes, {.id = "villa-2.1", .check_in = "2031-03-01", .ref = "u-7"});
    add(changes, {.id = "villa-2.9", .created = "2031-01-02T08:00:00.001Z"});
    add(changes, {.id = "salon.1", .created = "2031-01-02T08:00:00.000Z", .slot = "c"});
    add(changes, {.id = "salon.2", .status = "pending", .slot = "d", .ref = "u-8"});
    add(changes, {.id = "salon.3", .created = "2031-01-03T08:00:00.000Z", .slot = "c"});
    for (const int version : {1, 2, 10}) {
      add_history(changes, "villa.1", version);
      add_history(changes, "villa.10", version);
      add_payment(changes, "villa.1", version);
      add_payment(changes, "salon.1", version);
    }
    add_customer(changes, "CS-000001", "Siti", "0811", "siti@example.com");
    add_customer(changes, "CS-000002", "Siti", "0812", "siti@example.com");
    add_customer(changes, "CS-000003", "Sitorus", "0811");
    add_customer(changes, "CS-000004", "Anto");
    add_owner(changes, "villa.1", "CS-000002");
    add_owner(changes, "villa.2", "CS-000001");
    add_owner(changes, "salon.1", "CS-000002");
    apply(changes);
  }

  /// The keys of rows: `villa.1` or `villa 2031-03-01`.
  static std::vector<std::string> keys(Path path, const std::vector<OwnedRow>& rows) {
    const Table table = describe(path).table;
    std::vector<std::string> result;
    for (const OwnedRow& row : rows) {
      std::string key = to_string(viewed(row[0]));
      if (describe(table).key_columns == 2) key += " " + to_string(viewed(row[1]));
      result.push_back(key);
    }
    return result;
  }
  std::vector<std::string> keys(const PageQuestion& question) {
    return keys(question.path, must(reader().page(question)).rows);
  }
  /// Of all pages with so many rows each.
  std::vector<std::string> keys_of_pages(PageQuestion question, std::size_t limit) {
    std::vector<std::string> result;
    question.limit = limit;
    do {
      const Page page = must(reader().page(question));
      EXPECT_LE(page.rows.size(), limit);
      for (const std::string& key : keys(question.path, page.rows)) result.push_back(key);
      question.after = page.next;
    } while (!question.after.empty() && result.size() < 100);
    return result;
  }
  FailureKind refusal(const PageQuestion& question) {
    const auto page = reader().page(question);
    EXPECT_FALSE(page) << question.after;
    return page ? FailureKind::fatal : page.error().kind;
  }

  Harness harness;
  int numbers = 0;
};

TYPED_TEST_SUITE(RowReaderContract, RowReaderHarnesses, TechnologyOfHarness);

// --- one row ------------------------------------------------------------------------------------

TYPED_TEST(RowReaderContract, ARowIsFoundByItsWholeKeyOrIsNotThere) {
  this->fill();
  RowReader& reader = this->reader();
  EXPECT_TRUE(must(reader.find(Table::booking, BookingId{"villa.10"})));
  EXPECT_FALSE(must(reader.find(Table::booking, BookingId{"villa.1' OR '1'='1"})));
  EXPECT_FALSE(must(reader.find(Table::booking, BookingId{""})));
  EXPECT_TRUE(must(reader.find(Table::room_night, {"villa", *parse_date("2031-03-01")})));
  EXPECT_FALSE(must(reader.find(Table::room_night, {"villa", *parse_date("2031-03-04")})));
  EXPECT_FALSE(must(reader.find(Table::booking_history, {"villa.1", 3})));
}

TYPED_TEST(RowReaderContract, RowsAreWhatASnapshotShowsWithGeneratedColumnsAndNulls) {
  this->fill();
  const auto snapshot = must(this->model().snapshot());
  for (const Table table : all_tables) {
    std::vector<OwnedRow> expected;
    auto cursor = must(snapshot->scan(table));
    StoredRow row;
    while (must(cursor->next(row))) expected.push_back(owned(row));
    EXPECT_FALSE(expected.empty());
    EXPECT_EQ(must(this->reader().page({.path = whole(table)})).rows, expected) << name_of(table);
  }
}

// --- what each path finds -----------------------------------------------------------------------

TYPED_TEST(RowReaderContract, EachPathFindsItsRowsInItsOrderAndNothingAroundThem) {
  this->fill();
  const auto day = [](std::string_view text) { return Value(*parse_date(text)); };
  const Value first = day("2031-03-01");
  const Value third = day("2031-03-03");
  using Keys = std::vector<std::string>;
  const std::string villas = end_of_prefix("villa.");
  const std::string sits = end_of_prefix("Sit");
  const std::map<Path, std::pair<PageQuestion, Keys>> expected{
      {Path::rooms, {{}, {"hotel", "villa", "villa-2"}}},
      {Path::nights,
       {{.from = Value("hotel"), .until = Value("hotel-")},
        {"hotel 2031-02-28", "hotel 2031-03-01", "hotel 2031-03-02", "hotel 2031-03-03"}}},
      {Path::nights_of_room,
       {{.equal = {Value("villa")}, .from = first, .until = third},
        {"villa 2031-03-01", "villa 2031-03-02"}}},
      {Path::services, {{}, {"salon", "spa"}}},
      {Path::slots, {{}, {"salon a", "salon b", "salon c", "salon d", "salon e", "spa a"}}},
      {Path::slots_by_day,
       {{.equal = {Value("salon")}, .from = first, .until = third},
        {"salon c", "salon d", "salon b", "salon a"}}},
      {Path::slots_of_day,
       {{.from = first, .until = third}, {"salon c", "salon d", "spa a", "salon b", "salon a"}}},
      {Path::bookings,
       {{.from = Value("villa."), .until = Value(std::string_view(villas))},
        {"villa.1", "villa.10", "villa.2", "villa.3", "villa.4"}}},
      {Path::booking_of_number, {{.equal = {Value(2)}}, {"villa.10"}}},
      {Path::stays_of_room,
       {{.equal = {Value("villa")}, .from = first, .until = third},
        {"villa.10", "villa.2", "villa.1"}}},
      {Path::stays,
       {{.from = first, .until = third}, {"villa-2.1", "villa.10", "villa.2", "villa.1"}}},
      {Path::departures,
       {{.from = first, .until = third}, {"villa.3", "villa-2.1", "villa.10", "villa.2"}}},
      {Path::bookings_of_slot, {{.equal = {Value("salon"), Value("c")}}, {"salon.1", "salon.3"}}},
      {Path::bookings_in_status,
       {{.equal = {Value(Status::confirmed)},
         .from = Value(*parse_instant("2031-01-02T08:00:00.000Z")),
         .until = Value(*parse_instant("2031-01-03T08:00:00.000Z"))},
        {"salon.1", "villa-2.9"}}},
      {Path::bookings_of_ref, {{.equal = {Value("u-7")}}, {"villa-2.1", "villa.1"}}},
      {Path::history,
       {{}, {"villa.1 1", "villa.1 2", "villa.1 10", "villa.10 1", "villa.10 2", "villa.10 10"}}},
      {Path::history_of_booking,
       {{.equal = {Value("villa.1")}}, {"villa.1 1", "villa.1 2", "villa.1 10"}}},
      {Path::payments,
       {{}, {"salon.1 1", "salon.1 2", "salon.1 10", "villa.1 1", "villa.1 2", "villa.1 10"}}},
      {Path::payments_of_booking,
       {{.equal = {Value("salon.1")}, .from = Value(2), .until = Value(10)}, {"salon.1 2"}}},
      {Path::customers, {{}, {"CS-000001", "CS-000002", "CS-000003", "CS-000004"}}},
      {Path::customers_by_name,
       {{.from = Value("Sit"), .until = Value(std::string_view(sits))},
        {"CS-000001", "CS-000002", "CS-000003"}}},
      {Path::customers_of_phone, {{.equal = {Value("0811")}}, {"CS-000001", "CS-000003"}}},
      {Path::customers_of_email,
       {{.equal = {Value("siti@example.com")}}, {"CS-000001", "CS-000002"}}},
      {Path::customer_bookings, {{}, {"salon.1", "villa.1", "villa.2"}}},
      {Path::bookings_of_customer, {{.equal = {Value("CS-000002")}}, {"salon.1", "villa.1"}}}};
  ASSERT_EQ(expected.size(), tables::paths.size());
  for (auto [path, asked] : expected) {
    SCOPED_TRACE(describe(path).name);
    auto& [question, keys] = asked;
    question.path = path;
    EXPECT_EQ(this->keys(question), keys);
    for (const std::size_t limit : {1U, 2U, 3U}) {
      EXPECT_EQ(this->keys_of_pages(question, limit), keys) << limit;
    }
  }
}

TYPED_TEST(RowReaderContract, RowsThatAreNullInTheFirstColumnOfTheOrderAreNotOnThePath) {
  this->fill();
  EXPECT_THAT(this->keys({.path = Path::stays}),
              ElementsAre("villa.3", "villa-2.1", "villa.10", "villa.2", "villa.1", "villa.4"));
  EXPECT_THAT(this->keys({.path = Path::stays_of_room, .equal = {Value("salon")}}), IsEmpty());
  EXPECT_THAT(this->keys_of_pages({.path = Path::stays}, 1), testing::SizeIs(6));
}

TYPED_TEST(RowReaderContract, ABoundMayStandAlone) {
  this->fill();
  const Value day(*parse_date("2031-03-02"));
  EXPECT_THAT(this->keys({.path = Path::stays, .from = day}), ElementsAre("villa.1", "villa.4"));
  EXPECT_THAT(this->keys({.path = Path::stays, .until = day}),
              ElementsAre("villa.3", "villa-2.1", "villa.10", "villa.2"));
  EXPECT_THAT(this->keys({.path = Path::stays, .from = day, .until = day}), IsEmpty());
}

// --- pages --------------------------------------------------------------------------------------

TYPED_TEST(RowReaderContract, AFullPageThatIsTheLastHasNoNext) {
  this->fill();
  EXPECT_EQ(must(this->reader().page({.path = Path::rooms, .limit = 3})).next, "");
  EXPECT_NE(must(this->reader().page({.path = Path::rooms, .limit = 2})).next, "");
  EXPECT_THROW((void)this->reader().page({.path = Path::rooms, .limit = 0}), Bug);
  EXPECT_THROW((void)this->reader().page({.path = Path::rooms, .limit = 501}), Bug);
}

TYPED_TEST(RowReaderContract, PagesGoOnOverManyRowsOfOneValue) {
  RowChanges changes;
  std::vector<std::string> ids;
  for (int i = 0; i < 25; ++i) ids.push_back(fmt::format("villa.{:02}", i));
  for (const std::string& id : ids) this->add(changes, {.id = id, .check_in = "2031-03-01"});
  this->apply(changes);
  const PageQuestion in_status{.path = Path::bookings_in_status,
                               .equal = {Value(Status::confirmed)}};
  for (const std::size_t limit : {1U, 4U, 24U, 25U}) {
    EXPECT_EQ(this->keys_of_pages(in_status, limit), ids) << limit;
    EXPECT_EQ(this->keys_of_pages({.path = Path::stays}, limit), ids) << limit;
  }
}

TYPED_TEST(RowReaderContract, PagesGoOnWhileRowsComeAndGoEvenTheOneThatTheCursorStoodOn) {
  this->fill();
  PageQuestion question{.path = Path::stays, .limit = 3};
  Page page = must(this->reader().page(question));
  EXPECT_THAT(this->keys(question.path, page.rows),
              ElementsAre("villa.3", "villa-2.1", "villa.10"));
  RowChanges changes;
  changes.erase(Table::booking, BookingId{"villa.10"});
  this->add(changes, {.id = "villa.00", .check_in = "2031-03-01"});  // before the cursor
  this->add(changes, {.id = "villa.11", .check_in = "2031-03-01"});  // behind it
  this->stamped(changes.update(Table::booking, BookingId{"villa.4"})
                    .set(column_of(Table::booking, "check_in"), *parse_date("2031-02-01")),
                Table::booking);  // moved before it: seen no more
  this->apply(changes);
  question.after = page.next;
  page = must(this->reader().page(question));
  EXPECT_THAT(this->keys(question.path, page.rows), ElementsAre("villa.11", "villa.2", "villa.1"));
  EXPECT_EQ(page.next, "");
}

TYPED_TEST(RowReaderContract, TextsAreOrderedByTheirBytesAndAnyOfThemMayBeInACursor) {
  const std::vector<std::string> names{"\"",
                                       "'; DROP TABLE customer; --",
                                       "A~.B",
                                       "Z",
                                       "\\",
                                       "a",
                                       "a'b",
                                       "a\\'b",
                                       "a~7Eb",
                                       "b\nc",
                                       "e\xCC\x81",
                                       "\xC3\xA9",
                                       "\xEF\xBF\xBD",
                                       "\xF0\x9F\x98\x80",
                                       "\xF0\x9F\x98\x80z"};
  RowChanges changes;
  std::map<std::string, std::string> codes;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string code = fmt::format("CS-{:06}", names.size() - i);
    codes[names[i]] = code;
    this->add_customer(changes, code, names[i]);
  }
  this->apply(changes);
  std::vector<std::string> expected;
  for (const std::string& name : names) expected.push_back(codes[name]);
  EXPECT_EQ(this->keys({.path = Path::customers_by_name}), expected);
  EXPECT_EQ(this->keys_of_pages({.path = Path::customers_by_name}, 1), expected);
  const std::string end = end_of_prefix("\xF0\x9F\x98\x80");
  EXPECT_THAT(this->keys({.path = Path::customers_by_name,
                          .from = Value("\xF0\x9F\x98\x80"),
                          .until = Value(std::string_view(end))}),
              ElementsAre("CS-000002", "CS-000001"));
  const Page page = must(this->reader().page({.path = Path::customers_by_name, .limit = 2}));
  EXPECT_EQ(page.next.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                        "0123456789-._~"),
            std::string::npos)
      << page.next;
}

TYPED_TEST(RowReaderContract, WhatIsNoCursorOfThePathOrNoTextIsRefused) {
  this->fill();
  for (const char* cursor :
       {"villa.1", "~", "~.", "~4", "~ZZ", "2031-03-01", "2031-13-01~.villa.1", "~.villa.1",
        "2031-03-01~.villa.1~.", "2031-03-01~.~FF", "2031-03-01~.~00", "2031-03-01,villa.1"}) {
    EXPECT_EQ(this->refusal({.path = Path::stays, .after = cursor}), FailureKind::usage);
  }
  EXPECT_EQ(this->refusal({.path = Path::bookings, .from = Value("\xFF")}), FailureKind::usage);
  EXPECT_EQ(this->refusal({.path = Path::bookings_of_ref, .equal = {Value("\xC3")}}),
            FailureKind::usage);
  EXPECT_FALSE(this->keys({.path = Path::stays}).empty());
}

TYPED_TEST(RowReaderContract, ACursorLeadsNotOutOfTheRange) {
  this->fill();
  PageQuestion question{.path = Path::stays,
                        .from = Value(*parse_date("2031-03-02")),
                        .until = Value(*parse_date("2031-03-03")),
                        .after = "2031-02-01~.villa.9"};
  EXPECT_THAT(this->keys(question), ElementsAre("villa.1"));
  question.after = "2031-03-05~.villa.9";
  EXPECT_THAT(this->keys(question), IsEmpty());
}

// --- positions and threads ----------------------------------------------------------------------

TYPED_TEST(RowReaderContract, PositionsAreThoseOfTheRowsInOrder) {
  EXPECT_THAT(must(this->reader().positions()), IsEmpty());
  std::vector<Checkpoint> written;
  for (const TopicPartition source :
       {TopicPartition{Topic::events, {0}}, TopicPartition{Topic::events, {1}},
        TopicPartition{Topic::customers, {0}}}) {
    written.push_back(this->checkpoint(source, 3));
    must(apply_alone(this->model(), RowChanges(), std::nullopt, written.back()));
  }
  EXPECT_EQ(must(this->reader().positions()), written);
  must(apply_alone(this->model(), RowChanges(), written[1],
                   this->checkpoint({Topic::events, {1}}, 4)));
  EXPECT_EQ(must(this->reader().positions())[1].next_offset.value, 4);
}

TYPED_TEST(RowReaderContract, NothingIsFoundByATextThatNoStoreHolds) {
  EXPECT_EQ(must(this->reader().find(Table::booking, BookingId{"villa.\xff"})), std::nullopt);
}

TYPED_TEST(RowReaderContract, ManyThreadsReadAtOnceByFewerReaders) {
  this->fill();
  std::vector<std::thread> threads;
  std::vector<int> wrong(8);
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const auto page = this->reader().page({.path = Path::stays});
        const auto row = this->reader().find(Table::booking, BookingId{"villa.10"});
        const auto positions = this->reader().positions();
        if (!page || page->rows.size() != 6 || !row || !*row || !positions) ++count;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(wrong, testing::Each(0));
}

}  // namespace pesan
