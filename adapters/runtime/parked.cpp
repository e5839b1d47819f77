#include "adapters/runtime/parked.hpp"

#include <string>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "events/last_answered.hpp"

namespace pesan::runtime {

Fallible<void> check_parked(const Parked& parked, LogReader& log, bool runs_engine) {
  for (const auto& [partition, offset] : parked) {
    const std::string name = fmt::format("--park {}-{}", partition.value, offset.value);
    if (partition.value >= log.partitions()) {
      return fail(FailureKind::usage,
                  fmt::format("{}: the log has {} partition(s)", name, log.partitions()));
    }
    const auto range = log.range({Topic::commands, partition});
    if (!range) return std::unexpected(range.error());
    if (offset >= range->end) {
      return fail(FailureKind::usage,
                  fmt::format("{}: there is no such command yet; park the one that the engine "
                              "stopped on",
                              name));
    }
    const auto decided = last_answered(log, partition);
    if (!decided) return std::unexpected(decided.error());
    if (*decided && offset <= **decided) {
      spdlog::warn("{} has no effect: that command is decided", name);
    } else if (!runs_engine) {
      spdlog::warn("{} has no effect: the engine runs in another process", name);
    }
  }
  return {};
}

}  // namespace pesan::runtime
