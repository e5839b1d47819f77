#include "events/digest.hpp"

#define XXH_INLINE_ALL
#include <charconv>

#include <xxhash.h>

namespace pesan {

Digest digest_of(std::string_view bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::uint64_t short_digest_of(std::string_view bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::string to_hex(const Digest& digest) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out(32, '0');
  for (std::size_t i = 0; i < 16; ++i) {
    out[15 - i] = digits[(digest.high >> (4 * i)) & 0xFU];
    out[31 - i] = digits[(digest.low >> (4 * i)) & 0xFU];
  }
  return out;
}

std::optional<Digest> parse_digest(std::string_view hex) {
  if (hex.size() != 32) return std::nullopt;
  Digest digest;
  const auto read = [](std::string_view part, std::uint64_t& into) {
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), into, 16);
    return error == std::errc{} && end == part.data() + part.size();
  };
  if (!read(hex.substr(0, 16), digest.high) || !read(hex.substr(16), digest.low)) {
    return std::nullopt;
  }
  return digest;
}

}  // namespace pesan
