// verify and refold over a log and a read model in memory: what is wrong is found, whatever the
// memory.
#include "projections/verify.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/forwarded_log.hpp"
#include "projections/projector.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/event_stream.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"

namespace pesan {
namespace {

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    stream.open();
    stream.write(200);
    project();
  }
  void project() {
    for (const Topic topic : {Topic::events, Topic::customers}) {
      for (std::int32_t p = 0; p < partitions_of(log, topic); ++p) {
        Projector projector(log, model, {topic, Partition{p}}, {});
        while (must(projector.step()).kind == ProjectorStep::Kind::progress) {
        }
      }
    }
  }
  std::vector<std::string> drift(Topic topic, const RefoldOptions& options = {}) {
    std::vector<std::string> found;
    const auto report = must(verify(log, model, topic, options, [&](const Difference& d) {
      found.push_back(std::string(d.table) + " [" + d.key + "] " + std::string(d.column) + ": " +
                      d.expected + " / " + d.found);
    }));
    EXPECT_EQ(report.differences, std::ssize(found));
    return found;
  }

  MemoryLog log{{.partitions = 3, .clock = [] { return Instant{0}; }}};
  MemoryReadModel model;
  EventStream stream{log, 4};
};

using Strings = std::vector<std::string>;

TEST_F(VerifyTest, ATrueFoldHasNoDifference) {
  EXPECT_EQ(drift(Topic::events), Strings{});
  EXPECT_EQ(drift(Topic::customers), Strings{});
}

TEST_F(VerifyTest, AReadModelThatLagsIsComparedWhereItIs) {
  stream.write(50);
  EXPECT_EQ(drift(Topic::events), Strings{});
}

/// A reader that is behind a log that others write, as one of Kafka is: it gives what was there
/// when it asked for the end last.
class LateReader final : public ForwardedLog {
 public:
  using ForwardedLog::ForwardedLog;
  Fallible<void> read(TopicPartition source, Offset from, const ReadLimit& limit,
                      std::vector<Record>& into) override {
    auto done = ForwardedLog::read(source, from, limit, into);
    std::erase_if(into, [&](const Record& record) { return record.offset >= ends_[source]; });
    return done;
  }
  Fallible<OffsetRange> range(TopicPartition source) override {
    auto range = ForwardedLog::range(source);
    if (range) ends_[source] = range->end;
    return range;
  }

 private:
  std::map<TopicPartition, Offset> ends_;
};

TEST_F(VerifyTest, RowsOfRecordsThatCameWhileItFoldedAreNoDrift) {
  LateReader late(log);
  bool busy = true;
  RefoldOptions options;
  options.on_progress = [&](const FoldProgress&) {  // the engine and the projectors go on meanwhile
    if (!std::exchange(busy, false)) return;
    stream.write(50);
    project();
  };
  const auto report = must(verify(late, model, Topic::events, options, [](const Difference& d) {
    ADD_FAILURE() << d.table << " [" << d.key << "]";
  }));
  EXPECT_FALSE(busy);
  EXPECT_EQ(report.differences, 0);
}

TEST_F(VerifyTest, AnEmptyReadModelIsTheFoldOfNothing) {
  MemoryReadModel empty;
  std::int64_t found = 0;
  const auto report =
      must(verify(log, empty, Topic::events, {}, [&](const Difference&) { ++found; }));
  EXPECT_EQ(found, 0);
  EXPECT_EQ(report.records, 0);
}

TEST_F(VerifyTest, AChangedValueAMissingRowAndAGhostRowAreFound) {
  model.overwrite(Table::room_availability, {std::string("room-1")}, "total_units",
                  std::int64_t{51});
  EXPECT_EQ(drift(Topic::events), Strings{"room_availability [room-1] total_units: 50 / 51"});

  model.forget_row(Table::service, {std::string("service-2")});
  EXPECT_EQ(drift(Topic::events).back(), "service [service-2] : a row / (no row)");

  Checkpoint unmoved = *must(model.checkpoint({Topic::customers, {0}}));
  RowChanges ghost;
  ghost.insert(Table::customer, "CS-999999")
      .set(column_of(Table::customer, "name"), "Ghost")
      .set(column_of(Table::customer, "preferred_resource_id"), "room-1")
      .set(column_of(Table::customer, "first_booking_at"), Value::local({}))
      .set(column_of(Table::customer, "last_booking_at"), Value::local({}))
      .set(column_of(Table::customer, "bookings"), 0)
      .set(column_of(Table::customer, "sequence"), 0)
      .set(column_of(Table::customer, "updated_at"), Instant{0});
  must(apply_alone(model, ghost, unmoved, unmoved));
  EXPECT_EQ(drift(Topic::customers), Strings{"customer [CS-999999] : (no row) / a row"});
}

TEST_F(VerifyTest, AWrongComputedColumnIsFound) {
  model.overwrite(Table::schedule_capacity, {std::string("service-0"), std::string("s1")},
                  "available", std::int64_t{-1});
  const auto found = drift(Topic::events);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].find("schedule_capacity [service-0, s1] available: "), 0U);
}

TEST_F(VerifyTest, ACheckpointThatIsNotWhereTheLogSaysIsFound) {
  Checkpoint wrong = *must(model.checkpoint({Topic::events, {1}}));
  wrong.last_digest = {};
  model.overwrite(wrong);
  const auto found = drift(Topic::events);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].find("projection_checkpoint [events, 1] last_digest"), 0U);
}

TEST_F(VerifyTest, LittleMemoryMeansMoreRangesAndTheSameAnswer) {
  const RefoldOptions little{.memory = 20'000};
  EXPECT_GT(ranges_for(must(length_of(log, Topic::events)), little), 5U);
  EXPECT_EQ(drift(Topic::events, little), Strings{});
  EXPECT_EQ(drift(Topic::customers, little), Strings{});
  model.overwrite(Table::room_availability, {std::string("room-1")}, "total_units",
                  std::int64_t{51});
  model.forget_row(Table::service, {std::string("service-2")});
  EXPECT_EQ(drift(Topic::events, little).size(), 2U);
}

TEST_F(VerifyTest, ATableAsOfAPointIsWhatAProjectorHadThere) {
  // Partition by partition up to some sequence, and the rows of that prefix.
  MemoryReadModel before;
  FoldEnds ends;
  for (std::int32_t p = 0; p < 3; ++p) {
    const TopicPartition source{Topic::events, Partition{p}};
    Projector projector(log, before, source, {});
    while (must(projector.step(Offset{30})).kind == ProjectorStep::Kind::progress) {
    }
    ends.push_back({.offset = {}, .sequence = Sequence{29}, .time = {}});
  }
  for (const std::size_t memory : {std::size_t{1} << 30, std::size_t{20'000}}) {
    for (const Table table : all_tables) {
      if (describe(table).source != Topic::events) continue;
      MemoryReadModel::Rows rows;
      MemoryReadModel::OwnedRow last;
      const auto collect = [&](const StoredRow& row) {
        MemoryReadModel::OwnedRow owned;
        for (const StoredValue& value : row) {
          if (const auto* number = std::get_if<std::int64_t>(&value)) {
            owned.emplace_back(*number);
          } else if (const auto* text = std::get_if<std::string_view>(&value)) {
            owned.emplace_back(std::string(*text));
          } else {
            owned.emplace_back(std::monostate{});
          }
        }
        const auto keys = static_cast<std::ptrdiff_t>(describe(table).key_columns);
        const MemoryReadModel::OwnedRow key(owned.begin(), owned.begin() + keys);
        EXPECT_LT(last, key) << "in key order, whatever the memory";
        last = key;
        rows.emplace(key, owned);
      };
      must(refold_table(log, table, ends, {.memory = memory}, collect));
      EXPECT_EQ(rows, before.rows(table)) << name_of(table);
    }
  }
}

TEST_F(VerifyTest, AsOfATimeIsTheLongestPrefixWithoutALaterEvent) {
  const auto& records = log.records({Topic::events, {0}});
  EventDecoder decoder;
  const Instant time = decoder.decode(records[20].payload.value)->time;
  std::size_t expected = 0;
  while (decoder.decode(records[expected].payload.value)->time <= time) ++expected;
  Refold refold(log, Topic::events, {});
  must(refold.advance({0}, {.offset = {}, .sequence = {}, .time = time}, {}));
  EXPECT_EQ(refold.position({0})->sequence.value + 1, static_cast<std::int64_t>(expected));
}

TEST_F(VerifyTest, ProgressCountsEveryRangeToTheEnd) {
  FoldProgress last;
  RefoldOptions options{.memory = 50'000};
  options.on_progress = [&](const FoldProgress& progress) {
    EXPECT_GE(progress.done, last.done);
    last = progress;
  };
  drift(Topic::events, options);
  EXPECT_EQ(last.done, last.total);
}

/// A few events that touch far more rows than events do on average.
class LongStaysTest : public VerifyTest {
 protected:
  LongStaysTest() {
    stream.write_long_stays(40, 500);
    project();
  }
  static constexpr std::size_t memory = 400'000;  // and one guess of it by records: one range
};

TEST_F(LongStaysTest, RowsOfFewEventsThatOutgrowTheMemoryAreFoldedInParts) {
  ASSERT_EQ(ranges_for(must(length_of(log, Topic::events)), {.memory = memory}), 1U);
  int ranges = 0;
  std::size_t rows = 0;
  must(each_range(log, Topic::events, {.memory = memory}, [&](Refold& refold) -> Fallible<void> {
    for (std::int32_t p = 0; p < 3; ++p) must(refold.advance({p}, {}, {}));
    EXPECT_LT(refold.rows().bytes(), memory + 500 * 300) << "one event more than fits";
    if (!refold.outgrown()) {
      ++ranges;
      rows += refold.rows().size();
    }
    return {};
  }));
  EXPECT_GT(ranges, 5);
  Refold whole(log, Topic::events, {});
  for (std::int32_t p = 0; p < 3; ++p) must(whole.advance({p}, {}, {}));
  EXPECT_EQ(rows, whole.rows().size());
}

TEST_F(LongStaysTest, VerifyInPartsFindsEachDifferenceOnce) {
  EXPECT_EQ(drift(Topic::events, {.memory = memory}), Strings{});
  model.forget_row(Table::service, {std::string("service-2")});
  model.overwrite(Table::room_availability, {std::string("room-1")}, "total_units",
                  std::int64_t{51});
  EXPECT_EQ(drift(Topic::events, {.memory = memory}).size(), 2U);
}

TEST_F(LongStaysTest, ATableInPartsHasItsRowsInOrderAndEachOnce) {
  const FoldEnds ends(3);
  std::vector<std::string> keys;
  must(refold_table(log, Table::room_night, ends, {.memory = memory}, [&](const StoredRow& row) {
    keys.push_back(to_string(row[0]) + " " + to_string(row[1]));
  }));
  EXPECT_EQ(keys.size(), model.rows(Table::room_night).size());
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
}

}  // namespace
}  // namespace pesan
