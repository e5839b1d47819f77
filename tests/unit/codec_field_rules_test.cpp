// docs/domain.md#fields: every field at both sides of its bound.

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "events/command_reader.hpp"

namespace pesan {
namespace {

/// A valid command of each type, but for one field that a row puts in or in the place of another.
std::string_view rest_of(std::string_view type) {
  if (type == "DefineRoom") return R"("name":"V","units":1,"inventory":"counter")";
  if (type == "DefineService") return R"("name":"S","price_minor":1,"duration_minutes":1)";
  if (type == "AddSchedule") {
    return R"("schedule_id":"s","date":"2026-12-01","start":"10:00","end":"24:00","capacity":1)";
  }
  if (type == "ChangeSchedule") return R"("schedule_id":"s")";
  if (type == "CreateBooking") return R"("customer":{"name":"J"})";
  if (type == "ChangeStatus") return R"("booking_id":"villa.1","status":"pending")";
  if (type == "RecordPayment") return R"("booking_id":"villa.1","status":"paid")";
  if (type == "CheckIn" || type == "ChangeBooking") return R"("booking_id":"villa.1")";
  if (type == "RescheduleBooking") return R"("booking_id":"villa.1")";
  return "";
}

/// "ok", or the code and the field named.
std::string judge(std::string_view type, std::string_view fields) {
  // Of a name twice in one object the last counts, so what is given replaces what is there.
  const std::string record = fmt::format(
      R"({{"specversion":"1.0","id":"1","source":"/t","type":"{}","data":{{"resource":"villa",)"
      R"("actor":{{"type":"admin","id":"a"}}{}{}{}{}}}}})",
      type, rest_of(type).empty() ? "" : ",", rest_of(type), fields.empty() ? "" : ",", fields);
  CommandReader reader;
  if (const auto& envelope = reader.read(record); envelope.refusal) {
    return std::string(name_of(envelope.refusal->code)) + " " + record;
  }
  const auto command = reader.validate();
  if (command) return "ok";
  return fmt::format("{} {}", name_of(command.error().code),
                     std::get<std::string>(command.error().details.front().value));
}

std::string text(std::size_t characters, std::string_view character = "x") {
  std::string out = "\"";
  for (std::size_t i = 0; i < characters; ++i) out += character;
  return out + "\"";
}

struct Row {
  std::string_view type;
  std::string field;  // the path; a field of customer, subject or actor is put into a whole one
  std::vector<std::string> right;
  std::vector<std::string> wrong;
};

std::string with(const Row& row, const std::string& value) {
  const auto dot = row.field.find('.');
  if (dot == std::string::npos) return fmt::format(R"("{}":{})", row.field, value);
  const std::string outer = row.field.substr(0, dot);
  const std::string_view whole = outer == "customer" ? R"("name":"J")"
                                 : outer == "actor"  ? R"("type":"admin","id":"a")"
                                                     : R"("type":"t","id":"i","name":"n")";
  return fmt::format(R"("{}":{{{},"{}":{}}})", outer, whole, row.field.substr(dot + 1), value);
}

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    for (const auto& value : row.right) {
      EXPECT_EQ(judge(row.type, with(row, value)), "ok") << row.field << " " << value;
    }
    for (const auto& value : row.wrong) {
      EXPECT_EQ(judge(row.type, with(row, value)), "invalid_field " + row.field)
          << row.type << " " << value;
    }
    EXPECT_EQ(judge(row.type, with(row, "null")), "invalid_field " + row.field)
        << "null is not absence";
  }
}

const std::vector<std::string> not_strings{"1", "true", "{}", "[]", "1.5"};

std::vector<std::string> and_not_strings(std::vector<std::string> wrong) {
  wrong.insert(wrong.end(), not_strings.begin(), not_strings.end());
  return wrong;
}

/// Integers from `min` to `max`, without point or exponent.
Row integer(std::string_view type, std::string field, std::int64_t min, std::int64_t max) {
  return {type,
          std::move(field),
          {std::to_string(min), std::to_string(max)},
          {std::to_string(min - 1), std::to_string(max + 1), fmt::format("{}.0", min),
           fmt::format("{}e0", min), R"("1")", "true", "9223372036854775808", "1e400",
           "123456789012345678901234567890"}};
}

/// Strings of 1 to 200 characters.
Row short_text(std::string_view type, std::string field) {
  return {type,
          std::move(field),
          {text(1), text(200), text(200, "\xC3\xA9"), text(200, "\xF0\x9F\x98\x80"), R"(" ")"},
          and_not_strings({text(0), text(201), text(201, "\xC3\xA9"), R"("a\u0000b")"})};
}

/// Strings of 0 to 2,000 characters.
Row long_text(std::string_view type, std::string field) {
  return {type,
          std::move(field),
          {text(0), text(2000), text(2000, "\xF0\x9F\x98\x80")},
          and_not_strings({text(2001), R"("\u0000")"})};
}

Row name(std::string_view type, std::string field) {
  return {type,
          std::move(field),
          {text(1), text(200), R"(" a ")", "\"\xC2\xA0\"", R"("\u0001")"},
          and_not_strings({text(0), text(201), R"(" ")", R"("\t\n\r\f\u000b ")", R"("\u0000")"})};
}

TEST(CodecFieldRules, Resource) {
  expect_rows({{"CreateBooking",
                "resource",
                {R"("a")", R"("7")", R"("A-b_9")", text(63)},
                and_not_strings({text(0), text(64), R"("-a")", R"("_a")", R"("a.b")", R"("a b")",
                                 "\"\xC3\xA9\"", R"("a\u0000")", R"("a/b")"})}});
}

TEST(CodecFieldRules, TextsOfOneToTwoHundredCharacters) {
  expect_rows(
      {short_text("CheckIn", "reason"), short_text("DefineRoom", "actor.id"),
       short_text("CreateBooking", "staff_id"), short_text("ChangeBooking", "staff_id"),
       short_text("RecordPayment", "transaction_id"), short_text("CreateBooking", "customer.ref"),
       short_text("CreateBooking", "subject.type"), short_text("CreateBooking", "subject.id"),
       short_text("ChangeBooking", "subject.name")});
}

TEST(CodecFieldRules, NamesAreNotOnlyWhiteSpace) {
  expect_rows({name("DefineRoom", "name"), name("ChangeRoom", "name"),
               name("DefineService", "name"), name("ChangeService", "name"),
               name("CreateBooking", "customer.name"), name("ChangeBooking", "customer.name")});
}

TEST(CodecFieldRules, UnitsOfARoomAndCapacityFromNoneToAMillion) {
  expect_rows({integer("DefineRoom", "units", 0, 1'000'000),
               integer("ChangeRoom", "units", 0, 1'000'000),
               integer("AddSchedule", "capacity", 0, 1'000'000),
               integer("ChangeSchedule", "capacity", 0, 1'000'000)});
}

TEST(CodecFieldRules, CountsFromOneToTenThousand) {
  expect_rows(
      {integer("CreateBooking", "units", 1, 10'000), integer("ChangeBooking", "units", 1, 10'000),
       integer("CreateBooking", "party_size", 1, 10'000),
       integer("ChangeBooking", "party_size", 1, 10'000),
       integer("DefineRoom", "max_party", 1, 10'000), integer("ChangeRoom", "max_party", 1, 10'000),
       integer("DefineService", "duration_minutes", 1, 10'000),
       integer("ChangeService", "duration_minutes", 1, 10'000),
       integer("DefineRoom", "min_nights", 1, 10'000),
       integer("DefineRoom", "max_nights", 1, 10'000),
       integer("ChangeRoom", "min_nights", 1, 10'000),
       integer("ChangeRoom", "max_nights", 1, 10'000)});
}

TEST(CodecFieldRules, OverbookLimitFromNoneToTenThousand) {
  expect_rows({integer("DefineRoom", "overbook_limit", 0, 10'000),
               integer("ChangeRoom", "overbook_limit", 0, 10'000),
               integer("DefineService", "overbook_limit", 0, 10'000),
               integer("ChangeService", "overbook_limit", 0, 10'000)});
}

TEST(CodecFieldRules, MoneyAndVersionsFromNothingToTenToTheFifteenth) {
  constexpr std::int64_t most = 1'000'000'000'000'000;
  expect_rows({integer("DefineRoom", "nightly_price_minor", 0, most),
               integer("ChangeRoom", "nightly_price_minor", 0, most),
               integer("DefineService", "price_minor", 0, most),
               integer("ChangeService", "price_minor", 0, most),
               integer("RecordPayment", "amount_minor", 0, most),
               integer("CheckIn", "expected_version", 0, most)});
}

TEST(CodecFieldRules, MinusNoughtIsTheIntegerNought) {
  EXPECT_EQ(judge("DefineRoom", R"("units":-0)"), "ok");
  EXPECT_EQ(judge("CreateBooking", R"("units":-0)"), "invalid_field units");
}

TEST(CodecFieldRules, Days) {
  const std::vector<std::string> right{R"("1970-01-01")", R"("2024-02-29")", R"("9999-12-31")"};
  const auto wrong = and_not_strings(
      {R"("1969-12-31")", R"("2026-02-29")", R"("2026-12-32")", R"("2026-13-01")",
       R"("2026-00-01")", R"("2026-1-1")", R"("26-12-01")", R"("2026/12/01")", R"("10000-01-01")",
       R"("2026-12-01 ")", R"("2026-12-01T00:00")", R"("")", R"("+026-12-01")"});
  expect_rows({{"AddSchedule", "date", right, wrong},
               {"ChangeSchedule", "date", right, wrong},
               {"CreateBooking", "check_in", right, wrong},
               {"CreateBooking", "check_out", right, wrong},
               {"RescheduleBooking", "check_in", right, wrong},
               {"RescheduleBooking", "check_out", right, wrong}});
}

TEST(CodecFieldRules, TimesOfDay) {
  const auto wrong =
      and_not_strings({R"("24:01")", R"("25:00")", R"("10:60")", R"("9:00")", R"("09:0")",
                       R"("09.00")", R"("09:00:00")", R"("")", R"("-1:00")", R"(" 9:00")"});
  expect_rows({{"AddSchedule", "start", {R"("00:00")", R"("23:59")"}, wrong},
               {"ChangeSchedule", "start", {R"("00:00")", R"("24:00")"}, wrong},
               {"ChangeSchedule", "end", {R"("00:00")", R"("24:00")"}, wrong}});
}

TEST(CodecFieldRules, Appointments) {
  const std::vector<std::string> right{R"("1970-01-01T00:00")", R"("2026-12-01T23:59")"};
  const auto wrong = and_not_strings({R"("2026-12-01T24:00")", R"("2026-12-01T10:60")",
                                      R"("2026-12-01 10:00")", R"("2026-12-01T10:00Z")",
                                      R"("2026-12-01T10:00:00")", R"("2026-02-30T10:00")",
                                      R"("2026-12-01")", R"("1969-12-31T23:59")", R"("")"});
  expect_rows({{"CreateBooking", "appointment_at", right, wrong},
               {"RescheduleBooking", "appointment_at", right, wrong}});
}

TEST(CodecFieldRules, ScheduleIds) {
  const std::vector<std::string> right{R"("a")", R"("9")", R"("S-1_b")", text(40)};
  const auto wrong = and_not_strings(
      {text(0), text(41), R"("-a")", R"("_a")", R"("a.b")", R"("a b")", R"("a\u0000")"});
  expect_rows({{"AddSchedule", "schedule_id", right, wrong},
               {"ChangeSchedule", "schedule_id", right, wrong},
               {"CreateBooking", "schedule_id", right, wrong},
               {"RescheduleBooking", "schedule_id", right, wrong}});
}

TEST(CodecFieldRules, BookingIdsAreOfTheCommandsResource) {
  const std::string longest = "\"villa." + text(40).substr(1);
  const auto wrong =
      and_not_strings({R"("villa")", R"("villa.")", R"("hut.1")", R"(".1")", R"("villa.a.b")",
                       R"("villa.a b")", R"("Villa.1")", "\"villa." + text(41).substr(1),
                       R"("villa1.1")", R"("villa.1\u0000")", "\"villa.\xC3\xA9\""});
  expect_rows({{"CheckIn", "booking_id", {R"("villa.1")", R"("villa._-x")", longest}, wrong},
               {"CreateBooking", "booking_id", {R"("villa.1a")", R"("villa.-")", longest}, wrong}});
}

TEST(CodecFieldRules, AnOwnBookingIdIsNotAllDigits) {
  EXPECT_EQ(judge("CreateBooking", R"("booking_id":"villa.0")"), "invalid_field booking_id");
  EXPECT_EQ(judge("CreateBooking", R"("booking_id":"villa.123")"), "invalid_field booking_id");
  EXPECT_EQ(judge("CreateBooking", R"("booking_id":"villa.12-3")"), "ok");
}

TEST(CodecFieldRules, WordsFromALittleList) {
  const auto words = [](std::vector<std::string> list) {
    for (auto& word : list) word = '"' + word + '"';
    return list;
  };
  const auto wrong = and_not_strings({R"("")", R"("x")", R"("Pending")", R"("PAID")"});
  const auto wrong_and = [&](const std::string& word) {
    auto all = wrong;
    all.push_back('"' + word + '"');
    return all;
  };
  const auto payments = words({"unpaid", "partial", "paid", "refunded"});
  expect_rows(
      {{"CheckIn", "actor.type", words({"user", "admin", "system"}), wrong},
       {"DefineRoom", "inventory", words({"counter", "nightly"}), wrong_and("slots")},
       {"DefineRoom", "occupancy", words({"on_create", "on_confirm", "on_payment"}), wrong},
       {"DefineService", "occupancy", words({"on_create", "on_confirm", "on_payment"}), wrong},
       {"CreateBooking", "status", words({"pending", "confirmed"}), wrong_and("in_progress")},
       {"ChangeStatus", "status",
        words({"pending", "confirmed", "in_progress", "completed", "cancelled", "no_show",
               "expired"}),
        wrong},
       {"CreateBooking", "payment_status", payments, wrong},
       {"RecordPayment", "status", payments, wrong},
       {"RecordPayment", "method", words({"cash", "transfer", "card", "ewallet"}), wrong},
       {"CreateBooking", "customer.gender", words({"male", "female"}), wrong}});
}

TEST(CodecFieldRules, Phones) {
  expect_rows(
      {{"CreateBooking",
        "customer.phone",
        {R"("12345")", R"("+62 (812) 345-678")", R"("12345678901234567890")", R"("12345 ext. abc")",
         "\"1234567890" + text(30, "-").substr(1), "\"12345" + text(35, "\xC3\xA9").substr(1)},
        and_not_strings({R"("")", R"("1234")", R"("123456789012345678901")",
                         "\"1234567890" + text(31, "-").substr(1), R"("12345\u0000")",
                         "\"\xD9\xA1\xD9\xA2\xD9\xA3\xD9\xA4\xD9\xA5\""})}});
}

TEST(CodecFieldRules, Emails) {
  const std::string longest = "\"" + text(248).substr(1, 248) + "@x.com\"";
  expect_rows(
      {{"CreateBooking",
        "customer.email",
        {R"("a@b.c")", R"("john@email.com")", R"("a.b+c@d.e.f")", longest, "\"\xC3\xA9@b.c\""},
        and_not_strings({R"("")", R"("a@bc")", R"("@b.cd")", R"("a@b@c.d")", R"("ab.cd")",
                         R"("a@.bc")", R"("a@b.")", R"("a@b..c")", R"("a b@c.d")", R"("a@b.c\n")",
                         R"("a@b\t.c")", R"("a@b.c\u0000")", "\"y" + longest.substr(1),
                         R"("abcde@")"})}});
}

TEST(CodecFieldRules, AddressesAndNotesMayBeEmpty) {
  expect_rows({long_text("CreateBooking", "notes"), long_text("ChangeBooking", "notes"),
               long_text("CreateBooking", "customer.address")});
}

TEST(CodecFieldRules, CurrenciesAreThreeCapitalLetters) {
  const auto wrong = and_not_strings(
      {R"("")", R"("ID")", R"("IDRR")", R"("idr")", R"("I1R")", R"("I R")", "\"\xC3\x89UR\""});
  expect_rows({{"DefineRoom", "currency", {R"("IDR")", R"("USD")"}, wrong},
               {"DefineService", "currency", {R"("EUR")"}, wrong}});
}

TEST(CodecFieldRules, TimeZonesAreIanaNamesThatTheSystemKnows) {
  const auto wrong = and_not_strings(
      {R"("")", R"("Mars/Olympus")", R"("asia/jakarta")", R"("UTC+7")", R"("Asia/Jakarta\u0000")"});
  expect_rows({{"DefineRoom", "timezone", {R"("Asia/Jakarta")", R"("UTC")"}, wrong},
               {"DefineService", "timezone", {R"("Europe/London")"}, wrong}});
}

TEST(CodecFieldRules, ActiveIsTrueOrFalse) {
  const std::vector<std::string> wrong{"0", "1", R"("true")", "{}"};
  expect_rows({{"DefineRoom", "active", {"true", "false"}, wrong},
               {"ChangeRoom", "active", {"true", "false"}, wrong},
               {"DefineService", "active", {"true", "false"}, wrong},
               {"ChangeService", "active", {"true", "false"}, wrong}});
}

TEST(CodecFieldRules, ObjectsAreObjects) {
  const std::vector<std::string> wrong{R"("John")", "1", "[]", "true"};
  expect_rows({{"CheckIn", "actor", {R"({"type":"user","id":"u"})"}, wrong},
               {"CreateBooking", "customer", {R"({"name":"J"})"}, wrong},
               {"ChangeBooking", "customer", {R"({"name":"J"})"}, wrong},
               {"CreateBooking", "subject", {R"({"type":"t","id":"i","name":"n"})"}, wrong}});
}

}  // namespace
}  // namespace pesan
