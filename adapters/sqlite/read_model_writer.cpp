#include "adapters/sqlite/read_model_writer.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace pesan::sqlite {
namespace {

/// More shapes than folds ever make; a bound, so that nothing grows for ever.
constexpr std::size_t most_shapes = 128;

std::string where_key(const TableDescription& table) {
  std::string sql = " WHERE ";
  for (std::size_t i = 0; i < table.key_columns; ++i) {
    if (i != 0) sql += " AND ";
    sql += fmt::format("{} = ?{}", table.columns[i].name, i + 1);
  }
  return sql;
}

std::string insert_sql(const TableDescription& table, Side side) {
  std::string values;
  for (const Column& column : table.columns) {
    if (column.is_generated()) continue;
    values += values.empty() ? "?" : ", ?";
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({})", table_name(table, side),
                     column_list(table, false), values);
}

// Parameters are numbered by column, the key first, so that binding needs no map of its own.

std::string update_sql(const TableDescription& table, Side side, const ChangeShape& shape) {
  std::string list;
  for (std::size_t i = table.key_columns; i < table.width(); ++i) {
    if (!has(shape.set | shape.add, i)) continue;
    const std::string_view name = table.columns[i].name;
    if (!list.empty()) list += ", ";
    list += has(shape.add, i) ? fmt::format("{0} = {0} + ?{1}", name, i + 1)
                              : fmt::format("{} = ?{}", name, i + 1);
  }
  if (list.empty()) list = fmt::format("{0} = {0}", table.columns[0].name);
  return fmt::format("UPDATE {} SET {}{}", table_name(table, side), list, where_key(table));
}

std::string upsert_sql(const TableDescription& table, Side side, const ChangeShape& shape) {
  std::string names;
  std::string values;
  std::string keys;
  std::string moves;
  for (std::size_t i = 0; i < table.width(); ++i) {
    const std::string_view name = table.columns[i].name;
    const bool key = i < table.key_columns;
    if (!key && !has(shape.set | shape.add, i)) continue;
    names += fmt::format("{}{}", names.empty() ? "" : ", ", name);
    values += fmt::format("{}?{}", values.empty() ? "" : ", ", i + 1);
    if (key) {
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", name);
    } else {
      if (!moves.empty()) moves += ", ";
      moves += has(shape.add, i) ? fmt::format("{0} = {0} + excluded.{0}", name)
                                 : fmt::format("{0} = excluded.{0}", name);
    }
  }
  return fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO {}",
                     table_name(table, side), names, values, keys,
                     moves.empty() ? "NOTHING" : "UPDATE SET " + moves);
}

/// The failure of one row, with the row's name.
Failure named(Table table, const RowChange& change, Failure failure) {
  failure.what = fmt::format("{}: {}", to_string(table, key_of(table, change)), failure.what);
  return failure;
}

std::unexpected<Failure> missing(Table table, const RowChange& change) {
  return std::unexpected(row_is_missing(table, key_of(table, change)));
}

/// Bound by number.
const CheckpointTexts next_parameters{.projection = "?1",
                                      .topic = "?2",
                                      .partition = "?3",
                                      .next_offset = "?4",
                                      .sequence = "?5",
                                      .last_digest = "?6",
                                      .log_id = "?7",
                                      .fold = "?8",
                                      .updated_at = "?9"};
const ExpectedTexts expected_parameters{.next_offset = "?10", .log_id = "?11", .fold = "?12"};

}  // namespace

Fallible<void> ReadModelWriter::move_checkpoints(std::span<SourceChanges> round) {
  for (SourceChanges& one : round) {
    const auto moved = move_checkpoint(one.expected, one.next);
    if (!moved) return std::unexpected(moved.error());
    one.moved = !*moved;
  }
  if (std::ranges::any_of(round, &SourceChanges::moved)) return checkpoints_were_moved(round);
  return {};
}

Fallible<bool> ReadModelWriter::move_checkpoint(const std::optional<Checkpoint>& expected,
                                                const Checkpoint& next) {
  const std::string digest = to_hex(next.last_digest);
  const std::string updated_at = to_string(next.updated_at);
  auto& kept = expected ? next_checkpoint_ : first_checkpoint_;
  if (!kept) {
    auto statement = database_.prepare(
        expected ? move_checkpoint_sql(side_, next_parameters, expected_parameters)
                 : fmt::format("INSERT INTO {} ({}) VALUES ({}) ON CONFLICT DO NOTHING",
                               table_name(tables::checkpoint, side_),
                               column_list(tables::checkpoint, true), next_parameters.list()));
    if (!statement) return std::unexpected(std::move(statement.error()));
    kept = std::move(*statement);
  }
  kept->bind(1, projection_name)
      .bind(2, name_of(next.topic))
      .bind(3, next.partition.value)
      .bind(4, next.next_offset.value)
      .bind(5, next.sequence.value)
      .bind(6, std::string_view(digest))
      .bind(7, std::string_view(next.log_id))
      .bind(8, next.fold)
      .bind(9, std::string_view(updated_at));
  if (expected) {
    kept->bind(10, expected->next_offset.value)
        .bind(11, std::string_view(expected->log_id))
        .bind(12, expected->fold);
  }
  if (auto done = kept->run(); !done) return std::unexpected(std::move(done.error()));
  return database_.changes() == 1;
}

Fallible<void> ReadModelWriter::write(const RowChanges& changes) {
  for (const Table table : all_tables) {
    for (const RowChange& change : changes.of(table)) {
      if (auto done = write(table, change); !done) return done;
    }
  }
  return {};
}

Fallible<void> ReadModelWriter::write(Table table, const RowChange& change) {
  switch (change.kind) {
    case ChangeKind::none: return {};
    case ChangeKind::insert: return insert(table, change);
    case ChangeKind::update: return update(table, change);
    case ChangeKind::upsert: return upsert(table, change);
    case ChangeKind::erase: return erase(table, change);
  }
  return {};
}

Fallible<void> ReadModelWriter::insert(Table table, const RowChange& change) {
  const TableDescription& description = describe(table);
  auto& kept = of(table).insert;
  if (!kept) {
    auto statement = database_.prepare(insert_sql(description, side_));
    if (!statement) return std::unexpected(std::move(statement.error()));
    kept = std::move(*statement);
  }
  int index = 0;
  for (std::size_t i = 0; i < description.width(); ++i) {
    if (description.columns[i].is_generated()) continue;
    bind_value(*kept, ++index, inserted_value(change.cells[i]), buffers_[i]);
  }
  if (auto done = kept->run(); !done) {
    return std::unexpected(named(table, change, std::move(done.error())));
  }
  return {};
}

template <class MakeSql>
Fallible<Statement*> ReadModelWriter::shaped(Shapes& shapes, const ChangeShape& shape,
                                             MakeSql make_sql) {
  const auto found = shapes.find({shape.set, shape.add});
  if (found != shapes.end()) return &found->second;
  if (shapes.size() >= most_shapes) shapes.clear();
  auto statement = database_.prepare(make_sql());
  if (!statement) return std::unexpected(std::move(statement.error()));
  return &shapes.emplace(std::pair(shape.set, shape.add), std::move(*statement)).first->second;
}

Fallible<void> ReadModelWriter::update(Table table, const RowChange& change) {
  const TableDescription& description = describe(table);
  const ChangeShape shape = shape_of(table, change);
  auto statement =
      shaped(of(table).update, shape, [&] { return update_sql(description, side_, shape); });
  if (!statement) return std::unexpected(std::move(statement.error()));
  for (std::size_t i = 0; i < description.width(); ++i) {
    if (i >= description.key_columns && !has(shape.set | shape.add, i)) continue;
    bind_value(**statement, static_cast<int>(i) + 1, inserted_value(change.cells[i]), buffers_[i]);
  }
  if (auto done = (*statement)->run(); !done) {
    return std::unexpected(named(table, change, std::move(done.error())));
  }
  if (database_.changes() != 1) return missing(table, change);
  return {};
}

Fallible<void> ReadModelWriter::upsert(Table table, const RowChange& change) {
  const TableDescription& description = describe(table);
  const ChangeShape shape = shape_of(table, change);
  auto statement =
      shaped(of(table).upsert, shape, [&] { return upsert_sql(description, side_, shape); });
  if (!statement) return std::unexpected(std::move(statement.error()));
  for (std::size_t i = 0; i < description.width(); ++i) {
    if (i >= description.key_columns && !has(shape.set | shape.add, i)) continue;
    bind_value(**statement, static_cast<int>(i) + 1, inserted_value(change.cells[i]), buffers_[i]);
  }
  if (auto done = (*statement)->run(); !done) {
    return std::unexpected(named(table, change, std::move(done.error())));
  }
  return {};
}

Fallible<void> ReadModelWriter::erase(Table table, const RowChange& change) {
  const TableDescription& description = describe(table);
  auto& kept = of(table).erase;
  if (!kept) {
    auto statement = database_.prepare(
        fmt::format("DELETE FROM {}{}", table_name(description, side_), where_key(description)));
    if (!statement) return std::unexpected(std::move(statement.error()));
    kept = std::move(*statement);
  }
  for (std::size_t i = 0; i < description.key_columns; ++i) {
    bind_value(*kept, static_cast<int>(i) + 1, change.cells[i], buffers_[i]);
  }
  if (auto done = kept->run(); !done) {
    return std::unexpected(named(table, change, std::move(done.error())));
  }
  if (database_.changes() != 1) return missing(table, change);
  return {};
}

void bind_value(Statement& statement, int index, const Value& value, std::string& buffer) {
  if (value.kind() == Value::Kind::text) {
    statement.bind(index, value.text());
  } else if (value.kind() == Value::Kind::integer) {
    statement.bind(index, value.number());
  } else if (value.is_null()) {
    statement.bind(index, nullptr);
  } else {
    statement.bind(index, std::get<std::string_view>(value.stored(buffer)));
  }
}

Fallible<std::vector<Checkpoint>> read_checkpoints(Database& database, Side side,
                                                   std::optional<TopicPartition> source) {
  auto statement = database.prepare(
      select_checkpoints_sql(side, source ? next_parameters.where_source() : "projection = ?1"));
  if (!statement) return std::unexpected(std::move(statement.error()));
  statement->bind(1, projection_name);
  if (source) statement->bind(2, name_of(source->topic)).bind(3, source->partition.value);
  std::vector<Checkpoint> result;
  for (;;) {
    const auto row = statement->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) break;
    auto checkpoint = checkpoint_of({.topic = std::string(statement->text(0)),
                                     .partition = statement->integer(1),
                                     .next_offset = statement->integer(2),
                                     .sequence = statement->integer(3),
                                     .last_digest = std::string(statement->text(4)),
                                     .log_id = std::string(statement->text(5)),
                                     .fold = statement->integer(6),
                                     .updated_at = std::string(statement->text(7))},
                                    {.where = database.path(), .what = "file"});
    if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
    result.push_back(*std::move(checkpoint));
  }
  put_in_order(result);
  return result;
}

}  // namespace pesan::sqlite
