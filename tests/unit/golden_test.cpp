// Records as they stand in logs decode for ever: every golden sample is read, written again byte
// for byte and held against its schema, and every type of record has one.

#include "tests/support/golden.hpp"

#include <map>
#include <set>
#include <string>
#include <variant>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "events/command_reader.hpp"
#include "events/digest.hpp"
#include "events/event_codec.hpp"
#include "events/result_codec.hpp"
#include "events/schema.hpp"
#include "tests/support/json_schema.hpp"

namespace pesan {
namespace {

std::string type_of(const std::string& record) {
  return std::string(boost::json::parse(record).at("type").as_string());
}

TEST(GoldenSamples, OfEventsAreWrittenAgainByteForByte) {
  EventDecoder decoder;
  for (const auto& record : golden("events.jsonl")) {
    const auto event = decoder.decode(record);
    ASSERT_TRUE(event) << event.error().what << '\n' << record;
    std::string again;
    append_event(again, *event);
    EXPECT_EQ(again, record);
  }
}

TEST(GoldenSamples, OfCustomerEventsAreWrittenAgainByteForByte) {
  EventDecoder decoder;
  for (const auto& record : golden("customers.jsonl")) {
    const auto event = decoder.decode_customer(record);
    ASSERT_TRUE(event) << event.error().what << '\n' << record;
    std::string again;
    append_customer_event(again, *event);
    EXPECT_EQ(again, record);
  }
}

TEST(GoldenSamples, OfResultsAreWrittenAgainByteForByte) {
  ResultDecoder decoder;
  for (const auto& record : golden("results.jsonl")) {
    const auto result = decoder.decode(record);
    ASSERT_TRUE(result) << result.error().what << '\n' << record;
    std::string again;
    append_result(again, *result);
    EXPECT_EQ(again, record);
  }
}

TEST(GoldenSamples, OfCommandsAreValidAndWrittenAgainByteForByte) {
  CommandReader reader;
  for (const auto& record : golden("commands.jsonl")) {
    const Envelope& envelope = reader.read(record);
    ASSERT_FALSE(envelope.refusal) << record;
    const auto command = reader.validate();
    ASSERT_TRUE(command) << record;
    std::string again;
    append_command(again, {.id = *envelope.id,
                           .source = *envelope.source,
                           .time = envelope.time ? parse_instant(*envelope.time) : std::nullopt,
                           .command = *command});
    EXPECT_EQ(again, record);
  }
}

TEST(GoldenSamples, OfCommandsHaveThePinnedDigests) {
  const auto commands = golden("commands.jsonl");
  const auto digests = golden("command_digests.txt");
  ASSERT_EQ(commands.size(), digests.size());
  CommandReader reader;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    reader.read(commands[i]);
    EXPECT_EQ(to_hex(reader.payload_digest()), digests[i]) << commands[i];
  }
}

TEST(GoldenSamples, KeepTheirSchemas) {
  std::map<std::string, JsonSchema> schemas;
  for (const auto& name : schema_names())
    schemas.try_emplace(std::string(name.name), schema_of(name));
  for (const auto* file : {"commands.jsonl", "events.jsonl", "customers.jsonl", "results.jsonl"}) {
    for (const auto& record : golden(file)) {
      const auto& schema = schemas.at(type_of(record));
      for (const auto& breach : schema.breaches(boost::json::parse(record))) {
        ADD_FAILURE() << breach << '\n' << record;
      }
    }
  }
}

TEST(GoldenSamples, ThereIsOneOfEveryTypeOfRecord) {
  std::set<std::string> sampled;
  for (const auto* file : {"commands.jsonl", "events.jsonl", "customers.jsonl", "results.jsonl"}) {
    for (const auto& record : golden(file)) sampled.insert(type_of(record));
  }
  for (const auto& name : schema_names()) {
    EXPECT_TRUE(sampled.contains(std::string(name.name))) << name.name;
  }
  // Every alternative of the three variants, the three events of the log itself and the results.
  EXPECT_EQ(sampled.size(), std::variant_size_v<CommandBody> + std::variant_size_v<EventBody> +
                                std::variant_size_v<CustomerEventBody> + 3 + 3);
}

// Lines are never changed, only added: then add a row here and leave the others as they are.
TEST(GoldenSamples, AreAppendOnly) {
  struct Pinned {
    std::string_view file;
    std::size_t lines;
    std::string_view digest;
  };
  constexpr Pinned pinned[] = {
      {"commands.jsonl", 26, "06c8add2a9403f782d5d6c6abc12c200"},
      {"commands.jsonl", 34, "7173933151a48a4da5acfc9926e9d694"},
      {"command_digests.txt", 26, "986098d9543d86212a70ae1e275f2bf1"},
      {"command_digests.txt", 34, "da97f7217e0be17088cd1dc435e51cd7"},
      {"events.jsonl", 28, "77c02a501a870cac0a7d2901ce701f99"},
      {"events.jsonl", 29, "c1dc750912bebe4c0adf5541cd650e4d"},
      {"events.jsonl", 37, "bac1ba5143324fe6c337e753d7f306dd"},
      {"customers.jsonl", 6, "d2092f9e098b70716eefcacad3c0e0b6"},
      {"customers.jsonl", 7, "c331aee1f5ca4af5cbb35f77391461b2"},
      {"results.jsonl", 16, "8f5c388591e92881cc2c961624efadad"},
      {"results.jsonl", 20, "6a96e9a4b49b0d591e6a8d607ee3be90"},
      {"results.jsonl", 21, "5cdfb89e296749c44c7f2100bac641a7"},
  };
  std::map<std::string_view, std::size_t> covered;
  for (const auto& [file, count, digest] : pinned) {
    const auto lines = golden(file);
    ASSERT_GE(lines.size(), count) << file;
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text.append(lines[i]).append("\n");
    EXPECT_EQ(to_hex(digest_of(text)), digest) << "the first " << count << " lines of " << file;
    covered[file] = count;
  }
  for (const auto& [file, count] : covered) {
    EXPECT_EQ(golden(file).size(), count) << "add a row for the new lines of " << file;
  }
}

// ---- the digests that remembered outcomes depend on ----

std::string payload_digest(std::string_view type, std::string_view data) {
  CommandReader reader;
  const std::string record = fmt::format(
      R"({{"specversion":"1.0","id":"1","source":"/t","type":"{}","data":{}}})", type, data);
  EXPECT_FALSE(reader.read(record).refusal) << record;
  return to_hex(reader.payload_digest());
}

// Computed by another program from docs/wire.md#digests: type, then the value with sorted keys.
TEST(PayloadDigest, IsPinned) {
  EXPECT_EQ(payload_digest("CheckIn", "{}"), "f40507b31a1bde6044b224f7f760f51f");
  EXPECT_EQ(
      payload_digest("CheckIn",
                     R"({"b":[null,true,false,-1,9223372036854775808,1.5,"x"],"a":{"é":""}})"),
      "26a44c4eb4a794c1c62bd04be922bdc0");
}

TEST(PayloadDigest, IsEqualForEqualValuesWhateverTheOrderAndTheSpelling) {
  EXPECT_EQ(payload_digest("CheckIn", R"({"a":{"x":1,"y":"é"},"b":[1,2]})"),
            payload_digest("CheckIn", R"( { "b" : [1, 2], "a" : {"y":"\u00e9", "x":1} } )"));
  EXPECT_EQ(payload_digest("CheckIn", R"({"a":1.50,"b":0.0})"),
            payload_digest("CheckIn", R"({"a":15e-1,"b":-0.0})"));
}

TEST(PayloadDigest, OfANameTwiceInOneObjectTheLastCounts) {
  EXPECT_EQ(payload_digest("CheckIn", R"({"a":1,"b":2,"a":3})"),
            payload_digest("CheckIn", R"({"b":2,"a":3})"));
}

TEST(PayloadDigest, TellsOneFromOnePointZero) {
  EXPECT_EQ(payload_digest("CheckIn", R"({"resource":"a","n":1})"),
            "644b65508bbfe6ee2de3b006ecde588b");
  EXPECT_EQ(payload_digest("CheckIn", R"({"resource":"a","n":1.0})"),
            "e486539810e79fb9618bff5807affd94");
}

TEST(PayloadDigest, TellsTypesAndPlacesApart) {
  const std::set<std::string> digests{
      payload_digest("CheckIn", R"({"a":"b"})"),     payload_digest("CheckOut", R"({"a":"b"})"),
      payload_digest("CheckIn", R"({"b":"a"})"),     payload_digest("CheckIn", R"({"a":["b"]})"),
      payload_digest("CheckIn", R"({"a":{"b":0}})"), payload_digest("CheckIn", R"({"a":null})"),
      payload_digest("CheckIn", R"({"a":false})"),   payload_digest("CheckIn", R"({"a":""})"),
      payload_digest("CheckIn", R"({"a":[]})"),      payload_digest("CheckIn", R"({"a":{}})"),
      payload_digest("CheckIn", R"({"a":[[],[]]})"), payload_digest("CheckIn", R"({"a":[[[]]]})")};
  EXPECT_EQ(digests.size(), 12U);
}

TEST(KeyDigest, IsPinnedAndDoesNotMixItsParts) {
  EXPECT_EQ(to_hex(key_digest("villa-deluxe", "/front-desk", "b7")),
            "af68c3277f7cac956c75959aea0520ef");
  EXPECT_NE(key_digest("ab", "c", "d"), key_digest("a", "bc", "d"));
  EXPECT_NE(key_digest("a", "b", "cd"), key_digest("a", "bc", "d"));
}

}  // namespace
}  // namespace pesan
