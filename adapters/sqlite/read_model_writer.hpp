// Carries out row changes and moves checkpoints on one side of a read model, inside a transaction
// that the caller holds. Statements are prepared once a shape and kept. Belongs to its Database and
// its thread; must go before the Database does.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/sqlite/database.hpp"
#include "adapters/sqlite/read_model_schema.hpp"
#include "projections/read_model.hpp"

namespace pesan::sqlite {

class ReadModelWriter {
 public:
  ReadModelWriter(Database& database, Side side) : database_(database), side_(side) {}

  /// `conflict` unless every stored checkpoint is the one expected; the others are marked.
  Fallible<void> move_checkpoints(std::span<SourceChanges> round);
  /// `fatal` where a row is missing or is there already.
  Fallible<void> write(const RowChanges& changes);
  Fallible<void> write(Table table, const RowChange& change);

 private:
  /// False: another one is there.
  Fallible<bool> move_checkpoint(const std::optional<Checkpoint>& expected, const Checkpoint& next);
  /// set and add masks → statement; few shapes are ever seen.
  using Shapes = std::map<std::pair<std::uint64_t, std::uint64_t>, Statement>;
  struct Statements {
    std::optional<Statement> insert;
    std::optional<Statement> erase;
    Shapes update;
    Shapes upsert;
  };

  Fallible<void> insert(Table table, const RowChange& change);
  Fallible<void> update(Table table, const RowChange& change);
  Fallible<void> upsert(Table table, const RowChange& change);
  Fallible<void> erase(Table table, const RowChange& change);
  template <class MakeSql>
  Fallible<Statement*> shaped(Shapes& shapes, const ChangeShape& shape, MakeSql make_sql);
  Statements& of(Table table) { return statements_[static_cast<std::size_t>(table)]; }

  Database& database_;
  Side side_;
  std::array<Statements, table_count> statements_;
  std::optional<Statement> first_checkpoint_;
  std::optional<Statement> next_checkpoint_;
  std::array<std::string, max_columns> buffers_;  // of moments, one a column
};

/// Moments are written into `buffer`, which is bound then.
void bind_value(Statement& statement, int index, const Value& value, std::string& buffer);

/// Checkpoints of one side, in order of topic and partition; `source` narrows it to one.
Fallible<std::vector<Checkpoint>> read_checkpoints(Database& database, Side side,
                                                   std::optional<TopicPartition> source = {});

}  // namespace pesan::sqlite
