#include "adapters/runtime/role_options.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/mysql/address.hpp"
#include "adapters/runtime/stores.hpp"
#include "events/digest.hpp"
#include "events/repeat_window.hpp"
#include "events/result_codec.hpp"

namespace pesan::cli {
namespace {

// Each is a connection, and a thread of the server at work.
constexpr std::int32_t most_projector_threads = 5;

/// The offset of the last command that has its result, if any has.
Fallible<std::optional<Offset>> last_decided(LogReader& log, Partition partition) {
  const auto last = last_record(log, {Topic::results, partition});
  if (!last) return std::unexpected(last.error());
  if (!*last) return std::nullopt;
  const auto result = ResultDecoder().decode((*last)->payload.value);
  if (!result) return fail(FailureKind::fatal, result.error().what);
  return result->command;
}

/// Projectors of one database are a group of their own: another database is another fold.
std::string projector_group(const std::string& store) {
  const auto address = mysql::parse_address(store);
  return address ? "projector." + address->name() : "projector";
}

/// Beside an embedded log, of each database that its rows are projected to: a name of its own, as
/// engines and registry have their locks beside the log itself.
std::string rows_lock(const Places& places, const std::string& log) {
  std::error_code ignored;  // then the path stays as it is
  const auto canonical = std::filesystem::weakly_canonical(log, ignored).string();
  return fmt::format("{}-{}", ignored ? log : canonical,
                     to_hex(digest_of(projector_group(places.store))));
}

std::unique_ptr<Claims> claims_of(Role role, const Places& places, const std::string& instance) {
  const auto file_of = [](const std::string& url) { return sqlite_path(url).value_or(""); };
  if (role == Role::projector && !is_server(places.store)) {
    return claim_by_lock(file_of(places.store));
  }
  if (is_embedded(places)) {
    const std::string log = file_of(places.log);
    return claim_by_lock(role == Role::projector ? rows_lock(places, log) : log);
  }
  kafka::Place place = kafka_place(places).value();  // the log was opened by it
  switch (role) {
    case Role::engine:
      return claim_by_group(std::move(place), {.group = "engine",
                                               .instance = instance,
                                               .topics = {Topic::commands},
                                               .commits_reached = false});
    case Role::registry:
      return claim_by_group(std::move(place), {.group = "registry",
                                               .instance = instance,
                                               .topics = {Topic::customers},
                                               .commits_reached = false});
    case Role::projector: break;
  }
  return claim_by_group(std::move(place), {.group = projector_group(places.store),
                                           .instance = instance,
                                           .topics = {Topic::events, Topic::customers},
                                           .commits_reached = true});
}

}  // namespace

void add_role_flags(CLI::App& command, RoleFlags& flags, RolesRun run) {
  command
      .add_option("--instance", flags.instance,
                  "On Kafka: the name of this process in its consumer groups. Started again under "
                  "it within 6 s it has its partitions back at once")
      ->type_name("NAME");
  if (run.registry) {
    command.add_flag("--clear-phone", flags.clear_phone, "Log customers' phones as they are");
  }
  if (!run.engine) return;
  command
      .add_option("--remember", flags.remember,
                  "Outcomes remembered per partition, so that a repeat gets the same one")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 31))
      ->capture_default_str();
  command.add_option("--batch", flags.batch, "Most commands in one transaction")
      ->check(CLI::Range(std::size_t{1}, RepeatWindow::length / 2))
      ->capture_default_str();
  command
      .add_option("--park", flags.parked,
                  "Set the command at PARTITION-OFFSET aside, on the record: it is answered "
                  "engine_failed and put among the dead letters; may be repeated")
      ->type_name("PARTITION-OFFSET")
      ->allow_extra_args(false);
  add_snapshot_flags(command, flags.snapshots);
}

Fallible<RoleOptions> role_options(const RoleFlags& flags) {
  RoleOptions options;
  options.remember = flags.remember;
  options.batch = flags.batch;
  options.clear_phone = flags.clear_phone;
  for (const std::string& text : flags.parked) {
    Partition partition;
    Offset offset;
    const char* end = text.data() + text.size();
    const auto first = std::from_chars(text.data(), end, partition.value);
    const bool dash =
        first.ec == std::errc{} && first.ptr != end && *first.ptr == '-' && partition.value >= 0;
    const auto second = dash ? std::from_chars(first.ptr + 1, end, offset.value) : first;
    if (!dash || second.ec != std::errc{} || second.ptr != end || offset.value < 0) {
      return fail(FailureKind::fatal,
                  fmt::format("--park {}: a command is named PARTITION-OFFSET, e.g. 0-4711", text));
    }
    options.parked.emplace_back(partition, offset);
  }
  return options;
}

Fallible<void> place_roles(RoleOptions& options, const RoleFlags& flags, const Places& places,
                           const OpenedLog& log) {
  options.watched = log.embedded();
  if (!is_embedded(places)) {
    options.engine_threads = log->partitions();
    if (is_server(places.store)) {
      // One more than there are partitions: customers are as many records again.
      options.projector_threads = std::min(log->partitions() + 1, most_projector_threads);
    }
  }
  options.claims = [places, instance = flags.instance](Role role) {
    return claims_of(role, places, instance);
  };
  auto snapshots = snapshot_options(flags.snapshots, places, log);
  if (!snapshots) return std::unexpected(snapshots.error());
  options.snapshots = *std::move(snapshots);
  options.snapshots.remember = options.remember;
  return {};
}

Fallible<void> check_parked(const RoleOptions& options, LogReader& log, bool runs_engine) {
  for (const auto& [partition, offset] : options.parked) {
    const std::string name = fmt::format("--park {}-{}", partition.value, offset.value);
    if (partition.value >= log.partitions()) {
      return fail(FailureKind::poison,
                  fmt::format("{}: the log has {} partition(s)", name, log.partitions()));
    }
    const auto range = log.range({Topic::commands, partition});
    if (!range) return std::unexpected(range.error());
    if (offset >= range->end) {
      return fail(FailureKind::poison,
                  fmt::format("{}: there is no such command yet; park the one that the engine "
                              "stopped on",
                              name));
    }
    const auto decided = last_decided(log, partition);
    if (!decided) return std::unexpected(decided.error());
    if (*decided && offset <= **decided) {
      spdlog::warn("{} has no effect: that command is decided", name);
    } else if (!runs_engine) {
      spdlog::warn("{} has no effect: the engine runs in another process", name);
    }
  }
  return {};
}

}  // namespace pesan::cli
