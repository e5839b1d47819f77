// Every shape that a question on an access path may have, with some value in each place: for tests
// of what a store's planner makes of it. Values are literals; any thread.
#pragma once

#include <vector>

#include "projections/row_query.hpp"

namespace pesan {

/// The greater of two, or the lesser.
inline Value some_value_of(const Column& column, bool greater) {
  const int day = greater ? 21000 : 20000;
  switch (column.type) {
    case ColumnType::integer:
    case ColumnType::boolean: return Value(greater ? 1000 : 1);
    case ColumnType::text:
    case ColumnType::json: return Value(greater ? "room-9" : "room-1");
    case ColumnType::date: return Value(Date{day});
    case ColumnType::time_of_day: return Value(TimeOfDay{greater ? 700 : 600});
    case ColumnType::local_minute: return Value::minute(midnight(Date{day}));
    case ColumnType::local_time: return Value::local(midnight(Date{day}));
    case ColumnType::instant: return Value(Instant{day * ms_per_day});
  }
  return {};
}

struct PathQuery {
  RowQuery query;
  bool begins_anywhere = false;  // no value says where in the index: it is read from its beginning
};

/// The first page and the next one, each with and without a range.
inline std::vector<PathQuery> queries_on(const AccessPath& path) {
  RowQuery all{.path = &path, .limit = 21};
  for (const ColumnIndex place : path.equals()) {
    all.equal.push_back(some_value_of(path.column(place), false));
  }
  RowQuery range = all;
  range.from = some_value_of(path.column(path.order()[0]), false);
  range.until = some_value_of(path.column(path.order()[0]), true);
  RowQuery next = all;
  for (const ColumnIndex place : path.order()) {
    next.behind.push_back(some_value_of(path.column(place), false));
  }
  RowQuery next_in_range = next;
  next_in_range.until = range.until;
  return {{all, path.equal == 0}, {range}, {next}, {next_in_range}};
}

}  // namespace pesan
