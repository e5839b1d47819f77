// Results against the auditor, one command record after the other.
#include <map>
#include <utility>

#include <fmt/format.h>

#include "tests/support/judges/evidence.hpp"

namespace pesan::judges {
namespace {

namespace json = boost::json;

std::string shown(const json::value& value) { return json::serialize(value); }
json::value or_null(const std::optional<std::string>& text) {
  if (text) return json::value(json::string(*text));
  return nullptr;
}
json::value at_or_null(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr ? json::value(nullptr) : *value;
}

std::optional<std::string> header(const Payload& payload, std::string_view name) {
  for (const Header& h : payload.headers) {
    if (h.name == name) return h.value;
  }
  return std::nullopt;
}

bool is_forwarded(const Record& command) {
  return header(command.payload, "pesan-forwarded").has_value();
}

/// The details that docs/domain.md#rejections pins; the others are for people.
bool has_pinned_details(const std::optional<std::string>& code) {
  return code == "invalid_field" || code == "capacity_exceeded";
}

class ResultJudge {
 public:
  explicit ResultJudge(const Evidence& evidence) : evidence_(evidence), replay_(evidence) {}

  audit::Model judge() {
    for (const Record& letter : evidence_.log.records({Topic::dead_letters, Partition{0}})) {
      letters_[header(letter.payload, "pesan-origin").value_or("?")].push_back(&letter);
    }
    for (std::int32_t p = 0; p < evidence_.partitions; ++p) {
      for (const Record& command : evidence_.commands[static_cast<std::size_t>(p)]) {
        if (const auto origin = header(command.payload, "pesan-forwarded")) {
          arrived_[*origin].push_back({p, &command});
        }
      }
    }
    for (std::int32_t p = 0; p < evidence_.partitions; ++p) judge(p);
    if (!letters_.empty()) {
      violated("dead letters", "one that nothing explains", "none", letters_.begin()->first);
    }
    if (!arrived_.empty()) {
      violated("commands", "one forwarded from nowhere", "none", arrived_.begin()->first);
    }
    return replay_.model();
  }

 private:
  void judge(std::int32_t p) {
    const TopicPartition place{Topic::results, Partition{p}};
    const auto& results = evidence_.log.records(place);
    const auto& commands = evidence_.commands[static_cast<std::size_t>(p)];
    read_events(p);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      where_ = fmt::format("command {}-{}", p, commands[i].offset.value);
      if (i >= results.size()) violated(where_, "its result", "one", "none");
      const json::object result = parsed(results[i]);
      expect("the id of its result",
             json::string(fmt::format("{}-{}", p, commands[i].offset.value)),
             at_or_null(result, "id"));
      compare(p, commands[i], result, results[i]);
    }
    if (results.size() > commands.size()) {
      violated(place_name(place, results[commands.size()].offset), "a result too many", "none",
               results[commands.size()].payload.value);
    }
    if (next_event_ != events_.size()) {
      violated(fmt::format("events of partition {}", p), "one that no result names", "none",
               shown(events_[next_event_]));
    }
  }

  void expect(const char* what, const json::value& expected, const json::value& found) const {
    if (expected != found) violated(where_, what, shown(expected), shown(found));
  }

  /// Those that the auditor knows; what stands beside them is for people.
  void expect_details(const json::object& expected, const json::object& data) const {
    const json::value found = at_or_null(data, "details");
    for (const auto& [name, value] : expected) {
      expect("details", value, found.is_object() ? at_or_null(found.get_object(), name) : nullptr);
    }
  }

  void compare(std::int32_t p, const Record& command, const json::object& result,
               const Record& record) {
    const audit::Expected expected = replay_.decide(p, command);
    if (expected.stops_engine) violated(where_, "it", "to stop the engine", "a result");
    const json::object& data = result.at("data").get_object();
    const json::object& about = data.at("command").get_object();
    expect("type", json::string(expected.type), at_or_null(result, "type"));
    expect("code", or_null(expected.code), at_or_null(data, "code"));
    expect("source", or_null(expected.source), at_or_null(about, "source"));
    expect("id", or_null(expected.id), at_or_null(about, "id"));
    expect("command type", or_null(expected.command_type), at_or_null(about, "type"));
    expect("booking_id", or_null(expected.booking_id), at_or_null(data, "booking_id"));
    expect("resource", json::string(expected.resource), json::string(text_in(data, "resource")));
    expect("events", json::value_from(expected.events), at_or_null(data, "events"));
    expect("sequence", expected.sequence, at_or_null(data, "sequence"));
    expect("version", expected.version, at_or_null(data, "version"));
    expect("partition", p, at_or_null(data, "partition"));
    expect("duplicate", expected.duplicate, at_or_null(data, "duplicate") == true);
    if (has_pinned_details(expected.code)) expect_details(expected.details, data);
    expect("time", json::string(to_string(Instant{expected.now_ms})), at_or_null(result, "time"));
    // What is too long for a resource's id is no key: the answer must fit into a record.
    const std::string key = expected.resource.size() > 63 ? "" : expected.resource;
    if (record.payload.key.value_or("") != key) {
      violated(where_, "the key of its result", key, record.payload.key.value_or("(none)"));
    }
    if (!expected.events.empty() && !expected.duplicate) take_event(command, expected);
    take_letter(p, command, expected);
    take_forwarded(p, command, expected);
  }

  void read_events(std::int32_t p) {
    events_.clear();
    next_event_ = 0;
    for (const Record& record : evidence_.log.records({Topic::events, Partition{p}})) {
      json::object event = parsed(record);
      const std::string type = text_in(event, "type");
      const bool of_log = type == "LogOpened" || type == "ClockSwitched" || type == "ClockMended";
      if (!of_log) events_.push_back(std::move(event));
    }
  }

  /// The event that an accepted command names is the next one, and tells of that command.
  void take_event(const Record&, const audit::Expected& expected) {
    if (next_event_ == events_.size()) violated(where_, "its event", expected.events[0], "none");
    const json::object& event = events_[next_event_++];
    expect("event", json::string(expected.events[0]), at_or_null(event, "id"));
    expect("the event's causationid", or_null(expected.id), at_or_null(event, "causationid"));
    expect("the event's causationsource", or_null(expected.source),
           at_or_null(event, "causationsource"));
    expect("the event's version", expected.version, at_or_null(event, "version"));
    expect("the event's resource", json::string(expected.resource), at_or_null(event, "resource"));
    expect("the event's time", json::string(to_string(Instant{expected.now_ms})),
           at_or_null(event, "time"));
  }

  void take_letter(std::int32_t p, const Record& command, const audit::Expected& expected) {
    const auto found = letters_.find(fmt::format("{}-{}", p, command.offset.value));
    const std::size_t count = found == letters_.end() ? 0 : found->second.size();
    if (count != (expected.dead_letter ? 1U : 0U)) {
      violated(where_, "dead letters", expected.dead_letter ? "1" : "0", std::to_string(count));
    }
    if (count == 0) return;
    if (found->second.front()->payload.value != command.payload.value) {
      violated(where_, "its dead letter", command.payload.value,
               found->second.front()->payload.value);
    }
    letters_.erase(found);
  }

  void take_forwarded(std::int32_t p, const Record& command, const audit::Expected& expected) {
    const auto found = arrived_.find(fmt::format("{}-{}", p, command.offset.value));
    const std::size_t count = found == arrived_.end() ? 0 : found->second.size();
    if (count != (expected.forwarded_to ? 1U : 0U)) {
      violated(where_, "times that it was forwarded", expected.forwarded_to ? "1" : "0",
               std::to_string(count));
    }
    if (count == 0) return;
    const auto& [partition, record] = found->second.front();
    expect("where it was forwarded to", *expected.forwarded_to, partition);
    if (record->payload.value != command.payload.value) {
      violated(where_, "what was forwarded", command.payload.value, record->payload.value);
    }
    arrived_.erase(found);
  }

  const Evidence& evidence_;
  Replay replay_;
  std::string where_;
  std::vector<json::object> events_;
  std::size_t next_event_ = 0;
  std::map<std::string, std::vector<const Record*>> letters_;  // by origin
  std::map<std::string, std::vector<std::pair<std::int32_t, const Record*>>> arrived_;
};

}  // namespace

Replay::Replay(const Evidence& evidence)
    : evidence_(evidence),
      model_({.partitions = evidence.partitions,
              .command_clock = evidence.command_clock,
              .remember = evidence.remember}),
      switched_(static_cast<std::size_t>(evidence.partitions)) {}

void Replay::reach(std::int32_t partition, Offset command) {
  const auto p = static_cast<std::size_t>(partition);
  const auto& ended = evidence_.backfill_ended_at[p];
  if (!ended || switched_[p] || command < *ended) return;
  model_.end_backfill(partition);
  switched_[p] = true;
}

audit::Expected Replay::decide(std::int32_t partition, const Record& command) {
  const auto p = static_cast<std::size_t>(partition);
  reach(partition, command.offset);
  return model_.decide({.partition = partition,
                        .offset = command.offset.value,
                        .timestamp_ms = command.timestamp.ms,
                        .value = command.payload.value,
                        .forwarded = is_forwarded(command)},
                       evidence_.parked[p].contains(command.offset));
}

audit::Model judge_results(const Evidence& evidence) { return ResultJudge(evidence).judge(); }

std::string text_in(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

json::object parsed(const Record& record) { return json::parse(record.payload.value).get_object(); }

std::string place_name(TopicPartition place, Offset offset) {
  return fmt::format("{} {}-{}", name_of(place.topic), place.partition.value, offset.value);
}

void violated(const std::string& where, const std::string& what, const std::string& expected,
              const std::string& found) {
  throw Violation{
      fmt::format("{}: {}:\n  expected {}\n  found    {}", where, what, expected, found)};
}

}  // namespace pesan::judges
