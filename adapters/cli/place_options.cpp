#include "adapters/cli/place_options.hpp"

#include <string>

#include <fmt/format.h>

#include "adapters/runtime/secrets.hpp"

namespace pesan::cli {
namespace {

/// CLI11's form of an answer: what is wrong, or nothing.
template <Fallible<void> check(const std::string&)>
std::string what_is_wrong(const std::string& place) {
  const auto good = check(place);
  return good ? std::string() : good.error().what;
}

/// `name=@FILE` becomes `name=` and what the file holds, without its last newline.
std::string fill_in(std::string& property) {
  const auto value = property.find("=@");
  if (value == std::string::npos || property.find('=') != value) return {};
  const std::string name = property.substr(0, value + 1);
  std::string from = property.substr(value + 2);
  if (!from.starts_with('@')) {
    auto text = runtime::secret_in(from);
    if (!text) return text.error().what;
    from = *std::move(text);
  }
  property = name + from;
  return {};
}

}  // namespace

void add_log_option(CLI::App& command, runtime::Places& places) {
  command
      .add_option("--log", places.log,
                  "Where the log is: sqlite:PATH or kafka://HOST:PORT[,HOST:PORT][?prefix=NAME]")
      ->check(what_is_wrong<runtime::check_log_url>)
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

void add_store_option(CLI::App& command, runtime::Places& places) {
  command
      .add_option("--store", places.store,
                  "Where the read models are: sqlite:PATH or mysql://user@host:port/database")
      ->check(what_is_wrong<runtime::check_store_url>)
      ->capture_default_str();
  command.add_option("--store-password-file", places.store_password_file,
                     "The file with the password of a mysql:// store (or set "
                     "PESAN_STORE_PASSWORD; never on the command line)");
}

void add_snapshot_option(CLI::App& command, runtime::Places& places) {
  command
      .add_option("--snapshots", places.snapshots,
                  "Where snapshots of the engines' state are: file:FOLDER, store (the database of "
                  "a mysql:// store) or none; by default beside an embedded log, else in the "
                  "store")
      ->check(what_is_wrong<runtime::check_snapshot_place>);
}

void add_partitions_option(CLI::App& command, std::optional<std::int32_t>& partitions) {
  command
      .add_option("--partitions", partitions,
                  fmt::format("Partitions of a new log [{}]; one that is there must have as many",
                              runtime::embedded_partitions))
      ->check(CLI::Range(1, max_partitions));
}

Fallible<void> check_partitions(std::int32_t of_the_log, std::optional<std::int32_t> asked) {
  if (!asked || *asked == of_the_log) return {};
  return fail(FailureKind::usage,
              fmt::format("--partitions {}: this log has {}, and the number is fixed when a log is "
                          "made. Leave the option out, or name another log",
                          *asked, of_the_log));
}

}  // namespace pesan::cli
