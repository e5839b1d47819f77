// What CLI11 does not do with a command line: names of environment variables, values with a newline
// behind them, and what may have been meant. One thread, before any other starts.
#pragma once

#include <string>
#include <vector>

#include <CLI/App.hpp>

namespace pesan::cli {

/// --log-format is PESAN_LOG_FORMAT, of every option of every subcommand.
void name_environment(CLI::App& app);
/// A variable made from a file often has the file's last newline in it, and with that it would be
/// another path or name. Answers the variables that had one.
std::vector<std::string> drop_last_newlines(const CLI::App& app);
/// Says what was typed that nobody reads, and what may have been meant: CLI11 names it at most.
void suggest(const CLI::App& app);

}  // namespace pesan::cli
