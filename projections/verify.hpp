// Proves that a read model is the fold of its log: folds the log anew and compares every column of
// every row. It holds nothing up: it folds to where the projectors are, takes a snapshot, folds the
// short rest, and compares inside the snapshot. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "events/failure.hpp"
#include "events/log.hpp"
#include "projections/read_model.hpp"
#include "projections/refold.hpp"

namespace pesan {

/// One thing that is not as the log says.
struct Difference {
  std::string_view table;
  std::string key;          // `villa-deluxe, 2026-12-01`
  std::string_view column;  // empty: the whole row
  std::string expected;     // by the log; `(no row)` where there should be none
  std::string found;        // in the read model; `(no row)` where it is missing
};
using OnDifference = std::function<void(const Difference&)>;

struct VerifyReport {
  std::int64_t records = 0;  // folded, each once
  std::int64_t rows = 0;     // compared, on either side
  std::int64_t differences = 0;
};

/// Compares all tables of the topic. Failures: the log cannot be folded, the store does not answer,
/// or (fatal) the read model was made by another fold and has to be rebuilt.
Fallible<VerifyReport> verify(LogReader& log, ReadModel& model, Topic topic,
                              const RefoldOptions& options, const OnDifference& on_difference);

/// Compares folded rows with what a snapshot holds, rows outside the filter on both sides left out.
Fallible<VerifyReport> compare(const RowChanges& expected, ReadSnapshot& found, Topic topic,
                               const OnDifference& on_difference);

/// Compares two stores, row by row.
Fallible<VerifyReport> compare(ReadSnapshot& expected, ReadSnapshot& found, Topic topic,
                               const OnDifference& on_difference);

}  // namespace pesan
