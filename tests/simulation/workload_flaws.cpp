// The people of the workload, their stories, and what is wrong with their commands.
#include <array>
#include <utility>

#include <fmt/format.h>

#include "tests/simulation/workload.hpp"

namespace pesan::simulation {

namespace json = boost::json;

json::object Workload::customer() {
  json::object guest{
      {"name", random_.pick<const char*>({"John Doe", " john  DOE ", "Ann", "Ben"})}};
  if (random_.chance(0.2)) guest["ref"] = random_.pick<const char*>({"u-1", "u-2"});
  if (random_.chance(0.3)) guest["gender"] = random_.pick<const char*>({"male", "female"});
  if (random_.chance(0.5)) {
    guest["phone"] = random_.pick<const char*>(
        {"08123456789", "+62 812-3456-789", "0062 8123456789", "0811111", "555 55"});
  }
  if (random_.chance(0.4)) {
    guest["email"] = random_.pick<const char*>(
        {"john@email.com", "John@Email.COM", "ann@mail.example", "ben@b.id"});
  }
  if (random_.chance(0.2)) guest["address"] = random_.pick<const char*>({"", "Jl. Contoh 1", "2"});
  return guest;
}

std::string Workload::booking_id(const Known& resource) {
  if (!resource.named.empty() && random_.chance(0.4)) return random_.pick(resource.named);
  // About half of those that were asked for came to be.
  return fmt::format("{}.{}", resource.id, random_.between(1, resource.unnamed / 2 + 1));
}

std::string Workload::date(Instant now, std::int64_t from, std::int64_t to) {
  const auto day = static_cast<std::int32_t>(now.ms / ms_per_day + random_.between(from, to));
  return to_string(Date{day});
}

Workload::Story Workload::begin_story() {
  Story story{.resource = random_.below(resources_.size()),
              .booking_id = {},
              .steps = {"CheckOut", "CheckIn", "CreateBooking"}};
  Known& resource = resources_[story.resource];
  story.booking_id = fmt::format("{}.story-{}", resource.id, ++ids_);
  resource.named.push_back(story.booking_id);
  if (random_.chance(0.3)) story.steps[0] = "completed";
  if (random_.chance(0.3)) story.steps.insert(story.steps.begin(), "confirmed");
  if (random_.chance(0.3)) story.steps.insert(story.steps.begin() + 1, "RescheduleBooking");
  if (random_.chance(0.3)) story.steps.insert(story.steps.begin(), "cancelled");
  return story;
}

json::object Workload::told(Story& story, Instant now, std::string& type) {
  const std::string step = story.steps.back();
  story.steps.pop_back();
  Known& resource = resources_[story.resource];
  json::object data{{"resource", resource.id},
                    {"actor", json::object{{"type", "admin"}, {"id", "u-1"}}}};
  type = step;
  if (step == "CreateBooking") {
    for (auto& [key, value] : booking(resource, now)) data[key] = std::move(value);
    data["status"] = "confirmed";
    data["payment_status"] = "paid";
    if (resource.kind == "nightly") {  // arrives about now
      data["check_in"] = date(now, -2, 0);
      data["check_out"] = date(now, 1, 3);
    }
  } else if (step == "RescheduleBooking") {
    add_place(data, resource, now, true);
  } else if (step != "CheckIn" && step != "CheckOut") {
    type = "ChangeStatus";
    data["status"] = step;
  }
  data["booking_id"] = story.booking_id;
  return data;
}

json::value Workload::some_value() {
  using namespace std::string_literals;
  switch (random_.below(12)) {
    case 0: return nullptr;
    case 1: return -1;
    case 2: return 1.0;
    case 3: return json::array{1, 2};
    case 4: return json::string("");
    case 5: return json::string(std::string(201, 'x'));
    case 6: return json::string("a\0b"s);
    case 7: return std::uint64_t{18'446'744'073'709'551'615U};
    case 8: return json::string("2026-02-30");
    case 9: return json::object{{"type", "user"}};
    case 10: return true;
    default: return json::string("\xc3\xa9t\xc3\xa9");
  }
}

/// Breaks one rule, perhaps.
void Workload::spoil(json::object& data) {
  static constexpr std::array names{
      "resource",  "actor",    "reason",      "booking_id", "status", "units",    "check_in",
      "check_out", "customer", "schedule_id", "name",       "extra",  "aardvark", "party_size",
      "capacity",  "timezone", "start",       "end",        "notes",  "subject",  "max_nights"};
  const char* name = names[random_.below(names.size())];
  if (random_.chance(0.6) && !data.empty()) {
    // A field that is there: gone, or of another kind.
    const auto chosen = random_.below(data.size());
    const std::string there = std::string((data.begin() + chosen)->key());
    if (random_.chance(0.4)) {
      data.erase(there);
    } else if (data.at(there).is_object() && random_.chance(0.7)) {
      data.at(there).get_object()[random_.pick<const char*>({"name", "id", "type", "phone"})] =
          some_value();
    } else {
      data[there] = some_value();
    }
    return;
  }
  data[name] = some_value();
}

std::string Workload::malformed(std::string command) {
  switch (random_.below(10)) {
    case 0: return "";
    case 1: return command.substr(0, command.size() / 2);
    case 2: return command + "}";
    case 3: return "[" + command + "]";
    case 4: return "\xef\xbb\xbf" + command;
    case 5: {
      command[command.size() / 2] = '\xff';
      return command;
    }
    case 6: {
      const auto at = command.find("1.0");
      if (at != std::string::npos) command.replace(at, 3, random_.pick({"0.3", "1.1", "   "}));
      return command;
    }
    case 7: return R"({"specversion":"1.0","id":"","source":"/t","type":"CheckIn","data":{}})";
    case 8: {
      const std::string deep(40, '[');
      return R"({"specversion":"1.0","id":"d","source":"/t","type":"CheckIn","data":{"x":)" + deep +
             std::string(40, ']') + "}}";
    }
    default:
      return R"({"specversion":"1.0","id":"e","source":"\ud800","type":"CheckIn","data":{}})";
  }
}

}  // namespace pesan::simulation
