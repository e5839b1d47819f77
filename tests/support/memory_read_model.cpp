#include "tests/support/memory_read_model.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "events/assert.hpp"
#include "projections/row_query.hpp"
#include "projections/row_renderer.hpp"
#include "projections/store_sql.hpp"

namespace pesan {
namespace {

OwnedRow key_in(Table table, const RowChange& change) {
  OwnedRow key;
  std::string buffer;
  for (std::size_t i = 0; i < describe(table).key_columns; ++i) {
    key.push_back(owned(change.cells[i].stored(buffer)));
  }
  return key;
}

bool fits(const Column& column, const Value& value) {
  switch (value.kind()) {
    case Value::Kind::null: return column.nullable;
    case Value::Kind::absent: return true;
    case Value::Kind::add: return column.type == ColumnType::integer;
    default: return is_of_type(value, column.type);
  }
}

class MemoryCursor final : public RowCursor {
 public:
  explicit MemoryCursor(const MemoryReadModel::Rows& rows) : rows_(rows), next_(rows.begin()) {}
  Fallible<bool> next(StoredRow& row) override {
    if (next_ == rows_.end()) return false;
    row = viewed(next_->second);
    ++next_;
    return true;
  }

 private:
  const MemoryReadModel::Rows& rows_;
  MemoryReadModel::Rows::const_iterator next_;
};

class MemorySnapshot final : public ReadSnapshot {
 public:
  MemorySnapshot(MemoryReadModel::Tables tables, std::vector<Checkpoint> checkpoints)
      : tables_(std::move(tables)), checkpoints_(std::move(checkpoints)) {}
  Fallible<std::vector<Checkpoint>> checkpoints() override { return checkpoints_; }
  Fallible<std::unique_ptr<RowCursor>> scan(Table table) override {
    return std::make_unique<MemoryCursor>(tables_[static_cast<std::size_t>(table)]);
  }

 private:
  MemoryReadModel::Tables tables_;
  std::vector<Checkpoint> checkpoints_;
};

}  // namespace

Fallible<void> MemoryReadModel::apply(std::span<SourceChanges> round) {
  for (SourceChanges& one : round) {
    const auto stored = checkpoints_.find(one.source());
    const bool same = stored == checkpoints_.end()
                          ? !one.expected
                          : one.expected &&
                                stored->second.next_offset == one.expected->next_offset &&
                                stored->second.log_id == one.expected->log_id &&
                                stored->second.fold == one.expected->fold;
    one.moved = !same;
  }
  if (std::ranges::any_of(round, &SourceChanges::moved)) return checkpoints_were_moved(round);

  // Every row is touched by one change at most, so all can be judged before the first is made.
  for (const SourceChanges& one : round) {
    for (const Table table : all_tables) {
      for (const RowChange& change : one.changes->of(table)) {
        if (auto good = check(table, change); !good) return good;
      }
    }
  }
  for (const SourceChanges& one : round) {
    for (const Table table : all_tables) {
      for (const RowChange& change : one.changes->of(table)) carry_out(table, change);
    }
    checkpoints_.insert_or_assign(one.source(), one.next);
  }
  return {};
}

Fallible<void> MemoryReadModel::check(Table table, const RowChange& change) const {
  const bool there = rows(table).contains(key_in(table, change));
  const auto misfit = [&](const char* what) {
    return fail(FailureKind::fatal, to_string(table, key_of(table, change)) + ": " + what);
  };
  switch (change.kind) {
    case ChangeKind::none: return {};
    case ChangeKind::insert:
      if (there) return misfit("the row is there already");
      break;
    case ChangeKind::update:
    case ChangeKind::erase:
      if (!there) return misfit("there is no such row");
      break;
    case ChangeKind::upsert: break;
  }
  const TableDescription& description = describe(table);
  for (std::size_t i = 0; i < description.width(); ++i) {
    const Column& column = description.columns[i];
    const bool whole = change.kind == ChangeKind::insert && !column.is_generated();
    const Value& cell = change.cells[i];
    if (!fits(column, whole ? inserted_value(cell) : cell)) {
      return misfit((std::string(column.name) + " refuses its value").c_str());
    }
  }
  return {};
}

void MemoryReadModel::carry_out(Table table, const RowChange& change) {
  Rows& rows = tables_[static_cast<std::size_t>(table)];
  const OwnedRow key = key_in(table, change);
  const auto found = rows.find(key);
  switch (change.kind) {
    case ChangeKind::none: return;
    case ChangeKind::erase: rows.erase(key); return;
    case ChangeKind::insert:
    case ChangeKind::upsert:
    case ChangeKind::update: break;
  }
  if (found == rows.end()) {
    RowRenderer renderer;
    OwnedRow row;
    for (const StoredValue& value : renderer.render(table, change)) row.push_back(owned(value));
    rows.emplace(key, std::move(row));
    return;
  }
  const TableDescription& description = describe(table);
  OwnedRow& row = found->second;
  std::string buffer;
  for (std::size_t i = description.key_columns; i < description.width(); ++i) {
    const Value& cell = change.cells[i];
    if (cell.kind() == Value::Kind::absent) continue;
    if (cell.kind() == Value::Kind::add) {
      if (auto* number = std::get_if<std::int64_t>(&row[i])) *number += cell.number();
    } else {
      row[i] = owned(cell.stored(buffer));
    }
  }
  for (std::size_t i = 0; i < description.width(); ++i) {
    const Column& column = description.columns[i];
    if (column.is_generated()) {
      row[i] = owned(generated_value(description, column.generated, viewed(row)));
    }
  }
}

Fallible<std::optional<Checkpoint>> MemoryReadModel::checkpoint(TopicPartition source) {
  const auto found = checkpoints_.find(source);
  if (found == checkpoints_.end()) return std::nullopt;
  return found->second;
}

Fallible<std::unique_ptr<ReadSnapshot>> MemoryReadModel::snapshot() {
  std::vector<Checkpoint> checkpoints;
  for (const auto& [source, checkpoint] : checkpoints_) checkpoints.push_back(checkpoint);
  return std::make_unique<MemorySnapshot>(tables_, std::move(checkpoints));
}

std::string MemoryReadModel::value(Table table, const OwnedRow& key,
                                   std::string_view column) const {
  const auto found = rows(table).find(key);
  if (found == rows(table).end()) return "(no row)";
  return to_string(viewed(found->second.at(describe(table).index_of(column))));
}

void MemoryReadModel::overwrite(Table table, const OwnedRow& key, std::string_view column,
                                OwnedValue value) {
  tables_[static_cast<std::size_t>(table)].at(key).at(describe(table).index_of(column)) =
      std::move(value);
}

void MemoryReadModel::forget_row(Table table, const OwnedRow& key) {
  tables_[static_cast<std::size_t>(table)].erase(key);
}

void MemoryReadModel::put_row(Table table, OwnedRow row) {
  const auto key_end = row.begin() + static_cast<std::ptrdiff_t>(describe(table).key_columns);
  OwnedRow key(row.begin(), key_end);
  tables_[static_cast<std::size_t>(table)].insert_or_assign(std::move(key), std::move(row));
}

void MemoryReadModel::freeze(bool frozen) {
  for (auto& [source, checkpoint] : checkpoints_) {
    if (checkpoint.frozen() != frozen) checkpoint.fold = -checkpoint.fold;
  }
}

void MemoryReadModel::overwrite(const Checkpoint& checkpoint) {
  checkpoints_.insert_or_assign({checkpoint.topic, checkpoint.partition}, checkpoint);
}

}  // namespace pesan
