// The outcome of a command, found in the log by the command's place: results stand in the order of
// their commands, so it is looked for by halves, and nothing has to be remembered. As the log: any
// thread; it waits for the log.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/log.hpp"

namespace pesan::http::v1 {

struct CommandPlace {
  Partition partition;
  Offset offset;
};
/// `PARTITION-OFFSET`.
std::optional<CommandPlace> parse_command_place(std::string_view text);

struct ResultFound {
  enum class Kind : std::uint8_t {
    decided,    // `record` is its result
    undecided,  // it may be decided later
    nowhere,    // there is no such command
  };
  Kind kind = Kind::nowhere;
  std::string record{};
};
Fallible<ResultFound> find_result(LogReader& log, CommandPlace command);

}  // namespace pesan::http::v1
