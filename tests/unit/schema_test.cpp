// The published schemas say what the reader does: the copies in docs/schemas are those that the
// program makes, and a command keeps its schema exactly when its fields keep the rules.

#include "events/schema.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "events/command_reader.hpp"
#include "events/pretty_json.hpp"
#include "events/schema_text.hpp"
#include "tests/support/golden.hpp"
#include "tests/support/json_schema.hpp"

namespace pesan {
namespace {

namespace json = boost::json;
namespace fs = std::filesystem;

std::string file_text(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `pesan schema --out docs/schemas` writes them anew.
TEST(PublishedSchemas, AreThoseOfTheProgram) {
  const fs::path folder = fs::path(PESAN_SOURCE_DIR) / "docs/schemas";
  std::set<std::string> published;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") published.insert(entry.path().stem());
  }
  for (const auto& name : schema_names()) {
    EXPECT_TRUE(file_text(folder / (std::string(name.name) + ".json")) == schema_of(name))
        << "docs/schemas/" << name.name << ".json is not what the program makes";
    published.erase(std::string(name.name));
  }
  EXPECT_TRUE(published.empty()) << *published.begin() << " is no schema of this program";
}

TEST(Schemas, HaveAnIdOfTheirOwn) {
  std::set<std::string> ids;
  for (const auto& name : schema_names()) {
    const auto schema = json::parse(schema_of(name));
    EXPECT_EQ(schema.at("title").as_string(), name.name);
    ids.insert(std::string(schema.at("$id").as_string()));
  }
  EXPECT_EQ(ids.size(), schema_names().size());
  EXPECT_TRUE(ids.contains("https://pesan.example/schemas/CreateBooking.json"));
}

TEST(Schemas, AreFoundByTheTypeOfARecord) {
  EXPECT_EQ(find_schema("BookingLinked")->kind, SchemaKind::customer_event);
  EXPECT_FALSE(find_schema("BookRoom"));
}

TEST(Schemas, UseEveryTextThatIsWrittenForThem) {
  std::string all;
  for (const auto& name : schema_names()) all += schema_of(name);
  for (const auto& [name, text] : schema_texts()) {
    auto quoted = pretty_json(json::string(text.data(), text.size()));
    quoted.resize(quoted.size() - 2);  // a rule may follow
    EXPECT_NE(all.find(quoted), all.npos) << name << " is used nowhere";
  }
}

TEST(PrettyJson, BreaksWhatIsLongAndKeepsWhatIsShort) {
  const auto value =
      json::parse(R"({"a":[1,"x",null,true],"b":{},"c":[{"d":-1}],"e":["\"\u0001"]})");
  EXPECT_EQ(pretty_json(value),
            "{\n  \"a\": [1, \"x\", null, true],\n  \"b\": {},\n  \"c\": [\n    {\n"
            "      \"d\": -1\n    }\n  ],\n  \"e\": [\"\\\"\\u0001\"]\n}\n");
  EXPECT_EQ(json::parse(pretty_json(value)), value);
}

// ---- schema and reader agree ----

/// What a value can look like; each stands for a rule or for the edge of one.
json::array candidates() {
  const auto text = [](std::size_t length, std::string_view one) {
    std::string made;
    for (std::size_t i = 0; i < length; ++i) made.append(one);
    return json::value(json::string(made));
  };
  json::array values = json::parse(R"([
    null, true, false, [], {}, 0, -1, 1, 10000, 10001, 1000000, 1000001, 1000000000000000,
    1000000000000001, 9223372036854775807, 9223372036854775808, 1.0, 1e3, 0.5,
    "", " ", "\t\n\u000b\f\r ", "\u00a0", "x", "a b", "\u0000", "a\u0000b", "é", "-a", "_", "a_-9",
    "a.b", "villa-deluxe", "villa-deluxe.1", "villa-deluxe.x", "villa-deluxe.1x", "villa-deluxe.",
    "villa-deluxe.a.b", "villa-deluxe.é", "IDR", "idr", "EURO", "ID", "Asia/Jakarta",
    "1234", "12345", "+62 812-3456-789", "12345678901234567890", "123456789012345678901", "０１２３４５",
    "a@b.c", "@b.c", "a@b", "a@b.", "a@.c", "a@b..c", "a@@b.c", "a@b.c@d", "a b@c.de", "ab@c d.e",
    "é@é.é", "a@b.c\u0000", "a\u00a0b@c.d",
    "1970-01-01", "1969-12-31", "9999-12-31", "2026-13-01", "2026-00-10", "2026-01-00",
    "2026-01-32", "2026-1-1", "2026-12-01 ", "02026-12-01", "2026-12-01T10:30", "2026-12-01T24:00",
    "2026-12-01t10:30", "2026-12-01T10:30:00", "1969-12-31T23:59",
    "00:00", "23:59", "24:00", "24:01", "25:00", "10:60", "9:30", "09:30Z",
    "pending", "confirmed", "in_progress", "expired", "Pending", "unpaid", "partial", "paid",
    "counter", "nightly", "slots", "on_create", "male", "female", "other", "cash", "ewallet",
    "admin", "user", "system", "root"
  ])")
                           .as_array();
  for (const std::size_t length :
       {38U, 39U, 40U, 41U, 62U, 63U, 64U, 200U, 201U, 254U, 255U, 2001U}) {
    values.push_back(text(length, "a"));
    values.push_back(text(length, "é"));
    values.push_back(text(length, "🐕"));
  }
  values.push_back(json::string("12345" + std::string(35, ' ')));
  values.push_back(json::string("12345" + std::string(36, ' ')));
  values.push_back(json::string("villa-deluxe." + std::string(40, 'a')));
  values.push_back(json::string("villa-deluxe." + std::string(41, 'a')));
  return values;
}

enum class Answer { good, bad_field };

Answer answer_of_reader(const json::value& command) {
  CommandReader reader;
  const std::string record = json::serialize(command);
  if (reader.read(record).refusal) return Answer::bad_field;
  const auto read = reader.validate();
  // A range needs two fields: more than a schema says.
  return read || read.error().code == Code::invalid_range ? Answer::good : Answer::bad_field;
}

/// Calls `visit` once for every field of `data`, at every level, with the object that holds it.
void for_each_field(json::object& data,
                    const std::function<void(json::object&, std::string)>& visit) {
  std::vector<std::string> names;
  for (const auto& entry : data) names.emplace_back(entry.key());
  for (const auto& name : names) {
    if (auto* inner = data.at(name).if_object()) for_each_field(*inner, visit);
    visit(data, name);
  }
}

/// What the reader knows and no schema can say: the system's zones, the resource of a booking's id.
bool is_beyond_schemas(const json::value& command, std::string_view name,
                       const json::value& value) {
  if (!value.is_string()) return false;
  const auto& data = command.at("data").as_object();
  if (name == "resource") return data.contains("booking_id");
  if (name == "booking_id") {
    const std::string own = std::string(data.at("resource").as_string()) + ".";
    return !std::string_view(value.as_string()).starts_with(own);
  }
  return name == "timezone";
}

class SchemaAndReader : public ::testing::Test {
 protected:
  void agree_on(const json::value& command, std::string_view what) {
    const std::string type(command.at("type").as_string());
    auto found = schemas_.find(type);
    if (found == schemas_.end()) {
      found = schemas_.try_emplace(type, schema_of(find_schema(type).value())).first;
    }
    const auto breaches = found->second.breaches(command);
    const bool good = answer_of_reader(command) == Answer::good;
    EXPECT_EQ(breaches.empty(), good)
        << what << ": " << (breaches.empty() ? "keeps the schema" : breaches.front()) << '\n'
        << json::serialize(command).substr(0, 2000);
    ++compared_;
  }
  std::map<std::string, JsonSchema> schemas_;
  int compared_ = 0;
};

TEST_F(SchemaAndReader, AgreeOnEveryValueOfEveryField) {
  const auto values = candidates();
  for (const auto& line : golden("commands.jsonl")) {
    json::value command = json::parse(line);
    for_each_field(command.at("data").as_object(), [&](json::object& o, const std::string& name) {
      const json::value kept = o.at(name);
      for (const auto& value : values) {
        if (is_beyond_schemas(command, name, value)) continue;
        o[name] = value;
        agree_on(command, name);
      }
      o[name] = kept;
    });
  }
  EXPECT_GT(compared_, 10'000);
}

TEST_F(SchemaAndReader, AgreeOnFieldsMissingAndUnknown) {
  for (const auto& line : golden("commands.jsonl")) {
    json::value command = json::parse(line);
    for_each_field(command.at("data").as_object(), [&](json::object& o, const std::string& name) {
      const json::value kept = o.at(name);
      o.erase(name);
      agree_on(command, "without " + name);
      o["unheard_of"] = kept;
      o[name] = kept;
      agree_on(command, "with an unknown field beside " + name);
      o.erase("unheard_of");
    });
  }
  EXPECT_GT(compared_, 100);
}

TEST_F(SchemaAndReader, AgreeOnTheEnvelope) {
  json::value command = json::parse(golden("commands.jsonl").front());
  auto& record = command.as_object();
  for (const auto* name : {"specversion", "id", "source", "type", "data"}) {
    const json::value kept = record.at(name);
    for (const auto& value : candidates()) {
      if (std::string_view(name) == "type") continue;  // names the schema
      record[name] = value;
      agree_on(command, name);
    }
    record.erase(name);
    if (std::string_view(name) != "type") agree_on(command, name);
    record[name] = kept;
  }
  record["partitionkey"] = "x";
  agree_on(command, "an attribute that is carried, not read");
}

}  // namespace
}  // namespace pesan
