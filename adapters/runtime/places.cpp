#include "adapters/runtime/places.hpp"

#include <cerrno>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>  // once in this library: it is where CLI11 has its bodies
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/kafka/kafka_log.hpp"
#include "adapters/runtime/display_text.hpp"
#include "engine/own_records.hpp"
#include "engine/recovery.hpp"
#include "events/ascii.hpp"
#include "events/event_codec.hpp"
#include "events/rejection.hpp"

namespace pesan::cli {
namespace {

constexpr std::int64_t log_format = 1;

/// 64 random bits: two logs that meet must not be taken for one.
std::string new_log_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

/// A log's id comes from the log, which others may have written, and becomes a part of a path.
Fallible<void> check_log_id(std::string_view log_id) {
  const bool good =
      !log_id.empty() && log_id.size() <= 64 && std::ranges::all_of(log_id, [](char c) {
        return is_letter(c) || is_digit(c) || c == '-' || c == '_';
      });
  if (good) return {};
  return fail(
      FailureKind::fatal,
      fmt::format("the log calls itself `{}`, and a log's id has 1 to 64 letters, digits, - "
                  "and _: pesan did not make it",
                  displayable(cut_detail(log_id))));
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

std::unique_ptr<Log> own_records(std::unique_ptr<Log> log, const std::string& log_id,
                                 const Places& places) {
  return std::make_unique<OwnRecords>(std::move(log), log_id, places.on_foreign_record);
}

Fallible<OpenedLog> open_kafka(const Places& places) {
  const auto place = kafka_place(places);
  if (!place) return std::unexpected(place.error());
  auto log = KafkaLog::open(*place);
  if (!log) return std::unexpected(log.error());
  auto info = read_log_info(**log, Partition{0});
  if (!info) return std::unexpected(info.error());
  if (auto good = check_log_id(info->log_id); !good) return std::unexpected(good.error());
  if (auto whole = (*log)->settle(info->partitions); !whole) {
    return std::unexpected(whole.error());
  }
  const std::string log_id = info->log_id;
  KafkaLog* const kafka = log->get();
  return OpenedLog(own_records(*std::move(log), log_id, places), kafka, *std::move(info));
}

Fallible<OpenedLog> open_sqlite(const Places& places, bool read_only, bool no_trace = false) {
  auto path = sqlite_path(places.log);
  if (!path) return std::unexpected(path.error());
  auto log =
      SqliteLog::open({.path = *std::move(path), .read_only = read_only, .no_trace = no_trace});
  if (!log) return std::unexpected(log.error());
  if (auto good = check_log_id((*log)->info().log_id); !good) return std::unexpected(good.error());
  SqliteLog* const embedded = log->get();
  return OpenedLog(own_records(*std::move(log), embedded->info().log_id, places), embedded);
}

bool is_kafka(const std::string& url) { return url.starts_with(kafka::url_scheme); }

/// `name=@FILE` becomes `name=` and what the file holds, without its last newline. In CLI11's form:
/// what is wrong, or nothing.
std::string fill_in(std::string& property) {
  const auto value = property.find("=@");
  if (value == std::string::npos || property.find('=') != value) return {};
  const std::string name = property.substr(0, value + 1);
  std::string from = property.substr(value + 2);
  if (!from.starts_with('@')) {
    auto text = secret_in(from);
    if (!text) return text.error().what;
    from = *std::move(text);
  }
  property = name + from;
  return {};
}

/// CLI11's form of an answer: what is wrong, or nothing.
std::string is_known(const std::string& url) {
  const auto what = [](const auto& place) { return place ? std::string() : place.error().what; };
  return is_kafka(url) ? what(kafka::parse_place(url, {})) : what(sqlite_path(url));
}

}  // namespace

void say_foreign_record(TopicPartition place, Offset offset) {
  spdlog::warn(
      "{} {}-{} is a foreign record: it does not name this log as its source, and is "
      "passed over",
      name_of(place.topic), place.partition.value, offset.value);
}

void add_log_option(CLI::App& command, Places& places) {
  command
      .add_option("--log", places.log,
                  "Where the log is: sqlite:PATH or kafka://HOST:PORT[,HOST:PORT][?prefix=NAME]")
      ->check(is_known)
      ->capture_default_str();
  command
      .add_option("--kafka-property", places.kafka_properties,
                  "Any property of librdkafka, e.g. security.protocol=SSL; may be repeated. "
                  "NAME=@FILE takes the value from a file, so that no secret stands in the list of "
                  "processes; NAME=@@VALUE is @VALUE")
      ->transform(CLI::Validator(fill_in, ""))
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
}

Places without_fetching_ahead(const Places& places) {
  Places own = places;
  own.on_kafka_statistics = nullptr;
  own.on_foreign_record = [](TopicPartition, Offset) {};
  for (const char* small : {"queued.min.messages=1", "queued.max.messages.kbytes=256",
                            "fetch.message.max.bytes=65536"}) {
    own.kafka_properties.emplace_back(small);
  }
  return own;
}

Fallible<std::string> secret_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    return fail(FailureKind::fatal,
                fmt::format("cannot read {}: {}", path, std::generic_category().message(errno)));
  }
  return without_last_newline(std::move(text));
}

std::string without_last_newline(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

Fallible<kafka::Place> kafka_place(const Places& places) {
  auto place = kafka::parse_place(places.log, places.kafka_properties);
  if (place) place->on_statistics = places.on_kafka_statistics;
  return place;
}

void add_partitions_option(CLI::App& command, std::optional<std::int32_t>& partitions) {
  command
      .add_option("--partitions", partitions,
                  fmt::format("Partitions of a new log [{}]; one that is there must have as many",
                              embedded_partitions))
      ->check(CLI::Range(1, 1024));
}

Fallible<void> check_partitions(std::int32_t of_the_log, std::optional<std::int32_t> asked) {
  if (!asked || *asked == of_the_log) return {};
  return fail(FailureKind::poison,
              fmt::format("--partitions {}: this log has {}, and the number is fixed when a log is "
                          "made. Leave the option out, or name another log",
                          *asked, of_the_log));
}

bool is_embedded(const Places& places) { return !is_kafka(places.log); }

Fallible<void> check_log_url(const Places& places) {
  if (is_embedded(places)) {
    const auto path = sqlite_path(places.log);
    return path ? Fallible<void>{} : std::unexpected(path.error());
  }
  const auto place = kafka_place(places);
  return place ? Fallible<void>{} : std::unexpected(place.error());
}

Fallible<std::string> sqlite_path(const std::string& url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme) || url.size() == scheme.size()) {
    return fail(FailureKind::fatal,
                fmt::format("{} is no place that this program knows: use sqlite:PATH", url));
  }
  return url.substr(scheme.size());
}

Fallible<void> create_log(const Places& places, const NewLog& options) {
  const LogInfo info{.log_id = new_log_id(),
                     .partitions = options.partitions,
                     .clock = options.clock,
                     .format = log_format};
  if (is_embedded(places)) {
    auto path = sqlite_path(places.log);
    if (!path) return std::unexpected(path.error());
    return SqliteLog::create({.path = *std::move(path), .info = info}, opening_records(info));
  }
  const auto place = kafka_place(places);
  if (!place) return std::unexpected(place.error());
  return KafkaLog::create(*place, info.partitions, opening_records(info));
}

Fallible<std::vector<std::string>> mend_log(const Places& places) {
  if (is_embedded(places)) return {};
  const auto place = kafka_place(places);
  if (!place) return std::unexpected(place.error());
  return KafkaLog::mend(*place);
}

Fallible<OpenedLog> open_log(const Places& places, bool read_only) {
  return is_embedded(places) ? open_sqlite(places, read_only) : open_kafka(places);
}

Fallible<OpenedLog> open_log_without_trace(const Places& places) {
  if (!is_embedded(places)) return open_kafka(places);
  return open_sqlite(places, /*read_only=*/true, /*no_trace=*/true);
}

Fallible<OpenedLog> open_or_create_log(const Places& places, const NewLog& options) {
  if (!is_embedded(places)) return open_kafka(places);
  const auto path = sqlite_path(places.log);
  if (!path) return std::unexpected(path.error());
  const auto there = SqliteLog::exists(*path);
  if (!there) return std::unexpected(there.error());
  if (!*there) {
    const auto created = create_log(places, options);
    // Somebody else may have made it in between; then it is there, which is what was asked.
    if (!created && created.error().kind != FailureKind::conflict) {
      return std::unexpected(created.error());
    }
  }
  return open_log(places);
}

Fallible<std::optional<RolesRight>> take_roles_right(const Places& places) {
  if (!is_embedded(places)) return RolesRight{};
  const auto path = sqlite_path(places.log);
  if (!path) return std::unexpected(path.error());
  auto lock = sqlite::ServerLock::try_acquire(*path);
  if (!lock) return std::unexpected(lock.error());
  if (!*lock) return std::nullopt;
  return RolesRight{.lock = *std::move(lock)};
}

}  // namespace pesan::cli
