// Events by themselves: without a gap, and never more held than there is. Buckets are counted from
// the `held` of the events alone; neither the engine's state nor the auditor's has a say.
#include <map>
#include <utility>

#include <fmt/format.h>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/judges/evidence.hpp"

namespace pesan::judges {
namespace {

namespace json = boost::json;

using Holding = std::map<std::string, std::int64_t>;  // bucket -> units

std::int64_t integer(const json::object& object, std::string_view name) {
  return object.at(name).to_number<std::int64_t>();
}

struct Counted {
  std::int64_t version = 0;
  std::int64_t units = 0;
  std::int64_t overbook_limit = 0;
  bool service = false;
  std::map<std::string, std::int64_t> capacity;  // of slots
  Holding held;

  std::int64_t limit(const std::string& bucket) const {
    return overbook_limit + (service ? capacity.at(bucket) : units);
  }
};

/// `held` as events write it: null, or units in `*`, in a slot, or from a first night to an end.
Holding holding(const json::value& held) {
  Holding buckets;
  if (held.is_null()) return buckets;
  const std::int64_t units = integer(held.get_object(), "units");
  const std::string range = text_in(held.get_object(), "buckets");
  const auto slash = range.find('/');
  if (slash == std::string::npos) {
    buckets[range] = units;
    return buckets;
  }
  const int end = *audit::day_number(range.substr(slash + 1));
  for (int day = *audit::day_number(range.substr(0, slash)); day < end; ++day) {
    buckets[audit::day_text(day)] = units;
  }
  return buckets;
}

class EventJudge {
 public:
  void take(const std::string& where, const json::object& event) {
    where_ = where;
    const json::object& data = event.at("data").get_object();
    Counted& counted = resources_[text_in(event, "resource")];
    if (integer(event, "version") != ++counted.version) {
      violated(where_, "version", std::to_string(counted.version),
               std::to_string(integer(event, "version")));
    }
    define(text_in(event, "type"), data, counted);
    if (data.contains("held")) move(data.at("held").get_object(), counted);
  }

 private:
  static void define(const std::string& type, const json::object& data, Counted& counted) {
    if (type == "ServiceDefined") counted.service = true;
    if (type.starts_with("Room")) counted.units = integer(data, "units");
    if (type.starts_with("Room") || type.starts_with("Service")) {
      counted.overbook_limit = integer(data, "overbook_limit");
    }
    if (type == "ScheduleAdded" || type == "ScheduleChanged") {
      counted.capacity[text_in(data, "schedule_id")] = integer(data, "capacity");
    }
  }

  void move(const json::object& held, Counted& counted) const {
    const Holding from = holding(held.at("from"));
    const Holding to = holding(held.at("to"));
    for (const auto& [bucket, units] : from) counted.held[bucket] -= units;
    for (const auto& [bucket, units] : to) {
      counted.held[bucket] += units;
      const auto before = from.find(bucket);
      const bool newly = before == from.end() || before->second < units;
      if (newly && counted.held[bucket] > counted.limit(bucket)) {
        violated(where_, "units held in bucket " + bucket,
                 fmt::format("at most {}", counted.limit(bucket)),
                 std::to_string(counted.held[bucket]));
      }
    }
    for (const auto& [bucket, units] : counted.held) {
      if (units < 0) {
        violated(where_, "units held in bucket " + bucket, "0 or more", std::to_string(units));
      }
    }
  }

  std::string where_;
  std::map<std::string, Counted> resources_;
};

}  // namespace

void judge_events(const Evidence& evidence) {
  for (std::int32_t p = 0; p < evidence.partitions; ++p) {
    const TopicPartition place{Topic::events, Partition{p}};
    EventJudge judge;
    std::int64_t sequence = 0;
    for (const Record& record : evidence.log.records(place)) {
      const json::object event = parsed(record);
      const std::string where = place_name(place, record.offset);
      const std::string expected = fmt::format("{:020}", sequence++);
      if (text_in(event, "sequence") != expected) {
        violated(where, "sequence", expected, text_in(event, "sequence"));
      }
      if (event.contains("resource")) judge.take(where, event);
    }
  }
}

}  // namespace pesan::judges
