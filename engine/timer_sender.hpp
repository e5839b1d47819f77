// Sends what is due (docs/holds.md#who-sends-it): an engine asks it after each round, and it
// appends RunTimer to the engine's own partition. What it remembers of that is its engine's alone,
// and is lost with it: a timer that is sent twice is decided twice, and is due once. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/answered.hpp"
#include "engine/command_processor.hpp"
#include "engine/log_writer.hpp"

namespace pesan {

class TimerSender {
 public:
  /// Most in one look.
  static constexpr std::size_t most = 1'000;

  /// One that does not send counts what is due all the same.
  explicit TimerSender(bool sends = true) : sends_(sends) {}

  /// Where it is time for a look: adds a RunTimer for what is due to `round`; how many. They stand
  /// once `commit` is called, and `rollback` forgets them.
  std::size_t look(const CommandProcessor& processor, Instant wall_clock, Transaction& round);
  void commit(std::span<const Answered> answered, Instant wall_clock);
  void rollback();

  /// How many timers were due at the last look, sent or not.
  std::size_t due() const { return due_; }

 private:
  bool is_time(Instant wall_clock) const;
  void forget_refusals(Instant wall_clock);
  void send(const CommandProcessor& processor, std::uint32_t booking, Timer timer,
            Instant wall_clock, Transaction& round);

  /// The booking's place in the state and its version, at which it has one timer at most.
  using Sent = std::pair<std::uint32_t, std::int64_t>;

  bool sends_;
  static constexpr std::int64_t undecided = -1;
  /// Since when the last RunTimer of a timer is known as not due, or `undecided`.
  boost::unordered_flat_map<Sent, std::int64_t> sent_;
  std::size_t undecided_ = 0;
  std::vector<Sent> sent_now_;  // not yet committed
  std::optional<Instant> looked_at_;
  bool found_more_ = false;  // than one look sends
  std::size_t due_ = 0;
};

/// The source of every RunTimer of that log's engines.
std::string source_of_timers(std::string_view log_id);

}  // namespace pesan
