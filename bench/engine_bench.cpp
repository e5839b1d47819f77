// What one core decides: first decide + evolve on values in memory, then the whole way from the
// bytes of a command to the bytes of its event and result; both at several numbers of bookings
// held, with the memory that a booking and a remembered outcome take.
#include <chrono>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>

#include "bench/workload.hpp"
#include "engine/command_processor.hpp"

namespace {

using namespace pesan;
using Clock_ = std::chrono::steady_clock;

double seconds_since(Clock_::time_point start) {
  return std::chrono::duration<double>(Clock_::now() - start).count();
}

std::size_t bytes_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;  // small blocks, and large ones mapped on their own
}

void decide_and_evolve(std::int64_t commands) {
  const bench::Workload workload({.rooms = 1000, .commands = commands, .open_bookings = 2000});
  State state;
  Scratch scratch;
  std::int64_t accepted = 0;
  const auto before = bytes_in_use();
  const auto start = Clock_::now();
  for (std::size_t i = 0; i < workload.commands().size(); ++i) {
    const Command& command = workload.commands()[i];
    const Moment moment{workload.time_of(i), Sequence{static_cast<std::int64_t>(i)}, {}};
    const Decision decision = decide(state, command, moment, scratch);
    if (!decision || !*decision) continue;
    const Resource* resource = state.find(command.resource);
    state.evolve({.resource = command.resource,
                  .version = resource == nullptr ? Version{1} : resource->version.next(),
                  .causation_id = {},
                  .causation_source = {},
                  .traceparent = {},
                  .event = **decision},
                 moment.now);
    ++accepted;
    if (i % 1000 == 999) state.commit();
  }
  const double seconds = seconds_since(start);
  const auto grown = bytes_in_use() - before;
  fmt::print(
      "decide+evolve {} commands ({} accepted): {:.0f} k/s, {:.0f} ns each; {} bookings, "
      "{:.0f} B each\n",
      workload.commands().size(), accepted,
      static_cast<double>(workload.commands().size()) / seconds / 1e3,
      seconds * 1e9 / static_cast<double>(workload.commands().size()), state.bookings().size(),
      static_cast<double>(grown) / static_cast<double>(state.bookings().size()));
}

void bytes_to_bytes(std::int64_t commands) {
  const bench::Workload workload({.rooms = 1000, .commands = commands, .open_bookings = 2000});
  std::vector<Record> records;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < workload.commands().size(); ++i) {
    auto& record = records.emplace_back();
    record.offset = Offset{static_cast<std::int64_t>(i)};
    record.timestamp = workload.time_of(i);
    record.payload.value = workload.record(i);
    bytes += record.payload.value.size();
  }
  CommandProcessor processor({.log_id = "bench", .partition = {}}, 1'000'000);
  Transaction out;
  std::size_t out_bytes = 0;
  const auto start = Clock_::now();
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (!processor.process(records[i], records[i].timestamp, out)) std::abort();
    if (i % 1000 == 999) {
      for (const auto& record : out.records) out_bytes += record.payload.value.size();
      processor.commit();
      out.clear();
    }
  }
  const double seconds = seconds_since(start);
  fmt::print(
      "parse+decide+evolve+encode {} commands of {} B ({} rejected, {} B out): {:.0f} k/s, "
      "{:.2f} us each\n",
      records.size(), bytes / records.size(), processor.tally().rejected,
      out_bytes / records.size(), static_cast<double>(records.size()) / seconds / 1e3,
      seconds * 1e6 / static_cast<double>(records.size()));
}

void outcome_memory() {
  constexpr std::int64_t count = 1'000'000;
  const auto before = bytes_in_use();
  Ledger ledger(count);
  for (std::int64_t i = 0; i < count; ++i) {
    const Digest key = digest_of(fmt::format("k{}", i));
    const bool rejected = i % 10 == 0;
    ledger.add(key, key,
               {.code = rejected ? std::optional(Code::capacity_exceeded) : std::nullopt,
                .booking_suffix = "b123456",
                .details = rejected ? R"({"bucket":"2026-12-01","asked":1,"left":0})" : "",
                .has_event = !rejected,
                .sequence = Sequence{i},
                .version = Version{i}});
    if (i % 1000 == 999) ledger.commit();
  }
  fmt::print("remembered outcomes: {:.0f} B each\n",
             static_cast<double>(bytes_in_use() - before) / static_cast<double>(count));
}

}  // namespace

int main() {
  for (const std::int64_t commands : {50'000, 500'000, 2'000'000}) decide_and_evolve(commands);
  for (const std::int64_t commands : {50'000, 500'000}) bytes_to_bytes(commands);
  outcome_memory();
}
