// Between a Kafka message and a Record: key, value and headers byte for byte, and the one header
// that nearly every record has, `content-type`, as a flag. Pure; any thread.
#pragma once

#include "adapters/kafka/handles.hpp"
#include "events/log.hpp"

namespace pesan::kafka {

inline constexpr std::string_view content_type_header = "content-type";
inline constexpr std::string_view cloud_event_type = "application/cloudevents+json; charset=UTF-8";

/// Null when there are none.
HeadersHandle headers_of(const Payload& payload);

/// Replaces all of `into`, whose strings keep their memory.
void decode(const rd_kafka_message_t& message, Record& into);

}  // namespace pesan::kafka
