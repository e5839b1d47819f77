// spdlog as pesan uses it: one logger on stderr, as text for people or as JSON lines for machines.
// Results and rows never pass through here; they go to stdout.
#pragma once

#include <string>
#include <string_view>

#include <CLI/App.hpp>
#include <spdlog/spdlog.h>

namespace pesan::cli {

struct LoggingOptions {
  std::string format = "text";  // text, json
  std::string level = "info";   // of the roles; apply and demo are quieter
};

void add_logging_options(CLI::App& command, LoggingOptions& options);
/// Once, before any thread starts.
void start_logging(const LoggingOptions& options);

/// Why the process ends, on stderr: `pesan: …`, or a line as the log's where that is JSON.
void say_failure(std::string_view what);

}  // namespace pesan::cli
