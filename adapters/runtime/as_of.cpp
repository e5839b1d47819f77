#include "adapters/runtime/as_of.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

#include "adapters/runtime/envelope.hpp"

namespace pesan::runtime {
namespace {

template <class Integer>
std::optional<Integer> parse_integer(std::string_view text) {
  Integer value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0) {
    return std::nullopt;
  }
  return value;
}

std::optional<AsOf::Position> parse_position(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto partition = parse_integer<std::int32_t>(text.substr(0, colon));
  const auto sequence = parse_integer<std::int64_t>(text.substr(colon + 1));
  if (!partition || !sequence) return std::nullopt;
  return AsOf::Position{*partition, *sequence};
}

/// Of the last record of a partition; -1 where there is none.
Fallible<std::int64_t> last_sequence(LogReader& log, TopicPartition source) {
  const auto last = last_record(log, source);
  if (!last) return std::unexpected(last.error());
  if (!*last) return -1;
  EnvelopeReader reader;
  return reader.read((*last)->payload.value).sequence.value_or(-1);
}

}  // namespace

Fallible<AsOf> parse_as_of(const std::vector<std::string>& values) {
  AsOf result;
  for (const std::string& value : values) {
    if (const auto position = parse_position(value)) {
      const auto same = [&](const auto& other) { return other.partition == position->partition; };
      if (std::ranges::any_of(result.positions, same)) {
        return fail(FailureKind::usage,
                    fmt::format("--as-of {}: partition {} has a position already", value,
                                position->partition));
      }
      result.positions.push_back(*position);
    } else if (const auto time = parse_instant(value); time && !result.time) {
      result.time = time;
    } else {
      return fail(FailureKind::usage,
                  fmt::format("--as-of {}: neither a time like 2026-12-01T08:00:00Z (once) nor "
                              "PARTITION:SEQUENCE like 0:57",
                              value));
    }
  }
  if (result.time && !result.positions.empty()) {
    return fail(FailureKind::usage, "--as-of: either a time or positions, not both");
  }
  return result;
}

Fallible<FoldEnds> fold_ends(LogReader& log, Topic topic, const AsOf& as_of) {
  FoldEnds ends(static_cast<std::size_t>(partitions_of(log, topic)));
  for (FoldEnd& end : ends) end.time = as_of.time;
  for (const AsOf::Position& position : as_of.positions) {
    const auto index = static_cast<std::size_t>(position.partition);
    if (index >= ends.size()) {
      return fail(FailureKind::usage,
                  fmt::format("--as-of {}:{}: {} has {} partition(s), from 0 on",
                              position.partition, position.sequence, name_of(topic), ends.size()));
    }
    const auto last = last_sequence(log, {topic, Partition{position.partition}});
    if (!last) return std::unexpected(last.error());
    if (position.sequence > *last) {
      return fail(FailureKind::usage,
                  fmt::format("--as-of {}:{}: the last sequence of that partition of {} is {}",
                              position.partition, position.sequence, name_of(topic), *last));
    }
    ends[index].sequence = Sequence{position.sequence};
  }
  return ends;
}

}  // namespace pesan::runtime
