// What is written is read back equal: commands, events, results; and texts there and back.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "events/command_reader.hpp"
#include "events/result_codec.hpp"
#include "events/utf8.hpp"
#include "tests/support/any_fields.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

TEST(PropertyCodec, ACommandThatIsWrittenIsReadBackEqual) {
  EXPECT_TRUE(rc::check("parse(encode(command)) == command", [] {
    KeptTexts texts;
    const std::string id = any_text(200);
    const std::string source = any_text(200);
    const CommandToWrite written{
        .id = id, .source = source, .time = any_instant(), .command = any_command(texts)};
    std::string bytes;
    append_command(bytes, written);
    CommandReader reader;
    const Envelope& envelope = reader.read(bytes);
    RC_ASSERT(!envelope.refusal);
    RC_ASSERT(*envelope.id == id);
    RC_ASSERT(*envelope.source == source);
    RC_ASSERT(parse_instant(*envelope.time) == written.time);
    const auto command = reader.validate();
    RC_ASSERT(command.has_value());
    RC_ASSERT(*command == written.command);
  }));
}

TEST(PropertyCodec, AnEventThatIsWrittenIsReadBackEqual) {
  EXPECT_TRUE(rc::check("parse(encode(event)) == event", [] {
    KeptTexts texts;
    const LoggedEvent written = any_logged_event(texts);
    std::string bytes;
    append_event(bytes, written);
    EventDecoder decoder;
    const auto read = decoder.decode(bytes);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == written);
  }));
}

TEST(PropertyCodec, AnEventOfTheRegistryThatIsWrittenIsReadBackEqual) {
  EXPECT_TRUE(rc::check("parse(encode(event)) == event", [] {
    KeptTexts texts;
    const LoggedCustomerEvent written = any_customer_event(texts);
    std::string bytes;
    append_customer_event(bytes, written);
    EventDecoder decoder;
    const auto read = decoder.decode_customer(bytes);
    RC_ASSERT(read.has_value());
    RC_ASSERT(*read == written);
  }));
}

TEST(PropertyCodec, AResultThatIsWrittenIsReadBackEqual) {
  EXPECT_TRUE(rc::check("parse(encode(result)) == result", [] {
    KeptTexts texts;
    const auto ordinal = [] { return *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000); };
    Result result;
    result.kind = static_cast<Result::Kind>(*rc::gen::inRange(0, 3));
    result.log_id = "log-1";
    result.partition = {*rc::gen::inRange(0, 1024)};
    result.command = {ordinal()};
    result.now = any_instant();
    result.traceparent = texts.maybe(60);
    result.sequence = {ordinal()};
    result.version = {ordinal()};
    // Only a refusal may be of a command that could not be read.
    const bool rejected = result.kind == Result::Kind::rejected;
    const bool whole = !rejected || *rc::gen::inRange(0, 2) == 0;
    result.source = whole ? texts.keep(any_text(200)) : texts.maybe(200);
    result.id = whole ? texts.keep(any_text(200)) : texts.maybe(200);
    result.type = whole ? texts.keep(any_text(200)) : texts.maybe(200);
    if (whole) result.digest = digest_of(any_text(20));
    result.resource = whole ? std::optional<std::string_view>("villa") : texts.maybe(200);
    if (whole) result.booking_id = "villa.7";
    std::string kept;
    if (rejected) result.code = any_of<Code>();
    if (rejected && *rc::gen::inRange(0, 2) == 0) {
      append_details(kept, {{"field", any_text(200)}, {"left", std::int64_t{-1}}});
      result.details = kept;
    }
    if (result.kind == Result::Kind::accepted) result.event = result.version;
    result.duplicate = *rc::gen::inRange(0, 2) == 0;
    std::string bytes;
    append_result(bytes, result);
    ResultDecoder decoder;
    const auto read = decoder.decode(bytes);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->kind == result.kind);
    RC_ASSERT(read->log_id == result.log_id);
    RC_ASSERT(read->partition == result.partition);
    RC_ASSERT(read->command == result.command);
    RC_ASSERT(read->now == result.now);
    RC_ASSERT(read->source == result.source);
    RC_ASSERT(read->id == result.id);
    RC_ASSERT(read->type == result.type);
    RC_ASSERT(read->digest == result.digest);
    RC_ASSERT(read->resource == result.resource);
    RC_ASSERT(read->booking_id == result.booking_id);
    RC_ASSERT(read->code == result.code);
    RC_ASSERT(read->details == result.details);
    RC_ASSERT(read->event == result.event);
    RC_ASSERT(read->sequence == result.sequence);
    RC_ASSERT(read->version == result.version);
    RC_ASSERT(read->duplicate == result.duplicate);
  }));
}

TEST(PropertyCodec, TimesThereAndBack) {
  EXPECT_TRUE(rc::check("parse(to_string(time)) == time", [] {
    const Date day = any_day();
    const TimeOfDay time{*rc::gen::inRange(0, 1441)};
    const Instant instant = any_instant();
    const LocalDateTime moment{midnight(day).ms + *rc::gen::inRange(0, 86'400'000)};
    RC_ASSERT(parse_date(to_string(day)) == day);
    RC_ASSERT(parse_time_of_day(to_string(time)) == time);
    RC_ASSERT(parse_instant(to_string(instant)) == instant);
    RC_ASSERT(parse_local(to_string(moment)) == moment);
    RC_ASSERT(date_of(moment) == day);
  }));
}

TEST(PropertyCodec, WhateverTextComesInIsAnsweredAndStaysReadable) {
  EXPECT_TRUE(rc::check("arbitrary bytes", [] {
    const auto bytes = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    Desk desk;
    const Answer answer = desk.send_record(bytes);
    RC_ASSERT(answer.word() == "malformed");
    RC_ASSERT(answer.dead_letters.front().value == bytes);
  }));
}

TEST(PropertyCodec, AnyKeyMayStandInACommandAndIsNamedWhole) {
  EXPECT_TRUE(rc::check("unknown fields", [] {
    const std::string key = "~" + any_text(60);
    boost::json::string quoted(key);
    Desk desk;
    const Answer answer =
        desk.send("CheckIn", R"("booking_id":"villa.1",)" + boost::json::serialize(quoted) + ":1");
    RC_ASSERT(answer.word() == "invalid_field");
    RC_ASSERT(std::string(answer.data().at("details").at("field").as_string()) == key);
  }));
}

}  // namespace
}  // namespace pesan
