// The partition of a key as Kafka's Java client computes it; the values are its own tests'.

#include <cstdint>
#include <string_view>

#include <gtest/gtest.h>

#include "events/digest.hpp"
#include "events/partitioner.hpp"

namespace pesan {
namespace {

TEST(CodecPartitioner, Murmur2IsThatOfTheJavaClient) {
  struct Vector {
    std::string_view key;
    std::int32_t hash;
  };
  const Vector vectors[] = {
      {"21", -973932308},
      {"foobar", -790332482},
      {"a-little-bit-long-string", -985981536},
      {"a-little-bit-longer-string", -1486304829},
      {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
      {"abc", 479470107},
  };
  for (const auto& [key, hash] : vectors) {
    EXPECT_EQ(static_cast<std::int32_t>(murmur2(key)), hash) << key;
  }
}

TEST(CodecPartitioner, TheSignBitIsDropped) {
  EXPECT_EQ(partition_of("21", 1000).value, (-973932308 & 0x7fffffff) % 1000);
  EXPECT_EQ(partition_of("abc", 12).value, 479470107 % 12);
  EXPECT_EQ(partition_of("anything", 1).value, 0);
}

TEST(CodecPartitioner, BytesAboveAsciiAreUnsigned) {
  // One to three bytes are left over after whole words, each of them above 127.
  EXPECT_EQ(murmur2("\xC3\xA9"), murmur2(std::string_view("\xC3\xA9", 2)));
  EXPECT_NE(murmur2("\xC3\xA9"), murmur2("\x43\x29"));
  for (const std::string_view key : {"\xFF", "\xFF\xFF", "\xFF\xFF\xFF", "\xFF\xFF\xFF\xFF"}) {
    EXPECT_GE(partition_of(key, 7).value, 0);
    EXPECT_LT(partition_of(key, 7).value, 7);
  }
}

TEST(CodecDigest, HexThereAndBack) {
  const Digest digest = digest_of("pesan");
  EXPECT_EQ(to_hex(digest).size(), 32U);
  EXPECT_EQ(parse_digest(to_hex(digest)), digest);
  EXPECT_EQ(to_hex({.high = 0x0123456789abcdefULL, .low = 1}), "0123456789abcdef0000000000000001");
  for (const std::string_view text :
       {"", "0", "0123456789abcdef000000000000000g", "0123456789abcdef00000000000000010"}) {
    EXPECT_EQ(parse_digest(text), std::nullopt) << text;
  }
}

// Remembered outcomes are found by digests that the log holds: these may never change.
TEST(CodecDigest, IsPinned) {
  EXPECT_EQ(to_hex(digest_of("")), "99aa06d3014798d86001c324468d497f");
}

}  // namespace
}  // namespace pesan
