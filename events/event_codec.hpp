// Events to bytes and back (docs/wire.md#events). Writing appends to a string that the caller
// reuses; reading borrows from the decoder until its next call. An unknown type or field means that
// the log is newer than this program: that is an error of its own, and the reader must stop.
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "events/events.hpp"
#include "events/json_document.hpp"

namespace pesan {

void append_event(std::string& out, const LoggedEvent& event);
void append_customer_event(std::string& out, const LoggedCustomerEvent& event);

struct DecodeError {
  enum class Kind : std::uint8_t {
    newer_than_program,  // an event type or field that this program does not know
    damaged,             // not what pesan writes
  };
  Kind kind = Kind::damaged;
  std::string what;  // a sentence
};

class EventDecoder {
 public:
  std::expected<LoggedEvent, DecodeError> decode(std::string_view record);
  std::expected<LoggedCustomerEvent, DecodeError> decode_customer(std::string_view record);

 private:
  JsonDocument document_;
};

std::string_view type_name(const EventBody& body);
std::string_view type_name(const CustomerEventBody& body);

}  // namespace pesan
