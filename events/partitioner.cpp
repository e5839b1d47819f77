#include "events/partitioner.hpp"

#include <cstddef>

namespace pesan {

std::uint32_t murmur2(std::string_view key) {
  constexpr std::uint32_t m = 0x5bd1e995;
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(key[i]));
  };
  std::uint32_t h = 0x9747b28cU ^ static_cast<std::uint32_t>(key.size());
  std::size_t i = 0;
  for (; i + 4 <= key.size(); i += 4) {
    std::uint32_t k = byte(i) | byte(i + 1) << 8U | byte(i + 2) << 16U | byte(i + 3) << 24U;
    k *= m;
    k ^= k >> 24U;
    k *= m;
    h *= m;
    h ^= k;
  }
  const std::size_t left = key.size() - i;
  if (left == 3) h ^= byte(i + 2) << 16U;
  if (left >= 2) h ^= byte(i + 1) << 8U;
  if (left >= 1) {
    h ^= byte(i);
    h *= m;
  }
  h ^= h >> 13U;
  h *= m;
  h ^= h >> 15U;
  return h;
}

Partition partition_of(std::string_view key, std::int32_t partitions) {
  return {static_cast<std::int32_t>((murmur2(key) & 0x7fffffffU) %
                                    static_cast<std::uint32_t>(partitions))};
}

}  // namespace pesan
