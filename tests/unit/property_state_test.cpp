// What holds for any sequence of commands: counts, capacity, replay, images, rollback, repeats.

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "engine/command_processor.hpp"
#include "engine/state_image.hpp"
#include "tests/support/state_text.hpp"
#include "tests/support/workload.hpp"

namespace pesan {
namespace {

Position begin(Clock clock) {
  return {.log_id = "log",
          .partition = {},
          .partitions = 1,
          .clock = clock,
          .now = {},
          .sequence = {},
          .next_command = {}};
}

/// A processor with the records that it answered and what it wrote.
class Writer {
 public:
  explicit Writer(std::unique_ptr<CommandProcessor> made) : processor(std::move(made)) {}
  explicit Writer(std::size_t remember = 1000, Clock clock = Clock::append)
      : Writer(std::make_unique<CommandProcessor>(begin(clock), remember)) {}

  /// The bytes of everything that the record left behind.
  std::string decide(const SentCommand& sent) {
    Transaction out;
    const Record record{.offset = processor->position().next_command,
                        .timestamp = sent.timestamp,
                        .payload = {.key = {}, .value = sent.payload.value, .headers = {}}};
    const auto processed = processor->process(record, record.timestamp, out);
    RC_ASSERT(processed.has_value());
    std::string all;
    for (const auto& written : out.records) {
      all += written.payload.value + "\n";
      if (written.to.topic == Topic::events) events.push_back(written.payload.value);
      if (written.to.topic != Topic::results) continue;
      results.push_back(written.payload.value);
      ResultDecoder decoder;
      const auto result = decoder.decode(results.back());
      RC_ASSERT(result.has_value());
      last_was_event = result->event.has_value() && !result->duplicate;
    }
    return all;
  }
  const State& state() const { return processor->state(); }

  std::unique_ptr<CommandProcessor> processor;
  std::vector<std::string> events;
  std::vector<std::string> results;
  bool last_was_event = false;
};

struct Walk {
  std::uint64_t seed;
  Clock clock;
  std::size_t remember;
  std::int64_t commands;
};

Walk any_walk() {
  return {.seed = *rc::gen::arbitrary<std::uint64_t>(),
          .clock = *rc::gen::element(Clock::append, Clock::command),
          .remember = *rc::gen::element<std::size_t>(1, 5, 1000),
          .commands = *rc::gen::inRange<std::int64_t>(20, 250)};
}

/// The nights from today on that hold more than the room has; "" where none does.
std::string overbooked(const Writer& writer) {
  std::string found;
  for (const Resource& resource : writer.state().resources()) {
    const Date today = date_of(resource.zone.local(writer.processor->position().now));
    const auto limit = resource.definition.units + resource.definition.overbook_limit;
    resource.nights.for_each(today, [&](Date night, std::int64_t units) {
      if (units > limit) found = resource.id + " " + to_string(night);
      return found.empty();
    });
  }
  return found;
}

TEST(PropertyState, NoSequenceOfCommandsGoesOverCapacityOrLosesCount) {
  EXPECT_TRUE(rc::check("counts", [] {
    const Walk walk = any_walk();
    Workload stream({.seed = walk.seed});
    Writer writer(walk.remember, walk.clock);
    for (std::int64_t i = 0; i < walk.commands; ++i) {
      writer.decide(stream.next());
      if (!writer.last_was_event) continue;
      RC_ASSERT(wrong_count_in(writer.state()) == "");
      RC_ASSERT(overbooked(writer) == "");
    }
  }));
}

TEST(PropertyState, ReplayOfWhatWasWrittenIsTheLiveState) {
  EXPECT_TRUE(rc::check("replay", [] {
    const Walk walk = any_walk();
    Workload stream({.seed = walk.seed});
    Writer live(walk.remember, walk.clock);
    for (std::int64_t i = 0; i < walk.commands; ++i) live.decide(stream.next());
    live.processor->commit();

    Writer replayed(walk.remember, walk.clock);
    EventDecoder events;
    for (const auto& bytes : live.events) {
      const auto event = events.decode(bytes);
      RC_ASSERT(event.has_value());
      std::string again;
      append_event(again, *event);
      RC_ASSERT(again == bytes);
      RC_ASSERT(replayed.processor->replay(*event).has_value());
    }
    ResultDecoder results;
    for (const auto& bytes : live.results) {
      RC_ASSERT(replayed.processor->replay(*results.decode(bytes)).has_value());
    }
    replayed.processor->resume_at(live.processor->position().next_command);
    RC_ASSERT(text_of(replayed.state()) == text_of(live.state()));
    RC_ASSERT(replayed.processor->position() == live.processor->position());
    for (int i = 0; i < 30; ++i) {  // and goes on in the same way
      const SentCommand next = stream.next();
      RC_ASSERT(replayed.decide(next) == live.decide(next));
    }
  }));
}

TEST(PropertyState, AnImageAndTheTailAreTheLiveState) {
  EXPECT_TRUE(rc::check("image", [] {
    const Walk walk = any_walk();
    Workload stream({.seed = walk.seed});
    Writer live(walk.remember, walk.clock);
    for (std::int64_t i = 0; i < walk.commands; ++i) live.decide(stream.next());
    live.processor->commit();
    auto read = StateImage::read(StateImage::write(*live.processor), walk.remember);
    RC_ASSERT(read.has_value());
    Writer restored(std::move(read->processor));
    RC_ASSERT(text_of(restored.state()) == text_of(live.state()));
    RC_ASSERT(restored.processor->position() == live.processor->position());
    for (int i = 0; i < 30; ++i) {
      const SentCommand next = stream.next();
      RC_ASSERT(restored.decide(next) == live.decide(next));
    }
  }));
}

TEST(PropertyState, ASuffixThatIsRolledBackWasNeverDecided) {
  EXPECT_TRUE(rc::check("rollback", [] {
    const Walk walk = any_walk();
    Workload stream({.seed = walk.seed});
    Writer once(walk.remember, walk.clock);
    Writer twice(walk.remember, walk.clock);
    for (std::int64_t i = 0; i < walk.commands; ++i) {
      const SentCommand record = stream.next();
      RC_ASSERT(once.decide(record) == twice.decide(record));
      if (i % 7 == 0) {
        once.processor->commit();
        twice.processor->commit();
      }
    }
    once.processor->commit();
    twice.processor->commit();
    const auto suffix = *rc::gen::inRange(1, 60);
    std::vector<SentCommand> records;
    std::vector<std::string> answers;
    for (int i = 0; i < suffix; ++i) {
      records.push_back(stream.next());
      answers.push_back(twice.decide(records.back()));
    }
    twice.processor->rollback();
    RC_ASSERT(text_of(twice.state()) == text_of(once.state()));
    RC_ASSERT(twice.processor->position() == once.processor->position());
    RC_ASSERT(twice.processor->ledger().remembered() == once.processor->ledger().remembered());
    for (std::size_t i = 0; i < records.size(); ++i) {
      RC_ASSERT(twice.decide(records[i]) == answers[i]);
      RC_ASSERT(once.decide(records[i]) == answers[i]);
    }
    RC_ASSERT(text_of(twice.state()) == text_of(once.state()));
  }));
}

TEST(PropertyState, ARepeatNeverChangesAnything) {
  EXPECT_TRUE(rc::check("repeats", [] {
    const Walk walk = any_walk();
    Workload stream({.seed = walk.seed, .habits = {.flawed = 0}});
    Writer writer(1000, walk.clock);
    std::vector<SentCommand> sent;
    std::vector<Result> outcomes;
    for (std::int64_t i = 0; i < walk.commands; ++i) {
      sent.push_back(stream.next());
      writer.decide(sent.back());
    }
    const auto before = text_of(writer.state());
    const auto results = writer.results;
    const auto events = writer.events.size();
    for (std::size_t i = 0; i < sent.size(); ++i) {
      ResultDecoder first_decoder;
      ResultDecoder again_decoder;
      const auto first = first_decoder.decode(results[i]);
      if (first->type == "RunTimer") continue;  // it is decided anew, and may be due by now
      writer.decide(sent[i]);
      const auto again = again_decoder.decode(writer.results.back());
      if (first->code == Code::unknown_type) continue;
      RC_ASSERT(again->duplicate);
      RC_ASSERT(again->kind == first->kind);
      RC_ASSERT(again->code == first->code);
      RC_ASSERT(again->details == first->details);
      RC_ASSERT(again->booking_id == first->booking_id);
      RC_ASSERT(again->event == first->event);
      RC_ASSERT(again->sequence == first->sequence);
      RC_ASSERT(again->version == first->version);
    }
    RC_ASSERT(writer.events.size() == events);
    RC_ASSERT(text_of(writer.state()) == before);
  }));
}

}  // namespace
}  // namespace pesan
