// Arbitrary bytes as records of the log. Decoders take or refuse them, what they take is the same
// after it was written and read again, and the folds behind them (the engine's state, the read
// models) stop at what pesan cannot have written instead of doing anything undefined. A line of the
// input is a record.

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/command_processor.hpp"
#include "events/assert.hpp"
#include "events/event_codec.hpp"
#include "events/result_codec.hpp"
#include "projections/partition_fold.hpp"
#include "tests/fuzz/invariant.hpp"

namespace pesan {
namespace {

constexpr std::size_t most_records = 40;

void decode_event(std::string_view record) {
  static EventDecoder decoder;
  const auto event = decoder.decode(record);
  if (!event) return;
  std::string written;
  append_event(written, *event);
  static EventDecoder second;
  const auto again = second.decode(written);
  PESAN_PROMISE(again && *again == *event);
}

void decode_customer_event(std::string_view record) {
  static EventDecoder decoder;
  const auto event = decoder.decode_customer(record);
  if (!event) return;
  std::string written;
  append_customer_event(written, *event);
  static EventDecoder second;
  const auto again = second.decode_customer(written);
  PESAN_PROMISE(again && *again == *event);
}

void decode_result(std::string_view record) {
  static ResultDecoder decoder;
  const auto result = decoder.decode(record);
  if (!result) return;
  std::string written;
  append_result(written, *result);
  static ResultDecoder second;
  const auto again = second.decode(written);
  PESAN_PROMISE(again);
  std::string twice;
  append_result(twice, *again);
  PESAN_PROMISE(twice == written);
}

/// Ranges of a thousand years are folded as well, but not within a fuzzer's patience.
bool is_long(const LoggedEvent& event) {
  const auto* what = std::get_if<ResourceEvent>(&event.what);
  const auto* facet = what == nullptr ? nullptr : facet_of(what->event.body);
  const auto nights = [](const std::optional<Held>& held) {
    return held ? held->buckets.end.days - held->buckets.first.days : 0;
  };
  return facet != nullptr && std::max(nights(facet->held.from), nights(facet->held.to)) > 5'000;
}

/// As recovery reads a log: any failure or Bug stops it, and nothing else may happen.
void replay(const std::vector<std::string_view>& records) {
  CommandProcessor processor({.log_id = "5e7c1f0a",
                              .partition = {},
                              .partitions = 1,
                              .clock = Clock::command,
                              .now = {},
                              .sequence = {},
                              .next_command = {}},
                             1000);
  EventDecoder events;
  ResultDecoder results;
  try {
    for (const auto record : records) {
      if (const auto event = events.decode(record); event && !is_long(*event)) {
        if (std::holds_alternative<LogOpened>(event->what)) continue;  // read before
        if (!processor.replay(*event)) break;
      } else if (const auto result = results.decode(record)) {
        if (!processor.replay(*result)) break;
      }
    }
  } catch (const Bug&) {
    return;  // the log is none that pesan wrote
  }
}

/// As a projector reads a topic.
void fold(Topic topic, const std::vector<std::string_view>& records) {
  PartitionFold partition({topic, Partition{0}});
  partition.start(std::nullopt);
  RowChanges changes;
  EventDecoder decoder;
  Record record;
  try {
    for (const auto value : records) {
      if (const auto event = decoder.decode(value); event && is_long(*event)) return;
      record.payload.value = value;
      if (!partition.fold(record, {}, changes)) return;
      record.offset = record.offset.next();
    }
  } catch (const Bug&) {
    return;  // the log is none that pesan wrote
  }
}

}  // namespace
}  // namespace pesan

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = pesan::fuzz::text_of(data, size);
  const auto records = pesan::fuzz::lines_of(input, pesan::most_records);
  for (const auto record : records) {
    pesan::decode_event(record);
    pesan::decode_customer_event(record);
    pesan::decode_result(record);
  }
  pesan::replay(records);
  pesan::fold(pesan::Topic::events, records);
  pesan::fold(pesan::Topic::customers, records);
  return 0;
}
