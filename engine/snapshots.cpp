#include "engine/snapshots.hpp"

#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "engine/recovery.hpp"
#include "engine/state_image.hpp"
#include "events/assert.hpp"
#include "events/digest.hpp"

namespace pesan {
namespace {

std::string text_of(const SnapshotName& name) {
  return fmt::format("snapshot {} of partition {}", name.serial, name.partition.value);
}

/// Whether the log has that very record; `poison` where it has not.
Fallible<void> check_mark(LogReader& log, TopicPartition source, const ReadMark& mark) {
  const auto range = log.range(source);
  if (!range) return std::unexpected(range.error());
  const auto refuse = [&](const char* why) {
    return fail(FailureKind::poison,
                fmt::format("it was made after {} {}-{}, {}", name_of(source.topic),
                            source.partition.value, mark.offset.value, why));
  };
  if (mark.offset < range->begin || mark.offset >= range->end) {
    return refuse("which the log does not have");
  }
  std::vector<Record> records;
  if (auto read = log.read(source, mark.offset, {.records = 1, .bytes = 1}, records); !read) {
    return read;
  }
  if (records.empty() || records.front().offset != mark.offset ||
      digest_of(records.front().payload.value) != mark.digest) {
    return refuse("where the log has another record");
  }
  return {};
}

Fallible<Replay> read_image(std::string_view bytes, const RecoveryOptions& options) {
  try {
    return StateImage::read(bytes, options.remember, options.parked);
  } catch (const Bug& bug) {
    return fail(FailureKind::poison, bug.what());
  }
}

/// What was read back, if it is of the past that this log has.
Fallible<Replay> read_fitting(LogReader& log, const RecoveryOptions& options,
                              const Position& opened, const SnapshotName& name) {
  const auto bytes = options.snapshots->fetch(name);
  if (!bytes) return fail(FailureKind::poison, bytes.error().what);
  auto replay = read_image(*bytes, options);
  if (!replay) return replay;
  const Position& position = replay->processor->position();
  if (position.log_id != opened.log_id || position.partition != opened.partition ||
      position.partitions != opened.partitions) {
    return fail(FailureKind::poison,
                fmt::format("it is of partition {} of {} of log {}", position.partition.value,
                            position.partitions, position.log_id));
  }
  if (!replay->marks.event) return fail(FailureKind::poison, "it was made after nothing");
  if (auto good = check_mark(log, {Topic::events, opened.partition}, *replay->marks.event); !good) {
    return std::unexpected(good.error());
  }
  if (!replay->marks.result) return replay;
  if (auto good = check_mark(log, {Topic::results, opened.partition}, *replay->marks.result);
      !good) {
    return std::unexpected(good.error());
  }
  return replay;
}

Fallible<Replayed> replay_after(LogReader& log, const RecoveryOptions& options,
                                const SnapshotName& name, const Position& opened) {
  auto replay = read_fitting(log, options, opened, name);
  if (!replay) return std::unexpected(replay.error());
  const Sequence before = replay->processor->position().sequence;
  if (auto caught = catch_up(log, *replay, options.reading); !caught) {
    return std::unexpected(caught.error());
  }
  const std::int64_t events = replay->processor->position().sequence.value - before.value;
  return Replayed{.replay = *std::move(replay), .from = name, .events = events};
}

/// The log's own trouble: there is nothing to say of the snapshot.
bool is_passing(const Failure& failure) {
  return failure.kind == FailureKind::transient || failure.kind == FailureKind::unknown;
}

Offset after_results(const Replay& replay) {
  return replay.marks.result ? replay.marks.result->offset.next() : Offset{};
}

}  // namespace

Fallible<Replayed> replay_log(LogReader& log, const RecoveryOptions& options) {
  auto opened = read_opened(log, options.partition);
  if (!opened) return std::unexpected(opened.error());
  std::vector<SnapshotName> names;
  if (options.snapshots != nullptr) {
    auto listed = options.snapshots->list(options.partition);
    if (listed) {
      names = *std::move(listed);
    } else {
      options.say(fmt::format("partition {}: its snapshots cannot be listed: {}",
                              options.partition.value, listed.error().what));
    }
  }
  for (const SnapshotName& name : names) {
    auto replayed = replay_after(log, options, name, *opened);
    if (replayed || is_passing(replayed.error())) return replayed;
    options.say(fmt::format("{} is passed over: {}", text_of(name), replayed.error().what));
  }
  Replayed whole;
  whole.replay.processor =
      std::make_unique<CommandProcessor>(*std::move(opened), options.remember, options.parked);
  if (auto caught = catch_up(log, whole.replay, options.reading); !caught) {
    return std::unexpected(caught.error());
  }
  whole.events = whole.replay.processor->position().sequence.value;
  return whole;
}

Fallible<std::optional<SnapshotName>> make_snapshot(LogReader& log, const RecoveryOptions& options,
                                                    const SnapshotPolicy& policy) {
  SnapshotStore& store = *options.snapshots;
  const Partition partition = options.partition;
  const auto there = store.list(partition);
  if (!there) return std::unexpected(there.error());
  const auto results = log.range({Topic::results, partition});
  if (!results) return std::unexpected(results.error());
  // One that is ahead of the log is of another past, and no measure of this one.
  const bool counts = !there->empty() && there->front().results <= results->end;
  const Offset since = counts ? there->front().results : results->begin;
  if (results->end.value - since.value < policy.every) return std::nullopt;

  auto replayed = replay_log(log, options);
  if (!replayed) return std::unexpected(replayed.error());
  // Results are read after events, and under load much comes meanwhile. Once more, so that the
  // events of the image do not end long before its results: recovery would replay them.
  if (auto caught = catch_up(log, replayed->replay, options.reading); !caught) {
    return std::unexpected(caught.error());
  }
  // Another process may have made one meanwhile: it replays beside this one, at another pace.
  const auto now_there = store.list(partition);
  if (!now_there) return std::unexpected(now_there.error());
  if (*now_there != *there) return std::nullopt;
  const SnapshotName name{.partition = partition,
                          .serial = there->empty() ? 1 : there->front().serial + 1,
                          .results = after_results(replayed->replay)};
  const std::string image = StateImage::write(*replayed->replay.processor, replayed->replay.marks);
  if (auto put = store.put(name, image); !put) return std::unexpected(put.error());
  if (auto pruned = store.prune(partition, policy.keep); !pruned) {
    return std::unexpected(pruned.error());
  }
  return name;
}

}  // namespace pesan
