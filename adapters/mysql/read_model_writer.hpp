// Carries out row changes and moves checkpoints on one side of a read model, inside a transaction
// that the caller holds. Belongs to its Connection and its thread; must go before the Connection
// does.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/mysql/connection.hpp"
#include "adapters/mysql/row_sql.hpp"
#include "projections/read_model.hpp"

namespace pesan::mysql {

class ReadModelWriter {
 public:
  ReadModelWriter(Connection& connection, Side side) : connection_(connection), side_(side) {}

  /// `conflict` unless every stored checkpoint is the one expected; the others are marked.
  Fallible<void> move_checkpoints(std::span<SourceChanges> round);
  /// Rows of all sources in the same statements. `fatal` where a row is missing or is there
  /// already.
  Fallible<void> write(std::span<const SourceChanges> round);
  /// Whole rows, where there are none.
  Fallible<void> insert(Table table, std::span<const RowChange* const> rows);

 private:
  /// table, kind, set and add masks → statement; few shapes are ever seen.
  using Shape = std::tuple<Table, ChangeKind, std::uint64_t, std::uint64_t>;
  using Rows = std::vector<const RowChange*>;

  /// Whether first checkpoints may be written; if so, until the transaction ends.
  Fallible<bool> pass_gate();
  /// False: another one is there.
  Fallible<bool> first_checkpoint(const Checkpoint& next);
  Fallible<bool> next_checkpoint(const Checkpoint& expected, const Checkpoint& next);
  /// By the statement that they need.
  void sort_in(Table table, std::span<const RowChange> changes);
  const RowStatement& statement_for(const Shape& shape);
  /// Rows of one shape, in as many statements as they need.
  Fallible<void> write(const Shape& shape, std::span<const RowChange* const> rows);
  /// By prepared statements, as many rows as make whole ones; how many that were.
  Fallible<std::size_t> write_prepared(const Shape& shape, std::span<const RowChange* const> rows);
  /// Of a statement for these rows, how many it met, as a failure where that is not all of them.
  Fallible<void> judge(const Shape& shape, std::span<const RowChange* const> rows,
                       const Fallible<std::int64_t>& met);
  /// After a statement met too few rows: the failure that names the first that is not there.
  Failure missing(Table table, std::span<const RowChange* const> rows);

  Connection& connection_;
  Side side_;
  std::map<Shape, RowStatement> statements_;
  std::map<Shape, PreparedUpdate> prepared_;
  std::map<Shape, Rows> shapes_;  // of the batch that is written; vectors are kept
  std::string sql_;
};

/// Checkpoints of one side, in order of topic and partition; `source` narrows it to one.
Fallible<std::vector<Checkpoint>> read_checkpoints(Connection& connection, Side side,
                                                   std::optional<TopicPartition> source = {});

/// The row of projection_checkpoint that stands for all partitions that have no checkpoint yet.
/// A projector that writes a first one shares a lock on it, so a rebuild that has frozen it knows
/// that no other will appear (a frozen fold is negative).
inline constexpr std::string_view gate_projection = "gate";
/// Makes it where it is not there.
std::string insert_gate(Side side);

}  // namespace pesan::mysql
