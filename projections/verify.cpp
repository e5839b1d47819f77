#include "projections/verify.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "projections/fold.hpp"
#include "projections/row_renderer.hpp"

namespace pesan {
namespace {

constexpr std::string_view no_row = "(no row)";

/// The key of a stored row as folds write it; nullopt when it cannot be one.
std::optional<RowKey> key_of(const TableDescription& table, const StoredRow& row) {
  const auto part = [&](std::size_t i) -> std::optional<Value> {
    if (const auto* number = std::get_if<std::int64_t>(&row[i])) return Value(*number);
    const auto* text = std::get_if<std::string_view>(&row[i]);
    if (text == nullptr) return std::nullopt;
    if (table.columns[i].type != ColumnType::date) return Value(*text);
    const auto date = parse_date(*text);
    if (!date) return std::nullopt;
    return Value(*date);
  };
  const auto first = part(0);
  if (!first) return std::nullopt;
  if (table.key_columns == 1) return RowKey(*first);
  const auto second = part(1);
  if (!second) return std::nullopt;
  return RowKey(*first, *second);
}

/// Whether a store would give the value back like this; `buffer` is for moments.
bool same(const Value& value, const StoredValue& found, std::string& buffer) {
  switch (value.kind()) {
    case Value::Kind::null: return std::holds_alternative<std::monostate>(found);
    case Value::Kind::integer: {
      const auto* number = std::get_if<std::int64_t>(&found);
      return number != nullptr && *number == value.number();
    }
    case Value::Kind::text: {
      const auto* text = std::get_if<std::string_view>(&found);
      return text != nullptr && *text == value.text();
    }
    default: return value.stored(buffer) == found;
  }
}

/// Looks up every row that is found; what nobody found is missing. No side needs to be sorted.
class TableComparison {
 public:
  TableComparison(Table table, const OnDifference& on_difference, VerifyReport& report)
      : table_(table),
        description_(describe(table)),
        on_difference_(on_difference),
        report_(report) {}

  Fallible<void> run(const RowChanges& expected, RowCursor& cursor) {
    const auto rows = expected.of(table_);
    std::vector<bool> seen(rows.size());
    StoredRow found;
    while (true) {
      const auto more = cursor.next(found);
      if (!more) return std::unexpected(more.error());
      if (!*more) break;
      const auto key = key_of(description_, found);
      if (key && !expected.wants(hash_of(*key))) continue;
      const RowChange* row = key ? expected.find(table_, *key) : nullptr;
      if (row == nullptr || row->kind == ChangeKind::none) {
        unexpected_row(written(found));
        continue;
      }
      seen[static_cast<std::size_t>(row - rows.data())] = true;
      compare_rows(*row, found);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!seen[i] && rows[i].kind != ChangeKind::none) missing_row(rows[i]);
    }
    return {};
  }

 private:
  std::string written(const StoredRow& row) const {
    std::string key = to_string(row[0]);
    for (std::size_t i = 1; i < description_.key_columns; ++i) key += ", " + to_string(row[i]);
    return key;
  }
  void differ(std::string key, std::string_view column, std::string expected, std::string found) {
    ++report_.differences;
    on_difference_(
        {description_.name, std::move(key), column, std::move(expected), std::move(found)});
  }
  void unexpected_row(std::string key) {
    ++report_.rows;
    differ(std::move(key), {}, std::string(no_row), "a row");
  }
  void missing_row(const RowChange& row) {
    ++report_.rows;
    differ(written(renderer_.render(table_, row)), {}, "a row", std::string(no_row));
  }
  void compare_rows(const RowChange& expected, const StoredRow& found) {
    ++report_.rows;
    if (equal(expected, found)) return;
    const StoredRow& row = renderer_.render(table_, expected);
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (row[i] == found[i]) continue;
      differ(written(row), description_.columns[i].name, to_string(row[i]), to_string(found[i]));
    }
  }

  bool equal(const RowChange& expected, const StoredRow& found) {
    for (std::size_t i = 0; i < description_.width(); ++i) {
      const Column& column = description_.columns[i];
      const bool good = column.is_generated()
                            ? generated_value(description_, column.generated, found) == found[i]
                            : same(inserted_value(expected.cells[i]), found[i], buffer_);
      if (!good) return false;
    }
    return true;
  }

  Table table_;
  const TableDescription& description_;
  const OnDifference& on_difference_;
  VerifyReport& report_;
  RowRenderer renderer_;
  std::string buffer_;
};

/// The checkpoints of a topic, by partition.
using Checkpoints = std::map<Partition, Checkpoint>;

Fallible<void> check_fold(const Checkpoint& checkpoint) {
  if (std::abs(checkpoint.fold) == fold_version) return {};
  return fail(FailureKind::fatal,
              fmt::format("the read model of {} was made by fold {}, and this program folds by {}: "
                          "they cannot be compared; run `pesan rebuild` with the newer program",
                          name_of(checkpoint.topic), std::abs(checkpoint.fold), fold_version));
}

/// Folds every partition that has a checkpoint to just there.
Fallible<void> fold_to(Refold& refold, const Checkpoints& checkpoints, const OnProgress& progress) {
  for (const auto& [partition, checkpoint] : checkpoints) {
    if (auto good = check_fold(checkpoint); !good) return good;
    const FoldEnd end{.offset = checkpoint.next_offset, .sequence = {}, .time = {}};
    if (auto folded = refold.advance(partition, end, progress); !folded) return folded;
  }
  return {};
}

void compare_positions(const Refold& refold, const Checkpoints& checkpoints,
                       const OnDifference& on_difference, VerifyReport& report) {
  for (const auto& [partition, found] : checkpoints) {
    const auto& expected = refold.position(partition);
    const auto differ = [&](std::string_view column, std::string by_log, std::string stored) {
      ++report.differences;
      on_difference({tables::checkpoint.name,
                     fmt::format("{}, {}", name_of(found.topic), partition.value), column,
                     std::move(by_log), std::move(stored)});
    };
    if (!expected) {
      differ({}, std::string(no_row), "a row");
      continue;
    }
    if (expected->next_offset != found.next_offset) {
      differ("next_offset", std::to_string(expected->next_offset.value),
             std::to_string(found.next_offset.value));
    }
    if (expected->sequence != found.sequence) {
      differ("sequence", std::to_string(expected->sequence.value),
             std::to_string(found.sequence.value));
    }
    if (expected->last_digest != found.last_digest) {
      differ("last_digest", to_hex(expected->last_digest), to_hex(found.last_digest));
    }
    if (expected->log_id != found.log_id) differ("log_id", expected->log_id, found.log_id);
    if (expected->updated_at != found.updated_at) {
      differ("updated_at", to_string(expected->updated_at), to_string(found.updated_at));
    }
  }
}

Fallible<Checkpoints> live_checkpoints(ReadModel& model, Topic topic, std::int32_t partitions) {
  Checkpoints result;
  for (std::int32_t p = 0; p < partitions; ++p) {
    const auto checkpoint = model.checkpoint({topic, Partition{p}});
    if (!checkpoint) return std::unexpected(checkpoint.error());
    if (*checkpoint) result.emplace(Partition{p}, **checkpoint);
  }
  return result;
}

Fallible<Checkpoints> checkpoints_in(ReadSnapshot& snapshot, Topic topic, std::int32_t partitions) {
  const auto all = snapshot.checkpoints();
  if (!all) return std::unexpected(all.error());
  Checkpoints result;
  for (const Checkpoint& checkpoint : *all) {
    if (checkpoint.topic != topic) continue;
    if (checkpoint.partition.value >= partitions) {
      return fail(FailureKind::fatal,
                  fmt::format("the read model knows partition {} of {}, and the log has only {}: "
                              "it is of another log",
                              checkpoint.partition.value, name_of(topic), partitions));
    }
    result.emplace(checkpoint.partition, checkpoint);
  }
  return result;
}

}  // namespace

Fallible<VerifyReport> compare(const RowChanges& expected, ReadSnapshot& found, Topic topic,
                               const OnDifference& on_difference) {
  VerifyReport report;
  for (const Table table : all_tables) {
    if (describe(table).source != topic || !expected.wants(table)) continue;
    auto cursor = found.scan(table);
    if (!cursor) return std::unexpected(cursor.error());
    TableComparison comparison(table, on_difference, report);
    if (auto done = comparison.run(expected, **cursor); !done) {
      return std::unexpected(done.error());
    }
  }
  return report;
}

Fallible<VerifyReport> verify(LogReader& log, ReadModel& model, Topic topic,
                              const RefoldOptions& options, const OnDifference& on_difference) {
  const std::int32_t partitions = partitions_of(log, topic);
  VerifyReport total;
  bool first = true;
  const auto verify_range = [&](Refold& refold) -> Fallible<void> {
    const auto live = live_checkpoints(model, topic, partitions);
    if (!live) return std::unexpected(live.error());
    if (auto folded = fold_to(refold, *live, options.on_progress); !folded) return folded;
    if (refold.outgrown()) return {};
    auto snapshot = model.snapshot();
    if (!snapshot) return std::unexpected(snapshot.error());
    const auto now = checkpoints_in(**snapshot, topic, partitions);
    if (!now) return std::unexpected(now.error());
    if (auto folded = fold_to(refold, *now, options.on_progress); !folded) return folded;
    if (refold.outgrown()) return {};
    const auto report = compare(refold.rows(), **snapshot, topic, on_difference);
    if (!report) return std::unexpected(report.error());
    total.rows += report->rows;
    total.differences += report->differences;
    if (std::exchange(first, false)) {
      compare_positions(refold, *now, on_difference, total);
      total.records = refold.records();
    }
    return {};
  };
  auto done = each_range(log, topic, options, verify_range);
  if (!done) return std::unexpected(std::move(done.error()));
  return total;
}

}  // namespace pesan
