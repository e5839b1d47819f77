#include "adapters/cli/role_options.hpp"

#include <charconv>

#include <fmt/format.h>

namespace pesan::cli {

void add_role_flags(CLI::App& command, RoleFlags& flags) {
  command
      .add_option("--remember", flags.remember,
                  "Outcomes remembered per partition, so that a repeat gets the same one")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1} << 31))
      ->capture_default_str();
  command.add_option("--batch", flags.batch, "Most commands or events in one transaction")
      ->check(CLI::Range(std::size_t{1}, std::size_t{100'000}))
      ->capture_default_str();
  command
      .add_option("--park", flags.parked,
                  "Set the command at PARTITION-OFFSET aside, on the record: it is answered "
                  "engine_failed and put among the dead letters")
      ->type_name("PARTITION-OFFSET");
  command.add_flag("--clear-phone", flags.clear_phone, "Log customers' phones as they are");
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
    const bool dash = first.ec == std::errc{} && first.ptr != end && *first.ptr == '-';
    const auto second = dash ? std::from_chars(first.ptr + 1, end, offset.value) : first;
    if (!dash || second.ec != std::errc{} || second.ptr != end) {
      return fail(FailureKind::fatal,
                  fmt::format("--park {}: a command is named PARTITION-OFFSET, e.g. 0-4711", text));
    }
    options.parked.emplace_back(partition, offset);
  }
  return options;
}

}  // namespace pesan::cli
