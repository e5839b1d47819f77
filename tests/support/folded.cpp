#include "tests/support/folded.hpp"

#include <gtest/gtest.h>

#include "projections/fold.hpp"
#include "tests/support/apply_alone.hpp"

namespace pesan {
namespace {

Instant minute(std::int64_t n) {
  return {parse_instant("2026-11-20T08:00:00Z")->ms + n * ms_per_minute};
}

/// Moves a model on by some changes, whatever its checkpoint.
void force(MemoryReadModel& model, const RowChanges& changes) {
  const auto stored = *model.checkpoint({Topic::events, Partition{0}});
  Checkpoint next;
  next.next_offset = stored ? stored->next_offset.next() : Offset{1};
  next.fold = fold_version;
  const auto applied = apply_alone(model, changes, stored, next);
  ASSERT_TRUE(applied) << applied.error().what;
}

}  // namespace

Folded& Folded::by(const Actor& actor, std::optional<std::string_view> reason) {
  actor_ = actor;
  reason_ = reason;
  return *this;
}

Folded& Folded::given(std::initializer_list<EventBody> bodies) {
  for (const EventBody& body : bodies) {
    ++sequence_;
    ResourceEvent event;
    event.resource = ResourceId(std::string_view(resource_));
    event.version = {sequence_};
    event.event = {actor_, reason_, body};
    events_.push_back({"log-1", {sequence_}, minute(sequence_), event});
  }
  return *this;
}

Folded& Folded::given_customers(std::initializer_list<CustomerEventBody> bodies) {
  for (const CustomerEventBody& body : bodies) {
    ++sequence_;
    customer_events_.push_back({"log-1", {sequence_}, minute(sequence_), body});
  }
  return *this;
}

void Folded::apply() {
  RowChanges all;
  const auto fold = [&](const auto& events) {
    for (const auto& event : events) {
      RowChanges one;
      fold_event(event, one);
      force(one_by_one_, one);
      fold_event(event, all);
    }
  };
  fold(events_);
  fold(customer_events_);
  force(at_once_, all);
  events_.clear();
  customer_events_.clear();
}

std::string Folded::value(Table table, std::string_view key, std::string_view column) {
  return value(table, MemoryReadModel::OwnedRow{std::string(key)}, column);
}

std::string Folded::value(Table table, std::string_view first, std::string_view second,
                          std::string_view column) {
  MemoryReadModel::OwnedRow key{std::string(first)};
  if (describe(table).columns[1].type == ColumnType::integer) {
    key.emplace_back(std::stoll(std::string(second)));
  } else {
    key.emplace_back(std::string(second));
  }
  return value(table, key, column);
}

std::string Folded::value(Table table, const MemoryReadModel::OwnedRow& key,
                          std::string_view column) {
  apply();
  const std::string value = one_by_one_.value(table, key, column);
  EXPECT_EQ(value, at_once_.value(table, key, column)) << "one batch folds otherwise than many";
  return value;
}

std::size_t Folded::count(Table table) {
  apply();
  EXPECT_EQ(one_by_one_.rows(table), at_once_.rows(table));
  return at_once_.rows(table).size();
}

}  // namespace pesan
