// The independent auditor, checked by hand-written answers, so that it is known to work before it
// judges the engine.

#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/customers.hpp"
#include "tests/support/auditor/json_reader.hpp"
#include "tests/support/auditor/model.hpp"
#include "tests/support/auditor/partitioner.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

constexpr std::int64_t noon = 1'796'101'200'000;  // 2026-12-01T05:00:00Z, 12:00 in Jakarta
constexpr std::int64_t day = 86'400'000;

// A model and the records that it was given, one second apart, in one partition.
class Auditor : public ::testing::Test {
 protected:
  Expected send(const std::string& type, const std::string& fields,
                const std::string& actor = "admin") {
    const std::string value = fmt::format(
        R"({{"specversion":"1.0","id":"c{}","source":"/t","type":"{}","data":{{"resource":"{}",)"
        R"("actor":{{"type":"{}","id":"u-9"}}{}{}}}}})",
        offset, type, resource, actor, fields.empty() ? "" : ",", fields);
    return send_bytes(value);
  }
  Expected send_bytes(const std::string& value) {
    last = value;
    return model.decide({.partition = 0, .offset = offset++, .timestamp_ms = now, .value = value});
  }
  // The code of a refusal, or the event ids, or nothing: one word to compare with.
  std::string answer(const std::string& type, const std::string& fields,
                     const std::string& actor = "admin") {
    const Expected result = send(type, fields, actor);
    if (result.code) return *result.code;
    return result.events.empty() ? "nothing" : result.events.front();
  }
  json::object row(const std::string& table, std::size_t index = 0) {
    return model.rows().at(table).at(index);
  }
  void given_counter_room(int units, const std::string& more = "") {
    ASSERT_EQ(
        answer("DefineRoom",
               fmt::format(R"("name":"Villa","units":{},"inventory":"counter"{})", units, more)),
        "villa@1");
  }
  void given_nightly_room(int units, const std::string& more = "") {
    ASSERT_EQ(
        answer("DefineRoom",
               fmt::format(R"("name":"Villa","units":{},"inventory":"nightly"{})", units, more)),
        "villa@1");
  }

  Model model{{.partitions = 1, .command_clock = false, .remember = 1000}};
  std::string resource = "villa";
  std::string last;
  std::int64_t now = noon;
  std::int64_t offset = 0;
};

const std::string john = R"("customer":{"name":"John Doe"})";

TEST_F(Auditor, CountsARoomThroughTheEpisodesOfOneBooking) {
  given_counter_room(10);
  const Expected created = send("CreateBooking", R"("status":"confirmed",)" + john);
  EXPECT_EQ(created.type, "CommandAccepted");
  EXPECT_EQ(created.booking_id, "villa.1");
  EXPECT_EQ(created.events, std::vector<std::string>{"villa@2"});
  EXPECT_EQ(created.sequence, 2);
  EXPECT_EQ(row("room_availability").at("available_units"), 9);
  EXPECT_EQ(answer("CheckIn", R"("booking_id":"villa.1")"), "villa@3");
  EXPECT_EQ(answer("ChangeStatus", R"("booking_id":"villa.1","status":"completed")"), "villa@4");
  EXPECT_EQ(row("room_availability").at("available_units"), 10);
  EXPECT_EQ(answer("CheckOut", R"("booking_id":"villa.1")"), "villa@5");
  EXPECT_EQ(row("room_availability").at("available_units"), 10);
  EXPECT_EQ(answer("CheckOut", R"("booking_id":"villa.1")"), "already_checked_out");
  EXPECT_EQ(answer("ChangeStatus", R"("booking_id":"villa.1","status":"confirmed")"), "villa@6");
  EXPECT_EQ(row("booking").at("is_checked_in"), 0);
  EXPECT_EQ(answer("CheckOut", R"("booking_id":"villa.1")"), "not_checked_in");
  EXPECT_EQ(model.rows().at("booking_history").size(), 5U);
}

TEST_F(Auditor, RefusesWhatIsNotLeftAndNamesTheFirstShortNight) {
  given_nightly_room(2, R"(,"overbook_limit":1)");
  const std::string stay = R"("status":"confirmed",)" + john;
  EXPECT_EQ(answer("CreateBooking",
                   R"("units":2,"check_in":"2026-12-03","check_out":"2026-12-05",)" + stay),
            "villa@2");
  const Expected refused = send(
      "CreateBooking", R"("units":2,"check_in":"2026-12-02","check_out":"2026-12-06",)" + stay);
  EXPECT_EQ(refused.code, "capacity_exceeded");
  EXPECT_EQ(refused.details, (json::object{{"bucket", "2026-12-03"}, {"asked", 2}, {"left", 1}}));
  EXPECT_EQ(refused.version, 2);
  EXPECT_EQ(refused.booking_id, std::nullopt);
  EXPECT_EQ(model.rows().at("room_night").size(), 2U);
  EXPECT_EQ(answer("ChangeRoom", R"("units":0)"), "capacity_below_allocated");
  EXPECT_EQ(answer("ChangeRoom", R"("units":1)"), "villa@3");
}

TEST_F(Auditor, AnEarlyDepartureKeepsTheNightsThatWereUsed) {
  given_nightly_room(1, R"(,"nightly_price_minor":100)");
  EXPECT_EQ(answer("CreateBooking", R"("status":"confirmed","check_in":"2026-12-01",)"
                                    R"("check_out":"2026-12-05",)" +
                                        john),
            "villa@2");
  EXPECT_EQ(row("booking").at("total_minor"), 400);
  EXPECT_EQ(answer("CheckIn", R"("booking_id":"villa.1")"), "villa@3");
  now += 2 * day;
  EXPECT_EQ(answer("RescheduleBooking", R"("booking_id":"villa.1","check_in":"2026-12-01",)"
                                        R"("check_out":"2026-12-02")"),
            "invalid_range");
  EXPECT_EQ(answer("RescheduleBooking", R"("booking_id":"villa.1","check_in":"2026-12-02",)"
                                        R"("check_out":"2026-12-06")"),
            "already_checked_in");
  EXPECT_EQ(answer("CheckOut", R"("booking_id":"villa.1")"), "villa@4");
  std::vector<std::int64_t> units;
  const auto tables = model.rows();
  for (const auto& night : tables.at("room_night")) {
    units.push_back(night.at("booked_units").as_int64());
  }
  EXPECT_EQ(units, (std::vector<std::int64_t>{1, 1, 0, 0}));
  EXPECT_EQ(row("room_night", 0).at("sequence"), 2);
  EXPECT_EQ(row("room_night", 3).at("sequence"), 4);
}

TEST_F(Auditor, SellsASlotOnceAndKeepsItsTimeWhileItIsInUse) {
  resource = "bath";
  EXPECT_EQ(answer("DefineService", R"("name":"Bath","price_minor":50,"duration_minutes":30)"),
            "bath@1");
  const std::string slot = R"("schedule_id":"s1")";
  EXPECT_EQ(answer("AddSchedule", slot + R"(,"date":"2026-12-02","start":"09:00","end":"10:00",)"
                                         R"("capacity":1)"),
            "bath@2");
  EXPECT_EQ(answer("CreateBooking", slot + R"(,"appointment_at":"2026-12-02T10:00",)" + john),
            "invalid_range");
  EXPECT_EQ(answer("CreateBooking", slot + R"(,"appointment_at":"2026-12-02T09:59",)" + john),
            "bath@3");
  EXPECT_EQ(answer("CreateBooking", slot + "," + john), "capacity_exceeded");
  EXPECT_EQ(answer("ChangeSchedule", slot + R"(,"end":"11:00")"), "schedule_in_use");
  EXPECT_EQ(answer("CloseSchedule", slot), "bath@4");
  EXPECT_EQ(answer("CloseSchedule", slot), "nothing");
  EXPECT_EQ(answer("CreateBooking", slot + "," + john), "schedule_closed");
  EXPECT_EQ(row("schedule_capacity").at("available"), 0);
  EXPECT_EQ(row("schedule_capacity").at("is_open"), 0);
  EXPECT_EQ(model.created(0).at(0).booked_for, "2026-12-02T09:59:00.000");
}

TEST_F(Auditor, AUserDoesOnlyWhatIsTheirs) {
  given_counter_room(3);
  EXPECT_EQ(answer("CreateBooking", R"("status":"confirmed",)" + john, "user"), "forbidden_actor");
  EXPECT_EQ(answer("CreateBooking", R"("check_in":"2026-11-30","check_out":"2026-12-02",)" + john,
                   "user"),
            "not_in_time");
  EXPECT_EQ(answer("CreateBooking", john, "user"), "villa@2");
  const std::string mine = R"("booking_id":"villa.1",)";
  EXPECT_EQ(answer("ChangeStatus", mine + R"("status":"confirmed")", "user"), "forbidden_actor");
  EXPECT_EQ(answer("ChangeStatus", mine + R"("status":"no_show")", "user"), "invalid_transition");
  EXPECT_EQ(answer("ChangeStatus", mine + R"("status":"pending")", "user"), "nothing");
  EXPECT_EQ(answer("ChangeBooking", mine + R"("units":1)", "user"), "forbidden_actor");
  EXPECT_EQ(answer("ChangeBooking", mine + R"("notes":"")", "user"), "villa@3");
  EXPECT_EQ(answer("ChangeStatus", mine + R"("status":"expired")", "admin"), "forbidden_actor");
  EXPECT_EQ(answer("ChangeStatus", mine + R"("status":"expired")", "system"), "villa@4");
  EXPECT_EQ(answer("CreateBooking", john, "admin"), "villa@5");
  EXPECT_EQ(answer("ChangeStatus", R"("booking_id":"villa.2","status":"cancelled")", "user"),
            "forbidden_actor");
}

TEST_F(Auditor, ARepeatGetsTheStoredOutcomeAndAnotherPayloadAConflict) {
  given_counter_room(1);
  const Expected first = send("CreateBooking", R"("status":"confirmed",)" + john);
  const std::string bytes = last;
  now += 5000;
  Expected again = send_bytes(bytes);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.booking_id, first.booking_id);
  EXPECT_EQ(again.events, first.events);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(again.now_ms, first.now_ms + 5000);
  std::string other = bytes;
  other.replace(other.find("confirmed"), 9, "pending");
  again = send_bytes(other);
  EXPECT_EQ(again.code, "idempotency_conflict");
  EXPECT_FALSE(again.duplicate);
  EXPECT_EQ(canonical(*read_json(R"({"a":1,"b":[2],"a":3})")),
            canonical(*read_json(R"( { "b" : [ 2 ] , "a" : 3 } )")));
  EXPECT_NE(canonical(*read_json("1")), canonical(*read_json("1.0")));
}

TEST_F(Auditor, ForgetsTheOldestOutcomeFirst) {
  model = Model({.partitions = 1, .command_clock = false, .remember = 1});
  EXPECT_EQ(answer("CheckIn", R"("booking_id":"villa.1")"), "resource_not_found");
  const std::string bytes = last;
  EXPECT_TRUE(send_bytes(bytes).duplicate);
  EXPECT_EQ(answer("CheckIn", R"("booking_id":"villa.1")"), "resource_not_found");
  EXPECT_FALSE(send_bytes(bytes).duplicate);
}

TEST_F(Auditor, AnswersWhatItCannotReadWithoutMovingTheClock) {
  const auto code = [this](const std::string& bytes) { return send_bytes(bytes).code.value(); };
  EXPECT_EQ(code(""), "malformed");
  EXPECT_EQ(code("[]"), "malformed");
  EXPECT_EQ(code("\xEF\xBB\xBF{}"), "malformed");
  EXPECT_EQ(code(R"({"specversion":"1.0","id":"","source":"s","type":"t","data":{}})"),
            "malformed");
  EXPECT_EQ(code(R"({"specversion":"1.0","id":"\u0000","source":"s","type":"t","data":{}})"),
            "malformed");
  EXPECT_EQ(code(R"({"specversion":"1.0","id":"\ud800","source":"s","type":"t","data":{}})"),
            "malformed");
  const Expected unknown = send_bytes(
      R"({"specversion":"1.0","id":"i","source":"s","type":"T","data":{"resource":"r"}})");
  EXPECT_EQ(unknown.code, "unknown_type");
  EXPECT_EQ(unknown.id, "i");
  EXPECT_EQ(unknown.resource, "r");
  EXPECT_TRUE(unknown.dead_letter);
  EXPECT_EQ(unknown.now_ms, 0);
  const std::string deep(29, '['), end(29, ']');
  const std::string head = R"({"specversion":"1.0","id":"i","source":"s","type":"CheckIn",)";
  EXPECT_EQ(code(head + R"("data":{"x":)" + deep + "[" + end + R"(]}})"), "invalid_field");
  EXPECT_EQ(code(head + R"("data":{"x":)" + deep + "[[" + end + R"(]]}})"), "malformed");
}

TEST_F(Auditor, NamesTheFirstFieldAtFault) {
  const auto field = [this](const std::string& type, const std::string& fields) {
    const Expected result = send(type, fields);
    const auto* name = result.details.if_contains("field");
    return name != nullptr ? std::string(name->get_string().c_str()) : result.code.value_or("");
  };
  EXPECT_EQ(field("CreateBooking", R"("customer":null)"), "customer");
  EXPECT_EQ(field("CreateBooking", R"("zz":1,"customer":{"x":1,"name":"A","phone":"1234"})"),
            "customer.phone");
  EXPECT_EQ(field("CreateBooking", R"("notes":1,"customer":{"x":1,"name":"A"})"), "customer.x");
  EXPECT_EQ(field("CreateBooking", R"("zz":1,"expected_version":1,)" + john), "expected_version");
  EXPECT_EQ(field("CreateBooking", R"("booking_id":"villa.12",)" + john), "booking_id");
  EXPECT_EQ(field("CreateBooking", R"("units":1.0,)" + john), "units");
  EXPECT_EQ(field("CreateBooking", R"("check_in":"2026-02-29",)" + john), "check_in");
  EXPECT_EQ(field("CreateBooking", R"("customer":{"name":"A","email":"a@b.c."})"),
            "customer.email");
  EXPECT_EQ(field("CreateBooking", R"("check_in":"2026-12-02","check_out":"2026-12-02",)" + john),
            "invalid_range");
  EXPECT_EQ(field("DefineRoom", R"("name":" ","units":1,"inventory":"counter")"), "name");
  EXPECT_EQ(field("DefineRoom", R"("name":"V","units":1,"inventory":"counter","timezone":"Mars")"),
            "timezone");
  given_counter_room(1);
  EXPECT_EQ(field("CreateBooking", R"("check_out":"2026-12-02","schedule_id":"s",)" + john),
            "check_in");
}

TEST_F(Auditor, ForwardsWhatLiesInTheWrongPartition) {
  EXPECT_EQ(murmur2("21"), static_cast<std::uint32_t>(-973932308));
  EXPECT_EQ(murmur2("foobar"), static_cast<std::uint32_t>(-790332482));
  EXPECT_EQ(murmur2("a-little-bit-long-string"), static_cast<std::uint32_t>(-985981536));
  given_counter_room(0);
  model = Model({.partitions = 4, .command_clock = false, .remember = 10});
  const int right = partition_of("villa", 4);
  const int wrong = (right + 1) % 4;
  const CommandRecord record{.partition = wrong, .offset = 9, .timestamp_ms = noon, .value = last};
  const Expected forwarded = model.decide(record);
  EXPECT_EQ(forwarded.type, "CommandForwarded");
  EXPECT_EQ(forwarded.forwarded_to, right);
  EXPECT_EQ(forwarded.now_ms, noon);
  EXPECT_FALSE(forwarded.stops_engine);
  const Expected arrived = model.decide({.partition = right, .value = last, .forwarded = true});
  EXPECT_EQ(arrived.events, std::vector<std::string>{"villa@1"});
  EXPECT_EQ(arrived.now_ms, 0);
}

TEST_F(Auditor, ReadsTheClockFromTheCommandInABackfill) {
  EXPECT_EQ(read_instant("2026-12-01T12:00:00+07:00"), noon);
  EXPECT_EQ(read_instant("2026-12-01t05:00:00.9999z"), noon + 999);
  EXPECT_EQ(read_instant("1969-12-31T23:59:59Z"), std::nullopt);
  EXPECT_EQ(read_instant("2026-12-01T05:00:60Z"), std::nullopt);
  EXPECT_EQ(read_instant("2026-12-01 05:00:00Z"), std::nullopt);
  EXPECT_TRUE(read_instant("2100-12-31T23:59:59Z"));
  EXPECT_EQ(local_text("Asia/Jakarta", noon), "2026-12-01T12:00:00.000");
  model = Model({.partitions = 1, .command_clock = true, .remember = 10});
  const std::string tail = R"("specversion":"1.0","source":"s","type":"CheckIn","data":{}})";
  EXPECT_EQ(send_bytes(R"({"id":"1","time":"2026-12-01T05:00:00Z",)" + tail).now_ms, noon);
  EXPECT_EQ(send_bytes(R"({"id":"2","time":"2020-01-01T00:00:00Z",)" + tail).now_ms, noon);
  EXPECT_EQ(send_bytes(R"({"id":"3",)" + tail).now_ms, noon);
}

TEST(AuditorOfCustomers, MatchesByPhoneThenEmailThenName) {
  EXPECT_EQ(normal_phone("+62 812-3456"), "08123456");
  EXPECT_EQ(normal_phone("0062 812 3456"), "08123456");
  EXPECT_EQ(normal_phone("6255501"), "6255501");
  EXPECT_EQ(normal_phone("0000-0000"), std::nullopt);
  EXPECT_EQ(normal_name("  John \t DOE "), "john doe");
  CustomerModel customers;
  CustomerModel::Created b;
  b.resource = "villa";
  const auto link = [&](const char* id, const char* name, std::optional<std::string> phone,
                        std::optional<std::string> email, const char* when) {
    b.booking_id = id;
    b.name = name;
    b.phone = std::move(phone);
    b.email = std::move(email);
    b.booked_for = when;
    return customers.created(b).code;
  };
  EXPECT_EQ(link("v.1", "John", "08123456", "a@x.io", "2026-12-01T00:00:00.000"), "CS-000001");
  EXPECT_EQ(link("v.2", "Johnny", "+628123456", "b@x.io", "2026-11-01T00:00:00.000"), "CS-000001");
  EXPECT_EQ(link("v.3", "John", {}, "A@x.io", "2026-12-01T00:00:00.000"), "CS-000002");
  EXPECT_EQ(link("v.4", "John", "08123456", "a@x.io", "2026-12-01T00:00:00.000"), "CS-000001");
  EXPECT_EQ(link("v.5", "john", {}, {}, "2026-12-01T00:00:00.000"), "CS-000003");
  EXPECT_EQ(link("v.6", " JOHN ", {}, {}, "2026-12-02T00:00:00.000"), "CS-000003");
  const json::object first = customers.rows().at("customer").at(0);
  EXPECT_EQ(first.at("name"), "John");
  EXPECT_EQ(first.at("phone"), "08123456");
  EXPECT_EQ(first.at("email"), "b@x.io");
  EXPECT_EQ(first.at("bookings"), 3);
  EXPECT_EQ(first.at("first_booking_at"), "2026-12-01T00:00:00.000");
  EXPECT_EQ(customers.rows().at("customer_booking").size(), 6U);
}

}  // namespace
}  // namespace pesan::audit
