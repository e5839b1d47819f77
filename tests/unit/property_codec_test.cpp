// What is written is read back equal: commands, events, results; and texts there and back.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "events/command_reader.hpp"
#include "events/result_codec.hpp"
#include "events/utf8.hpp"
#include "tests/support/command_stream.hpp"
#include "tests/support/given_when_then.hpp"

namespace pesan {
namespace {

/// Whole characters of every length, quotes and control characters among them.
std::string text(std::size_t most, std::size_t least = 1) {
  static constexpr std::string_view characters[] = {"a",
                                                    "Z",
                                                    "0",
                                                    " ",
                                                    "\"",
                                                    "\\",
                                                    "/",
                                                    "\n",
                                                    "\x01",
                                                    "\x1f",
                                                    "\x7f",
                                                    "\b",
                                                    "\f",
                                                    "\t",
                                                    "\xC3\xA9",
                                                    "\xE2\x80\xA8",
                                                    "\xEF\xBF\xBF",
                                                    "\xF0\x9F\x98\x80"};
  const auto length = *rc::gen::inRange<std::size_t>(least, std::min(most, least + 30) + 1);
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    out += characters[*rc::gen::inRange<std::size_t>(0, std::size(characters))];
  }
  return out;
}

/// Texts that a command borrows live here.
class Texts {
 public:
  std::string_view keep(std::string value) {
    return *kept_.emplace_back(std::make_unique<std::string>(std::move(value)));
  }
  std::optional<std::string_view> maybe(std::size_t most, std::size_t least = 1) {
    if (*rc::gen::inRange(0, 2) == 0) return std::nullopt;
    return keep(text(most, least));
  }

 private:
  std::vector<std::unique_ptr<std::string>> kept_;
};

std::optional<std::int64_t> maybe_integer(std::int64_t low, std::int64_t high) {
  if (*rc::gen::inRange(0, 2) == 0) return std::nullopt;
  return *rc::gen::inRange(low, high + 1);
}
template <NamedEnum E>
E any_of(std::size_t first = EnumNames<E>::names.size()) {
  return static_cast<E>(*rc::gen::inRange<std::size_t>(0, first));
}
template <NamedEnum E>
std::optional<E> maybe_of(std::size_t first = EnumNames<E>::names.size()) {
  if (*rc::gen::inRange(0, 2) == 0) return std::nullopt;
  return any_of<E>(first);
}
Date any_day() { return {*rc::gen::inRange<std::int32_t>(0, 2'932'896)}; }

Customer any_customer(Texts& texts) {
  return {.name = texts.keep("n" + text(199)),
          .ref = texts.maybe(200),
          .gender = maybe_of<Gender>(),
          .phone = *rc::gen::inRange(0, 2) == 0 ? std::nullopt : std::optional("+62 812-3456"),
          .email = *rc::gen::inRange(0, 2) == 0 ? std::nullopt : std::optional("a@b.c"),
          .address = texts.maybe(2000, 0)};
}

std::optional<Subject> maybe_subject(Texts& texts) {
  if (*rc::gen::inRange(0, 2) == 0) return std::nullopt;
  return Subject{
      .type = texts.keep(text(200)), .id = texts.keep(text(200)), .name = texts.keep(text(200))};
}

CommandBody any_body(Texts& texts) {
  const Date in = any_day();
  const Date out{std::min(in.days + *rc::gen::inRange(1, 3661), 2'932'896)};
  const bool dated = out > in && *rc::gen::inRange(0, 2) == 0;
  const TimeOfDay start{*rc::gen::inRange(0, 1440)};
  const TimeOfDay end{*rc::gen::inRange(start.minutes + 1, 1441)};
  const auto day = [&](Date date) { return dated ? std::optional(date) : std::nullopt; };
  switch (*rc::gen::inRange(0, 9)) {
    case 0:
      return DefineRoom{.name = texts.keep("x" + text(199)),
                        .units = *rc::gen::inRange<std::int64_t>(0, 1'000'001),
                        .inventory = any_of<Inventory>(2),
                        .nightly_price_minor = maybe_integer(0, 1'000'000'000'000'000),
                        .currency = "USD",
                        .max_party = maybe_integer(1, 10'000),
                        .occupancy = maybe_of<Occupancy>(),
                        .overbook_limit = maybe_integer(0, 10'000),
                        .min_nights = maybe_integer(1, 50),
                        .max_nights = maybe_integer(50, 10'000),
                        .timezone = "Europe/London",
                        .active = true};
    case 1: return AddSchedule{"s-1", in, start, end, *rc::gen::inRange<std::int64_t>(0, 9)};
    case 2:
      return CreateBooking{.booking_id = "villa.own",
                           .status = maybe_of<Status>(2),
                           .units = maybe_integer(1, 10'000),
                           .party_size = maybe_integer(1, 10'000),
                           .check_in = day(in),
                           .check_out = day(out),
                           .schedule_id = "s-1",
                           .appointment_at = at(in, TimeOfDay{start.minutes}),
                           .customer = any_customer(texts),
                           .subject = maybe_subject(texts),
                           .staff_id = texts.maybe(200),
                           .payment_status = maybe_of<Payment>(),
                           .notes = texts.maybe(2000, 0)};
    case 3: return ChangeStatus{"villa.1", any_of<Status>()};
    case 4:
      return RescheduleBooking{.booking_id = "villa.1", .check_in = day(in), .check_out = day(out)};
    case 5:
      return ChangeBooking{.booking_id = "villa.1",
                           .units = maybe_integer(1, 10'000),
                           .party_size = maybe_integer(1, 10'000),
                           .customer = any_customer(texts),
                           .staff_id = texts.maybe(200),
                           .subject = maybe_subject(texts),
                           .notes = texts.maybe(2000, 0)};
    case 6:
      return RecordPayment{.booking_id = "villa.1",
                           .status = any_of<Payment>(),
                           .amount_minor = maybe_integer(0, 1'000'000'000'000'000),
                           .method = maybe_of<PaymentMethod>(),
                           .transaction_id = texts.maybe(200)};
    case 7:
      return ChangeSchedule{.schedule_id = "s-1",
                            .date = day(in),
                            .start = start,
                            .end = end,
                            .capacity = maybe_integer(0, 1'000'000)};
    default: return DefineService{.name = "S", .price_minor = 1, .duration_minutes = 60};
  }
}

TEST(PropertyCodec, ACommandThatIsWrittenIsReadBackEqual) {
  EXPECT_TRUE(rc::check("parse(encode(command)) == command", [] {
    Texts texts;
    const std::string id = text(200);
    const std::string source = text(200);
    const CommandToWrite written{
        .id = id,
        .source = source,
        .time = Instant{*rc::gen::inRange<std::int64_t>(0, 4'133'980'800'000)},
        .command = {.resource = "villa",
                    .actor = {.type = any_of<ActorType>(), .id = texts.keep(text(200))},
                    .reason = texts.maybe(200),
                    .expected_version = {},
                    .body = any_body(texts)}};
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

TEST(PropertyCodec, AResultThatIsWrittenIsReadBackEqual) {
  EXPECT_TRUE(rc::check("parse(encode(result)) == result", [] {
    Texts texts;
    const auto ordinal = [] { return *rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000); };
    Result result;
    result.kind = static_cast<Result::Kind>(*rc::gen::inRange(0, 3));
    result.log_id = "log-1";
    result.partition = {*rc::gen::inRange(0, 1024)};
    result.command = {ordinal()};
    result.now = Instant{*rc::gen::inRange<std::int64_t>(0, 4'133'980'800'000)};
    result.traceparent = texts.maybe(60);
    result.sequence = {ordinal()};
    result.version = {ordinal()};
    // Only a refusal may be of a command that could not be read.
    const bool rejected = result.kind == Result::Kind::rejected;
    const bool whole = !rejected || *rc::gen::inRange(0, 2) == 0;
    result.source = whole ? texts.keep(text(200)) : texts.maybe(200);
    result.id = whole ? texts.keep(text(200)) : texts.maybe(200);
    result.type = whole ? texts.keep(text(200)) : texts.maybe(200);
    if (whole) result.digest = digest_of(text(20));
    result.resource = whole ? std::optional<std::string_view>("villa") : texts.maybe(200);
    if (whole) result.booking_id = "villa.7";
    std::string kept;
    if (rejected) result.code = any_of<Code>();
    if (rejected && *rc::gen::inRange(0, 2) == 0) {
      append_details(kept, {{"field", text(200)}, {"left", std::int64_t{-1}}});
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
    const Instant instant{*rc::gen::inRange<std::int64_t>(0, 4'133'980'800'000)};
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
    const std::string key = "~" + text(60);
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
