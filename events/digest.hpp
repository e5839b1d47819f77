// 128-bit digests (XXH3): of keys, of payloads, of records. They tell equal from different among
// what trusted clients send; they are no defence against somebody who searches for a collision
// (docs/adr/0003-digests.md says why that is enough).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pesan {

struct Digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Digest&) const = default;
};

Digest digest_of(std::string_view bytes);
/// 64 bits of it, where only "has it changed" is asked.
std::uint64_t short_digest_of(std::string_view bytes);

std::string to_hex(const Digest& digest);  // 32 lower-case digits
std::optional<Digest> parse_digest(std::string_view hex);

}  // namespace pesan
