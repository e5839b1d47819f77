#include "tests/support/given_when_then.hpp"

#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "events/event_codec.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

template <class T>
T literal(std::optional<T> value, std::string_view text) {
  if (!value) throw std::invalid_argument("not a literal: " + std::string(text));
  return *value;
}

/// Reports at the test's line.
void fail_at(const Here& here, const std::string& message) {
  ADD_FAILURE_AT(here.file_name(), static_cast<int>(here.line())) << message;
}

void expect_members(std::string_view expected, const json::value& actual, const Here& here) {
  const std::string wrong = difference(json::parse(expected), actual);
  if (!wrong.empty()) {
    fail_at(here, fmt::format("{}\nin {}", wrong, json::serialize(actual)));
  }
}

std::string details_of(const Rejection& rejection) {
  std::string details;
  append_details(details, rejection.details);
  return details;
}

}  // namespace

Date operator""_day(const char* text, std::size_t size) {
  return literal(parse_date({text, size}), {text, size});
}
TimeOfDay operator""_time(const char* text, std::size_t size) {
  return literal(parse_time_of_day({text, size}), {text, size});
}
LocalDateTime operator""_local(const char* text, std::size_t size) {
  return literal(parse_local_minute({text, size}), {text, size});
}
Instant operator""_utc(const char* text, std::size_t size) {
  return literal(parse_instant({text, size}), {text, size});
}

std::string difference(const json::value& expected, const json::value& actual) {
  const auto* members = expected.if_object();
  const auto* there = actual.if_object();
  if (members == nullptr || there == nullptr) {
    if (expected == actual) return "";
    return fmt::format("expected {}, is {}", json::serialize(expected), json::serialize(actual));
  }
  for (const auto& [name, value] : *members) {
    const auto* found = there->if_contains(name);
    if (found == nullptr) {
      return fmt::format("{} is missing", std::string_view(name.data(), name.size()));
    }
    const std::string wrong = difference(value, *found);
    if (!wrong.empty()) {
      return fmt::format("{}: {}", std::string_view(name.data(), name.size()), wrong);
    }
  }
  return "";
}

// ---- Story ----

const Then& Then::then(std::string_view type, std::string_view members, Here here) const {
  if (word() != "accepted") {
    fail_at(here, fmt::format("expected {}, but the answer is {}", type, word()));
  } else if (type_name((*decision_)->body) != type) {
    fail_at(here, fmt::format("expected {}, is {}", type, type_name((*decision_)->body)));
  } else {
    expect_members(members, json::parse(data_), here);
  }
  return *this;
}

const Then& Then::then_nothing(Here here) const {
  if (word() != "nothing") fail_at(here, "expected no event, but the answer is " + word() + data_);
  return *this;
}

const Then& Then::then_rejected(Code code, std::string_view details, Here here) const {
  if (decision_ || decision_.error().code != code) {
    fail_at(here,
            fmt::format("expected {}, but the answer is {} {}", name_of(code), word(), data_));
  } else if (!details.empty()) {
    const std::string given = details_of(decision_.error());
    expect_members(details, json::parse(given.empty() ? "{}" : given), here);
  }
  return *this;
}

std::string Then::word() const {
  if (!decision_) return std::string(name_of(decision_.error().code));
  return *decision_ ? "accepted" : "nothing";
}

Story& Story::given(const Asked& asked, Here here) {
  const Then answer = when(asked);
  if (answer.word() != "accepted") fail_at(here, "given, but the answer is " + answer.word());
  return *this;
}

Then Story::when(const Asked& asked) {
  Command command = asked.command;
  if (command.resource.empty()) command.resource = resource_;
  if (command.actor.id.empty()) command.actor = admin;
  now_ = asked.now.value_or(now_);
  const Moment moment{.now = now_, .next_sequence = sequence_.next(), .partition = {}};
  Decision decision = decide(*state_, command, moment, scratch_);
  if (!decision || !*decision) return {std::move(decision), ""};

  const Resource* resource = state_->find(command.resource);
  const ResourceEvent event{.resource = command.resource,
                            .version = resource == nullptr ? Version{1} : resource->version.next(),
                            .causation_id = "c1",
                            .causation_source = "/test",
                            .traceparent = {},
                            .event = **decision};
  const LoggedEvent logged{
      .log_id = "test", .sequence = sequence_.next(), .time = now_, .what = event};
  std::string text;
  append_event(text, logged);
  // Whatever is decided can be read again.
  EventDecoder decoder;
  const auto decoded = decoder.decode(text);
  EXPECT_TRUE(decoded && *decoded == logged) << text;
  sequence_ = logged.sequence;
  std::string data = json::serialize(json::parse(text).at("data"));
  // A copy: the event may borrow what evolve is about to change.
  std::string event_text = text;
  const auto safe = decoder.decode(event_text);
  state_->evolve(std::get<ResourceEvent>(safe->what), now_);
  return {std::move(decision), std::move(data)};
}

const Booking& Story::booking(std::string_view id) const {
  const Booking* found = state_->find(resource(), BookingId{id});
  if (found == nullptr) throw std::invalid_argument("no booking " + std::string(id));
  return *found;
}

std::int64_t Story::held(std::string_view bucket) const {
  if (bucket == "*") return resource().counter_held;
  if (const auto night = parse_date(bucket)) return resource().nights.at(*night);
  const Schedule* slot = resource().find(ScheduleId{bucket});
  if (slot == nullptr) throw std::invalid_argument("no bucket " + std::string(bucket));
  return slot->held;
}

// ---- Desk ----

Desk::Desk(DeskOptions options) : options_(std::move(options)) {
  processor_ = std::make_unique<CommandProcessor>(Position{.log_id = "test",
                                                           .partition = options_.partition,
                                                           .partitions = options_.partitions,
                                                           .clock = options_.clock,
                                                           .now = {},
                                                           .sequence = {},
                                                           .next_command = {}},
                                                  options_.remember, options_.parked);
}

Answer Desk::send(std::string_view type, std::string_view fields, const Letter& letter) {
  const auto resource = letter.resource.empty() ? options_.resource : letter.resource;
  const std::string id = letter.id.empty() ? fmt::format("c{}", sent_ + 1) : std::string(letter.id);
  return send_record(fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"{}","type":"{}"{}{},"data":{{"resource":"{}",)"
      R"("actor":{}{}{}}}}})",
      id, letter.source, type, letter.more.empty() ? "" : ",", letter.more, resource, letter.actor,
      fields.empty() ? "" : ",", fields));
}

Answer Desk::send_record(std::string value, std::vector<Header> headers) {
  const Record record{
      .offset = processor_->position().next_command,
      .timestamp = now_,
      .payload = {.key = std::nullopt, .value = std::move(value), .headers = std::move(headers)}};
  ++sent_;
  Transaction out;
  Answer answer;
  if (const auto processed = processor_->process(record, now_, out); !processed) {
    answer.failure = processed.error().what;
    EXPECT_EQ(processed.error().kind, FailureKind::fatal);
    EXPECT_TRUE(out.records.empty());
    return answer;
  }
  std::size_t results = 0;
  for (auto& written : out.records) {
    switch (written.to.topic) {
      case Topic::events:
        answer.events.push_back(json::parse(written.payload.value).as_object());
        break;
      case Topic::results:
        answer.result = json::parse(written.payload.value).as_object();
        ++results;
        break;
      case Topic::dead_letters: answer.dead_letters.push_back(written.payload); break;
      case Topic::commands:
        answer.forwarded.emplace_back(written.to.partition, written.payload);
        break;
      case Topic::customers: ADD_FAILURE() << "the engine writes no customers"; break;
    }
    written_.records.push_back(std::move(written));
  }
  EXPECT_EQ(results, 1U) << "every command record leaves exactly one result";
  return answer;
}

Desk& Desk::given(std::string_view type, std::string_view fields, Here here) {
  send(type, fields).then_accepted("{}", here);
  return *this;
}

std::string Answer::word() const {
  if (!failure.empty()) return "stopped: " + failure;
  const std::string_view type = result.at("type").as_string();
  if (type == "CommandForwarded") return "forwarded";
  std::string word(data().contains("duplicate") ? "duplicate " : "");
  if (type == "CommandRejected") return word.append(data().at("code").as_string());
  return word + (data().at("events").as_array().empty() ? "nothing" : "accepted");
}

const Answer& Answer::then_accepted(std::string_view members, Here here) const {
  if (word() != "accepted" && word() != "nothing") {
    fail_at(here, "expected an acceptance, but the answer is " + json::serialize(result));
  } else {
    expect_members(members, data(), here);
  }
  return *this;
}

const Answer& Answer::then_event(std::string_view type, std::string_view members, Here here) const {
  if (events.size() != 1 || word() != "accepted") {
    fail_at(here, fmt::format("expected one {}, but the answer is {}", type, word()));
  } else if (events.front().at("type").as_string() != type) {
    fail_at(here, fmt::format("expected {}, is {}", type, json::serialize(events.front())));
  } else {
    expect_members(members, events.front(), here);
  }
  return *this;
}

const Answer& Answer::then_nothing(Here here) const {
  if (!events.empty() || word() != "nothing") {
    fail_at(here, "expected no event, but the answer is " + word());
  }
  return *this;
}

const Answer& Answer::then_rejected(Code code, std::string_view details, Here here) const {
  if (word() != name_of(code)) {
    fail_at(here, fmt::format("expected {}, but the answer is {}", name_of(code), word()));
  } else if (!events.empty()) {
    fail_at(here, "a rejection came with an event");
  } else if (!details.empty()) {
    const auto* given = data().if_contains("details");
    expect_members(details, given == nullptr ? json::value(json::object{}) : *given, here);
  }
  return *this;
}

const Answer& Answer::saying(std::string_view members, Here here) const {
  if (!failure.empty()) {
    fail_at(here, "the engine stopped: " + failure);
  } else {
    expect_members(members, data(), here);
  }
  return *this;
}

const Answer& Answer::then_stops(std::string_view words, Here here) const {
  if (failure.find(words) == std::string::npos || failure.empty()) {
    fail_at(here, fmt::format("expected a stop saying \"{}\", but: {}", words, word()));
  }
  return *this;
}

}  // namespace pesan
