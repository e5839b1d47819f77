// The engine and the independent auditor decide the same random streams; every result must be
// equal. They share no code: a rule that one of them misreads shows as a difference.

#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "engine/command_processor.hpp"
#include "tests/support/auditor/model.hpp"
#include "tests/support/state_text.hpp"
#include "tests/support/workload.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

/// What both sides must agree on, in one line.
std::string line_of(const json::object& result) {
  const auto& data = result.at("data").as_object();
  const std::string_view type = result.at("type").as_string();
  json::object details;
  if (const auto* given = data.if_contains("details")) details = given->as_object();
  for (const auto* const for_people : {"rule", "expected"}) details.erase(for_people);
  const auto* code = data.if_contains("code");
  const bool compared =
      code != nullptr && (*code == "invalid_field" || *code == "capacity_exceeded");
  const auto text = [&](std::string_view name) {
    const auto* value = data.if_contains(name);
    return value == nullptr ? std::string("-") : json::serialize(*value);
  };
  return fmt::format("{} code {} booking {} events {} sequence {} version {} duplicate {} {} at {}",
                     type, text("code"), text("booking_id"), text("events"), text("sequence"),
                     text("version"), text("duplicate"), compared ? json::serialize(details) : "",
                     std::string_view(result.at("time").as_string()));
}

std::string line_of(const audit::Expected& expected, std::string_view time) {
  const auto quoted = [](const auto& text) {
    return text ? json::serialize(json::value(*text)) : std::string("-");
  };
  const bool compared = expected.code == "invalid_field" || expected.code == "capacity_exceeded";
  json::array events;
  for (const auto& id : expected.events) events.emplace_back(id);
  return fmt::format("{} code {} booking {} events {} sequence {} version {} duplicate {} {} at {}",
                     expected.type, quoted(expected.code), quoted(expected.booking_id),
                     json::serialize(events), expected.sequence, expected.version,
                     expected.duplicate ? "true" : "-",
                     compared ? json::serialize(expected.details) : "", time);
}

struct Setup {
  std::uint64_t seed = 0;
  std::int32_t partitions = 1;
  Clock clock = Clock::append;
  std::int64_t commands = 400;
  std::size_t remember = 1000;
};

class Comparison {
 public:
  explicit Comparison(const Setup& setup)
      : setup_(setup),
        stream_({.seed = setup.seed, .partitions = setup.partitions}),
        model_({.partitions = setup.partitions,
                .command_clock = setup.clock == Clock::command,
                .remember = setup.remember}) {
    for (std::int32_t i = 0; i < setup.partitions; ++i) {
      engines_.push_back(std::make_unique<CommandProcessor>(Position{.log_id = "t",
                                                                     .partition = {i},
                                                                     .partitions = setup.partitions,
                                                                     .clock = setup.clock,
                                                                     .now = {},
                                                                     .sequence = {},
                                                                     .next_command = {}},
                                                            setup.remember));
    }
  }

  /// "" or the first difference, with the command that made it.
  std::string run() {
    for (std::int64_t i = 0; i < setup_.commands; ++i) {
      std::deque<Waiting> waiting{{stream_.next(), {}}};
      while (!waiting.empty()) {
        const Waiting record = std::move(waiting.front());
        waiting.pop_front();
        const std::string difference = decide(record, waiting);
        if (!difference.empty()) {
          return fmt::format("seed {}, command {}:\n{}\n{}", setup_.seed, i,
                             record.sent.payload.value, difference);
        }
      }
      if (i % 50 == 0) {
        for (auto& engine : engines_) {
          engine->commit();
          const std::string wrong = wrong_count_in(engine->state());
          if (!wrong.empty()) return fmt::format("seed {}, command {}: {}", setup_.seed, i, wrong);
        }
      }
    }
    return "";
  }

  std::map<std::string, int> seen;  // answers by their words

 private:
  struct Waiting {
    SentCommand sent;
    std::vector<Header> headers;
  };

  std::string decide(const Waiting& record, std::deque<Waiting>& waiting) {
    CommandProcessor& engine = *engines_.at(static_cast<std::size_t>(record.sent.partition.value));
    const Offset offset = engine.position().next_command;
    const audit::Expected expected = model_.decide({.partition = record.sent.partition.value,
                                                    .offset = offset.value,
                                                    .timestamp_ms = record.sent.timestamp.ms,
                                                    .value = record.sent.payload.value,
                                                    .forwarded = !record.headers.empty()});
    Transaction out;
    const Instant now = record.sent.timestamp;
    const auto processed = engine.process(
        {.offset = offset,
         .timestamp = now,
         .payload = {.key = {}, .value = record.sent.payload.value, .headers = record.headers}},
        now, out);
    if (!processed) return "the engine stopped: " + processed.error().what;
    std::string is;
    std::size_t letters = 0;
    for (const auto& written : out.records) {
      if (written.to.topic == Topic::dead_letters) ++letters;
      if (written.to.topic == Topic::commands) {
        if (expected.forwarded_to != written.to.partition.value) return "forwarded elsewhere";
        SentCommand forwarded = record.sent;
        forwarded.partition = written.to.partition;
        forwarded.payload.value = written.payload.value;
        waiting.push_back({std::move(forwarded), written.payload.headers});
      }
      if (written.to.topic != Topic::results) continue;
      const auto result = json::parse(written.payload.value).as_object();
      is = line_of(result);
      const auto& data = result.at("data").as_object();
      const auto* code = data.if_contains("code");
      ++seen[code == nullptr ? std::string(result.at("type").as_string())
                             : std::string(code->as_string())];
    }
    const std::string must = line_of(expected, to_string(Instant{expected.now_ms}));
    if (is != must) return fmt::format("engine:  {}\nauditor: {}", is, must);
    if ((letters == 1) != expected.dead_letter) return "dead letters differ";
    return "";
  }

  Setup setup_;
  Workload stream_;
  audit::Model model_;
  std::vector<std::unique_ptr<CommandProcessor>> engines_;
};

std::uint64_t seeds() {
  const char* given = std::getenv("PESAN_SEEDS");
  return given == nullptr ? 200 : std::stoull(given);
}

TEST(PropertyDifferential, EngineAndAuditorGiveEveryCommandTheSameAnswer) {
  std::map<std::string, int> seen;
  int differences = 0;
  for (std::uint64_t seed = 0; seed < seeds() && differences < 5; ++seed) {
    Comparison comparison({.seed = seed,
                           .partitions = seed % 3 == 0 ? 4 : 1,
                           .clock = seed % 2 == 0 ? Clock::append : Clock::command,
                           .commands = 400,
                           .remember = seed % 5 == 0 ? std::size_t{7} : std::size_t{1000}});
    const std::string difference = comparison.run();
    EXPECT_EQ(difference, "");
    if (!difference.empty()) ++differences;
    for (const auto& [word, count] : comparison.seen) seen[word] += count;
  }
  // A comparison that never meets a rule proves nothing about it.
  for (const auto code : EnumNames<Code>::names) {
    const bool reserved = code == "engine_failed" || code == "booking_archived";
    EXPECT_EQ(seen.contains(std::string(code)), !reserved) << code;
  }
  for (const auto& [word, count] : seen) RecordProperty(word, count);
}

}  // namespace
}  // namespace pesan
