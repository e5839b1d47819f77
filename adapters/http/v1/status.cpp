#include "adapters/http/v1/status.hpp"

#include <fmt/format.h>

#include "events/json_writer.hpp"

namespace pesan::http::v1 {
namespace {

void write(JsonWriter& json, const RowsStatus& rows) {
  json.begin_object();
  json.key("sequence");
  json.integer(rows.sequence.value);
  json.key("lag_events");
  json.integer(rows.lag_events);
  json.key("lag_seconds");
  json.raw(fmt::format("{:.3f}", rows.lag_seconds));
  json.end_object();
}

}  // namespace

std::string json_of(const HouseStatus& status) {
  std::string body;
  JsonWriter json(body);
  json.begin_object();
  json.key("version");
  json.text(status.version);
  json.key("log_id");
  json.text(status.log_id);
  json.key("clock");
  json.text(status.clock);
  json.key("partitions");
  json.begin_array();
  for (const PartitionStatus& one : status.partitions) {
    json.begin_object();
    json.key("partition");
    json.integer(one.partition.value);
    json.key("waiting_commands");
    json.integer(one.waiting_commands);
    json.key("waiting_seconds");
    json.raw(fmt::format("{:.3f}", one.waiting_seconds));
    json.key("rows");
    write(json, one.rows);
    json.end_object();
  }
  json.end_array();
  json.key("customers");
  write(json, status.customers);
  json.end_object();
  return body;
}

}  // namespace pesan::http::v1
