// The ReadModel port in memory, for unit and simulation tests: deterministic, for one thread, and
// as strict as a store with typed columns. It never fails by itself; faults are a decorator's
// business. It is what survives a simulated crash. It knows no rebuild.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "projections/read_model.hpp"
#include "projections/row_reader.hpp"

namespace pesan {

class MemoryReadModel final : public ReadModel {
 public:
  using OwnedValue = pesan::OwnedValue;
  using OwnedRow = pesan::OwnedRow;
  /// Keyed by the key columns; rows whole, generated columns among them.
  using Rows = std::map<OwnedRow, OwnedRow>;
  using Tables = std::array<Rows, table_count>;

  Fallible<void> apply(std::span<SourceChanges> round) override;
  Fallible<std::optional<Checkpoint>> checkpoint(TopicPartition source) override;
  Fallible<std::unique_ptr<ReadSnapshot>> snapshot() override;
  Fallible<void> settle_rebuild() override { return {}; }

  /// Everything in a table, for assertions.
  const Rows& rows(Table table) const { return tables_[static_cast<std::size_t>(table)]; }
  /// One value, as people write it: `null`, `12`, `villa`; `(no row)` where there is none.
  std::string value(Table table, const OwnedRow& key, std::string_view column) const;

  // What can be wrong with a store, on demand:
  void overwrite(Table table, const OwnedRow& key, std::string_view column, OwnedValue value);
  void forget_row(Table table, const OwnedRow& key);
  /// A whole row, whatever is there.
  void put_row(Table table, OwnedRow row);
  /// As a rebuild does: until it is thawed nobody can move a checkpoint.
  void freeze(bool frozen);
  void overwrite(const Checkpoint& checkpoint);

 private:
  Fallible<void> check(Table table, const RowChange& change) const;
  void carry_out(Table table, const RowChange& change);

  Tables tables_;
  std::map<TopicPartition, Checkpoint> checkpoints_;
};

}  // namespace pesan
