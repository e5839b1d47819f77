#include "adapters/runtime/same_timeline.hpp"

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "adapters/runtime/installation.hpp"
#include "events/digest.hpp"

namespace pesan::runtime {
namespace {

/// The rows of a backup are the fold of a prefix of its log, or this says why not.
Fallible<void> compare(LogReader& log, const std::string& log_id, const Checkpoint& rows) {
  const bool other_log = rows.log_id != log_id;
  const auto refuse = [&](std::string_view why) {
    return fail(
        FailureKind::fatal,
        fmt::format("the rows of {}-{} are not of this log: {}. Look at --log and --store, or "
                    "make them anew (`pesan rebuild{}`); then back up again",
                    name_of(rows.topic), rows.partition.value, why, other_log ? " --replace" : ""));
  };
  if (other_log) return refuse(fmt::format("they are of log {}", rows.log_id));
  if (rows.next_offset <= Offset{}) return {};
  const TopicPartition place{rows.topic, rows.partition};
  const auto range = log.range(place);
  if (!range) return std::unexpected(range.error());
  if (rows.next_offset > range->end) return refuse("they are ahead of it");
  std::vector<Record> records;
  const Offset last{rows.next_offset.value - 1};
  auto read = log.read(place, last, {.records = 1, .bytes = 1}, records);
  if (!read) return read;
  if (records.empty() || records.front().offset != last ||
      digest_of(records.front().payload.value) != rows.last_digest) {
    return refuse("it has another record where they end");
  }
  return {};
}

}  // namespace

Fallible<void> check_same_timeline(const Installation& installation) {
  const auto log = installation.open_log(LogAccess::read_without_trace);
  if (!log) return std::unexpected(log.error());
  const auto rows = installation.open_store(StoreAccess::read);
  if (!rows) return std::unexpected(rows.error());
  const auto snapshot = (*rows)->snapshot();
  if (!snapshot) return std::unexpected(snapshot.error());
  const auto checkpoints = (*snapshot)->checkpoints();
  if (!checkpoints) return std::unexpected(checkpoints.error());
  for (const Checkpoint& checkpoint : *checkpoints) {
    if (auto same = compare(**log, log->info().log_id, checkpoint); !same) return same;
  }
  return {};
}

}  // namespace pesan::runtime
