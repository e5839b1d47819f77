#include "tests/support/auditor/model.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tests/support/auditor/calendar.hpp"
#include "tests/support/auditor/fields.hpp"
#include "tests/support/auditor/json_reader.hpp"
#include "tests/support/auditor/partitioner.hpp"
#include "tests/support/auditor/rules.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

std::optional<std::string> string_in(const json::object& object, std::string_view name) {
  const json::value* const value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(std::string_view(value->get_string()));
}

// The stage "read": what could be read of the record, and what it is refused for, if anything.
struct Envelope {
  std::optional<std::string> source, id, type, time;
  std::optional<std::string> resource;
  json::object data;
  std::string code;
};

bool is_key_part(const std::optional<std::string>& text) {
  return text && text->find('\0') == std::string::npos && characters(*text) >= 1 &&
         characters(*text) <= 200;
}

Envelope read_envelope(const std::string& bytes) {
  Envelope envelope;
  envelope.code = "malformed";
  if (bytes.size() > max_record_bytes) return envelope;
  auto value = read_json(bytes);
  if (!value || !value->is_object()) return envelope;
  json::object& object = value->get_object();
  envelope.source = string_in(object, "source");
  envelope.id = string_in(object, "id");
  envelope.type = string_in(object, "type");
  envelope.time = string_in(object, "time");
  json::value* const data = object.if_contains("data");
  if (data == nullptr || !data->is_object()) return envelope;
  envelope.data = std::move(data->get_object());
  envelope.resource = string_in(envelope.data, "resource");
  if (string_in(object, "specversion") != "1.0" || !is_key_part(envelope.id) ||
      !is_key_part(envelope.source) || !envelope.type) {
    return envelope;
  }
  envelope.code = is_command_type(*envelope.type) ? "" : "unknown_type";
  return envelope;
}

// What a command is remembered by, and what must be equal for it to be the same one.
std::string key_of(const Envelope& envelope) {
  return canonical(json::array{*envelope.resource, *envelope.source, *envelope.id});
}
std::string payload_of(const Envelope& envelope) {
  return canonical(json::value(*envelope.type)) + canonical(envelope.data);
}

Expected rejected(Expected result, std::string code, json::object details = {}) {
  result.type = "CommandRejected";
  result.code = std::move(code);
  result.details = std::move(details);
  return result;
}

// The version of the resource as it stands in this partition.
std::int64_t version_of(const PartitionState& partition, const std::string& resource) {
  const auto found = partition.resources.find(resource);
  return found == partition.resources.end() ? 0 : found->second.version;
}

void move_clock(PartitionState& partition, const CommandRecord& record, const Envelope& envelope) {
  std::optional<std::int64_t> time = record.timestamp_ms;
  if (partition.command_clock) time = envelope.time ? read_instant(*envelope.time) : std::nullopt;
  if (time) partition.clock_ms = std::max(partition.clock_ms, *time);
}

}  // namespace

Model::Model(Options options) : options_(options) {
  const auto count = static_cast<std::size_t>(options.partitions);
  partitions_.resize(count);
  memories_.resize(count);
  for (int i = 0; i < options.partitions; ++i) {
    partitions_[static_cast<std::size_t>(i)].number = i;
    partitions_[static_cast<std::size_t>(i)].command_clock = options.command_clock;
  }
}

Expected Model::decide(const CommandRecord& record, bool set_aside) {
  PartitionState& partition = partitions_.at(static_cast<std::size_t>(record.partition));
  Memory& memory = memories_.at(static_cast<std::size_t>(record.partition));
  Envelope envelope = read_envelope(record.value);

  Expected result;
  result.source = envelope.source;
  result.id = envelope.id;
  result.command_type = envelope.type;
  result.resource = envelope.resource.value_or("");
  result.sequence = partition.sequence;
  result.version = version_of(partition, result.resource);
  result.now_ms = partition.clock_ms;
  if (!envelope.code.empty()) {
    result.dead_letter = true;
    return rejected(std::move(result), envelope.code);
  }

  if (set_aside) {
    // Answered where it lies; it moves no clock, and a key that is known keeps its outcome.
    result.dead_letter = true;
    Expected outcome = rejected(std::move(result), "engine_failed");
    if (envelope.resource) {
      const std::string key = key_of(envelope);
      const bool remembered = envelope.type != "RunTimer" && !memory.by_key.contains(key);
      if (remembered) remember(memory, key, payload_of(envelope), outcome);
    }
    return outcome;
  }

  move_clock(partition, record, envelope);
  result.now_ms = partition.clock_ms;
  const int right = envelope.resource ? partition_of(*envelope.resource, options_.partitions) : 0;
  if (right != record.partition) {
    result.type = "CommandForwarded";
    result.version = 0;
    result.forwarded_to = right;
    result.stops_engine = record.forwarded;
    return result;
  }
  // Without a resource there is no key, so nothing is looked up and nothing is remembered.
  if (!envelope.resource) {
    return decide_here(partition, envelope.data, std::move(result));
  }

  const std::string key = key_of(envelope);
  std::string payload = payload_of(envelope);
  if (const auto known = memory.by_key.find(key); known != memory.by_key.end()) {
    if (known->second.payload != payload) {
      return rejected(std::move(result), "idempotency_conflict");
    }
    Expected again = known->second.outcome;
    again.duplicate = true;
    again.dead_letter = false;
    again.now_ms = result.now_ms;
    return again;
  }
  Expected outcome = decide_here(partition, envelope.data, std::move(result));
  if (envelope.type != "RunTimer") remember(memory, key, std::move(payload), outcome);
  return outcome;
}

// Everything from "validate alone" on, for a command in its right partition.
Expected Model::decide_here(PartitionState& partition, const json::object& data, Expected result) {
  const std::string type = *result.command_type;
  if (const auto field = first_faulty_field(type, data)) {
    return rejected(std::move(result), "invalid_field", {{"field", cut(*field, 200)}});
  }
  if (has_faulty_range(data)) return rejected(std::move(result), "invalid_range");
  result.booking_id = text_of(data, "booking_id");

  const json::object& actor = data.at("actor").get_object();
  const Command command{.type = type,
                        .data = data,
                        .resource = result.resource,
                        .source = *result.source,
                        .actor_type = *text_of(actor, "type"),
                        .actor_id = *text_of(actor, "id"),
                        .reason = text_of(data, "reason"),
                        .now_ms = result.now_ms};
  const Outcome outcome = decide_business(partition, command);
  result.sequence = partition.sequence;
  result.version = version_of(partition, result.resource);
  if (!outcome.code.empty()) return rejected(std::move(result), outcome.code, outcome.details);
  result.type = "CommandAccepted";
  if (outcome.booking_id) result.booking_id = outcome.booking_id;
  if (outcome.event) result.events = {fmt::format("{}@{}", result.resource, result.version)};
  return result;
}

void Model::remember(Memory& memory, const std::string& key, std::string payload,
                     Expected outcome) {
  memory.by_key.emplace(key, Remembered{std::move(payload), std::move(outcome)});
  memory.oldest_first.push_back(key);
  if (memory.oldest_first.size() > options_.remember) {
    memory.by_key.erase(memory.oldest_first.front());
    memory.oldest_first.pop_front();
  }
}

void Model::end_backfill(int partition) {
  PartitionState& state = partitions_.at(static_cast<std::size_t>(partition));
  state.sequence += 1;
  state.command_clock = false;
  state.switched_ms = state.clock_ms;
}

const std::vector<CustomerModel::Created>& Model::created(int partition) const {
  return partitions_.at(static_cast<std::size_t>(partition)).created;
}

std::vector<std::string> Model::due(int partition, std::int64_t now_ms) const {
  const PartitionState& state = partitions_.at(static_cast<std::size_t>(partition));
  std::vector<std::string> bookings;
  if (state.command_clock) return bookings;
  for (const auto& [resource_id, resource] : state.resources) {
    for (const auto& [id, booking] : resource.bookings) {
      const bool is_over = is_due(state, resource, booking, "expiry", now_ms) ||
                           is_due(state, resource, booking, "no_show", now_ms);
      if (is_over) bookings.push_back(id);
    }
  }
  return bookings;
}

std::int64_t Model::sequence(int partition) const {
  return partitions_.at(static_cast<std::size_t>(partition)).sequence;
}

std::int64_t Model::clock_ms(int partition) const {
  return partitions_.at(static_cast<std::size_t>(partition)).clock_ms;
}

}  // namespace pesan::audit
