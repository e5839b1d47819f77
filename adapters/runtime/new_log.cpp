#include "adapters/runtime/new_log.hpp"

#include <algorithm>
#include <random>
#include <string>

#include <fmt/format.h>

#include "adapters/runtime/display_text.hpp"
#include "events/ascii.hpp"
#include "events/rejection.hpp"

namespace pesan::runtime {
namespace {

constexpr std::int64_t log_format = 1;

/// 64 random bits: two logs that meet must not be taken for one.
std::string new_log_id() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}", random(), random());
}

}  // namespace

LogInfo new_log_info(const NewLog& options) {
  return {.log_id = new_log_id(),
          .partitions = options.partitions,
          .clock = options.clock,
          .format = log_format};
}

std::vector<OutgoingRecord> opening_records(const LogInfo& info, std::string_view calling_code) {
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
                                                          .calling_code = calling_code,
                                                          .format = info.format}});
  }
  return records;
}

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

}  // namespace pesan::runtime
