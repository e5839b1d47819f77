#include "adapters/mysql/read_model_writer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "adapters/mysql/mysql_error.hpp"
#include "adapters/mysql/stored_text.hpp"

namespace pesan::mysql {
namespace {

/// More shapes than folds ever make; a bound, so that nothing grows for ever.
constexpr std::size_t most_statements = 128;
constexpr std::size_t most_rows = 1000;
/// Bytes of a statement, passed by one row of 30 KB at most: far below what servers take.
constexpr std::size_t longest_statement = 512 * 1024;

/// Rows of a prepared statement, and the most values of each for which that pays: of a row of
/// booking_history it saves the server a third, of one of booking nothing. They are 3 MB at most.
constexpr std::size_t prepared_rows = 100;
constexpr std::size_t most_prepared_values = 16;
constexpr std::size_t most_prepared = 16;

std::string checkpoint_table(Side side) { return table_name(tables::checkpoint, side); }

/// An instant as a literal: without the Z, which the servers refuse.
std::string time_literal(Instant instant) {
  std::string text = to_string(instant);
  text.pop_back();
  return literal(text);
}

CheckpointTexts source_texts(TopicPartition source) {
  return {.projection = literal(projection_name),
          .topic = literal(name_of(source.topic)),
          .partition = std::to_string(source.partition.value)};
}

CheckpointTexts texts_of(const Checkpoint& next) {
  CheckpointTexts texts = source_texts({next.topic, next.partition});
  texts.next_offset = std::to_string(next.next_offset.value);
  texts.sequence = std::to_string(next.sequence.value);
  texts.last_digest = literal(to_hex(next.last_digest));
  texts.log_id = literal(next.log_id);
  texts.fold = std::to_string(next.fold);
  texts.updated_at = time_literal(next.updated_at);
  return texts;
}

}  // namespace

std::string insert_gate(Side side) {
  return fmt::format("INSERT IGNORE INTO {} ({}) VALUES ({}, '', 0, 0, 0, '', '', 1, '1970-01-01')",
                     checkpoint_table(side), column_list(tables::checkpoint, true),
                     literal(gate_projection));
}

// --- checkpoints --------------------------------------------------------------------------------

Fallible<void> ReadModelWriter::move_checkpoints(std::span<SourceChanges> round) {
  std::vector<SourceChanges*> in_order;
  for (SourceChanges& one : round) in_order.push_back(&one);
  // The gate first, then by key: so a rebuild and a backup lock them too, and none of them waits
  // for another that waits for it.
  std::ranges::sort(in_order, {}, [](const SourceChanges* one) {
    return std::pair(name_of(one->next.topic), one->next.partition);
  });
  bool may_begin = true;
  if (!std::ranges::all_of(round, [](const auto& one) { return one.expected.has_value(); })) {
    const auto passed = pass_gate();
    if (!passed) return std::unexpected(passed.error());
    may_begin = *passed;
  }
  for (SourceChanges* one : in_order) {
    const auto met = one->expected ? next_checkpoint(*one->expected, one->next)
                     : may_begin   ? first_checkpoint(one->next)
                                   : Fallible<bool>(false);
    if (!met) return std::unexpected(met.error());
    one->moved = !*met;
  }
  if (std::ranges::any_of(round, &SourceChanges::moved)) return checkpoints_were_moved(round);
  return {};
}

Fallible<bool> ReadModelWriter::pass_gate() {
  auto gate = connection_.query_integer(
      "look at the checkpoints of",
      fmt::format("SELECT fold FROM {} WHERE projection = {} LOCK IN SHARE MODE",
                  checkpoint_table(side_), literal(gate_projection)));
  if (!gate) return std::unexpected(std::move(gate.error()));
  return *gate >= 0;  // negative: by a rebuild, which has frozen all of them
}

Fallible<bool> ReadModelWriter::first_checkpoint(const Checkpoint& next) {
  const auto inserted = connection_.update(
      "write to", fmt::format("INSERT IGNORE INTO {} ({}) VALUES ({})", checkpoint_table(side_),
                              column_list(tables::checkpoint, true), texts_of(next).list()));
  if (!inserted) return std::unexpected(inserted.error());
  return *inserted == 1;
}

Fallible<bool> ReadModelWriter::next_checkpoint(const Checkpoint& expected,
                                                const Checkpoint& next) {
  const auto met = connection_.update(
      "write to", move_checkpoint_sql(side_, texts_of(next),
                                      {.next_offset = std::to_string(expected.next_offset.value),
                                       .log_id = literal(expected.log_id),
                                       .fold = std::to_string(expected.fold)}));
  if (!met) return std::unexpected(met.error());
  return *met == 1;
}

Fallible<std::vector<Checkpoint>> read_checkpoints(Connection& connection, Side side,
                                                   std::optional<TopicPartition> source) {
  auto rows = connection.query(
      "read the checkpoints of",
      select_checkpoints_sql(side, source
                                       ? source_texts(*source).where_source()
                                       : fmt::format("projection = {}", literal(projection_name))));
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Checkpoint> result;
  for (;;) {
    const auto more = rows->next();
    if (!more) return std::unexpected(more.error());
    if (!*more) break;
    std::string time = rows->text(7);
    to_stored_text(ColumnType::instant, time);
    auto checkpoint = checkpoint_of({.topic = rows->text(0),
                                     .partition = rows->integer(1),
                                     .next_offset = rows->integer(2),
                                     .sequence = rows->integer(3),
                                     .last_digest = rows->text(4),
                                     .log_id = rows->text(5),
                                     .fold = rows->integer(6),
                                     .updated_at = std::move(time)},
                                    {.where = connection.where(), .what = "database"});
    if (!checkpoint) return std::unexpected(std::move(checkpoint.error()));
    result.push_back(*std::move(checkpoint));
  }
  put_in_order(result);
  return result;
}

// --- rows ---------------------------------------------------------------------------------------

Fallible<void> ReadModelWriter::write(std::span<const SourceChanges> round) {
  for (auto& [shape, rows] : shapes_) rows.clear();
  for (const SourceChanges& one : round) {
    for (const Table table : all_tables) sort_in(table, one.changes->of(table));
  }
  // A row is touched by one change at most, so the order of the shapes is of no matter.
  for (const auto& [shape, rows] : shapes_) {
    if (auto written = write(shape, rows); !written) return written;
  }
  if (shapes_.size() > most_statements) shapes_.clear();
  return {};
}

void ReadModelWriter::sort_in(Table table, std::span<const RowChange> changes) {
  for (const RowChange& change : changes) {
    if (change.kind == ChangeKind::none) continue;
    const bool shaped = change.kind == ChangeKind::update || change.kind == ChangeKind::upsert;
    const ChangeShape shape = shaped ? shape_of(table, change) : ChangeShape{};
    shapes_[{table, change.kind, shape.set, shape.add}].push_back(&change);
  }
}

Fallible<void> ReadModelWriter::insert(Table table, std::span<const RowChange* const> rows) {
  // What a whole fold upserted is a whole row too.
  return write({table, ChangeKind::insert, 0, 0}, rows);
}

const RowStatement& ReadModelWriter::statement_for(const Shape& shape) {
  const auto found = statements_.find(shape);
  if (found != statements_.end()) return found->second;
  if (statements_.size() >= most_statements) statements_.clear();
  const auto& [table, kind, set, add] = shape;
  const StatementShape wanted{.kind = kind, .shape = {.set = set, .add = add}};
  return statements_.try_emplace(shape, describe(table), side_, wanted).first->second;
}

Fallible<void> ReadModelWriter::write(const Shape& shape, std::span<const RowChange* const> rows) {
  if (rows.empty()) return {};
  const RowStatement& statement = statement_for(shape);
  const auto written = write_prepared(shape, rows);
  if (!written) return std::unexpected(written.error());
  rows = rows.subspan(*written);
  std::size_t begin = 0;
  statement.begin(sql_);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    statement.append(sql_, *rows[i]);
    const std::size_t count = i + 1 - begin;
    if (count < most_rows && sql_.size() < longest_statement && i + 1 < rows.size()) continue;
    statement.end(sql_);
    const auto met = connection_.update("write to", sql_);
    if (auto done = judge(shape, rows.subspan(begin, count), met); !done) return done;
    begin = i + 1;
    statement.begin(sql_);
  }
  return {};
}

Fallible<std::size_t> ReadModelWriter::write_prepared(const Shape& shape,
                                                      std::span<const RowChange* const> rows) {
  const RowStatement& statement = statement_for(shape);
  if (!statement.lists_values() || statement.width() > most_prepared_values) return 0;
  std::size_t written = 0;
  for (; rows.size() - written >= prepared_rows; written += prepared_rows) {
    auto kept = prepared_.find(shape);
    if (kept == prepared_.end()) {
      if (prepared_.size() >= most_prepared) prepared_.clear();
      auto made = connection_.prepare("write to", statement.with_parameters(prepared_rows));
      if (!made) return std::unexpected(std::move(made.error()));
      kept = prepared_.emplace(shape, *std::move(made)).first;
    }
    const auto some = rows.subspan(written, prepared_rows);
    const auto met = kept->second.run("write to", [&](Parameters& parameters) {
      for (const RowChange* row : some) statement.give(*row, parameters);
    });
    if (auto done = judge(shape, some, met); !done) return std::unexpected(done.error());
  }
  return written;
}

Fallible<void> ReadModelWriter::judge(const Shape& shape, std::span<const RowChange* const> rows,
                                      const Fallible<std::int64_t>& met) {
  const Table table = std::get<Table>(shape);
  const ChangeKind kind = std::get<ChangeKind>(shape);
  if (!met) {
    Failure failure = met.error();
    const RowChange* duplicate = connection_.last_error() == duplicate_entry
                                     ? find_duplicate(describe(table), failure.what, rows)
                                     : nullptr;
    failure.what = fmt::format("{}: {}",
                               duplicate != nullptr ? to_string(table, key_of(table, *duplicate))
                                                    : std::string(name_of(table)),
                               failure.what);
    return std::unexpected(std::move(failure));
  }
  const bool counted = kind == ChangeKind::update || kind == ChangeKind::erase;
  if (!counted || *met == static_cast<std::int64_t>(rows.size())) return {};
  return std::unexpected(missing(table, rows));
}

Failure ReadModelWriter::missing(Table table, std::span<const RowChange* const> rows) {
  const TableDescription& description = describe(table);
  const RowChange* first = rows.front();
  std::string buffer;
  for (const RowChange* row : rows) {
    std::string condition;
    for (std::size_t i = 0; i < description.key_columns; ++i) {
      condition +=
          fmt::format("{}{} = {}", i == 0 ? "" : " AND ", quoted_name(description.columns[i].name),
                      literal(to_string(row->cells[i].stored(buffer))));
    }
    const auto there = connection_.query_integer(
        "read from",
        fmt::format("SELECT COUNT(*) FROM {} WHERE {}", table_name(description, side_), condition));
    if (!there || *there != 0) continue;
    first = row;
    break;
  }
  return row_is_missing(table, key_of(table, *first));
}

}  // namespace pesan::mysql
