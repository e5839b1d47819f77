// The published JSON Schemas (draft 2020-12): one for every type of record that pesan reads or
// writes. They are made by visitors of command_fields.hpp and event_fields.hpp, the descriptions
// that the codecs visit too, so that a schema cannot say other than what is read and written. Pure;
// the copies in docs/schemas are held equal by a test.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pesan {

enum class SchemaKind : std::uint8_t { command, event, customer_event, result };

/// `name` is the CloudEvents type of the records described, e.g. "CreateBooking".
struct SchemaName {
  SchemaKind kind = SchemaKind::command;
  std::string_view name;
};

/// All of them: commands, events, events of the customers topic, results.
std::vector<SchemaName> schema_names();
/// nullopt when there is no schema of that name.
std::optional<SchemaName> find_schema(std::string_view name);

/// The schema of the whole record, as a text file; `name` is one of `schema_names`.
std::string schema_of(const SchemaName& name);
/// The topics with all of these, as AsyncAPI 3.0 has it; `version` of the program.
std::string asyncapi(std::string_view version);

}  // namespace pesan
