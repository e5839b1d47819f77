// Writers for tests that write to a log as a role does, and what a role has committed.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "engine/log_writer.hpp"
#include "tests/support/must.hpp"

namespace pesan {

/// The place of an engine's partition, or of the registry, with what belongs to it.
inline Taking place_of(const Log& log, std::string_view role, Partition partition,
                       const ClaimProof& proof = {}) {
  if (role == "registry") {
    constexpr TopicPartition customers{Topic::customers, {}};
    Taking taking{.place = customers, .sources = {}, .answers = {customers}, .proof = proof};
    for (std::int32_t p = 0; p < log.partitions(); ++p) {
      taking.sources.push_back({Topic::events, Partition{p}});
    }
    return taking;
  }
  const TopicPartition commands{Topic::commands, partition};
  return {.place = commands,
          .sources = {commands},
          .answers = {{Topic::events, partition}, {Topic::results, partition}},
          .proof = proof};
}

/// A writer that has taken its one place.
inline std::unique_ptr<LogWriter> open_taken(Log& log, std::string_view role,
                                             Partition partition = {},
                                             const ClaimProof& proof = {}) {
  auto writer = must(log.open_writer(role));
  must(writer->take(place_of(log, role, partition, proof)));
  return writer;
}

}  // namespace pesan
