#include "projections/store_sql.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace pesan {

std::string table_name(const TableDescription& table, Side side) {
  const std::string_view prefix = side == Side::shadow    ? "rebuild_"
                                  : side == Side::retired ? "retired_"
                                                          : "";
  return fmt::format("{}{}", prefix, table.name);
}

std::string column_list(const TableDescription& table, bool generated_too) {
  std::string list;
  for (const Column& column : table.columns) {
    if (column.is_generated() && !generated_too) continue;
    list += fmt::format("{}`{}`", list.empty() ? "" : ", ", column.name);
  }
  return list;
}

// --- checkpoints --------------------------------------------------------------------------------

std::string CheckpointTexts::list() const {
  return fmt::format("{}, {}, {}, {}, {}, {}, {}, {}, {}", projection, topic, partition,
                     next_offset, sequence, last_digest, log_id, fold, updated_at);
}

std::string CheckpointTexts::where_source() const {
  return fmt::format("projection = {} AND topic = {} AND `partition` = {}", projection, topic,
                     partition);
}

std::string move_checkpoint_sql(Side side, const CheckpointTexts& next,
                                const ExpectedTexts& expected) {
  return fmt::format(
      "UPDATE {} SET next_offset = {}, sequence = {}, last_digest = {}, log_id = {}, fold = {},"
      " updated_at = {} WHERE {} AND next_offset = {} AND log_id = {} AND fold = {}",
      table_name(tables::checkpoint, side), next.next_offset, next.sequence, next.last_digest,
      next.log_id, next.fold, next.updated_at, next.where_source(), expected.next_offset,
      expected.log_id, expected.fold);
}

std::string select_checkpoints_sql(Side side, std::string_view where) {
  return fmt::format(
      "SELECT topic, `partition`, next_offset, sequence, last_digest, log_id, fold, updated_at"
      " FROM {} WHERE {}",
      table_name(tables::checkpoint, side), where);
}

std::string freeze_sql(std::string_view where) {
  return fmt::format("UPDATE {} SET fold = -fold WHERE {}{}fold > 0", tables::checkpoint.name,
                     where, where.empty() ? "" : " AND ");
}

std::string thaw_sql() {
  return fmt::format("UPDATE {} SET fold = -fold WHERE fold < 0", tables::checkpoint.name);
}

Fallible<Checkpoint> checkpoint_of(const StoredCheckpoint& stored, const StoreName& store) {
  const auto topic = parse_enum<Topic>(stored.topic);
  const auto digest = parse_digest(stored.last_digest);
  const auto updated_at = parse_instant(stored.updated_at);
  if (!topic || !digest || !updated_at) {
    return fail(FailureKind::fatal,
                fmt::format("{}: a checkpoint of partition {} cannot be read; it was changed by "
                            "somebody else. Restore the {}; or delete that row of {}, and `pesan "
                            "rebuild` makes the rows anew",
                            store.where, stored.partition, store.what, tables::checkpoint.name));
  }
  return Checkpoint{.topic = *topic,
                    .partition = {static_cast<std::int32_t>(stored.partition)},
                    .next_offset = {stored.next_offset},
                    .sequence = {stored.sequence},
                    .last_digest = *digest,
                    .log_id = stored.log_id,
                    .fold = stored.fold,
                    .updated_at = *updated_at};
}

void put_in_order(std::vector<Checkpoint>& checkpoints) {
  std::ranges::sort(checkpoints, {}, [](const Checkpoint& checkpoint) {
    return TopicPartition{checkpoint.topic, checkpoint.partition};
  });
}

// --- what is not as it should be ----------------------------------------------------------------

std::unexpected<Failure> checkpoints_were_moved(std::span<const SourceChanges> round) {
  std::string names;
  for (const SourceChanges& one : round) {
    if (!one.moved) continue;
    names += fmt::format("{}{}-{}", names.empty() ? "" : ", ", name_of(one.next.topic),
                         one.next.partition.value);
  }
  return fail(FailureKind::conflict,
              fmt::format("somebody else has moved the checkpoint of {}", names));
}

Failure row_is_missing(Table table, const RowKey& key) {
  return {FailureKind::fatal,
          fmt::format("{}: the row that an event changes is not there. The read model was changed "
                      "by somebody else; `pesan verify` shows where, `pesan rebuild` makes it anew",
                      to_string(table, key))};
}

}  // namespace pesan
