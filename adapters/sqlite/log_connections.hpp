// All connections of one SqliteLog: a pool that reads, one that watches, one that writes, and how
// they are opened so that a file which is no log of ours is refused before anything touches it.
// Each member says which thread may use it.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "adapters/sqlite/change_watch.hpp"
#include "adapters/sqlite/fair_mutex.hpp"
#include "adapters/sqlite/log_reading.hpp"
#include "adapters/sqlite/log_writing.hpp"

namespace pesan::sqlite {

struct LogConnections {
  explicit LogConnections(OpenOptions reading_options) : reading(std::move(reading_options)) {}

  LogInfo info;
  // The one that writes closes last: only it can empty the WAL, and so leave one whole file.
  FairMutex writing_turn;               // guards `writing`
  std::unique_ptr<LogWriting> writing;  // null when opened for reading only
  ReadingPool reading;                  // any thread
  std::unique_ptr<ChangeWatch> watch;   // any thread
  /// Nothing can be made, or is to be made, beside the file, and nobody writes: SQLite was told
  /// that it cannot change.
  bool immutable = false;
};

struct LogAccess {
  std::string path;
  bool read_only = false;
  bool no_trace = false;  // where the file is at rest, nothing is made beside it to read it
  std::chrono::milliseconds busy_timeout{5000};
};
Fallible<std::unique_ptr<LogConnections>> open_log(const LogAccess& access);
/// False: nothing there, or an empty file. A file that is something else is a failure.
Fallible<bool> log_exists(const std::string& path);

}  // namespace pesan::sqlite
