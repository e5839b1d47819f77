// A state image and the tail after it are as good as the whole log, and a damaged one is refused.

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/state_image.hpp"
#include "events/event_codec.hpp"
#include "tests/support/state_text.hpp"
#include "tests/support/workload.hpp"

namespace pesan {
namespace {

constexpr std::size_t remember = 50;
constexpr Instant wall_clock{4'000'000'000'000};

/// A partition that decided `commands` commands of a random stream, and what it wrote.
struct Decided {
  explicit Decided(std::uint64_t seed, std::int64_t commands)
      : stream({.seed = seed}),
        processor(std::make_unique<CommandProcessor>(Position{.log_id = "t"}, remember)) {
    decide(commands);
  }
  void decide(std::int64_t commands) {
    for (std::int64_t i = 0; i < commands; ++i) {
      const SentCommand sent = stream.next();
      Record record;
      record.offset = Offset{offset++};
      record.timestamp = sent.timestamp;
      record.payload.value = sent.payload.value;
      ASSERT_TRUE(processor->process(record, wall_clock, written));
      processor->commit();
    }
  }

  Workload stream;
  std::unique_ptr<CommandProcessor> processor;
  Transaction written;
  std::int64_t offset = 0;
};

std::unique_ptr<CommandProcessor> restored(const std::string& image) {
  auto replay = StateImage::read(image, remember);
  return replay ? std::move(replay->processor) : nullptr;
}

/// Folds what was written after the image, as recovery would.
void replay(CommandProcessor& processor, const Transaction& written) {
  EventDecoder events;
  ResultDecoder results;
  for (const auto& record : written.records) {
    if (record.to.topic == Topic::events) {
      const auto event = events.decode(record.payload.value);
      ASSERT_TRUE(event) << event.error().what;
      ASSERT_TRUE(processor.replay(*event));
    } else if (record.to.topic == Topic::results) {
      const auto result = results.decode(record.payload.value);
      ASSERT_TRUE(result) << result.error().what;
      ASSERT_TRUE(processor.replay(*result));
    }
  }
  processor.resume_at(processor.position().next_command);
}

TEST(StateImage, ReadsBackAsTheStateThatWasWritten) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Decided decided(seed, 300);
    const std::string image = StateImage::write(*decided.processor);
    const auto again = restored(image);
    ASSERT_TRUE(again) << "seed " << seed;
    EXPECT_EQ(text_of(again->state()), text_of(decided.processor->state())) << "seed " << seed;
    EXPECT_EQ(again->position(), decided.processor->position()) << "seed " << seed;
    EXPECT_EQ(StateImage::write(*again), image) << "seed " << seed;
  }
}

TEST(StateImage, AndTheTailAfterItAreAsGoodAsTheWholeLog) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Decided decided(seed, 150);
    const auto again = restored(StateImage::write(*decided.processor));
    ASSERT_TRUE(again);
    decided.written.clear();
    decided.decide(150);
    replay(*again, decided.written);
    EXPECT_EQ(StateImage::write(*again), StateImage::write(*decided.processor)) << "seed " << seed;
  }
}

TEST(StateImage, ADamagedOneIsRefusedWhateverByteIsHit) {
  Decided decided(7, 60);
  const std::string image = StateImage::write(*decided.processor);
  for (std::size_t i = 0; i < image.size(); i += 7) {
    std::string damaged = image;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    EXPECT_FALSE(restored(damaged)) << "byte " << i;
  }
}

TEST(StateImage, ACutOneIsRefused) {
  Decided decided(8, 60);
  const std::string image = StateImage::write(*decided.processor);
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{10}, image.size() / 2, image.size() - 1}) {
    EXPECT_FALSE(restored(image.substr(0, size))) << size << " bytes";
  }
}

}  // namespace
}  // namespace pesan
