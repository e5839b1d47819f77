#include "adapters/cli/role_flags.hpp"

#include <charconv>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "adapters/cli/place_options.hpp"
#include "events/ids.hpp"
#include "events/repeat_window.hpp"

namespace pesan::cli {
namespace {

using runtime::RoleKind;

std::optional<std::pair<Partition, Offset>> parse_parked(const std::string& text) {
  Partition partition;
  Offset offset;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, partition.value);
  const bool dash =
      first.ec == std::errc{} && first.ptr != end && *first.ptr == '-' && partition.value >= 0;
  const auto second = dash ? std::from_chars(first.ptr + 1, end, offset.value) : first;
  if (!dash || second.ec != std::errc{} || second.ptr != end || offset.value < 0) {
    return std::nullopt;
  }
  return std::pair{partition, offset};
}

}  // namespace

void add_role_flags(CLI::App& command, RoleFlags& flags, runtime::Places& places,
                    const std::set<RoleKind>& roles) {
  command
      .add_option("--instance", flags.settings.instance,
                  "On Kafka: the name of this process in its consumer groups. Started again under "
                  "it within 6 s it has its partitions back at once")
      ->type_name("NAME");
  if (roles.contains(RoleKind::registry)) {
    command.add_flag("--clear-phone", flags.clear_phone, "Log customers' phones as they are");
  }
  if (!roles.contains(RoleKind::engine)) return;
  command
      .add_option("--remember", flags.remember,
                  "Outcomes remembered per partition, so that a repeat gets the same one")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 31))
      ->capture_default_str();
  command.add_option("--batch", flags.batch, "Most commands of a partition in one transaction")
      ->check(CLI::Range(std::size_t{1}, RepeatWindow::length / 2))
      ->capture_default_str();
  command
      .add_option("--park", flags.parked,
                  "Set the command at PARTITION-OFFSET aside, on the record: it is answered "
                  "engine_failed and put among the dead letters; may be repeated")
      ->type_name("PARTITION-OFFSET")
      ->allow_extra_args(false);
  command
      .add_option("--timers", flags.timers,
                  "Whether the engine sends what is due: holds that have ended, and guests who did "
                  "not come")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  command
      .add_option(
          "--workers", flags.settings.workers,
          "On Kafka: threads that decide, each in one transaction for all of its partitions; "
          "0: as many as there are cores. Never more than there are partitions")
      ->check(CLI::Range(0, max_partitions))
      ->capture_default_str();
  add_snapshot_option(command, places);
  command
      .add_option("--snapshot-every", flags.settings.snapshot_every,
                  "Commands of a partition after which a snapshot is made; 0: never")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max() / 2))
      ->capture_default_str();
}

Fallible<runtime::RoleOptions> role_options(const RoleFlags& flags) {
  runtime::RoleOptions options;
  options.engine.remember = flags.remember;
  options.engine.batch = flags.batch;
  options.engine.timers = flags.timers == "on";
  options.clear_phone = flags.clear_phone;
  for (const std::string& text : flags.parked) {
    const auto parked = parse_parked(text);
    if (!parked) {
      return fail(FailureKind::usage,
                  fmt::format("--park {}: a command is named PARTITION-OFFSET, e.g. 0-4711", text));
    }
    options.engine.parked.push_back(*parked);
  }
  return options;
}

}  // namespace pesan::cli
