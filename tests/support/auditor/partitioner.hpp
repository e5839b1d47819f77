// The partition that a resource lives in: murmur2 as Kafka's Java client computes it, the sign
// bit dropped, modulo the number of partitions. Written from the published algorithm.
#pragma once

#include <cstdint>
#include <string_view>

namespace pesan::audit {

inline std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t m = 0x5bd1e995;
  const auto byte = [key](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i]));
  };
  std::uint32_t hash = 0x9747b28cU ^ static_cast<std::uint32_t>(key.size());
  std::size_t at = 0;
  for (; at + 4 <= key.size(); at += 4) {
    std::uint32_t word = byte(at) | byte(at + 1) << 8 | byte(at + 2) << 16 | byte(at + 3) << 24;
    word *= m;
    word ^= word >> 24;
    word *= m;
    hash = (hash * m) ^ word;
  }
  const std::size_t rest = key.size() - at;
  if (rest >= 3) hash ^= byte(at + 2) << 16;
  if (rest >= 2) hash ^= byte(at + 1) << 8;
  if (rest >= 1) hash = (hash ^ byte(at)) * m;
  hash ^= hash >> 13;
  hash *= m;
  return hash ^ (hash >> 15);
}

inline int partition_of(std::string_view resource, int partitions) {
  return static_cast<int>((murmur2(resource) & 0x7fffffffU) %
                          static_cast<std::uint32_t>(partitions));
}

}  // namespace pesan::audit
