// From the bytes of a command record to a valid Command, in the two stages that need no state:
// *read* (is it a CloudEvent that pesan knows?) and *validate alone* (does every field keep its
// rule?). Results borrow from the reader until its next `read`. One reader belongs to one thread.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "events/commands.hpp"
#include "events/digest.hpp"
#include "events/json_document.hpp"
#include "events/rejection.hpp"

namespace pesan {

inline constexpr std::size_t largest_command = std::size_t{1} << 20;  // bytes
inline constexpr std::size_t command_type_count = std::variant_size_v<CommandBody>;

/// What could be read of a record, also of one that is refused.
struct Envelope {
  std::optional<std::string_view> source;
  std::optional<std::string_view> id;
  std::optional<std::string_view> type;
  std::optional<std::string_view> time;  // as written
  std::optional<std::string_view> traceparent;
  std::optional<std::string_view> resource;  // data.resource as it stands, if it is a string
  std::optional<std::size_t> type_index;     // of the command in CommandBody, if it is known
  std::optional<Rejection> refusal;          // of stage read
};

class CommandReader {
 public:
  /// Stage read. The refusal, if any, is `malformed` or `unknown_type`.
  const Envelope& read(std::string_view record);

  /// Digest of type and data, for the record that was read without refusal: equal for equal JSON
  /// values whatever the order of keys; 1 and 1.0 differ. Pinned: remembered outcomes depend on it.
  Digest payload_digest();

  /// Stage validate alone, for the record that was read without refusal.
  std::expected<Command, Rejection> validate();

 private:
  std::optional<Rejection> read_envelope(std::string_view record);

  JsonDocument document_;
  const boost::json::object* data_ = nullptr;
  Envelope envelope_;
  std::string scratch_;
};

/// The idempotency key (docs/wire.md#repeats).
Digest key_digest(std::string_view resource, std::string_view source, std::string_view id);

/// The CloudEvent of a command, as a client would write it.
struct CommandToWrite {
  std::string_view id;
  std::string_view source;
  std::optional<Instant> time;
  Command command;
};
void append_command(std::string& out, const CommandToWrite& command);

/// Whether outcomes of that type enter the memory of outcomes. RunTimer is decided anew each time:
/// what is due follows from the log alone.
bool is_remembered(std::string_view type);

std::string_view type_name(const CommandBody& body);
/// By its place in CommandBody, below `command_type_count`.
std::string_view type_name(std::size_t type_index);

}  // namespace pesan
