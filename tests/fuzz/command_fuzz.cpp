// Arbitrary bytes as commands. The reader takes or refuses them, and what it takes can be written
// and read again; the engine answers every record with exactly one result, answers it the same way
// when it comes again, and knows after a recovery what it knew before. A line of the input is a
// record.

#include <string>
#include <string_view>
#include <vector>

#include "engine/command_processor.hpp"
#include "events/command_reader.hpp"
#include "events/partitioner.hpp"
#include "tests/fuzz/invariant.hpp"

namespace pesan {
namespace {

constexpr std::size_t most_records = 12;
constexpr Instant today{1'795'000'000'000};  // 2026-11-18

// The world that the commands come into: one resource of each inventory, small enough to fill up.
constexpr std::string_view world[] = {
    R"({"specversion":"1.0","id":"w1","source":"/w","type":"DefineRoom",)"
    R"("time":"2026-11-18T00:00:00Z",)"
    R"("data":{"resource":"c","actor":{"type":"admin","id":"a"},"name":"C","units":2,)"
    R"("inventory":"counter","nightly_price_minor":100,"max_party":2}})",
    R"({"specversion":"1.0","id":"w2","source":"/w","type":"DefineRoom",)"
    R"("data":{"resource":"n","actor":{"type":"admin","id":"a"},"name":"N","units":2,)"
    R"("inventory":"nightly","nightly_price_minor":100,"overbook_limit":1,"max_nights":9}})",
    R"({"specversion":"1.0","id":"w3","source":"/w","type":"DefineService",)"
    R"("data":{"resource":"s","actor":{"type":"admin","id":"a"},"name":"S","price_minor":5,)"
    R"("duration_minutes":60}})",
    R"({"specversion":"1.0","id":"w4","source":"/w","type":"AddSchedule",)"
    R"("data":{"resource":"s","actor":{"type":"admin","id":"a"},"schedule_id":"t1",)"
    R"("date":"2026-12-05","start":"10:00","end":"11:00","capacity":2}})",
    R"({"specversion":"1.0","id":"w5","source":"/w","type":"AddSchedule",)"
    R"("data":{"resource":"s","actor":{"type":"admin","id":"a"},"schedule_id":"t2",)"
    R"("date":"2026-11-17","start":"00:00","end":"24:00","capacity":1}})",
    R"({"specversion":"1.0","id":"w6","source":"/w","type":"CreateBooking",)"
    R"("data":{"resource":"n","actor":{"type":"user","id":"u"},"check_in":"2026-12-01",)"
    R"("check_out":"2026-12-03","customer":{"name":"A","ref":"u"}}})",
    R"({"specversion":"1.0","id":"w7","source":"/w","type":"CreateBooking",)"
    R"("data":{"resource":"c","actor":{"type":"admin","id":"a"},"status":"confirmed",)"
    R"("customer":{"name":"A"}}})",
    R"({"specversion":"1.0","id":"w8","source":"/w","type":"CreateBooking",)"
    R"("data":{"resource":"s","actor":{"type":"admin","id":"a"},"schedule_id":"t1",)"
    R"("customer":{"name":"A","phone":"08123456789"}}})"};

/// Reader: takes or refuses; what it takes means the same when it is written and read again.
void read_alone(std::string_view record) {
  CommandReader reader;
  const Envelope& envelope = reader.read(record);
  if (envelope.refusal) {
    const Code code = envelope.refusal->code;
    PESAN_PROMISE(code == Code::malformed || code == Code::unknown_type);
    return;
  }
  PESAN_PROMISE(envelope.id && envelope.source && envelope.type);
  const Digest digest = reader.payload_digest();
  const auto command = reader.validate();
  if (!command) {
    const Code code = command.error().code;
    PESAN_PROMISE(code == Code::invalid_field || code == Code::invalid_range);
    PESAN_PROMISE(command.error().details.front().name == "field");
    PESAN_PROMISE(command.error().details.size() == (code == Code::invalid_field ? 3 : 1));
    return;
  }
  std::string written;
  append_command(written, {.id = *envelope.id,
                           .source = *envelope.source,
                           .time = envelope.time ? parse_instant(*envelope.time) : std::nullopt,
                           .command = *command});
  CommandReader second;
  const Envelope& again = second.read(written);
  PESAN_PROMISE(!again.refusal);
  PESAN_PROMISE(again.id == envelope.id && again.source == envelope.source);
  PESAN_PROMISE(again.type == envelope.type && again.resource == envelope.resource);
  PESAN_PROMISE(second.payload_digest() == digest);
  const auto read = second.validate();
  PESAN_PROMISE(read && *read == *command);
}

Position fresh(Partition partition, std::int32_t partitions) {
  return {.log_id = "fuzz",
          .partition = partition,
          .partitions = partitions,
          .clock = Clock::command,
          .now = {},
          .sequence = {},
          .next_command = {}};
}

/// A partition, and the log of what it answered.
struct Desk {
  CommandProcessor processor;
  std::vector<std::string> events;
  std::vector<std::string> results;

  explicit Desk(Position position) : processor(std::move(position), 1000) {}

  /// The one result's bytes.
  const std::string& send(std::string_view value) {
    Record record;
    record.offset = processor.position().next_command;
    record.timestamp = today;
    record.payload.value = value;
    Transaction out;
    PESAN_PROMISE(processor.process(record, today, out).has_value());
    const std::size_t events_before = events.size();
    const std::size_t results_before = results.size();
    for (auto& made : out.records) {
      switch (made.to.topic) {
        case Topic::events: events.push_back(std::move(made.payload.value)); break;
        case Topic::results: results.push_back(std::move(made.payload.value)); break;
        case Topic::commands:  // forwarded, or as it came into dead letters
        case Topic::dead_letters: PESAN_PROMISE(made.payload.value == value); break;
        case Topic::customers: PESAN_PROMISE(false);
      }
    }
    PESAN_PROMISE(results.size() == results_before + 1);
    PESAN_PROMISE(events.size() <= events_before + 1);
    PESAN_PROMISE(processor.position().next_command == record.offset.next());
    processor.commit();
    check_answer(record, events.size() > events_before, out.records.size());
    return results.back();
  }

 private:
  void check_answer(const Record& record, bool has_event, std::size_t records) {
    const auto result = result_decoder_.decode(results.back());
    PESAN_PROMISE(result);
    PESAN_PROMISE(result->command == record.offset);
    // Whatever was taken in can be answered: texts do not grow, details are cut.
    PESAN_PROMISE(results.back().size() <= record.payload.value.size() + 4000);
    std::string again;
    append_result(again, *result);
    PESAN_PROMISE(again == results.back());
    PESAN_PROMISE(result->code.has_value() == (result->kind == Result::Kind::rejected));
    const bool dead = result->code == Code::malformed || result->code == Code::unknown_type;
    const bool forwarded = result->kind == Result::Kind::forwarded;
    PESAN_PROMISE(records == 1U + (has_event ? 1U : 0U) + (dead || forwarded ? 1U : 0U));
    if (!has_event) return;
    PESAN_PROMISE(result->event == result->version);
    const auto event = event_decoder_.decode(events.back());
    PESAN_PROMISE(event);
    again.clear();
    append_event(again, *event);
    PESAN_PROMISE(again == events.back());
  }

  ResultDecoder result_decoder_;
  EventDecoder event_decoder_;
};

/// The same record again: the same outcome again, where it is remembered.
void check_repeat(const std::string& first_bytes, const std::string& second_bytes) {
  static ResultDecoder one;
  static ResultDecoder two;
  const auto first = one.decode(first_bytes);
  const auto second = two.decode(second_bytes);
  PESAN_PROMISE(first->code == second->code && first->details == second->details);
  if (!first->digest || !first->resource || first->code == Code::idempotency_conflict) return;
  PESAN_PROMISE(second->duplicate);
  PESAN_PROMISE(first->kind == second->kind && first->booking_id == second->booking_id);
  PESAN_PROMISE(first->event == second->event);
  PESAN_PROMISE(first->sequence == second->sequence && first->version == second->version);
}

/// The partition as recovery makes it from what the log holds.
void recover(const Desk& live, Desk& recovered) {
  EventDecoder events;
  for (const auto& bytes : live.events) {
    PESAN_PROMISE(recovered.processor.replay(*events.decode(bytes)).has_value());
  }
  ResultDecoder results;
  for (const auto& bytes : live.results) {
    PESAN_PROMISE(recovered.processor.replay(*results.decode(bytes)).has_value());
  }
  recovered.processor.resume_at(live.processor.position().next_command);
  PESAN_PROMISE(recovered.processor.position() == live.processor.position());
}

/// In a partition where few commands belong: forwarded to where they do.
void misplace(std::string_view record) {
  const Partition here{3};
  constexpr std::int32_t partitions = 7;
  Desk desk(fresh(here, partitions));
  ResultDecoder decoder;
  const auto result = decoder.decode(desk.send(record));
  if (result->kind == Result::Kind::forwarded || !result->digest) return;
  PESAN_PROMISE(result->resource && partition_of(*result->resource, partitions) == here);
}

void answer_all(std::string_view input) {
  const auto records = fuzz::lines_of(input, most_records);
  Desk live(fresh(Partition{0}, 1));
  for (const auto command : world) live.send(command);
  PESAN_PROMISE(live.events.size() == std::size(world));
  for (const auto record : records) {
    const std::string first = live.send(record);
    check_repeat(first, live.send(record));
  }
  Desk recovered(fresh(Partition{0}, 1));
  recover(live, recovered);
  const auto events = live.events.size();
  PESAN_PROMISE(live.send(world[0]) == recovered.send(world[0]));
  PESAN_PROMISE(live.events.size() == events);  // it is remembered, and decides nothing
  for (const auto record : records) PESAN_PROMISE(live.send(record) == recovered.send(record));
}

}  // namespace
}  // namespace pesan

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = pesan::fuzz::text_of(data, size);
  pesan::read_alone(input);
  pesan::misplace(input);
  pesan::answer_all(input);
  return 0;
}
