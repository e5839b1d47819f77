// Two stores against each other: the end of a rebuild.
#include <algorithm>
#include <memory>
#include <utility>

#include "projections/verify.hpp"

namespace pesan {
namespace {

/// A cursor and the row that it stands on.
struct Side {
  std::unique_ptr<RowCursor> cursor;
  StoredRow row;
  bool there = false;

  Fallible<void> next() {
    const auto more = cursor->next(row);
    if (!more) return std::unexpected(more.error());
    there = *more;
    return {};
  }
};

Fallible<Side> open_side(ReadSnapshot& snapshot, Table table) {
  auto cursor = snapshot.scan(table);
  if (!cursor) return std::unexpected(cursor.error());
  Side side{std::move(*cursor), {}, false};
  if (auto first = side.next(); !first) return std::unexpected(first.error());
  return side;
}

std::string key_of(const TableDescription& table, const StoredRow& row) {
  std::string key = to_string(row[0]);
  for (std::size_t i = 1; i < table.key_columns; ++i) key += ", " + to_string(row[i]);
  return key;
}

/// Before, at or after: both sides are in this order.
std::weak_ordering order(const TableDescription& table, const Side& a, const Side& b) {
  if (!a.there) return b.there ? std::weak_ordering::greater : std::weak_ordering::equivalent;
  if (!b.there) return std::weak_ordering::less;
  const auto keys = static_cast<std::ptrdiff_t>(table.key_columns);
  return std::lexicographical_compare_three_way(
      a.row.begin(), a.row.begin() + keys, b.row.begin(), b.row.begin() + keys,
      [](const StoredValue& x, const StoredValue& y) -> std::weak_ordering { return x <=> y; });
}

Fallible<void> compare_table(Table table, ReadSnapshot& expected_in, ReadSnapshot& found_in,
                             const OnDifference& on_difference, VerifyReport& report) {
  const TableDescription& description = describe(table);
  auto expected = open_side(expected_in, table);
  if (!expected) return std::unexpected(expected.error());
  auto found = open_side(found_in, table);
  if (!found) return std::unexpected(found.error());
  const auto differ = [&](const StoredRow& row, std::string_view column, std::string should,
                          std::string is) {
    ++report.differences;
    on_difference(
        {description.name, key_of(description, row), column, std::move(should), std::move(is)});
  };
  while (expected->there || found->there) {
    ++report.rows;
    const auto place = order(description, *expected, *found);
    if (place < 0) {
      differ(expected->row, {}, "a row", "(no row)");
    } else if (place > 0) {
      differ(found->row, {}, "(no row)", "a row");
    } else if (expected->row != found->row) {
      for (std::size_t i = 0; i < expected->row.size(); ++i) {
        if (expected->row[i] == found->row[i]) continue;
        differ(expected->row, description.columns[i].name, to_string(expected->row[i]),
               to_string(found->row[i]));
      }
    }
    if (place <= 0) {
      if (auto moved = expected->next(); !moved) return moved;
    }
    if (place >= 0) {
      if (auto moved = found->next(); !moved) return moved;
    }
  }
  return {};
}

}  // namespace

Fallible<VerifyReport> compare(ReadSnapshot& expected, ReadSnapshot& found, Topic topic,
                               const OnDifference& on_difference) {
  VerifyReport report;
  for (const Table table : all_tables) {
    if (describe(table).source != topic) continue;
    auto done = compare_table(table, expected, found, on_difference, report);
    if (!done) return std::unexpected(done.error());
  }
  return report;
}

}  // namespace pesan
