// docs/wire.md: what one command record leaves behind - event, result, dead letter, forwarded
// command.

#include <algorithm>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "events/partitioner.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

constexpr std::string_view a_room = R"("name":"Villa","units":1,"inventory":"counter")";
constexpr std::string_view john = R"("customer":{"name":"John Doe"})";

// With 4 partitions villa lives in one, and this is another.
const Partition home = partition_of("villa", 4);
const Partition elsewhere{(home.value + 1) % 4};

// ---- events and results ----

TEST(EngineRecords, AnEventIsACloudEventWithItsPlace) {
  Desk desk;
  desk.send("DefineRoom", a_room, {.id = "d-1", .source = "/desk"})
      .then_event("RoomDefined",
                  R"({"specversion":"1.0","id":"villa@1","source":"/pesan/test/events",
                      "subject":"villa","time":"2026-12-01T05:00:00.000Z",
                      "datacontenttype":"application/json","sequence":"00000000000000000001",
                      "version":1,"resource":"villa","causationid":"d-1",
                      "causationsource":"/desk"})");
  desk.send("CreateBooking", john)
      .then_event("BookingCreated", R"({"id":"villa@2","subject":"villa.1","version":2,
                                        "sequence":"00000000000000000002",
                                        "data":{"number":2048,"booking_id":"villa.1"}})");
}

TEST(EngineRecords, ATraceparentTravelsWithTheEvent) {
  Desk desk;
  desk.send("DefineRoom", a_room, {.more = R"("traceparent":"00-aa-bb-01")"})
      .then_event("RoomDefined", R"({"traceparent":"00-aa-bb-01"})");
  const Answer without = desk.send("CreateBooking", john);
  EXPECT_FALSE(without.events.front().contains("traceparent"));
}

TEST(EngineRecords, SequencesArePerPartitionAndVersionsPerResourceWithoutGaps) {
  Desk desk;
  desk.given("DefineRoom", a_room);
  desk.send("DefineRoom", a_room, {.resource = "hut"})
      .saying(R"({"sequence":2,"version":1,"events":["hut@1"]})");
  desk.send("CreateBooking", "", {.resource = "hut"}).then_rejected(Code::invalid_field);
  desk.send("ChangeRoom", "").saying(R"({"sequence":2,"version":1,"events":[]})");
  desk.send("ChangeRoom", R"("units":2)").saying(R"({"sequence":3,"version":2})");
  desk.send("CheckIn", R"("booking_id":"none.1")", {.resource = "none"})
      .saying(R"({"sequence":3,"version":0})");
}

TEST(EngineRecords, EveryRecordLeavesOneResultNamedByItsPlace) {
  Desk desk({.partition = home, .partitions = 4});
  const std::string first = fmt::format("{}-0", home.value);
  const Answer answer = desk.send("DefineRoom", a_room, {.id = "d"});
  EXPECT_EQ(answer.result.at("id").as_string(), first);
  EXPECT_EQ(answer.result.at("source").as_string(), "/pesan/test/results");
  EXPECT_EQ(answer.result.at("type").as_string(), "CommandAccepted");
  answer.saying(fmt::format(R"({{"command":{{"source":"/test","id":"d","type":"DefineRoom"}},
                                "resource":"villa","partition":{}}})",
                            home.value));
  EXPECT_EQ(answer.data().at("command").at("digest").as_string().size(), 32U);
}

TEST(EngineRecords, ARejectionSaysItsCodeAMessageAndDetails) {
  Desk desk;
  desk.given("DefineRoom", a_room);
  const Answer answer =
      desk.send("CreateBooking", R"("units":2,"status":"confirmed",)" + std::string(john));
  EXPECT_EQ(answer.result.at("type").as_string(), "CommandRejected");
  answer.saying(R"({"code":"capacity_exceeded","message":"There is not enough left.",
                    "details":{"bucket":"*","asked":2,"left":1}})");
}

TEST(EngineRecords, KeysAreTheResource) {
  Desk desk;
  desk.given("DefineRoom", a_room);
  desk.send_record("no JSON");
  ASSERT_EQ(desk.written().records.size(), 4U);
  EXPECT_EQ(desk.written().records[0].payload.key, "villa");       // event
  EXPECT_EQ(desk.written().records[1].payload.key, "villa");       // result
  EXPECT_EQ(desk.written().records[3].payload.key, std::nullopt);  // result of the unreadable
  EXPECT_TRUE(desk.written().records[0].payload.cloud_event);
}

TEST(EngineRecords, TheBookingIdStandsInTheResultWhateverTheAnswer) {
  Desk desk;
  desk.given("DefineRoom", a_room);
  desk.send("CheckIn", R"("booking_id":"villa.9")")
      .then_rejected(Code::booking_not_found)
      .saying(R"({"booking_id":"villa.9"})");
  desk.send("CreateBooking", R"("booking_id":"villa.x",)" + std::string(john))
      .saying(R"({"booking_id":"villa.x"})");
  desk.send("ChangeBooking", R"("booking_id":"villa.x")").saying(R"({"booking_id":"villa.x"})");
}

// ---- dead letters ----

TEST(EngineDeadLetters, KeepTheBytesAndHeadersAndSayWhy) {
  Desk desk;
  const std::string bytes = "{\"no\": JSON\xFF";
  const Answer answer = desk.send_record(bytes, {{"trace", "abc"}, {"trace", "def"}});
  answer.then_rejected(Code::malformed);
  ASSERT_EQ(answer.dead_letters.size(), 1U);
  const Payload& letter = answer.dead_letters.front();
  EXPECT_EQ(letter.value, bytes);
  ASSERT_EQ(letter.headers.size(), 4U);
  EXPECT_EQ(letter.headers[0], (Header{"trace", "abc"}));
  EXPECT_EQ(letter.headers[1], (Header{"trace", "def"}));
  EXPECT_EQ(letter.headers[2], (Header{std::string(reason_header), "malformed"}));
  EXPECT_EQ(letter.headers[3], (Header{std::string(origin_header), "0-0"}));
}

TEST(EngineDeadLetters, AreMalformedAndUnknownTypesAndNothingElse) {
  Desk desk;
  EXPECT_EQ(desk.send("BookNow").dead_letters.size(), 1U);
  EXPECT_EQ(desk.send("DefineRoom").dead_letters.size(), 0U);
  EXPECT_EQ(desk.send("DefineRoom", a_room).dead_letters.size(), 0U);
  EXPECT_EQ(desk.send("DefineRoom", a_room).dead_letters.size(), 0U);
}

TEST(EngineDeadLetters, AnUnreadableRecordIsAnsweredWhereItLies) {
  Desk desk({.partition = elsewhere, .partitions = 4});
  desk.send("BookNow").then_rejected(Code::unknown_type);
}

// ---- forwarding ----

TEST(EngineForwarding, AMisplacedCommandGoesToItsPartitionAsItIs) {
  Desk desk({.partition = elsewhere, .partitions = 4});
  const Answer answer = desk.send("DefineRoom", a_room, {.id = "d"});
  EXPECT_EQ(answer.word(), "forwarded");
  EXPECT_TRUE(answer.events.empty());
  ASSERT_EQ(answer.forwarded.size(), 1U);
  const auto& [to, payload] = answer.forwarded.front();
  EXPECT_EQ(to, home);
  EXPECT_EQ(payload.key, "villa");
  EXPECT_NE(payload.value.find(R"("id":"d")"), std::string::npos);
  ASSERT_EQ(payload.headers.size(), 1U);
  EXPECT_EQ(payload.headers[0].name, forwarded_header);
  answer.saying(R"({"events":[],"sequence":0,"version":0,"resource":"villa"})");

  Desk right({.partition = home, .partitions = 4});
  right.send_record(payload.value, payload.headers).then_event("RoomDefined");
}

TEST(EngineForwarding, WithoutAStringForAResourceTheRightPartitionIsTheFirst) {
  const std::string record = R"({"specversion":"1.0","id":"1","source":"/t","type":"CheckIn",
                                 "data":{"resource":7}})";
  Desk first({.partition = {0}, .partitions = 4});
  first.send_record(record).then_rejected(Code::invalid_field);
  Desk third({.partition = {2}, .partitions = 4});
  const Answer answer = third.send_record(record);
  EXPECT_EQ(answer.word(), "forwarded");
  EXPECT_EQ(answer.forwarded.front().first, Partition{0});
}

TEST(EngineForwarding, EvenABadResourceHasARightPartition) {
  const Partition bad_home = partition_of("?!", 4);
  Desk desk({.partition = bad_home, .partitions = 4});
  desk.send("DefineRoom", a_room, {.resource = "?!"})
      .then_rejected(Code::invalid_field, R"({"field":"resource"})");
}

TEST(EngineForwarding, IsNotRememberedSoTheSameRecordIsForwardedAgain) {
  Desk desk({.partition = elsewhere, .partitions = 4});
  EXPECT_EQ(desk.send("DefineRoom", a_room, {.id = "d"}).word(), "forwarded");
  EXPECT_EQ(desk.send("DefineRoom", a_room, {.id = "d"}).word(), "forwarded");
}

// ---- commands that an operator set aside ----

TEST(EngineParked, ACommandThatWasSetAsideIsAnsweredEngineFailed) {
  Desk desk({.parked = {Offset{1}}});
  desk.given("DefineRoom", a_room);
  const Answer answer = desk.send("CreateBooking", john, {.id = "b"});
  answer.then_rejected(Code::engine_failed).saying(R"({"sequence":1,"version":1,"events":[]})");
  EXPECT_EQ(answer.dead_letters.size(), 1U);
  desk.send("CreateBooking", john, {.id = "c"}).then_event("BookingCreated");
}

TEST(EngineParked, SentAgainItIsStillEngineFailedAndDoesNotStopTheEngineAgain) {
  Desk desk({.parked = {Offset{1}}});
  desk.given("DefineRoom", a_room);
  desk.send("CreateBooking", john, {.id = "b"});
  EXPECT_EQ(desk.send("CreateBooking", john, {.id = "b"}).word(), "duplicate engine_failed");
}

TEST(EngineParked, AKeyThatIsKnownKeepsItsOutcome) {
  Desk desk({.parked = {Offset{2}}});
  desk.given("DefineRoom", a_room);
  desk.send("CreateBooking", john, {.id = "b"}).then_event("BookingCreated");
  desk.send("CreateBooking", john, {.id = "b"}).then_rejected(Code::engine_failed);
  EXPECT_EQ(desk.send("CreateBooking", john, {.id = "b"}).word(), "duplicate accepted");
}

TEST(EngineParked, MovesNoClockSoARecordFromTheFutureCanBeSetAside) {
  CommandProcessor processor({.log_id = "t"}, 10, {Offset{0}});
  Transaction out;
  const Record record{.offset = {0},
                      .timestamp = {noon.ms + 86'400'000},
                      .payload = {.key = {}, .value = "{}", .headers = {}}};
  ASSERT_TRUE(processor.process(record, noon, out));
  EXPECT_EQ(processor.position().now, Instant{0});
}

TEST(EngineParked, AForwardedAndMisplacedCommandCanBeSetAside) {
  Desk desk({.partition = elsewhere, .partitions = 4, .parked = {Offset{0}}});
  desk.send_record(
          R"({"specversion":"1.0","id":"1","source":"/t","type":"CheckIn",
              "data":{"resource":"villa"}})",
          {{std::string(forwarded_header), "0-0"}})
      .then_rejected(Code::engine_failed);
}

TEST(EngineParked, WhatNobodyCanReadStaysMalformed) {
  Desk desk({.parked = {Offset{0}}});
  desk.send_record("no JSON").then_rejected(Code::malformed);
}

// ---- strings in details ----

TEST(EngineDetails, AreCutToTwoHundredCharacters) {
  Desk desk;
  const std::string type(300, 'x');
  const Answer answer = desk.send(type);
  EXPECT_EQ(answer.data().at("details").at("type").as_string(), std::string(200, 'x'));
}

TEST(EngineDetails, SurviveCharactersThatJsonEscapes) {
  Desk desk;
  desk.send("CheckIn", R"("booking_id":"villa.1","\"\\\n\u0001\b\f\u007f\u2028":1)")
      .then_rejected(Code::invalid_field, R"({"field":"\"\\\n\u0001\b\f\u007f\u2028"})");
}

// ---- size ----

/// Bytes of the largest record that the answer to the largest command makes, key and all.
std::size_t largest_answer(std::string_view attribute, std::string_view filler,
                           Partition partition) {
  std::string text;
  const auto record = [&] {
    return fmt::format(R"({{"specversion":"1.0","id":"1","source":"/t","type":"{}",)"
                       R"("traceparent":"{}","data":{{"resource":"{}"}}}})",
                       attribute == "type" ? text : "CheckIn",
                       attribute == "traceparent" ? text : "", attribute == "resource" ? text : "");
  };
  for (auto left = largest_command - record().size(); left >= filler.size();) {
    text += filler;
    left -= filler.size();
  }
  Desk desk({.partition = partition, .partitions = 4});
  desk.send_record(record());
  std::size_t largest = 0;
  for (const auto& written : desk.written().records) {
    std::size_t size = written.payload.value.size() + written.payload.key.value_or("").size();
    for (const auto& header : written.payload.headers)
      size += header.name.size() + header.value.size();
    largest = std::max(largest, size);
  }
  return largest;
}

TEST(EngineSize, WhateverIsAcceptedCanBeAnsweredAndSetAsideWithinTwoMebibytes) {
  for (const std::string_view attribute : {"type", "traceparent", "resource"}) {
    for (const std::string_view filler :
         {"x", R"(\b)", R"(\f)", R"(\u0001)", "\xC3\xA9", R"(\")"}) {
      for (const std::int32_t partition : {0, 1, 2, 3}) {
        EXPECT_LT(largest_answer(attribute, filler, {partition}), std::size_t{2} << 20)
            << attribute << " " << filler;
      }
    }
  }
}

}  // namespace
}  // namespace pesan
