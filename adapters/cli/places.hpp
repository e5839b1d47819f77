// Where the log and the read models are: `--log` and `--store` as URLs, and opening what they name.
// Today that is `sqlite:PATH` for both; other schemes are refused with a sentence.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <CLI/App.hpp>

#include "adapters/sqlite/sqlite_log.hpp"
#include "adapters/sqlite/sqlite_read_model.hpp"
#include "events/vocabulary.hpp"

namespace pesan::cli {

struct Places {
  std::string log = "sqlite:pesan-data/log.db";
  std::string store = "sqlite:pesan-data/read.db";
};

void add_log_option(CLI::App& command, Places& places);
void add_store_option(CLI::App& command, Places& places);

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
/// By default a store to write to, whose tables are made where there are none.
Fallible<std::unique_ptr<SqliteReadModel>> open_store(
    const Places& places, ReadModelOptions::Access access = ReadModelOptions::Access::create);

}  // namespace pesan::cli
