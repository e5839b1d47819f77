// Secrets from files and from the environment, so that none stands on a command line. Any thread.
#pragma once

#include <string>

#include "events/failure.hpp"

namespace pesan::runtime {

/// What a file holds, without its last newline.
Fallible<std::string> secret_in(const std::string& path);
/// From the file, else from the environment variable, else empty; without its last newline.
Fallible<std::string> secret_in_or(const std::string& path, const char* variable);

}  // namespace pesan::runtime
