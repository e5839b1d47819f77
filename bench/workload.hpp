// The commands that the benches decide: mixed lifecycles (book, confirm, pay, check in, check out;
// one in five cancelled) interleaved over many nightly rooms, as a busy day would bring them. The
// same numbers give the same commands, whose stays are around the day of `start`. Texts live in the
// workload. It is not that of the tests (tests/support/workload.hpp): what is measured must stay
// the same from version to version, and commands come as values, so that deciding is measured
// without reading.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "events/command_reader.hpp"
#include "events/commands.hpp"

namespace pesan::bench {

class Workload {
 public:
  struct Size {
    std::int64_t rooms = 1000;
    std::int64_t commands = 400'000;
    std::int64_t open_bookings = 2000;  // lifecycles under way at a time
    Instant start{1'767'225'600'000};   // 2026-01-01T00:00:00Z
  };
  explicit Workload(Size size);

  const std::vector<Command>& commands() const { return commands_; }
  Instant time_of(std::size_t i) const { return {start_.ms + static_cast<std::int64_t>(i) * 10}; }
  /// The record that a client would publish for command `i`.
  std::string record(std::size_t i) const;

 private:
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  void define_rooms(std::int64_t rooms);
  Command create(std::int64_t number, std::int64_t room, bool cancelled);
  Command next_of(std::string_view resource, std::string_view booking, int stage,
                  bool cancelled) const;

  Instant start_;
  Date today_;  // at the start, where the rooms are
  std::deque<std::string> texts_;
  std::vector<std::string_view> rooms_;
  std::vector<Command> commands_;
};

}  // namespace pesan::bench
