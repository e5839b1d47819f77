#include "adapters/cli/places.hpp"

#include <random>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "events/event_codec.hpp"

namespace pesan::cli {
namespace {

/// 64 random bits: two logs that meet must not be taken for one.
std::string new_log_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

std::vector<OutgoingRecord> opening_records(const LogInfo& info) {
  std::vector<OutgoingRecord> records;
  for (std::int32_t p = 0; p < info.partitions; ++p) {
    auto& record = records.emplace_back();
    record.to = {Topic::events, Partition{p}};
    append_event(record.payload.value, {.log_id = info.log_id,
                                        .sequence = Sequence{0},
                                        .time = Instant{},
                                        .what = LogOpened{.log_id = info.log_id,
                                                          .partition = p,
                                                          .partitions = info.partitions,
                                                          .partitioner = "murmur2",
                                                          .clock = info.clock,
                                                          .format = info.format}});
  }
  return records;
}

/// CLI11's form of an answer: what is wrong, or nothing.
std::string is_known(const std::string& url) {
  const auto path = sqlite_path(url);
  return path ? std::string() : path.error().what;
}

}  // namespace

void add_log_option(CLI::App& command, Places& places) {
  command.add_option("--log", places.log, "Where the log is: sqlite:PATH")
      ->check(is_known)
      ->capture_default_str();
}

void add_store_option(CLI::App& command, Places& places) {
  command.add_option("--store", places.store, "Where the read models are: sqlite:PATH")
      ->check(is_known)
      ->capture_default_str();
}

Fallible<std::string> sqlite_path(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme) || url.size() == scheme.size()) {
    return fail(FailureKind::fatal,
                fmt::format("{} is no place that this program knows: use sqlite:PATH", url));
  }
  return url.substr(scheme.size());
}

Fallible<void> create_log(const std::string& path, const NewLog& options) {
  const LogInfo info{.log_id = new_log_id(),
                     .partitions = options.partitions,
                     .clock = options.clock,
                     .format = 1};
  return SqliteLog::create({.path = path, .info = info}, opening_records(info));
}

Fallible<std::unique_ptr<SqliteLog>> open_log(const Places& places, bool read_only) {
  auto path = sqlite_path(places.log);
  if (!path) return std::unexpected(path.error());
  return SqliteLog::open({.path = *std::move(path), .read_only = read_only});
}

Fallible<std::unique_ptr<SqliteLog>> open_or_create_log(const Places& places,
                                                        const NewLog& options) {
  const auto path = sqlite_path(places.log);
  if (!path) return std::unexpected(path.error());
  const auto there = SqliteLog::exists(*path);
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    const auto created = create_log(*path, options);
    // Somebody else may have made it in between; then it is there, which is what was asked.
    if (!created && created.error().kind != FailureKind::conflict) {
      return std::unexpected(created.error());
    }
  }
  return open_log(places);
}

Fallible<std::unique_ptr<SqliteReadModel>> open_store(const Places& places,
                                                      ReadModelOptions::Access access) {
  auto path = sqlite_path(places.store);
  if (!path) return std::unexpected(path.error());
  return SqliteReadModel::open({.path = *std::move(path), .access = access});
}

}  // namespace pesan::cli
