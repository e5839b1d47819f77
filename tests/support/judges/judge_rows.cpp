// Tables against the auditor's rows: the same keys, and in every column that the auditor knows the
// same value. (What history says in `details` is for people; the auditor has no such column.)
#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "tests/support/judges/evidence.hpp"

namespace pesan::judges {
namespace {

namespace json = boost::json;
using OwnedRow = MemoryReadModel::OwnedRow;
using OwnedValue = MemoryReadModel::OwnedValue;
using AuditedRows = std::vector<json::object>;

json::value shown(const OwnedValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return json::value(json::string(*text));
  return nullptr;
}

OwnedValue owned(const json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (value.is_string()) return std::string(value.get_string());
  return std::monostate{};
}

std::string key_text(const OwnedRow& key) {
  std::string text;
  for (const OwnedValue& part : key) {
    if (!text.empty()) text += ", ";
    text += json::serialize(shown(part));
  }
  return text;
}

void judge_table(Table table, const AuditedRows& expected, const MemoryReadModel& model) {
  const TableDescription& description = describe(table);
  const auto& rows = model.rows(table);
  for (const json::object& row : expected) {
    OwnedRow key;
    for (std::size_t i = 0; i < description.key_columns; ++i) {
      key.push_back(owned(row.at(description.columns[i].name)));
    }
    const std::string where = fmt::format("table {}, {}", description.name, key_text(key));
    const auto found = rows.find(key);
    if (found == rows.end()) violated(where, "the row", json::serialize(row), "none");
    for (const auto& [column, value] : row) {
      const json::value there = shown(found->second.at(description.index_of(column)));
      if (there != value) {
        violated(where, std::string(column), json::serialize(value), json::serialize(there));
      }
    }
  }
  if (rows.size() == expected.size()) return;
  for (const auto& [key, row] : rows) {
    const bool known = std::ranges::any_of(expected, [&](const json::object& other) {
      for (std::size_t i = 0; i < description.key_columns; ++i) {
        if (owned(other.at(description.columns[i].name)) != key[i]) return false;
      }
      return true;
    });
    if (!known) {
      violated(fmt::format("table {}, {}", description.name, key_text(key)), "a row too many",
               "none", "one");
    }
  }
}

void judge_tables_of(Topic source, const std::map<std::string, AuditedRows>& expected,
                     const MemoryReadModel& model) {
  for (const Table table : all_tables) {
    if (describe(table).source != source) continue;
    const auto rows = expected.find(std::string(describe(table).name));
    judge_table(table, rows == expected.end() ? AuditedRows{} : rows->second, model);
  }
}

}  // namespace

void judge_rows(const Evidence& evidence, const audit::Model& decided) {
  judge_tables_of(Topic::events, decided.rows(), evidence.model);
}

void judge_prefix(const Evidence& evidence) {
  Replay replay(evidence);
  MemoryReadModel& model = const_cast<MemoryReadModel&>(evidence.model);  // only read
  for (std::int32_t p = 0; p < evidence.partitions; ++p) {
    const auto checkpoint = model.checkpoint({Topic::events, Partition{p}});
    if (!checkpoint || !*checkpoint) continue;
    const std::int64_t sequence = (*checkpoint)->sequence.value;
    for (const Record& command : evidence.commands[static_cast<std::size_t>(p)]) {
      replay.reach(p, command.offset);
      if (replay.model().sequence(p) >= sequence) break;
      replay.decide(p, command);
    }
  }
  judge_tables_of(Topic::events, replay.model().rows(), evidence.model);
}

void judge_customers(const Evidence& evidence, const audit::Model& decided) {
  using Created = audit::CustomerModel::Created;
  std::map<std::pair<std::int64_t, std::int64_t>, const Created*> unlinked;
  for (std::int32_t p = 0; p < evidence.partitions; ++p) {
    for (const Created& booking : decided.created(p)) unlinked[{p, booking.sequence}] = &booking;
  }
  audit::CustomerModel customers(0);
  const TopicPartition place{Topic::customers, Partition{0}};
  std::int64_t sequence = 0;
  for (const Record& record : evidence.log.records(place)) {
    const json::object event = parsed(record);
    const std::string where = place_name(place, record.offset);
    const std::string expected = fmt::format("{:020}", sequence++);
    if (text_in(event, "sequence") != expected) {
      violated(where, "sequence", expected, text_in(event, "sequence"));
    }
    if (text_in(event, "type") != "BookingLinked") continue;
    const json::object& link = event.at("data").get_object();
    const std::pair key{link.at("partition").get_int64(), link.at("sequence").get_int64()};
    const auto found = unlinked.find(key);
    if (found == unlinked.end()) {
      violated(where, "a booking that is linked", "a new one, once", json::serialize(link));
    }
    const Created& booking = *found->second;
    // Within a partition bookings are linked as they were made.
    const auto earlier = unlinked.lower_bound({key.first, 0});
    if (earlier->first != key) {
      violated(where, "the next booking of its partition", earlier->second->booking_id,
               booking.booking_id);
    }
    if (text_in(link, "booking_id") != booking.booking_id) {
      violated(where, "booking_id", booking.booking_id, text_in(link, "booking_id"));
    }
    const auto decision = customers.created(booking);
    if (text_in(link, "code") != decision.code) {
      violated(where, "code", decision.code, text_in(link, "code"));
    }
    unlinked.erase(found);
  }
  if (!unlinked.empty()) {
    violated("customers", "a booking without a link", "none", unlinked.begin()->second->booking_id);
  }
  judge_tables_of(Topic::customers, customers.rows(), evidence.model);
}

}  // namespace pesan::judges
