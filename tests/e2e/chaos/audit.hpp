// The judgement on a chaos run, by the very judges of the simulation: what lies in the topics and
// in the tables must be what the independent auditor gives for the commands in the order of the
// log. And what only the clients know: nothing that was acknowledged is missing. One thread; nobody
// may write meanwhile.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/e2e/chaos/topics.hpp"

namespace pesan::chaos {

using Acknowledged = std::map<std::pair<std::int32_t, std::int64_t>, std::string>;

/// Sentences: what differs, the first thing of each judge. `store` is mysql://user@host:port/name.
std::vector<std::string> audit(const Topics& topics, const std::string& store,
                               const Acknowledged& acknowledged);

/// What is left to do: commands without a result, bookings without a customer, events that the
/// tables do not show. Empty when the log has come to rest.
std::vector<std::string> unsettled(const Topics& topics, const std::string& store);

/// How many results of each word: `accepted`, `nothing`, codes, `duplicate …`.
std::map<std::string, int> outcomes(const Topics& topics);

}  // namespace pesan::chaos
