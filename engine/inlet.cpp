#include "engine/inlet.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "engine/dead_letter.hpp"
#include "events/partitioner.hpp"

namespace pesan {

Fallible<std::size_t> Inlet::move(LogReader& log, const ReadLimit& limit, Transaction& round) {
  if (auto read = log.read(source_, next_, limit, records_); !read) {
    return std::unexpected(read.error());
  }
  if (records_.empty()) return 0;
  for (const Record& record : records_) round.records.push_back(moved(record));
  next_ = records_.back().offset.next();
  round.consumed.push_back({.source = source_, .next = next_});
  return records_.size();
}

/// What cannot be passed on whole, and is no command either way, is set aside from here.
OutgoingRecord Inlet::moved(const Record& record) {
  const std::string origin = fmt::format("{}-{}", source_.partition.value, record.offset.value);
  if (record.unpackable || record.payload.value.size() > largest_whole_record) {
    return {{Topic::dead_letters, Partition{0}},
            dead_letter_of(record.payload, {.reason = Code::malformed, .origin = origin})};
  }
  const Envelope& command = reader_.read(record.payload.value);
  const bool has_home = !command.refusal && command.resource;
  Payload payload = forwarded_of(record.payload, origin);
  if (has_home) payload.key = std::string(*command.resource);
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
