#include "engine/inlet.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/dead_letter.hpp"
#include "events/limits.hpp"
#include "events/partitioner.hpp"

namespace pesan {
namespace {

/// In a round: what is moved is read once more at home.
constexpr ReadLimit in_a_round{.records = 500, .bytes = std::size_t{1} << 20};
constexpr int most_doublings = 10;

}  // namespace

std::size_t Inlet::move(LogReader& log, LogWriter& writer, Transaction& round) {
  if (passes_ > 0) {
    --passes_;
    return 0;
  }
  if (auto done = read(log, writer); !done) {
    if (failures_ == 0) {
      say_(fmt::format("what landed in {}-{} cannot be moved home: {}", name_of(source_.topic),
                       source_.partition.value, done.error().what));
    }
    passes_ = 1 << std::min(failures_++, most_doublings);
    return 0;
  }
  failures_ = 0;
  if (records_.empty()) return 0;
  for (const Record& record : records_) round.records.push_back(moved(record));
  next_ = records_.back().offset.next();
  round.consumed.push_back({.source = source_, .next = *next_});
  return records_.size();
}

Fallible<void> Inlet::read(LogReader& log, LogWriter& writer) {
  if (!next_) {
    const auto first = beginning(log, writer);
    if (!first) return std::unexpected(first.error());
    next_ = committed_ = *first;
  }
  return log.read(source_, *next_, in_a_round, records_);
}

Fallible<Offset> Inlet::beginning(LogReader& log, LogWriter& writer) const {
  const auto committed = writer.committed(source_);
  if (!committed) return std::unexpected(committed.error());
  const auto range = log.range(source_);
  if (!range) return std::unexpected(range.error());
  return std::max(committed->value_or(range->begin), range->begin);
}

/// What cannot be passed on whole is set aside from here.
OutgoingRecord Inlet::moved(const Record& record) {
  const std::string origin = fmt::format("{}-{}", source_.partition.value, record.offset.value);
  if (record.unpackable || size_of(record.payload) > largest_whole_record) {
    return {{Topic::dead_letters, Partition{0}},
            dead_letter_of(record.payload, {.reason = Code::malformed, .origin = origin})};
  }
  const Envelope& command = reader_.read(record.payload.value);
  const bool has_home = !command.refusal && command.resource;
  Payload payload = forwarded_of(record.payload, origin);
  // As of a command that is forwarded: its resource, where that can be one.
  if (has_home) {
    const bool is_id = command.resource->size() <= limit::resource_id;
    payload.key = is_id ? std::optional(std::string(*command.resource)) : std::nullopt;
  }
  return {{Topic::commands, has_home ? partition_of(*command.resource, partitions_) : Partition{0}},
          std::move(payload)};
}

std::vector<TopicPartition> inlets_of(Partition partition, std::int32_t partitions,
                                      std::int32_t there) {
  std::vector<TopicPartition> inlets;
  for (std::int32_t p = partition.value + partitions; p < there; p += partitions) {
    inlets.push_back({Topic::commands, Partition{p}});
  }
  return inlets;
}

}  // namespace pesan
