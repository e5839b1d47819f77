// What every ReadModel must do, whatever it is made of. A test that includes this names the models
// to try, as `using ReadModelHarnesses = testing::Types<...>` in namespace pesan, before the
// include. A harness has
//   ReadModel& model();   the model under test, empty at first
//   ReadModel& other();   the same model as another process has it
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "projections/fold.hpp"
#include "projections/read_model.hpp"
#include "tests/contract/technology_of_harness.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/must.hpp"

namespace pesan {

template <class Harness>
class ReadModelContract : public ::testing::Test {
 protected:
  static constexpr TopicPartition events{Topic::events, {0}};
  static constexpr Table room = Table::room_availability;
  static constexpr Table night = Table::room_night;

  ReadModel& model() { return harness.model(); }
  ReadModel& other() { return harness.other(); }

  static Checkpoint checkpoint(std::int64_t next_offset, TopicPartition source = events) {
    Checkpoint result;
    result.topic = source.topic;
    result.partition = source.partition;
    result.next_offset = {next_offset};
    result.sequence = {next_offset - 1};
    result.last_digest = digest_of("record " + std::to_string(next_offset));
    result.log_id = "log-1";
    result.fold = fold_version;
    result.updated_at = *parse_instant("2026-11-20T08:00:00.123Z");
    return result;
  }

  static void insert_room(RowChanges& changes, std::string_view id, std::int64_t units = 10) {
    auto row = changes.insert(room, id);
    row.set(column_of(room, "room_type"), "Deluxe")
        .set(column_of(room, "inventory"), Inventory::counter)
        .set(column_of(room, "total_units"), units)
        .set(column_of(room, "allocated_units"), 0)
        .set(column_of(room, "active_bookings"), 0)
        .set(column_of(room, "currency"), "IDR")
        .set(column_of(room, "is_active"), true)
        .set(column_of(room, "sequence"), 1)
        .set(column_of(room, "updated_at"), *parse_instant("2026-11-20T08:00:00Z"));
  }
  static void book_night(RowChanges& changes, std::string_view day, std::int64_t units) {
    auto row = changes.upsert(night, {"villa", *parse_date(day)});
    row.add(column_of(night, "booked_units"), units)
        .set(column_of(night, "sequence"), 1)
        .set(column_of(night, "updated_at"), Instant{0});
  }

  Fallible<void> apply(const RowChanges& changes) {
    const auto stored = must(model().checkpoint(events));
    return apply_alone(model(), changes, stored,
                       checkpoint(stored ? stored->next_offset.value + 1 : 1));
  }
  /// All rows of a table as text, in the order in which they are scanned; a key and a column each.
  std::string column(ReadSnapshot& snapshot, Table table, std::string_view name) {
    std::string text;
    auto cursor = must(snapshot.scan(table));
    StoredRow row;
    while (must(cursor->next(row))) {
      for (std::size_t i = 0; i < describe(table).key_columns; ++i) text += to_string(row[i]) + " ";
      text += to_string(row.at(describe(table).index_of(name))) + "; ";
    }
    return text;
  }
  std::string column(Table table, std::string_view name) {
    const auto snapshot = must(other().snapshot());
    return column(*snapshot, table, name);
  }

  Harness harness;
};

TYPED_TEST_SUITE(ReadModelContract, ReadModelHarnesses, TechnologyOfHarness);

// --- checkpoints --------------------------------------------------------------------------------

TYPED_TEST(ReadModelContract, ANewModelHasNeitherCheckpointsNorRows) {
  EXPECT_EQ(must(this->model().checkpoint(this->events)), std::nullopt);
  const auto snapshot = must(this->model().snapshot());
  EXPECT_TRUE(must(snapshot->checkpoints()).empty());
  for (const Table table : all_tables) {
    EXPECT_EQ(this->column(*snapshot, table, "sequence"), "") << name_of(table);
  }
}

TYPED_TEST(ReadModelContract, ACheckpointComesBackAsItWasStored) {
  const Checkpoint stored = this->checkpoint(7);
  must(apply_alone(this->model(), RowChanges(), std::nullopt, stored));
  EXPECT_EQ(must(this->model().checkpoint(this->events)), stored);
  EXPECT_EQ(must(this->other().checkpoint(this->events)), stored);
}

TYPED_TEST(ReadModelContract, PartitionsAndTopicsHaveCheckpointsOfTheirOwnInOrder) {
  for (const TopicPartition source :
       {TopicPartition{Topic::customers, {0}}, TopicPartition{Topic::events, {1}}, this->events}) {
    must(apply_alone(this->model(), RowChanges(), std::nullopt, this->checkpoint(3, source)));
  }
  std::vector<TopicPartition> found;
  for (const auto& checkpoint : must(must(this->model().snapshot())->checkpoints())) {
    found.push_back({checkpoint.topic, checkpoint.partition});
  }
  EXPECT_EQ(found, (std::vector<TopicPartition>{
                       {Topic::events, {0}}, {Topic::events, {1}}, {Topic::customers, {0}}}));
}

TYPED_TEST(ReadModelContract, AWriterWithAnOldCheckpointChangesNothing) {
  RowChanges first;
  this->insert_room(first, "villa");
  const Checkpoint one = this->checkpoint(1);
  must(apply_alone(this->model(), first, std::nullopt, one));

  RowChanges late;
  this->insert_room(late, "suite");
  Checkpoint other_log = one;
  other_log.log_id = "log-2";
  Checkpoint other_fold = one;
  other_fold.fold = -one.fold;
  for (const std::optional<Checkpoint>& expected : std::vector<std::optional<Checkpoint>>{
           std::nullopt, this->checkpoint(2), other_log, other_fold}) {
    const auto refused = apply_alone(this->other(), late, expected, this->checkpoint(9));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, FailureKind::conflict) << refused.error().what;
  }
  EXPECT_EQ(this->column(this->room, "room_type"), "villa Deluxe; ");
  EXPECT_EQ(must(this->model().checkpoint(this->events)), one);
}

TYPED_TEST(ReadModelContract, AFirstCheckpointCannotBeExpectedToBeThere) {
  const auto refused =
      apply_alone(this->model(), RowChanges(), this->checkpoint(1), this->checkpoint(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_EQ(must(this->model().checkpoint(this->events)), std::nullopt);
}

// --- rounds -------------------------------------------------------------------------------------

TYPED_TEST(ReadModelContract, ARoundOfSeveralSourcesIsOneCommitInWhateverOrderTheyAreGiven) {
  RowChanges villa;
  this->insert_room(villa, "villa");
  RowChanges suite;
  this->insert_room(suite, "suite");
  const RowChanges nothing;
  const Checkpoint zero = this->checkpoint(1);
  const Checkpoint one = this->checkpoint(4, {Topic::events, {1}});
  const Checkpoint customers = this->checkpoint(2, {Topic::customers, {0}});
  std::vector<SourceChanges> round{{.changes = &suite, .next = one},
                                   {.changes = &nothing, .next = customers},
                                   {.changes = &villa, .next = zero}};
  must(this->model().apply(round));
  EXPECT_EQ(this->column(this->room, "room_type"), "suite Deluxe; villa Deluxe; ");
  const auto before = must(this->other().snapshot());
  EXPECT_EQ(must(before->checkpoints()), (std::vector{zero, one, customers}));

  villa.clear();
  villa.update(this->room, "villa").set(column_of(this->room, "room_type"), "Royal");
  suite.clear();
  suite.update(this->room, "suite").set(column_of(this->room, "room_type"), "Royal");
  round = {{.changes = &villa, .expected = zero, .next = this->checkpoint(2)},
           {.changes = &suite, .expected = one, .next = this->checkpoint(5, {Topic::events, {1}})}};
  must(this->model().apply(round));
  EXPECT_EQ(this->column(this->room, "room_type"), "suite Royal; villa Royal; ");
}

TYPED_TEST(ReadModelContract, OneConflictRefusesTheRoundWholeAndIsNamed) {
  const TopicPartition other{Topic::events, {1}};
  const TopicPartition third{Topic::events, {2}};
  const RowChanges nothing;
  must(apply_alone(this->model(), nothing, std::nullopt, this->checkpoint(3, other)));
  RowChanges villa;
  this->insert_room(villa, "villa");
  RowChanges suite;
  this->insert_room(suite, "suite");
  std::vector<SourceChanges> round{
      {.changes = &nothing, .next = this->checkpoint(1, third)},
      {.changes = &suite, .next = this->checkpoint(1, other)},  // it has one
      {.changes = &villa, .next = this->checkpoint(1)}};
  const auto refused = this->other().apply(round);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::conflict);
  EXPECT_NE(refused.error().what.find("events-1"), std::string::npos) << refused.error().what;
  EXPECT_FALSE(round[0].moved);
  EXPECT_TRUE(round[1].moved);
  EXPECT_FALSE(round[2].moved);
  EXPECT_EQ(this->column(this->room, "room_type"), "");
  EXPECT_EQ(must(must(this->model().snapshot())->checkpoints()).size(), 1U);

  round.erase(round.begin() + 1);
  must(this->other().apply(round));
  EXPECT_EQ(this->column(this->room, "room_type"), "villa Deluxe; ");
}

TYPED_TEST(ReadModelContract, ARowThatDoesNotFitRefusesTheRoundOfAllSources) {
  RowChanges good;
  this->insert_room(good, "villa");
  RowChanges bad;
  bad.erase(this->room, "suite");
  std::vector<SourceChanges> round{
      {.changes = &good, .next = this->checkpoint(1)},
      {.changes = &bad, .next = this->checkpoint(1, {Topic::events, {1}})}};
  const auto refused = this->model().apply(round);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_NE(refused.error().what.find("room_availability suite"), std::string::npos);
  EXPECT_EQ(this->column(this->room, "room_type"), "");
  EXPECT_TRUE(must(must(this->model().snapshot())->checkpoints()).empty());
}

// --- rows ---------------------------------------------------------------------------------------

TYPED_TEST(ReadModelContract, AnInsertedRowHasItsValuesItsNullsAndWhatIsComputed) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "room_type"), "villa Deluxe; ");
  EXPECT_EQ(this->column(this->room, "inventory"), "villa counter; ");
  EXPECT_EQ(this->column(this->room, "nightly_price_minor"), "villa null; ");
  EXPECT_EQ(this->column(this->room, "available_units"), "villa 10; ");
  EXPECT_EQ(this->column(this->room, "is_active"), "villa 1; ");
  EXPECT_EQ(this->column(this->room, "updated_at"), "villa 2026-11-20T08:00:00.000Z; ");
}

TYPED_TEST(ReadModelContract, AnUpdateSetsAddsAndLeavesTheRest) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  changes.clear();
  changes.update(this->room, "villa")
      .add(column_of(this->room, "allocated_units"), 3)
      .set(column_of(this->room, "room_type"), "Suite")
      .set(column_of(this->room, "nightly_price_minor"), 5);
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "allocated_units"), "villa 3; ");
  EXPECT_EQ(this->column(this->room, "available_units"), "villa 7; ");
  EXPECT_EQ(this->column(this->room, "room_type"), "villa Suite; ");
  EXPECT_EQ(this->column(this->room, "nightly_price_minor"), "villa 5; ");
  EXPECT_EQ(this->column(this->room, "total_units"), "villa 10; ");

  changes.clear();
  changes.update(this->room, "villa").set(column_of(this->room, "allocated_units"), Value::null());
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "available_units"), "villa null; ");
}

TYPED_TEST(ReadModelContract, AnUpsertAddsToNothingOrToWhatIsThere) {
  RowChanges changes;
  this->book_night(changes, "2026-12-01", 2);
  must(this->apply(changes));
  changes.clear();
  this->book_night(changes, "2026-12-01", -1);
  this->book_night(changes, "2026-12-02", 4);
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->night, "booked_units"), "villa 2026-12-01 1; villa 2026-12-02 4; ");
}

TYPED_TEST(ReadModelContract, ADeletedRowIsGoneAndMayComeAgain) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  changes.clear();
  changes.erase(this->room, "villa");
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "room_type"), "");
  changes.clear();
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "room_type"), "villa Deluxe; ");
}

TYPED_TEST(ReadModelContract, ARowInsertedAndDeletedInOneBatchLeavesNoTrace) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  changes.erase(this->room, "villa");
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "room_type"), "");
}

TYPED_TEST(ReadModelContract, AnUpdateWithoutARowIsAnErrorAndNothingOfTheBatchStays) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  changes.update(this->room, "suite").set(column_of(this->room, "room_type"), "Ghost");
  const auto refused = this->apply(changes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_NE(refused.error().what.find("room_availability suite"), std::string::npos)
      << refused.error().what;
  EXPECT_EQ(this->column(this->room, "room_type"), "");
  EXPECT_EQ(must(this->model().checkpoint(this->events)), std::nullopt);
}

TYPED_TEST(ReadModelContract, ADeletionWithoutARowIsAnError) {
  RowChanges changes;
  changes.erase(this->room, "villa");
  const auto refused = this->apply(changes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
}

TYPED_TEST(ReadModelContract, AnInsertOverARowIsAnErrorThatNamesIt) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  const auto refused = this->apply(changes);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_NE(refused.error().what.find("room_availability villa"), std::string::npos);
  EXPECT_EQ(must(this->model().checkpoint(this->events))->next_offset, Offset{1});
}

TYPED_TEST(ReadModelContract, AfterARefusalTheNextBatchIsApplied) {
  RowChanges bad;
  bad.update(this->room, "villa").set(column_of(this->room, "room_type"), "Ghost");
  EXPECT_FALSE(this->apply(bad));
  RowChanges good;
  this->insert_room(good, "villa");
  must(this->apply(good));
  EXPECT_EQ(this->column(this->room, "room_type"), "villa Deluxe; ");
}

TYPED_TEST(ReadModelContract, TextsComeBackByteByByte) {
  const std::string text = "O'Brien \"q\" \\ \xc3\xa9\xe6\x97\xa5 %_; --\n\t";
  RowChanges changes;
  this->insert_room(changes, "villa");
  changes.update(this->room, "villa")
      .set(column_of(this->room, "room_type"), std::string_view(text));
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "room_type"), "villa " + text + "; ");
}

TYPED_TEST(ReadModelContract, TextsThatReplaceOthersComeBackByteByByte) {
  const std::string text = "'\\'', 1) \xc3\xa9 '''']', \"\\\" \\u0027 -- O'";
  RowChanges changes;
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  changes.clear();
  changes.update(this->room, "villa")
      .set(column_of(this->room, "room_type"), std::string_view(text));
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "room_type"), "villa " + text + "; ");
}

TYPED_TEST(ReadModelContract, LargeNumbersComeBackWhole) {
  RowChanges changes;
  this->insert_room(changes, "villa", 1'000'000'000'000'000);
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "available_units"), "villa 1000000000000000; ");
}

TYPED_TEST(ReadModelContract, ManyRowsInManyShapesAreApplied) {
  RowChanges changes;
  for (int i = 0; i < 3000; ++i) this->insert_room(changes, "r" + std::to_string(i), i);
  must(this->apply(changes));
  changes.clear();
  for (int i = 0; i < 3000; ++i) {
    const std::string id = "r" + std::to_string(i);
    auto row = changes.update(this->room, std::string_view(id));
    if (i % 2 == 0) row.set(column_of(this->room, "room_type"), "Even");
    if (i % 3 == 0) row.add(column_of(this->room, "total_units"), 1);
    if (i % 5 == 0) row.set(column_of(this->room, "active_bookings"), i);
    if (i % 7 == 0) changes.erase(this->room, std::string_view(id));
  }
  must(this->apply(changes));
  std::size_t rows = 0;
  const auto snapshot = must(this->model().snapshot());
  auto cursor = must(snapshot->scan(this->room));
  StoredRow row;
  while (must(cursor->next(row))) {
    ++rows;
    const int i = std::stoi(std::string(std::get<std::string_view>(row[0]).substr(1)));
    EXPECT_EQ(to_string(row[1]), i % 2 == 0 ? "Even" : "Deluxe");
    EXPECT_EQ(std::get<std::int64_t>(row[3]), i % 3 == 0 ? i + 1 : i);
  }
  EXPECT_EQ(rows, 3000U - 429U);
}

// --- snapshots ----------------------------------------------------------------------------------

TYPED_TEST(ReadModelContract, RowsAreScannedInTheOrderOfTheirKeysByBytes) {
  RowChanges changes;
  for (const char* id : {"b", "a-1", "A", "a", "B", "a1"}) this->insert_room(changes, id);
  must(this->apply(changes));
  EXPECT_EQ(this->column(this->room, "is_active"), "A 1; B 1; a 1; a-1 1; a1 1; b 1; ");
}

TYPED_TEST(ReadModelContract, NumbersInAKeyAreOrderedBySize) {
  RowChanges changes;
  for (const int version : {10, 9, 100}) {
    auto row = changes.insert(Table::payment, {"villa.1", version});
    row.set(column_of(Table::payment, "status"), Payment::paid)
        .set(column_of(Table::payment, "at"), Instant{0})
        .set(column_of(Table::payment, "sequence"), version)
        .set(column_of(Table::payment, "updated_at"), Instant{0});
  }
  must(this->apply(changes));
  EXPECT_EQ(this->column(Table::payment, "status"),
            "villa.1 9 paid; villa.1 10 paid; villa.1 100 paid; ");
}

TYPED_TEST(ReadModelContract, ASnapshotDoesNotSeeWhatIsAppliedAfterIt) {
  RowChanges changes;
  this->insert_room(changes, "villa");
  must(this->apply(changes));
  const auto before = must(this->other().snapshot());
  changes.clear();
  this->insert_room(changes, "suite");
  must(this->apply(changes));
  EXPECT_EQ(this->column(*before, this->room, "room_type"), "villa Deluxe; ");
  EXPECT_EQ(must(before->checkpoints()).front().next_offset, Offset{1});
  EXPECT_EQ(this->column(this->room, "room_type"), "suite Deluxe; villa Deluxe; ");
}

}  // namespace pesan
