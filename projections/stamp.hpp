// What every row says of the event that touched it last: its place and time. Plain values.
#pragma once

#include "events/ids.hpp"
#include "events/time.hpp"
#include "projections/row_change.hpp"

namespace pesan {

struct Stamp {
  Sequence sequence;
  Instant time;
};

/// Every row that a fold touches is stamped.
inline RowChanges::Row& stamp(RowChanges::Row& row, Table table, const Stamp& stamp) {
  const std::size_t width = describe(table).width();
  // `sequence` and `updated_at` are the last two columns of every table.
  return row.set(ColumnIndex{static_cast<std::uint8_t>(width - 2)}, stamp.sequence)
      .set(ColumnIndex{static_cast<std::uint8_t>(width - 1)}, stamp.time);
}

}  // namespace pesan
