// What is wrong with the commands of a workload.
#include <utility>

#include <fmt/format.h>

#include "tests/support/workload.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

// What no field takes, or few do.
const std::vector<std::string> oddities{"null",
                                        "1.0",
                                        "1e0",
                                        "-1",
                                        "0",
                                        "-0",
                                        "10000",
                                        "10001",
                                        "1000001",
                                        "1000000000000000",
                                        "1000000000000001",
                                        "18446744073709551615",
                                        "99999999999999999999",
                                        "true",
                                        "{}",
                                        "[1,2]",
                                        R"({"type":"user"})",
                                        R"("")",
                                        R"(" ")",
                                        R"("x")",
                                        R"("1\u0000")",
                                        R"("été")",
                                        R"("2026-02-30")",
                                        R"("24:01")",
                                        '"' + std::string(201, 'x') + '"'};

// The last two are no command's.
const std::vector<std::string> fields{"resource",    "actor",     "reason",   "expected_version",
                                      "booking_id",  "status",    "units",    "party_size",
                                      "check_in",    "check_out", "customer", "name",
                                      "schedule_id", "capacity",  "start",    "end",
                                      "timezone",    "notes",     "subject",  "max_nights",
                                      "extra",       "aardvark"};

/// The same value with its keys in another order.
json::object shuffled(Random& random, const json::object& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object) keys.emplace_back(key);
  for (std::size_t i = keys.size(); i > 1; --i) std::swap(keys[i - 1], keys[random.below(i)]);
  json::object other;
  for (const std::string& key : keys) {
    const json::value& value = object.at(key);
    other[key] = value.is_object() ? json::value(shuffled(random, value.get_object())) : value;
  }
  return other;
}

}  // namespace

/// A command once more, or another one under its key.
json::object Workload::same_key() {
  json::object before = random_.pick(asked_);
  switch (random_.below(3)) {
    case 0: before["time"] = to_string(now_); break;  // is not part of what is compared
    case 1: before["data"].as_object()["reason"] = fmt::format("r{}", ++ids_); break;
    default: break;
  }
  return shuffled(random_, before);
}

/// A field that is there is gone or something else.
void Workload::spoil(json::object& data) {
  json::object& object =
      data.contains("customer") && data["customer"].is_object() && random_.one_in(3)
          ? data["customer"].as_object()
          : data;
  if (object.empty()) return;
  const std::string name((object.begin() + random_.below(object.size()))->key());
  if (random_.chance(0.4)) {
    object.erase(name);
  } else {
    object[name] = json::parse(random_.pick(oddities));
  }
}

/// A field too many, of its own name or of one that is there (the last one counts), in a spelling
/// that only text has; or a byte is lost.
std::string Workload::damaged(std::string command) {
  if (random_.one_in(4)) return command.erase(random_.below(command.size()), 1);
  const std::string& name = random_.pick(fields);
  const std::string odd = fmt::format(R"("{}":{})", name, random_.pick(oddities));
  const auto data = command.find(R"("data":{)") + 8;
  return random_.one_in(2) ? command.insert(data, odd + ",")
                           : command.insert(command.size() - 2, "," + odd);
}

/// The first two kinds are no JSON and name nothing.
std::string Workload::malformed(const std::string& command, std::size_t kinds) {
  std::string other = command;
  switch (random_.below(kinds)) {
    case 0: return "";
    case 1: return command.substr(0, command.size() / 2);
    case 2: return command + "}";
    case 3: return "[" + command + "]";
    case 4: return "\xef\xbb\xbf" + command;
    case 5: other[other.size() / 2] = '\xff'; return other;
    case 6: {
      const auto version = command.find("1.0");
      return version == std::string::npos
                 ? ""
                 : other.replace(version, 3, random_.pick<const char*>({"0.3", "1.1", "   "}));
    }
    case 7: return R"({"specversion":"1.0","id":"","source":"/t","type":"CheckIn","data":{}})";
    case 8:
      return R"({"specversion":"1.0","id":"d","source":"/t","type":"CheckIn","data":{"x":)" +
             std::string(40, '[') + std::string(40, ']') + "}}";
    default:
      return R"({"specversion":"1.0","id":"e","source":"\ud800","type":"CheckIn","data":{}})";
  }
}

}  // namespace pesan
