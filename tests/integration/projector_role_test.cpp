// One thread of the projector with several partitions: what one of them meets is no other's.
#include "adapters/runtime/projector_role.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "projections/projector.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/lent_read_model.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

constexpr TopicPartition events(std::int32_t partition) { return {Topic::events, {partition}}; }

/// Everything is this process's, and how far it is stands here.
class NotedClaims final : public Claims {
 public:
  Fallible<Claim> begin(TopicPartition /*place*/) override { return Claim::mine; }
  void done(TopicPartition /*place*/) override {}
  void release(TopicPartition /*place*/) override {}
  void reached(TopicPartition place, Offset next) override { noted[place] = next; }

  std::map<TopicPartition, Offset> noted;
};

/// Its work, to be done round by round.
class WorkOfARole final : public ProjectorRole {
 public:
  WorkOfARole(Log& log, ReadModel& model)
      : ProjectorRole({.log = log}, std::make_unique<AllClaims>(), 1, [&model] {
          return Fallible<std::unique_ptr<ReadModel>>(std::make_unique<LentReadModel>(model));
        }) {}
  Work work(const std::vector<TopicPartition>& places, Claims& claims) {
    thread_ = std::make_unique<Thread>(Thread{
        .places = places, .sources = places, .loop = nullptr, .stop = stop_, .claims = claims});
    return work_of(*thread_);
  }

 private:
  std::stop_token stop_;
  std::unique_ptr<Thread> thread_;
};

class ProjectorThread : public ::testing::Test {
 protected:
  ProjectorThread() {
    stream.open();
    rounds(3);
  }
  void rounds(int count) {
    for (int i = 0; i < count; ++i) round();
  }
  std::size_t round() {
    time += 1h;  // no pause is left
    return duties.round().done;
  }
  Offset stored(std::int32_t partition) {
    return must(model.checkpoint(events(partition)))->next_offset;
  }
  Offset end(std::int32_t partition) { return must(log.range(events(partition))).end; }

  MemoryLog log{{.partitions = 3, .clock = [] { return Instant{1'800'000'000'000}; }}};
  MemoryReadModel model;
  EventStream stream{log, 1};
  NotedClaims claims;
  std::chrono::steady_clock::time_point time{};
  WorkOfARole role{log, model};
  Duties duties{{.role = "projector", .now = [this] { return time; }},
                claims,
                role.work({events(0), events(1), events(2), customers_topic}, claims)};
};

TEST_F(ProjectorThread, AppliesAllPartitionsAndSaysHowFarEachIs) {
  stream.write(60);
  round();
  for (const std::int32_t p : {0, 1, 2}) {
    EXPECT_EQ(stored(p), end(p));
    EXPECT_EQ(claims.noted.at(events(p)), end(p));
  }
}

TEST_F(ProjectorThread, APartitionWhoseCheckpointSomebodyElseMovedIsNotSaidToBeFurtherByThis) {
  stream.write(60);
  Projector other(log, model, events(1), {.records = 1});
  must(other.step());
  const Offset before = claims.noted.at(events(1));
  EXPECT_GT(round(), 0U);
  EXPECT_EQ(stored(0), end(0));
  EXPECT_EQ(stored(1), before.next());  // the other's
  EXPECT_EQ(claims.noted.at(events(1)), before);
  rounds(3);
  EXPECT_EQ(stored(1), end(1));
  EXPECT_EQ(claims.noted.at(events(1)), end(1));
}

TEST_F(ProjectorThread, ARowThatDoesNotFitStopsItsPartitionAndTheOthersGoOn) {
  // The room of partition 1, defined once more: it folds, and the store has that row.
  std::string again = log.records(events(1))[1].payload.value;
  const auto replace = [&](std::string_view what, const std::string& by) {
    const auto place = again.find(what);
    ASSERT_NE(place, std::string::npos) << what << " in " << again;
    again.replace(place, what.size(), by);
  };
  replace("00000000000000000001", fmt::format("{:020}", end(1).value));
  replace("@1\"", "@2\"");
  replace("\"version\":1", "\"version\":2");
  stream.append(1, again);
  for (const std::int32_t p : {0, 2}) stream.append(p, stream.next_record(p));
  std::vector<TopicPartition> stopped;
  for (int i = 0; i < 5; ++i) {
    round();
    for (const auto& stop : duties.stops()) {
      EXPECT_THAT(stop.failure.what, testing::HasSubstr("the row is there already"));
      stopped.insert(stopped.end(), stop.places.begin(), stop.places.end());
    }
  }
  EXPECT_EQ(stopped, (std::vector{events(1)}));
  EXPECT_LT(stored(1), end(1));
  EXPECT_EQ(stored(0), end(0));
  EXPECT_EQ(stored(2), end(2));
}

}  // namespace
}  // namespace pesan::runtime
