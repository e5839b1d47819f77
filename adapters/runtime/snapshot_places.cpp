#include "adapters/runtime/snapshot_places.hpp"

#include <limits>

#include <fmt/format.h>

#include "adapters/files/snapshot_folder.hpp"
#include "adapters/runtime/stores.hpp"

namespace pesan::cli {
namespace {

constexpr std::string_view file_scheme = "file:";
constexpr std::string_view with_the_rows = "store";
constexpr std::string_view nowhere = "none";

/// CLI11's form of an answer: what is wrong, or nothing.
std::string is_known(const std::string& place) {
  if (place == nowhere || place == with_the_rows ||
      (place.starts_with(file_scheme) && place.size() > file_scheme.size())) {
    return "";
  }
  return fmt::format("{} is no place for snapshots: use file:FOLDER, store or none", place);
}

std::string place_of(const SnapshotFlags& flags, const Places& places) {
  if (!flags.place.empty()) return flags.place;
  if (const auto log = sqlite_path(places.log)) {
    return fmt::format("{}{}.snapshots", file_scheme, *log);
  }
  return std::string(is_server(places.store) ? with_the_rows : nowhere);
}

}  // namespace

void add_snapshot_flags(CLI::App& command, SnapshotFlags& flags) {
  command
      .add_option("--snapshots", flags.place,
                  "Where snapshots of the engines' state are: file:FOLDER, store (the database of "
                  "a mysql:// store) or none; by default beside an embedded log, else in the "
                  "store")
      ->check(is_known);
  command
      .add_option("--snapshot-every", flags.every,
                  "Commands of a partition after which a snapshot is made; 0: never")
      ->check(CLI::Range(std::int64_t{0}, std::numeric_limits<std::int64_t>::max() / 2))
      ->capture_default_str();
}

std::unique_ptr<SnapshotStore> snapshots_in_a_folder(const SnapshotFlags& flags,
                                                     const Places& places, const OpenedLog& log) {
  const std::string place = place_of(flags, places);
  if (!place.starts_with(file_scheme)) return nullptr;
  return std::make_unique<SnapshotFolder>(place.substr(file_scheme.size()), log.info().log_id);
}

Fallible<SnapshotOptions> snapshot_options(const SnapshotFlags& flags, const Places& places,
                                           const OpenedLog& log) {
  const std::string place = place_of(flags, places);
  SnapshotOptions options;
  options.every = flags.every;
  Places own = places;
  own.on_kafka_statistics = nullptr;  // its clients rest most of the time, and would heap them up
  options.open_log = [own] { return open_log(own, /*read_only=*/true); };
  if (place.starts_with(file_scheme)) {
    options.store =
        std::make_shared<SnapshotFolder>(place.substr(file_scheme.size()), log.info().log_id);
  } else if (place == with_the_rows) {
    auto table = open_snapshots(places, log.info().log_id);
    if (!table) return std::unexpected(table.error());
    options.store = *std::move(table);
  }
  return options;
}

}  // namespace pesan::cli
