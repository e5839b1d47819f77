// Results: the one answer that every command record leaves (docs/wire.md#results), to bytes and
// back. A result also carries what the engine needs to recover its position, its clock and its
// memory of outcomes.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/digest.hpp"
#include "events/event_codec.hpp"
#include "events/ids.hpp"
#include "events/json_document.hpp"
#include "events/rejection.hpp"
#include "events/time.hpp"

namespace pesan {

struct Result {
  enum class Kind : std::uint8_t { accepted, rejected, forwarded };

  Kind kind = Kind::accepted;
  std::string_view log_id;
  Partition partition;
  Offset command;  // of the command's record in that partition
  Instant now;
  // The command, as far as it could be read.
  std::optional<std::string_view> source;
  std::optional<std::string_view> id;
  std::optional<std::string_view> type;
  std::optional<Digest> digest;  // of type and data; nullopt for refusals of stage read
  std::optional<std::string_view> traceparent;
  std::optional<std::string_view> resource;
  // The outcome.
  std::optional<std::string_view> booking_id;
  std::optional<Code> code;
  std::string_view details;      // a JSON object as text, or ""
  std::optional<Version> event;  // the one event's; nullopt when there is none
  Sequence sequence;             // the partition's last, after the command
  Version version;               // the resource's last, after the command; 0 without one
  bool duplicate = false;
};

template <>
struct EnumNames<Result::Kind> {
  static constexpr std::array<std::string_view, 3> names{"CommandAccepted", "CommandRejected",
                                                         "CommandForwarded"};
};

void append_result(std::string& out, const Result& result);
/// `{"field":"units"}`; nothing for no details.
void append_details(std::string& out, const std::vector<Detail>& details);

class ResultDecoder {
 public:
  /// Borrows from the decoder until the next call.
  std::expected<Result, DecodeError> decode(std::string_view record);

 private:
  JsonDocument document_;
  std::string details_;
};

}  // namespace pesan
