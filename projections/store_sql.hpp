// The SQL and the sentences that every store of rows shares: names of tables and columns, the
// statements about checkpoints, and what is said where rows or checkpoints are not as they should
// be. How values get there, and what an error means, is each store's own affair. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "projections/read_model.hpp"

namespace pesan {

/// The tables that everybody reads, those that a rebuild prepares beside them, and those that it
/// has replaced.
enum class Side : std::uint8_t { live, shadow, retired };

std::string table_name(const TableDescription& table, Side side);
/// `a`, `b`, `c` in backticks: all columns, or those without the generated ones.
std::string column_list(const TableDescription& table, bool generated_too);
/// Whether a mask of columns has that one.
constexpr bool has(std::uint64_t mask, std::size_t column) { return ((mask >> column) & 1) != 0; }

/// What stands for the values of a statement: parameters of a prepared one, or literals.
struct CheckpointTexts {
  std::string projection;
  std::string topic;
  std::string partition;
  std::string next_offset;
  std::string sequence;
  std::string last_digest;
  std::string log_id;
  std::string fold;
  std::string updated_at;

  /// In the order of the columns.
  std::string list() const;
  std::string where_source() const;
};
struct ExpectedTexts {
  std::string next_offset;
  std::string log_id;
  std::string fold;
};
/// Changes one row, or none where another checkpoint is there.
std::string move_checkpoint_sql(Side side, const CheckpointTexts& next,
                                const ExpectedTexts& expected);
/// Finds rows of what `StoredCheckpoint` takes, in its order.
std::string select_checkpoints_sql(Side side, std::string_view where);
/// Live checkpoints are frozen, all or those that keep `where`; all are thawed.
std::string freeze_sql(std::string_view where = "");
std::string thaw_sql();

struct StoredCheckpoint {
  std::string topic;
  std::int64_t partition = 0;
  std::int64_t next_offset = 0;
  std::int64_t sequence = 0;
  std::string last_digest;
  std::string log_id;
  std::int64_t fold = 0;
  std::string updated_at;  // as stored text
};
/// `fatal` where somebody else wrote it; `where` is the store, `what` it is a file or a database.
struct StoreName {
  std::string_view where;
  std::string_view what;
};
Fallible<Checkpoint> checkpoint_of(const StoredCheckpoint& stored, const StoreName& store);
void put_in_order(std::vector<Checkpoint>& checkpoints);

/// `conflict`: of those that are marked another writer was first.
std::unexpected<Failure> checkpoints_were_moved(std::span<const SourceChanges> round);
/// `fatal`: an update or a deletion found no row.
Failure row_is_missing(Table table, const RowKey& key);

}  // namespace pesan
