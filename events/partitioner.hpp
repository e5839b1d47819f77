// The partition of a key, as the Java client's default partitioner computes it (murmur2), so that
// any producer that keeps Kafka's default lands where pesan expects.
#pragma once

#include <cstdint>
#include <string_view>

#include "events/ids.hpp"

namespace pesan {

std::uint32_t murmur2(std::string_view key);

/// `(murmur2(key) & 0x7fffffff) % partitions`; partitions ≥ 1.
Partition partition_of(std::string_view key, std::int32_t partitions);

}  // namespace pesan
