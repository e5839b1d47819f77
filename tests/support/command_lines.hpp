// Commands as clients write them, short: the rooms and bookings that tests ask for. Any thread.
#pragma once

#include <string>
#include <string_view>

#include <fmt/format.h>

#include "events/log.hpp"
#include "events/partitioner.hpp"

namespace pesan {

/// `fields` of data beside resource and actor.
inline std::string command_line(std::string_view resource, std::string_view id,
                                std::string_view type, std::string_view fields) {
  return fmt::format(
      R"({{"specversion":"1.0","id":"{}","source":"/t","type":"{}","data":{{"resource":"{}",)"
      R"("actor":{{"type":"admin","id":"a"}},{}}}}})",
      id, type, resource, fields);
}
inline std::string room_line(std::string_view resource, std::string_view id) {
  return command_line(resource, id, "DefineRoom", R"("name":"V","units":9,"inventory":"counter")");
}
inline std::string booking_line(std::string_view resource, std::string_view id) {
  return command_line(resource, id, "CreateBooking",
                      fmt::format(R"("customer":{{"name":"Guest {}"}})", id));
}
/// As the record of a command of that resource.
inline Payload record_of(std::string_view resource, std::string line) {
  return {.key = std::string(resource), .value = std::move(line), .headers = {}};
}
/// A resource that lives there.
inline std::string resource_in(Partition partition, std::int32_t partitions) {
  std::string name = "villa";
  while (partition_of(name, partitions) != partition) name += "x";
  return name;
}

}  // namespace pesan
