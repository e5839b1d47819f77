// What a reader of the log does with records that it does not understand. A field or type that this
// program does not know is a newer log, and a field that is missing or no value of its kind is
// damage: at every level of every golden sample.

#include <functional>
#include <map>
#include <optional>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "events/event_codec.hpp"
#include "events/result_codec.hpp"
#include "events/schema.hpp"
#include "tests/support/golden.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

using Kind = DecodeError::Kind;

/// Of one topic: how its records are read. nullopt is read well.
struct Reader {
  std::string file;
  std::function<std::optional<DecodeError>(const std::string&)> read;
};

std::vector<Reader> readers() {
  const auto answer = [](const auto& decoded) {
    return decoded ? std::nullopt : std::optional(decoded.error());
  };
  return {
      {"events.jsonl", [=](const auto& r) { return answer(EventDecoder().decode(r)); }},
      {"customers.jsonl", [=](const auto& r) { return answer(EventDecoder().decode_customer(r)); }},
      {"results.jsonl", [=](const auto& r) { return answer(ResultDecoder().decode(r)); }}};
}

json::value schema_for(const json::value& record) {
  const auto name = find_schema(std::string_view(record.at("type").as_string()));
  return json::parse(schema_of(name.value()));
}

/// Calls `visit(object, rules)` for every object in `value` that the schema describes.
void for_each_object(json::value& value, const json::value& rules,
                     const std::function<void(json::object&, const json::object&)>& visit) {
  auto* object = value.if_object();
  const auto* fields = rules.as_object().if_contains("properties");
  if (object == nullptr || fields == nullptr) return;
  if (rules.as_object().contains("additionalProperties")) return;  // open: its names differ by code
  visit(*object, rules.as_object());
  for (auto& [name, inner] : *object) {
    if (const auto* rule = fields->as_object().if_contains(name)) {
      for_each_object(inner, *rule, visit);
    }
  }
}

class StrictDecoding : public ::testing::Test {
 protected:
  /// Reads each sample with one thing changed by `change`, which restores it after calling the
  /// probe.
  using Probe = std::function<void(std::optional<Kind> expected, const std::string& what)>;
  using Change = std::function<void(json::object&, const json::object& rules, const Probe&)>;

  static void each_sample_with(const Change& change) {
    int probes = 0;
    for (const auto& reader : readers()) {
      for (const auto& line : golden(reader.file)) {
        json::value record = json::parse(line);
        for_each_object(
            record, schema_for(record), [&](json::object& o, const json::object& rules) {
              change(o, rules, [&](std::optional<Kind> expected, const std::string& what) {
                ++probes;
                const std::string changed = json::serialize(record);
                const auto error = reader.read(changed);
                const auto got = error ? std::optional(error->kind) : std::nullopt;
                EXPECT_TRUE(got == expected)
                    << what << ": " << (error ? error->what : "was read") << '\n'
                    << changed;
              });
            });
      }
    }
    EXPECT_GT(probes, 100);
  }
};

bool is_required(const json::object& rules, std::string_view name) {
  const auto* required = rules.if_contains("required");
  if (required == nullptr) return false;
  for (const auto& one : required->as_array()) {
    if (one.as_string() == name) return true;
  }
  return false;
}

bool may_be_null(const json::value& rule) {
  const auto* names = rule.as_object().if_contains("enum");
  const auto* type = rule.as_object().if_contains("type");
  const auto* list = names != nullptr                      ? names->if_array()
                     : type != nullptr && type->is_array() ? type->if_array()
                                                           : nullptr;
  if (list == nullptr) return false;
  for (const auto& one : *list) {
    if (one.is_null() || (one.is_string() && one.as_string() == "null")) return true;
  }
  return false;
}

TEST_F(StrictDecoding, AnUnknownFieldAtAnyLevelIsANewerLog) {
  each_sample_with([](json::object& o, const json::object&, const Probe& probe) {
    o["unheard_of"] = 1;
    probe(Kind::newer_than_program, "with an unknown field");
    o.erase("unheard_of");
  });
}

TEST_F(StrictDecoding, AMissingFieldIsDamageUnlessItIsOptional) {
  each_sample_with([](json::object& o, const json::object& rules, const Probe& probe) {
    const json::object before = o;
    for (const auto& [name, value] : before) {
      o.erase(name);
      probe(is_required(rules, name) ? std::optional(Kind::damaged) : std::nullopt,
            "without " + std::string(name));
      o = before;
    }
  });
}

TEST_F(StrictDecoding, NullIsDamageWhereTheSchemaDoesNotSayIt) {
  each_sample_with([](json::object& o, const json::object& rules, const Probe& probe) {
    for (auto& [name, value] : o) {
      const auto& rule = rules.at("properties").at(name);
      if (may_be_null(rule)) continue;
      json::value kept = nullptr;
      std::swap(kept, value);
      probe(Kind::damaged, "with null as " + std::string(name));
      std::swap(kept, value);
    }
  });
}

TEST_F(StrictDecoding, AnotherKindOfValueIsDamage) {
  each_sample_with([](json::object& o, const json::object&, const Probe& probe) {
    for (auto& [name, value] : o) {
      json::value kept = value.is_array() ? json::value(1) : json::value(json::array{1, 2});
      std::swap(kept, value);
      probe(Kind::damaged, "with another kind of value as " + std::string(name));
      std::swap(kept, value);
    }
  });
}

TEST_F(StrictDecoding, AnUnknownTypeIsANewerLog) {
  for (const auto& reader : readers()) {
    json::value record = json::parse(golden(reader.file).front());
    record.as_object()["type"] = "BookingMoved";
    const auto error = reader.read(json::serialize(record));
    ASSERT_TRUE(error) << reader.file;
    EXPECT_EQ(error->kind, Kind::newer_than_program) << error->what;
  }
}

TEST_F(StrictDecoding, AnUnknownCodeIsANewerLog) {
  std::string record = golden("results.jsonl").at(4);
  record.replace(record.find("capacity_exceeded"), 17, "capacity_exploded");
  const auto result = ResultDecoder().decode(record);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::newer_than_program);
}

TEST_F(StrictDecoding, WhatIsNoRecordOfPesanIsDamage) {
  for (const auto& reader : readers()) {
    for (const auto* text : {"", "null", "[]", "{}", "{\"type\":\"RoomDefined\"}", "\xff", "{"}) {
      const auto error = reader.read(text);
      ASSERT_TRUE(error) << reader.file << text;
      EXPECT_EQ(error->kind, Kind::damaged) << text;
    }
  }
}

// ---- bugs that were ----

std::string changed(std::string record, std::string_view from, std::string_view to) {
  const auto place = record.find(from);
  EXPECT_NE(place, record.npos) << from;
  return record.replace(place, from.size(), to);
}

TEST(EventDecoding, ASequenceIsTwentyDigitsAndNoSign) {
  const auto record = golden("customers.jsonl").at(1);
  const auto error = EventDecoder().decode_customer(
      changed(record, "\"00000000000000000001\"", "\"-0000000000000000001\""));
  EXPECT_FALSE(error);
}

TEST(EventDecoding, AnEventUnderAnotherOnesIdIsDamage) {
  const auto record = golden("events.jsonl").at(2);
  EXPECT_TRUE(EventDecoder().decode(record));
  EXPECT_FALSE(EventDecoder().decode(changed(record, "deluxe@1", "deluxe@2")));
  EXPECT_FALSE(EventDecoder().decode(changed(record, "\"subject\":\"villa", "\"subject\":\"vill")));
}

TEST(EventDecoding, AnIdThatWouldNeedEscapesIsDamage) {
  const auto record = golden("events.jsonl").at(12);
  EXPECT_TRUE(EventDecoder().decode(record));
  EXPECT_FALSE(
      EventDecoder().decode(changed(record, "\"schedule_id\":\"s1", "\"schedule_id\":\"\\n")));
}

TEST(ResultDecoding, ASourceThatIsTooShortForALogIdIsDamage) {
  const auto record = golden("results.jsonl").front();
  EXPECT_FALSE(
      ResultDecoder().decode(changed(record, "/pesan/5e7c1f0a/results", "/pesan/results")));
}

TEST(ResultDecoding, AnEventIdEndsWithItsVersion) {
  const auto record = golden("results.jsonl").front();
  EXPECT_FALSE(
      ResultDecoder().decode(changed(record, "[\"villa-deluxe@1\"", "[\"villa-deluxe@1x\"")));
  EXPECT_FALSE(ResultDecoder().decode(changed(record, "[\"villa-deluxe@1\"", "[\"villa@1\"")));
}

TEST(ResultDecoding, AResultUnderAnotherPartitionsIdIsDamage) {
  const auto record = golden("results.jsonl").front();
  EXPECT_FALSE(ResultDecoder().decode(changed(record, "\"partition\":0", "\"partition\":1")));
  EXPECT_FALSE(ResultDecoder().decode(changed(record, "\"id\":\"0-0\"", "\"id\":\"0--1\"")));
}

// A text in an answer is never longer than it was in the command, so that the answer to the largest
// command fits into a record of 2 MiB.
TEST(ResultEncoding, ATextOfEscapesDoesNotGrow) {
  const std::string record = R"({"specversion":"1.0","id":"1","source":"/t","type":")" +
                             std::string(1000, 'x') + R"(\b\f\n\r\t\"\\\u0001","data":{}})";
  const auto parsed = json::parse(record);
  Result result;
  result.type = std::string_view(parsed.at("type").as_string());
  std::string out;
  append_result(out, result);
  EXPECT_NE(out.find(R"(\b\f\n\r\t\"\\\u0001")"), out.npos) << out;
}

}  // namespace
}  // namespace pesan
