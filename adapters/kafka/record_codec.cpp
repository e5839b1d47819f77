#include "adapters/kafka/record_codec.hpp"

namespace pesan::kafka {
namespace {

/// A null value makes another header than an empty one does.
void add(rd_kafka_headers_t* headers, std::string_view name, const char* value, std::size_t size) {
  rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value,
                      static_cast<ssize_t>(size));
}

void decode_headers(const rd_kafka_message_t& message, Payload& into) {
  into.headers.clear();
  into.cloud_event = false;
  rd_kafka_headers_t* headers = nullptr;  // the message's own
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  const char* name = nullptr;
  const void* bytes = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(headers, i, &name, &bytes, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
       ++i) {
    const std::string_view value(bytes == nullptr ? "" : static_cast<const char*>(bytes), size);
    if (!into.cloud_event && name == content_type_header && value == cloud_event_type) {
      into.cloud_event = true;
    } else {
      into.headers.push_back({.name = name, .value = std::string(value), .null = bytes == nullptr});
    }
  }
}

}  // namespace

HeadersHandle headers_of(const Payload& payload) {
  const std::size_t count = payload.headers.size() + (payload.cloud_event ? 1 : 0);
  if (count == 0) return nullptr;
  HeadersHandle headers(rd_kafka_headers_new(count));
  if (payload.cloud_event) {
    add(headers.get(), content_type_header, cloud_event_type.data(), cloud_event_type.size());
  }
  for (const Header& header : payload.headers) {
    add(headers.get(), header.name, header.null ? nullptr : header.value.data(),
        header.value.size());
  }
  return headers;
}

void decode(const rd_kafka_message_t& message, Record& into) {
  into.offset = {message.offset};
  auto stamped_by = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  into.timestamp = {rd_kafka_message_timestamp(&message, &stamped_by)};
  into.unpackable = false;
  into.senders_time = stamped_by != RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME;
  Payload& payload = into.payload;
  if (message.key == nullptr) {
    payload.key.reset();
  } else {
    if (!payload.key) payload.key.emplace();
    payload.key->assign(static_cast<const char*>(message.key), message.key_len);
  }
  payload.null_value = message.payload == nullptr;
  if (payload.null_value) {
    payload.value.clear();
  } else {
    payload.value.assign(static_cast<const char*>(message.payload), message.len);
  }
  decode_headers(message, payload);
}

}  // namespace pesan::kafka
