// Whatever a client can write is answered or set aside, and stops no partition: records as only a
// broker lets them through.

#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/dead_letter.hpp"
#include "events/digest.hpp"
#include "events/partitioner.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

constexpr std::string_view a_room = R"("name":"Villa","units":1,"inventory":"counter")";
constexpr std::string_view a_check_in =
    R"({"specversion":"1.0","id":"1","source":"/t","type":"CheckIn","data":{"resource":"villa"}})";
constexpr std::size_t mebibyte = std::size_t{1} << 20;

const Partition home = partition_of("villa", 4);
const Partition elsewhere{(home.value + 1) % 4};

std::string header(const Payload& payload, std::string_view name) {
  for (const auto& h : payload.headers) {
    if (h.name == name) return h.value;
  }
  return "none";
}

Payload letter_of(Desk& desk, std::string value, std::vector<Header> headers = {}) {
  const Answer answer = desk.send_record(std::move(value), std::move(headers));
  EXPECT_EQ(answer.failure, "");
  EXPECT_EQ(answer.dead_letters.size(), 1U);
  return answer.dead_letters.empty() ? Payload{} : answer.dead_letters.front();
}

// ---- the header of forwarding ----

TEST(EngineHostileRecord, AMisplacedOneThatSaysItWasForwardedIsMalformedAndSetAside) {
  Desk desk({.partition = elsewhere, .partitions = 4});
  const Answer answer =
      desk.send_record(std::string(a_check_in), {{std::string(forwarded_header), "0-0"}});
  answer.then_rejected(Code::malformed,
                       R"({"reason":"forwarded before, and not of this partition",
                           "kind":"misplaced"})");
  ASSERT_EQ(answer.dead_letters.size(), 1U);
  EXPECT_EQ(header(answer.dead_letters.front(), reason_header), "malformed");
}

TEST(EngineHostileRecord, OneAtHomeThatSaysItWasForwardedIsDecided) {
  Desk desk({.partition = home, .partitions = 4});
  desk.send_record(std::string(a_check_in), {{std::string(forwarded_header), "0-0"}})
      .then_rejected(Code::invalid_field);
}

TEST(EngineHostileRecord, ARefusalOfForwardingIsOfStageReadSoItMovesNoClockAndIsNotRemembered) {
  Desk desk({.partition = elsewhere, .partitions = 4});
  desk.send_record(std::string(a_check_in), {{std::string(forwarded_header), "0-0"}});
  EXPECT_EQ(desk.processor().position().now, Instant{});
  EXPECT_TRUE(desk.processor().ledger().entries().empty());
}

// ---- the sender's time ----

TEST(EngineHostileRecord, OneWithItsSendersTimeIsDecidedAtTheClockAsItStands) {
  CommandProcessor processor({.log_id = "t", .now = noon}, 10);
  Transaction out;
  for (const Instant senders : {Instant{-1}, Instant{noon.ms - 1}, Instant{4'000'000'000'000}}) {
    const Record record{.offset = processor.position().next_command,
                        .timestamp = senders,
                        .payload = {.key = {}, .value = std::string(a_check_in), .headers = {}},
                        .senders_time = true};
    const auto answered = processor.process(record, noon, out);
    ASSERT_TRUE(answered) << answered.error().what;
    EXPECT_EQ(answered->time, TimeNote::senders);
    EXPECT_EQ(processor.position().now, noon);
  }
}

TEST(EngineHostileRecord, ABackfillTakesTheCommandsTimeWhateverTheRecordsStampIs) {
  CommandProcessor processor({.log_id = "t", .clock = Clock::command}, 10);
  Transaction out;
  const std::string timed = R"({"specversion":"1.0","id":"1","source":"/t","type":"CheckIn",)"
                            R"("time":"2026-12-01T05:00:00Z","data":{"resource":"villa"}})";
  const Record record{.offset = {0},
                      .timestamp = {-1},
                      .payload = {.key = {}, .value = timed, .headers = {}},
                      .senders_time = true};
  ASSERT_TRUE(processor.process(record, noon, out));
  EXPECT_EQ(processor.position().now, noon);
}

// ---- size ----

TEST(EngineHostileRecord, OneTooLargeToBeSetAsideKeepsItsFirst64KiBItsSizeAndItsDigest) {
  Desk desk;
  const std::string notes(3 * mebibyte, 'n');
  const Payload letter = letter_of(desk, notes, {{"trace", "abc"}});
  EXPECT_EQ(letter.value, std::string(65'536, 'n'));
  EXPECT_EQ(header(letter, size_header), "3145728");
  EXPECT_EQ(header(letter, digest_header), to_hex(digest_of(notes)));
  EXPECT_EQ(header(letter, cut_header), "value");
  EXPECT_EQ(header(letter, "trace"), "abc");
  EXPECT_EQ(header(letter, reason_header), "malformed");
}

TEST(EngineHostileRecord, OneOfTwoMebibytesIsSetAsideWhole) {
  Desk desk;
  const std::string value(2 * mebibyte, 'n');
  const Payload letter = letter_of(desk, value);
  EXPECT_EQ(letter.value, value);
  EXPECT_EQ(header(letter, size_header), "none");
}

TEST(EngineHostileRecord, LargeHeadersAreLeftOutBeforeTheValueIsCut) {
  Desk desk;
  const std::string value(mebibyte, 'n');
  const Payload letter =
      letter_of(desk, value, {{"first", "1"}, {"large", std::string(2 * mebibyte, 'h')}});
  EXPECT_EQ(letter.value, value);
  EXPECT_EQ(header(letter, "first"), "1");
  EXPECT_EQ(header(letter, "large"), "none");
  EXPECT_EQ(header(letter, cut_header), "headers");
  EXPECT_EQ(header(letter, size_header), "1048576");
}

TEST(EngineHostileRecord, AHundredThousandHeadersAreCutToo) {
  Desk desk;
  const Payload letter = letter_of(desk, "no JSON", std::vector<Header>(300'000, Header{"h", ""}));
  EXPECT_LT(size_of(letter), std::size_t{128} << 10);
  EXPECT_EQ(letter.value, "no JSON");
}

TEST(EngineHostileRecord, ALargeKeyIsCut) {
  const Payload record{.key = std::string(3 * mebibyte, 'k'), .value = "no JSON", .headers = {}};
  const Payload letter = dead_letter_of(record, {.reason = Code::malformed, .origin = "0-0"});
  EXPECT_EQ(letter.key, std::string(65'536, 'k'));
  EXPECT_EQ(header(letter, cut_header), "key");
  EXPECT_EQ(letter.value, "no JSON");
}

TEST(EngineHostileRecord, WhatHasNoValueHasNoneInItsLetterNorWhenItIsSentOn) {
  const Payload record{.key = "k",
                       .value = "",
                       .headers = {{.name = "none", .value = "", .null = true}, {"empty", ""}},
                       .null_value = true};
  for (const Payload& made : {dead_letter_of(record, {.reason = Code::malformed, .origin = "0-0"}),
                              forwarded_of(record, "0-0")}) {
    EXPECT_TRUE(made.null_value);
    EXPECT_TRUE(made.headers.at(0).null);
    EXPECT_FALSE(made.headers.at(1).null);
  }
}

TEST(EngineHostileRecord, WhateverItsPartsTakeItsLetterFitsItsTopic) {
  for (const std::size_t key : {std::size_t{0}, 70'000 + 0 * mebibyte, 5 * mebibyte}) {
    for (const std::size_t value : {std::size_t{0}, 2 * mebibyte, 2 * mebibyte + 1, 5 * mebibyte}) {
      for (const std::size_t headers : {std::size_t{0}, 70'000 + 0 * mebibyte, 5 * mebibyte}) {
        const Payload record{.key = std::string(key, 'k'),
                             .value = std::string(value, 'v'),
                             .headers = {{"h", std::string(headers, 'h')}}};
        const auto letter = dead_letter_of(record, {.reason = Code::malformed, .origin = "0-0"});
        EXPECT_LE(size_of(letter), largest_whole_record + 1'000) << key << " " << value;
      }
    }
  }
}

TEST(EngineHostileRecord, AMisplacedOneWithLargeHeadersIsForwardedWithThoseThatHaveRoom) {
  Desk desk({.partition = elsewhere, .partitions = 4});
  desk.send_record(std::string(a_check_in),
                   {{"first", "1"}, {"large", std::string(3 * mebibyte, 'h')}});
  const Payload& forwarded = desk.written().records.front().payload;
  EXPECT_EQ(desk.written().records.front().to, (TopicPartition{Topic::commands, home}));
  EXPECT_EQ(forwarded.value, a_check_in);
  EXPECT_EQ(header(forwarded, "first"), "1");
  EXPECT_EQ(header(forwarded, "large"), "none");
  EXPECT_EQ(header(forwarded, cut_header), "headers");
}

TEST(EngineHostileRecord, OneThatCannotBeUnpackedIsAnsweredAndSetAsideWithoutItsBytes) {
  CommandProcessor processor({.log_id = "t", .now = noon}, 10);
  Transaction out;
  const auto answered = processor.process({.offset = {0}, .unpackable = true}, noon, out);
  ASSERT_TRUE(answered) << answered.error().what;
  EXPECT_EQ(answered->code, Code::malformed);
  EXPECT_TRUE(answered->dead_letter);
  ASSERT_EQ(out.records.size(), 2U);
  EXPECT_EQ(out.records[0].payload.value, "");
  EXPECT_EQ(header(out.records[0].payload, origin_header), "0-0");
  EXPECT_NE(out.records[1].payload.value.find(
                R"("reason":"compressed so that it unpacks to more than readers take")"),
            std::string::npos);
  EXPECT_EQ(processor.position().now, noon);
}

// ---- times that could not be followed are told ----

TEST(EngineCommandTimes, AreToldWhereTheyCouldNotBeFollowed) {
  const auto note = [](Clock clock, std::string_view time) {
    CommandProcessor processor({.log_id = "t", .clock = clock, .now = noon}, 10);
    Transaction out;
    const Record record{
        .offset = {0},
        .timestamp = noon,
        .payload = {.key = {},
                    .value = fmt::format(R"({{"specversion":"1.0","id":"1","source":"/t",{})"
                                         R"("type":"CheckIn","data":{{"resource":"villa"}}}})",
                                         time.empty() ? "" : fmt::format(R"("time":"{}",)", time)),
                    .headers = {}}};
    return processor.process(record, noon, out)->time;
  };
  EXPECT_EQ(note(Clock::command, "2026-12-01T05:00:00Z"), TimeNote::none);
  EXPECT_EQ(note(Clock::command, "2026-12-01T04:59:59Z"), TimeNote::went_back);
  EXPECT_EQ(note(Clock::command, "yesterday"), TimeNote::unreadable);
  EXPECT_EQ(note(Clock::command, ""), TimeNote::unreadable);
  EXPECT_EQ(note(Clock::append, "2026-11-30T05:00:00Z"), TimeNote::none);
  EXPECT_EQ(note(Clock::append, "2026-11-30T04:59:59Z"), TimeNote::not_followed);
  EXPECT_EQ(note(Clock::append, ""), TimeNote::none);
  EXPECT_EQ(note(Clock::append, "yesterday"), TimeNote::none);
}

}  // namespace
}  // namespace pesan
