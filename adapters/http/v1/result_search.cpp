#include "adapters/http/v1/result_search.hpp"

#include <utility>
#include <vector>

#include "adapters/http/v1/parsing.hpp"
#include "events/result_codec.hpp"

namespace pesan::http::v1 {
namespace {

/// The first record from an offset on that is a result of this log; nothing before the end.
struct Probe {
  Record record;
  Offset command;
};
Fallible<std::optional<Probe>> probe(LogReader& log, TopicPartition source, Offset from,
                                     Offset end) {
  ResultDecoder decoder;
  std::vector<Record> records;
  while (from < end) {
    if (auto read = log.read(source, from, {.records = 1}, records); !read) {
      return std::unexpected(read.error());
    }
    if (records.empty() || records.front().offset >= end) break;
    if (const auto result = decoder.decode(records.front().payload.value)) {
      return Probe{.record = std::move(records.front()), .command = result->command};
    }
    from = records.front().offset.next();  // what is foreign is passed over
  }
  return std::nullopt;
}

}  // namespace

std::optional<CommandPlace> parse_command_place(std::string_view text) {
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto partition = number_in<std::int32_t>(text.substr(0, dash));
  const auto offset = number_in<std::int64_t>(text.substr(dash + 1));
  if (!partition || !offset) return std::nullopt;
  return CommandPlace{.partition = {*partition}, .offset = {*offset}};
}

Fallible<ResultFound> find_result(LogReader& log, CommandPlace command) {
  using Kind = ResultFound::Kind;
  if (command.partition.value >= log.partitions()) return ResultFound{};
  const TopicPartition source{Topic::results, command.partition};
  // Before the results: what is decided meanwhile is found or is undecided, and never nowhere. An
  // open transaction hides what stands behind its begin.
  const auto commands = log.written_end({Topic::commands, command.partition});
  if (!commands) return std::unexpected(commands.error());
  const auto range = log.range(source);
  if (!range) return std::unexpected(range.error());
  Offset low = range->begin;
  Offset high = range->end;
  bool passed = false;  // a later command is decided
  while (low < high) {
    const Offset middle{low.value + (high.value - low.value) / 2};
    auto found = probe(log, source, middle, high);
    if (!found) return std::unexpected(found.error());
    if (!*found) {
      high = middle;
    } else if ((*found)->command == command.offset) {
      return ResultFound{.kind = Kind::decided,
                         .record = std::move((*found)->record.payload.value)};
    } else if ((*found)->command < command.offset) {
      low = (*found)->record.offset.next();
    } else {
      high = middle;
      passed = true;
    }
  }
  const bool may_come = !passed && command.offset < *commands;
  return ResultFound{.kind = may_come ? Kind::undecided : Kind::nowhere};
}

}  // namespace pesan::http::v1
