#include "engine/recovery.hpp"

#include <algorithm>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "events/command_reader.hpp"
#include "events/event_codec.hpp"
#include "events/result_codec.hpp"

namespace pesan {
namespace {

std::unexpected<Failure> refuse(TopicPartition where, Offset offset, std::string_view what) {
  return fail(FailureKind::fatal, fmt::format("{} {}-{}: {}", name_of(where.topic),
                                              where.partition.value, offset.value, what));
}

/// Whether the record is the command that the result answers, as far as the result says.
bool answers(const Result& result, std::string_view record) {
  CommandReader reader;
  const Envelope& command = reader.read(record);
  if (command.source != result.source || command.id != result.id || command.type != result.type) {
    return false;
  }
  return !result.digest || (!command.refusal && reader.payload_digest() == *result.digest);
}

std::unexpected<Failure> other_timeline(TopicPartition commands, Offset command,
                                        std::string_view what) {
  return refuse(commands, command,
                fmt::format("another timeline: the results answer a command there, {}. The topic "
                            "was made anew or restored without the others: bring back the one "
                            "that was there, or begin with a new log (another prefix)",
                            what));
}

/// Compares one result with the record that it answers. False: that proves nothing, as no record
/// stands there any more (compaction, a mark), or none that can be unpacked by everybody.
Fallible<bool> compare(LogReader& log, Partition partition, const Result& result,
                       const OffsetRange& kept) {
  const TopicPartition commands{Topic::commands, partition};
  if (result.command >= kept.end) {
    return other_timeline(commands, result.command,
                          fmt::format("and the topic ends at {}", kept.end.value));
  }
  if (result.details.contains(unpackable_reason)) return false;
  std::vector<Record> records;
  const ReadLimit one{.records = 1, .bytes = 1};
  if (auto read = log.read(commands, result.command, one, records); !read) {
    return std::unexpected(read.error());
  }
  if (records.empty() || records.front().offset != result.command || records.front().unpackable) {
    return false;
  }
  if (answers(result, records.front().payload.value)) return true;
  return other_timeline(commands, result.command, "and another one stands there");
}

/// Offsets alone prove nothing: a topic that was made anew has others' commands under them. Where
/// the command of the last result is still kept, it must be the record that stands there; where
/// that proves nothing, that of a result before it.
Fallible<void> check_last_answers(LogReader& log, const RecoveryOptions& options, Offset last) {
  const TopicPartition results{Topic::results, options.partition};
  const auto kept = log.range({Topic::commands, options.partition});
  if (!kept) return std::unexpected(kept.error());
  const auto there = log.range(results);
  if (!there) return std::unexpected(there.error());
  std::vector<Record> records;
  ResultDecoder decoder;
  for (const std::int64_t back : {0, 1'000}) {
    const Offset from{std::max(there->begin.value, last.value - back)};
    const ReadLimit limit{.records = static_cast<std::size_t>(last.value - from.value + 1)};
    if (auto read = log.read(results, from, limit, records); !read) return read;
    while (!records.empty() && records.back().offset > last) records.pop_back();
    for (const Record& record : std::views::reverse(records)) {
      const auto result = decoder.decode(record.payload.value);
      if (!result) return refuse(results, record.offset, result.error().what);
      if (result->command < kept->begin) return {};
      const auto proven = compare(log, options.partition, *result, *kept);
      if (!proven) return std::unexpected(proven.error());
      if (*proven) return {};
    }
  }
  options.say(
      fmt::format("partition {}: no command of the last results is there to be compared "
                  "with them: whether the topic of commands is the one that they answer "
                  "is not known",
                  options.partition.value));
  return {};
}

/// The command to go on with. `fatal` where events, results and the committed offset are not of
/// one history.
Fallible<Offset> next_command(LogReader& log, const RecoveryOptions& options, const Replay& replay,
                              std::optional<Offset> committed) {
  const Position& position = replay.processor->position();
  const ReplayMarks& marks = replay.marks;
  if (marks.answered < marks.needed || marks.answered > position.sequence) {
    return fail(
        FailureKind::fatal,
        fmt::format("results of partition {} end at sequence {}, events at {}: one of the "
                    "topics was cut or restored without the other",
                    options.partition.value, marks.answered.value, position.sequence.value));
  }
  if (marks.result) {
    if (auto same = check_last_answers(log, options, marks.result->offset); !same) {
      return std::unexpected(same.error());
    }
  }
  const auto commands = log.range({Topic::commands, options.partition});
  if (!commands) return std::unexpected(commands.error());
  const Offset next = marks.result ? position.next_command : commands->begin;
  // Where nothing was decided yet, the group's offset says where the commands began then.
  const bool virgin = !marks.result && committed && *committed <= next;
  if (committed && *committed != next && !virgin) {
    return fail(FailureKind::fatal,
                fmt::format("partition {}: results say that command {} is next, the committed "
                            "offset says {}: they are not of one history",
                            options.partition.value, next.value, committed->value));
  }
  if (!committed && marks.result) {
    options.say(
        fmt::format("partition {}: no committed offset (forgotten while idle); going on "
                    "at command {}, as the log's results say",
                    options.partition.value, next.value));
  }
  if (!committed && !marks.result && next > Offset{}) {
    options.say(
        fmt::format("partition {}: the commands before {} are gone, and no result says that they "
                    "were decided; going on at {}",
                    options.partition.value, next.value, next.value));
  }
  return next;
}

/// Calls `use(opened)` where the partition begins with a LogOpened of which this program knows the
/// format.
template <class Use>
auto with_opened(LogReader& log, Partition partition, Use use)
    -> Fallible<std::invoke_result_t<Use, const LogOpened&>> {
  const TopicPartition from{Topic::events, partition};
  std::vector<Record> records;
  if (auto read = log.read(from, {}, {.records = 1, .bytes = 1}, records); !read) {
    return std::unexpected(read.error());
  }
  if (records.empty()) {
    return fail(FailureKind::fatal,
                fmt::format("events partition {} has no LogOpened: run `pesan topics create`",
                            partition.value));
  }
  EventDecoder decoder;
  const auto event = decoder.decode(records.front().payload.value);
  if (!event) return refuse(from, records.front().offset, event.error().what);
  const auto* opened = std::get_if<LogOpened>(&event->what);
  if (opened == nullptr || event->sequence != Sequence{0}) {
    return refuse(from, records.front().offset, "the partition does not begin with LogOpened");
  }
  if (opened->partition != partition.value || opened->partitioner != "murmur2" ||
      opened->format != 1) {
    return refuse(from, records.front().offset,
                  fmt::format("LogOpened speaks of partition {} ({}, format {})", opened->partition,
                              opened->partitioner, opened->format));
  }
  if (opened->partitions < 1 || opened->partitions > max_partitions) {
    return refuse(from, records.front().offset,
                  fmt::format("LogOpened speaks of {} partitions, and a log has 1 to {}",
                              opened->partitions, max_partitions));
  }
  return use(*opened);
}

}  // namespace

Fallible<LogInfo> read_log_info(LogReader& log, Partition partition) {
  return with_opened(log, partition, [](const LogOpened& opened) {
    return LogInfo{.log_id = std::string(opened.log_id),
                   .partitions = static_cast<std::int32_t>(opened.partitions),
                   .clock = opened.clock,
                   .format = opened.format};
  });
}

Fallible<std::string> read_calling_code(LogReader& log) {
  return with_opened(log, Partition{0}, [](const LogOpened& opened) {
    return std::string(opened.calling_code.value_or(default_calling_code));
  });
}

Fallible<Position> read_opened(LogReader& log, Partition partition) {
  auto info = read_log_info(log, partition);
  if (!info) return std::unexpected(info.error());
  if (info->partitions != log.partitions()) {
    return refuse({Topic::events, partition}, {},
                  fmt::format("LogOpened speaks of partition {} of {}, the topic has {}",
                              partition.value, info->partitions, log.partitions()));
  }
  return Position{.log_id = std::move(info->log_id),
                  .partition = partition,
                  .partitions = info->partitions,
                  .clock = info->clock,
                  .now = {},
                  .sequence = Sequence{0},
                  .next_command = {}};
}

Fallible<std::unique_ptr<CommandProcessor>> recover(LogReader& log, const RecoveryOptions& options,
                                                    std::optional<Offset> committed) {
  auto replayed = replay_log(log, options);
  if (!replayed) return std::unexpected(replayed.error());
  auto next = next_command(log, options, replayed->replay, committed);
  if (!next && next.error().kind == FailureKind::fatal && replayed->from) {
    options.say(fmt::format("partition {}: with snapshot {}: {}; replaying the whole log",
                            options.partition.value, replayed->from->serial, next.error().what));
    RecoveryOptions from_the_log = options;
    from_the_log.snapshots = nullptr;
    return recover(log, from_the_log, committed);
  }
  if (!next) return std::unexpected(next.error());
  auto processor = std::move(replayed->replay.processor);
  processor->resume_at(*next);
  options.replayed(replayed->events);
  if (replayed->from) {
    options.inform(fmt::format("partition {}: recovered from a snapshot of sequence {} + {} events",
                               options.partition.value,
                               processor->position().sequence.value - replayed->events,
                               replayed->events));
  }
  return processor;
}

}  // namespace pesan
