// What timers cost (docs/holds.md#timers): the memory of a booking that waits for its timer, an
// engine's look where a million of them wait and none is due, and how fast an engine on an embedded
// log works off a hundred thousand that became due while it was away.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <malloc.h>

#include "adapters/sqlite/sqlite_log.hpp"
#include "bench/must.hpp"
#include "engine/timer_sender.hpp"
#include "events/event_codec.hpp"
#include "tests/support/lone_engine.hpp"

namespace {

using namespace pesan;
using bench::must;
using Clock_ = std::chrono::steady_clock;

constexpr Instant start{1'767'225'600'000};  // 2026-01-01T00:00:00Z
constexpr Instant hold_until{start.ms + 3'600'000};
constexpr std::int64_t rooms = 100;

double seconds_since(Clock_::time_point begin) {
  return std::chrono::duration<double>(Clock_::now() - begin).count();
}

std::size_t bytes_in_use() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

std::string command(std::int64_t number, ResourceId room, CommandBody body) {
  std::string out;
  append_command(out, {.id = fmt::format("c-{}", number),
                       .source = "/bench",
                       .time = {},
                       .command = {.resource = room,
                                   .actor = {ActorType::admin, "front-desk"},
                                   .reason = {},
                                   .expected_version = {},
                                   .body = std::move(body)}});
  return out;
}

/// Rooms, then bookings in them, on hold where it is said until when.
std::vector<std::string> bookings(std::int64_t count, std::optional<Instant> until) {
  std::vector<std::string> commands;
  for (std::int64_t i = 0; i < rooms + count; ++i) {
    const std::string room = fmt::format("room-{}", i % rooms);
    const std::string text = until ? to_string(*until) : "";
    if (i < rooms) {
      commands.push_back(command(
          i, ResourceId{room},
          DefineRoom{.name = "Villa", .units = 1'000'000, .inventory = Inventory::counter}));
    } else {
      const std::string guest = fmt::format("Guest {}", i);
      commands.push_back(command(i, ResourceId{room},
                                 CreateBooking{.customer = {.name = guest}, .hold_until = until}));
    }
  }
  return commands;
}

/// Bytes that they take, remembered outcomes aside.
std::size_t decide(CommandProcessor& processor, const std::vector<std::string>& commands) {
  const auto before = bytes_in_use();
  Transaction out;
  Record record{.offset = {}, .timestamp = start, .payload = {}};
  for (const std::string& text : commands) {
    record.payload.value = text;
    must(processor.process(record, start, out));
    ++record.offset.value;
    if (record.offset.value % 1000 == 0) {
      processor.commit();
      out.clear();
    }
  }
  processor.commit();
  out = {};
  return bytes_in_use() - before;
}

void look_where_none_is_due(std::int64_t count) {
  CommandProcessor without({.log_id = "bench", .partition = {}}, 1);
  const auto plain = decide(without, bookings(count, std::nullopt));
  CommandProcessor holding({.log_id = "bench", .partition = {}}, 1);
  const auto held = decide(holding, bookings(count, hold_until));
  TimerSender sender;
  Transaction round;
  std::vector<double> looks;
  for (std::int64_t i = 0; i < 1'000; ++i) {
    const auto begin = Clock_::now();
    const auto sent = sender.look(holding, {start.ms + i * 1'000}, round);
    looks.push_back(seconds_since(begin) * 1e6);
    if (sent != 0) std::abort();
  }
  std::ranges::sort(looks);
  fmt::print(
      "{} bookings on hold: {:.0f} B each, {:.0f} B without a hold; a look with none due: "
      "{:.2f} us, at most {:.2f}\n",
      holding.state().timers().size(), static_cast<double>(held) / static_cast<double>(count),
      static_cast<double>(plain) / static_cast<double>(count), looks[looks.size() / 2],
      looks.back());
}

void work_off(const std::filesystem::path& folder, std::int64_t count) {
  const std::string path = (folder / "log.db").string();
  OutgoingRecord opened{.to = {Topic::events, {}}, .payload = {}};
  append_event(opened.payload.value, {.log_id = "timers",
                                      .sequence = {},
                                      .time = {},
                                      .what = LogOpened{.log_id = "timers",
                                                        .partition = 0,
                                                        .partitions = 1,
                                                        .partitioner = "murmur2",
                                                        .clock = Clock::append,
                                                        .format = 1}});
  Instant now = start;
  const auto clock = [&] { return now; };
  must(SqliteLog::create(
      {.path = path,
       .info = {.log_id = "timers", .partitions = 1, .clock = Clock::append, .format = 1},
       .now = clock},
      {opened}));
  const auto log = must(SqliteLog::open({.path = path, .now = clock}));
  const auto engine =
      must(LoneEngine::start(*log, {.recovery = {.partition = {}}, .wall_clock = clock}));
  std::vector<OutgoingRecord> records;
  for (std::string& text : bookings(count, hold_until)) {
    records.push_back({.to = {Topic::commands, {}}, .payload = {.key = {}, .value = text}});
  }
  must(log->append(records));
  while (must(engine->step()) > 0) {
  }
  now = {hold_until.ms + 1};
  const auto begin = Clock_::now();
  while (must(engine->step()) > 0) {
  }
  const double seconds = seconds_since(begin);
  if (engine->processor().state().timers().size() != 0) std::abort();
  fmt::print("{} holds that are due, an embedded log: {:.0f}/s\n", count,
             static_cast<double>(count) / seconds);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: timers_bench FOLDER\n");
    return 2;
  }
  look_where_none_is_due(1'000'000);
  std::filesystem::create_directories(argv[1]);
  work_off(argv[1], 100'000);
}
