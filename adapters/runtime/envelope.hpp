// The envelope of an event record, read for looking at it and not for folding: whatever is there is
// shown, also of events that this program does not know. Texts live until the next `read`. One
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/json_document.hpp"
#include "events/time.hpp"

namespace pesan::runtime {

struct EventEnvelope {
  std::optional<std::int64_t> sequence;
  std::optional<std::string_view> id;
  std::optional<std::string_view> type;
  std::optional<std::string_view> time;
  std::optional<Instant> instant;  // `time`, where it can be read
  std::optional<std::string_view> resource;
  std::optional<std::int64_t> version;
  std::optional<std::string_view> subject;
  std::optional<std::string_view> booking_id;  // of data
  std::optional<std::string_view> causationid;
  std::optional<std::string_view> causationsource;
  std::optional<std::string_view> data;  // as JSON text
};

class EnvelopeReader {
 public:
  /// Of a record that is no JSON object nothing is there.
  EventEnvelope read(std::string_view record);

 private:
  JsonDocument document_;
  std::string data_;
};

}  // namespace pesan::runtime
