// How fast a partition is ready for its next command: recovery of the log named on the command
// line, events and results, from a cold process.
#include <chrono>

#include <fmt/format.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "engine/recovery.hpp"

int main(int argc, char** argv) {
  using namespace pesan;
  if (argc != 2) {
    fmt::print(stderr, "usage: recovery_bench LOG.db\n");
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const auto log = SqliteLog::open({.path = argv[1], .read_only = true});
  if (!log) {
    fmt::print(stderr, "{}\n", log.error().what);
    return 3;
  }
  const auto processor = recover(**log, {.partition = {}}, std::nullopt);
  if (!processor) {
    fmt::print(stderr, "{}\n", processor.error().what);
    return 3;
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  const auto events = (*processor)->position().sequence.value;
  fmt::print("{{\"seconds\": {:.3f}, \"events\": {}, \"events_per_s\": {:.0f}}}\n", seconds.count(),
             events, static_cast<double>(events) / seconds.count());
}
