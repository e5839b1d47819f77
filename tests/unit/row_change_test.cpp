// The algebra of row changes: two changes of one row are one change.
#include "projections/row_change.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "events/assert.hpp"

namespace pesan {
namespace {

constexpr auto night = Table::room_night;
constexpr auto room = Table::room_availability;
consteval ColumnIndex of_room(std::string_view name) { return column_of(room, name); }
constexpr ColumnIndex name = of_room("room_type");
constexpr ColumnIndex units = of_room("total_units");
constexpr ColumnIndex booked = column_of(night, "booked_units");

const RowChange& only(const RowChanges& changes, Table table) {
  EXPECT_EQ(changes.of(table).size(), 1U);
  return changes.of(table).front();
}

TEST(RowChange, AnInsertTakesTheUpdatesThatFollow) {
  RowChanges changes;
  changes.insert(room, "villa").set(name, "Deluxe").set(units, 3);
  changes.update(room, "villa").set(name, "Suite").add(units, 2);
  const RowChange& change = only(changes, room);
  EXPECT_EQ(change.kind, ChangeKind::insert);
  EXPECT_EQ(change.cells[name.value], Value("Suite"));
  EXPECT_EQ(change.cells[units.value], Value(5));
  EXPECT_EQ(change.cells[of_room("allocated_units").value], Value::null());
}

TEST(RowChange, WhatIsInsertedAndDeletedWasNeverThere) {
  RowChanges changes;
  changes.insert(room, "villa").set(name, "Deluxe");
  changes.erase(room, "villa");
  EXPECT_EQ(only(changes, room).kind, ChangeKind::none);
  EXPECT_TRUE(changes.in_key_order(room).empty());
  changes.insert(room, "villa").set(name, "Suite");
  EXPECT_EQ(only(changes, room).kind, ChangeKind::insert);
  EXPECT_EQ(only(changes, room).cells[units.value], Value::null());
}

TEST(RowChange, ARowThatIsDeletedAndInsertedAgainIsReplacedWhole) {
  RowChanges changes;
  changes.erase(room, "villa");
  changes.insert(room, "villa").set(name, "Suite");
  const RowChange& change = only(changes, room);
  EXPECT_EQ(change.kind, ChangeKind::update);
  EXPECT_EQ(change.cells[name.value], Value("Suite"));
  EXPECT_EQ(change.cells[units.value], Value::null());
}

TEST(RowChange, AdditionsAddUpAndASetForgetsThem) {
  RowChanges changes;
  changes.update(room, "villa").add(units, 2);
  changes.update(room, "villa").add(units, -5);
  EXPECT_EQ(only(changes, room).cells[units.value], Value::addition(-3));
  changes.update(room, "villa").set(units, 7);
  EXPECT_EQ(only(changes, room).cells[units.value], Value(7));
  changes.update(room, "villa").add(units, 1);
  EXPECT_EQ(only(changes, room).cells[units.value], Value(8));
}

TEST(RowChange, AnUpsertAddsToNothingOrToWhatIsThere) {
  RowChanges changes;
  changes.upsert(night, {"villa", Date{20'000}}).add(booked, 2);
  changes.upsert(night, {"villa", Date{20'000}}).add(booked, 1);
  const RowChange& change = only(changes, night);
  EXPECT_EQ(change.kind, ChangeKind::upsert);
  EXPECT_EQ(inserted_value(change.cells[booked.value]), Value(3));
}

TEST(RowChange, TextsOutliveWhatTheyWereReadFrom) {
  RowChanges changes;
  {
    std::string text = "a text that is longer than any small-string optimisation";
    changes.insert(room, std::string_view(text)).set(name, std::string_view(text));
    text.assign(text.size(), 'x');
  }
  EXPECT_EQ(only(changes, room).cells[name.value].text().substr(0, 6), "a text");
  EXPECT_EQ(only(changes, room).cells[0].text().substr(0, 6), "a text");
}

TEST(RowChange, RowsComeInTheOrderOfTheirKeys) {
  RowChanges changes;
  for (const char* id : {"b", "a", "c", "B"}) {
    changes.upsert(night, {std::string_view(id), Date{2}}).add(booked, 1);
    changes.upsert(night, {std::string_view(id), Date{1}}).add(booked, 1);
  }
  std::string order;
  for (const RowChange* change : changes.in_key_order(night)) {
    order += std::string(change->cells[0].text()) + std::to_string(change->cells[1].number()) + " ";
  }
  EXPECT_EQ(order, "B1 B2 a1 a2 b1 b2 c1 c2 ");
}

TEST(RowChange, TheRangesOfAFilterDivideTheRows) {
  std::size_t rows = 0;
  for (std::uint32_t range = 0; range < 7; ++range) {
    RowChanges changes(RowFilter{.range = range, .ranges = 7});
    for (int i = 0; i < 1000; ++i) {
      changes.upsert(night, {std::string_view("villa"), Date{i}}).add(booked, 1);
    }
    EXPECT_GT(changes.size(), 80U);
    rows += changes.size();
  }
  EXPECT_EQ(rows, 1000U);
}

TEST(RowChange, AFilterByTableDropsTheOthers) {
  RowChanges changes(RowFilter{.tables = TableSet(night)});
  changes.insert(room, "villa").set(name, "Deluxe");
  changes.erase(room, "villa");
  changes.upsert(night, {"villa", Date{1}}).add(booked, 1);
  EXPECT_EQ(changes.size(), 1U);
}

TEST(RowChange, AClearedBatchIsEmptyAndUsable) {
  RowChanges changes;
  changes.insert(room, "villa");
  changes.clear();
  EXPECT_TRUE(changes.empty());
  changes.insert(room, "villa");
  EXPECT_EQ(changes.size(), 1U);
}

/// What the bug says of itself.
template <class Step>
std::string bug_in(Step step) {
  try {
    step();
  } catch (const Bug& bug) {
    return bug.what();
  }
  return "(none)";
}

TEST(RowChange, WhatNoFoldCanSayIsABugWithTheNameOfTheRow) {
  RowChanges changes;
  changes.insert(room, "villa");
  EXPECT_EQ(bug_in([&] { changes.insert(room, "villa"); }),
            "a fold inserts a row that is there: room_availability villa");
  changes.erase(room, "villa");
  EXPECT_EQ(bug_in([&] { changes.update(room, "villa"); }),
            "a fold updates a deleted row: room_availability villa");
  EXPECT_EQ(bug_in([&] { changes.erase(room, "villa"); }),
            "a fold deletes a deleted row: room_availability villa");
  changes.upsert(night, {"villa", Date{1}});
  EXPECT_EQ(bug_in([&] { changes.erase(night, {"villa", Date{1}}); }),
            "a fold deletes a row that came by upsert: room_night villa, 1970-01-02");
}

// ---- apply(merge(a, b)) == apply(a), then apply(b) ----

using Cells = std::map<std::size_t, std::optional<std::string>>;
using Rows = std::map<std::string, Cells>;

/// Carries out a batch on plain maps, by the definition of each kind.
void carry_out(const RowChanges& changes, Rows& rows) {
  std::string buffer;
  for (const Table table : {room, night}) {
    for (const RowChange& change : changes.of(table)) {
      const std::string key = to_string(table, key_of(table, change));
      const bool there = rows.contains(key);
      switch (change.kind) {
        case ChangeKind::none: continue;
        case ChangeKind::erase: RC_ASSERT(rows.erase(key) == 1U); continue;
        case ChangeKind::insert: RC_ASSERT(!there); break;
        case ChangeKind::update: RC_ASSERT(there); break;
        case ChangeKind::upsert: break;
      }
      Cells& cells = rows[key];
      for (std::size_t i = describe(table).key_columns; i < describe(table).width(); ++i) {
        const Value& cell = change.cells[i];
        if (!there) {
          const auto value = to_string(inserted_value(cell).stored(buffer));
          cells[i] = value == "null" ? std::nullopt : std::optional(value);
        } else if (cell.kind() == Value::Kind::add) {
          if (cells[i]) cells[i] = std::to_string(std::stoll(*cells[i]) + cell.number());
        } else if (cell.kind() != Value::Kind::absent) {
          const auto value = to_string(cell.stored(buffer));
          cells[i] = value == "null" ? std::nullopt : std::optional(value);
        }
      }
    }
  }
}

/// One step that a fold may take; `there` tells which rooms exist, so that it makes sense.
void any_step(RowChanges& changes, std::map<std::string, bool>& there) {
  const auto id = *rc::gen::element(std::string("a"), std::string("b"), std::string("c"));
  const auto number = *rc::gen::inRange<int>(-3, 4);
  if (*rc::gen::inRange(0, 3) == 0) {
    auto row = changes.upsert(night, {std::string_view(id), Date{number + 3}});
    row.add(booked, number);
    if (*rc::gen::inRange(0, 2) == 0) row.set(column_of(night, "sequence"), number);
    return;
  }
  const std::string_view key = id;
  if (!there[id]) {
    changes.insert(room, key).set(units, number).set(name, "new");
    there[id] = true;
  } else if (*rc::gen::inRange(0, 4) == 0) {
    changes.erase(room, key);
    there[id] = false;
  } else {
    auto row = changes.update(room, key);
    const std::string text = "name " + std::to_string(number);
    if (*rc::gen::inRange(0, 2) == 0) row.set(name, std::string_view(text));
    if (*rc::gen::inRange(0, 2) == 0) row.add(units, number);
    if (*rc::gen::inRange(0, 3) == 0) row.set(units, Value::null());
    if (*rc::gen::inRange(0, 3) == 0) row.set(units, number);
  }
}

RC_GTEST_PROP(RowChangeProperty, a_merged_batch_does_what_its_parts_do_in_order, ()) {
  Rows one_by_one;
  std::map<std::string, bool> there;
  // Something to start from.
  RowChanges before;
  const int steps_before = *rc::gen::inRange(0, 12);
  for (int i = 0; i < steps_before; ++i) any_step(before, there);
  carry_out(before, one_by_one);
  Rows at_once = one_by_one;

  RowChanges merged;
  const int batches = *rc::gen::inRange(1, 5);
  for (int b = 0; b < batches; ++b) {
    RowChanges batch;
    const int steps = *rc::gen::inRange(0, 10);
    for (int i = 0; i < steps; ++i) any_step(batch, there);
    carry_out(batch, one_by_one);
    merged.merge(batch);
  }
  carry_out(merged, at_once);
  RC_ASSERT(at_once == one_by_one);
}

}  // namespace
}  // namespace pesan
