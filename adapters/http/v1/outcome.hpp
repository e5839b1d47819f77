// What became of a command, as an answer (docs/http.md#writes). Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "adapters/http/v1/command.hpp"
#include "adapters/http/v1/problem.hpp"
#include "events/command_desk.hpp"

namespace pesan::http::v1 {

/// Where the outcome of the command at a position can be asked for.
std::string result_path(Partition partition, Offset command);

Response answer_of(const Sent& sent, const TicketOutcome& outcome);
/// A record of results, for who asks for it later.
Response answer_of_result(std::string_view record);
/// Of an array: an item each, with its own status.
Response answer_of_all(const std::vector<Response>& answers);
/// Nothing of what was sent is in the log, and why.
Problem not_taken(const Failure& failure);

}  // namespace pesan::http::v1
