// What a refusal says beside its code, so that its sender can mend the command at once: which
// rule of which field, and what was expected; which byte of a record, and why.

#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "events/command_rules.hpp"
#include "events/rule_text.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

constexpr std::string_view a_room =
    R"("name":"V","units":1,"inventory":"nightly","max_party":2,"currency":"IDR")";

/// `field rule expected` of the refusal of these members.
std::string refusal(std::string_view type, std::string_view fields) {
  const Answer answer = Desk().given("DefineRoom", a_room).send(type, fields);
  if (answer.word() != "invalid_field") return answer.word();
  const auto& details = answer.data().at("details").as_object();
  EXPECT_EQ(details.begin()->key(), "field");
  return fmt::format("{} {} {}", std::string_view(details.at("field").as_string()),
                     std::string_view(details.at("rule").as_string()),
                     std::string_view(details.at("expected").as_string()));
}

TEST(RefusalDetails, SayWhichRuleAFieldBreaksAndWhatWasExpected) {
  EXPECT_EQ(refusal("ChangeRoom", R"("units":-1)"), "units range an integer from 0 to 1000000");
  EXPECT_EQ(refusal("ChangeRoom", R"("units":18446744073709551615)"),
            "units range an integer from 0 to 1000000");
  EXPECT_EQ(refusal("ChangeRoom", R"("units":1.0)"), "units type an integer from 0 to 1000000");
  EXPECT_EQ(refusal("ChangeRoom", R"("units":null)"), "units type an integer from 0 to 1000000");
  EXPECT_EQ(refusal("ChangeRoom", R"("active":1)"), "active type true or false");
  EXPECT_EQ(refusal("ChangeRoom", R"("name":" ")"),
            "name pattern a string of 1 to 200 characters, not only white space");
  EXPECT_EQ(refusal("ChangeRoom", R"("name":"")"),
            "name range a string of 1 to 200 characters, not only white space");
  EXPECT_EQ(refusal("ChangeStatus", R"("booking_id":"villa.1")"),
            "status missing one of pending, confirmed, in_progress, completed, cancelled, no_show, "
            "expired");
  EXPECT_EQ(refusal("CreateBooking", R"("status":"expired","customer":{"name":"J"})"),
            "status pattern one of pending, confirmed");
  EXPECT_EQ(refusal("CreateBooking", R"("customer":"J")"), "customer type an object");
  EXPECT_EQ(refusal("CreateBooking", R"("units":1)"), "customer missing an object");
  EXPECT_EQ(refusal("CreateBooking", R"("customer":{"name":"J","phone":"1234"})"),
            "customer.phone pattern a string of 1 to 40 characters, 5 to 20 of them digits");
  EXPECT_EQ(refusal("CreateBooking", R"("check_in":"2026-02-30","customer":{"name":"J"})"),
            "check_in pattern a day as YYYY-MM-DD, 1970 to 9999");
  EXPECT_EQ(refusal("CheckIn", R"("booking_id":7)"),
            "booking_id type <resource>.<suffix> of this resource, with a suffix of 1 to 40 "
            "letters, digits, _ or -");
}

TEST(RefusalDetails, NameTheFieldsThatThereAreWhereOneIsUnknown) {
  EXPECT_EQ(refusal("CreateBooking", R"("customer":{"name":"J","fone":"12345"})"),
            "customer.fone unknown one of name, ref, gender, phone, email, address");
}

TEST(RefusalDetails, SayWhatTheInventoryNeedsOrRefuses) {
  EXPECT_EQ(refusal("CreateBooking", R"("customer":{"name":"J"})"),
            "check_in missing a day as YYYY-MM-DD, 1970 to 9999");
  EXPECT_EQ(refusal("CreateBooking", R"("schedule_id":"s","check_in":"2026-12-02",
                                        "check_out":"2026-12-03","customer":{"name":"J"})"),
            "schedule_id refused not with a room, which takes check_in and check_out");
}

TEST(RefusalDetails, AreCutToTwoHundredCharacters) {
  const std::string said = refusal("ChangeRoom", fmt::format(R"("{}":1)", std::string(300, 'x')));
  EXPECT_TRUE(said.starts_with(std::string(200, 'x') + " unknown ")) << said;
}

TEST(RefusalDetails, StandInTheMessageAndAreRememberedWithIt) {
  Desk desk;
  const auto send = [&] { return desk.send("DefineRoom", R"("name":"V")", {.id = "x"}); };
  const Answer first = send();
  EXPECT_EQ(first.data().at("message").as_string(),
            "The field units is missing; expected: an integer from 0 to 1000000.");
  const Answer again = send();
  EXPECT_EQ(again.word(), "duplicate invalid_field");
  EXPECT_EQ(again.data().at("details"), first.data().at("details"));
  EXPECT_EQ(again.data().at("message"), first.data().at("message"));
}

/// `kind byte line:column` of a record that cannot be read.
std::string place(std::string record) {
  const Answer answer = Desk().send_record(std::move(record));
  if (answer.word() != "malformed") return answer.word();
  const auto& details = answer.data().at("details").as_object();
  const std::string kind(details.at("kind").as_string());
  if (!details.contains("byte")) return kind;
  return fmt::format("{} {} {}:{}", kind, details.at("byte").as_int64(),
                     details.at("line").as_int64(), details.at("column").as_int64());
}

TEST(RefusalDetails, SayAtWhichByteARecordCannotBeReadAndWhy) {
  EXPECT_EQ(place("{\"a\":1,}"), "syntax 8 1:8");
  EXPECT_EQ(place("{\n  \"é\": x}"), "syntax 11 2:8");
  EXPECT_EQ(place("{\"a\":1} {"), "syntax 9 1:9");
  EXPECT_EQ(place("{\"a\":1"), "syntax 7 1:7");
  EXPECT_EQ(place("{\"a\":\"\n\"}"), "syntax 7 1:7");
  EXPECT_EQ(place("{\"a\":1e99999999999999,}"), "syntax 23 1:23");
  EXPECT_EQ(place(""), "empty 1 1:1");
  EXPECT_EQ(place(" \t\r\n"), "empty 1 1:1");
  EXPECT_EQ(place("\xEF\xBB\xBF{}"), "byte_order_mark 1 1:1");
  EXPECT_EQ(place("{\"a\":\"\xC3\xA9 \xFF\"}"), "encoding 10 1:9");
  EXPECT_EQ(place("\xFF\xFE{"), "encoding 1 1:1");
  EXPECT_EQ(place("{\"a\":\"\xE0\x80\xAF\"}"), "encoding 7 1:7");
  EXPECT_EQ(place(R"({"a":"\ud800"})"), "encoding 7 1:7");
  EXPECT_EQ(place(R"({"a":"\uD83D\u0041"})"), "encoding 7 1:7");
  EXPECT_EQ(place(R"({"a":"x\udc00"})"), "encoding 8 1:8");
  EXPECT_EQ(place(R"({"a":"\u00zz"})"), "syntax 11 1:11");
  EXPECT_EQ(place(std::string(33, '[')), "depth 33 1:33");
  EXPECT_EQ(place("[]"), "not_an_object");
  EXPECT_EQ(place(std::string((std::size_t{1} << 20) + 1, ' ')), "size");
}

TEST(RefusalDetails, SayWhichAttributeMakesNoCloudEvent) {
  Desk()
      .send_record(R"({"specversion":"1.0","id":7,"source":"/t","type":"CheckIn","data":{}})")
      .then_rejected(Code::malformed,
                     R"({"reason":"id is not a string of 1 to 200 characters",
                         "kind":"attribute","field":"id"})");
}

TEST(RefusalDetails, OfWhatCannotBeReadStandInTheMessageToo) {
  const auto message = [](std::string record) {
    return std::string(Desk().send_record(std::move(record)).data().at("message").as_string());
  };
  EXPECT_EQ(message("{\n\"a\":}"),
            "The record is not a readable command. In its line 2, column 5 (byte 7): not JSON.");
  EXPECT_EQ(message("7"), "The record is not a readable command: not a JSON object.");
}

TEST(RuleTexts, FitIntoADetailUncut) {
  for (const auto& rule :
       {rule::resource, rule::schedule_id, rule::booking_id, rule::own_booking_id, rule::short_text,
        rule::name, rule::long_text, rule::phone, rule::email, rule::currency, rule::timezone}) {
    EXPECT_EQ(cut_detail(text_of_rule(rule)), text_of_rule(rule));
  }
}

}  // namespace
}  // namespace pesan
