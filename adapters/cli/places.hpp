// Where the log is: `--log` as a URL, and opening what it names. Today that is `sqlite:PATH`; other
// schemes are refused with a sentence. Read models are the affair of stores.hpp.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "adapters/sqlite/sqlite_log.hpp"
#include "events/vocabulary.hpp"

namespace pesan::cli {

struct Places {
  std::string log = "sqlite:pesan-data/log.db";
  std::string store = "sqlite:pesan-data/read.db";
  std::string store_password_file{};
};

void add_log_option(CLI::App& command, Places& places);

/// The file of a `sqlite:` URL.
Fallible<std::string> sqlite_path(const std::string& url);

/// How to make a log that is not there yet.
struct NewLog {
  std::int32_t partitions = 1;
  Clock clock = Clock::append;
};

/// A new log with all its LogOpened events, in one transaction; `conflict` where there is one.
Fallible<void> create_log(const std::string& path, const NewLog& options);

Fallible<std::unique_ptr<SqliteLog>> open_log(const Places& places, bool read_only = false);
/// Makes it first where there is none.
Fallible<std::unique_ptr<SqliteLog>> open_or_create_log(const Places& places,
                                                        const NewLog& options);

}  // namespace pesan::cli
