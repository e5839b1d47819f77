// What an exception says to an operator. Those of the standard library name no cause that a person
// could remove, and what ends a process or a partition must. Any thread.
#pragma once

#include <exception>
#include <string>

namespace pesan::runtime {

/// Of exhausted memory or threads, what to do; of anything else, its own words.
std::string sentence_of(const std::exception& thrown);

}  // namespace pesan::runtime
