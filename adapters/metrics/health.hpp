// What the loops of this process say of themselves: whether they go on, and which of their duties
// have begun, stand by or have stopped. From it come the answers to "is it alive?" and "is it
// ready?". Any thread.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/log.hpp"

namespace pesan::metrics {

/// How a duty stands, which is one partition of a role.
enum class Standing : std::uint8_t {
  waiting,  // it cannot go on: its servers do not answer, it recovers, nobody has settled whose
  mine,     // it goes on, and is this process's
  others,   // another process has it
  stopped,  // it must not go on
};
inline constexpr std::size_t standing_count = 4;

struct DutyStanding {
  TopicPartition place;
  Standing standing = Standing::waiting;
};

class Health {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// One thread of a role.
  class Loop {
   public:
    Loop(Health& health, std::string role) : health_(health), role_(std::move(role)) {}
    /// After each round.
    void report(std::vector<DutyStanding> duties, Time now);
    /// It has looked, and there was nothing to do.
    void beat(Time now) {
      recovers_since_ = 0;
      last_beat_.store(now.time_since_epoch().count());
    }
    /// Its next step recovers, however long that takes: until it beats again nobody asks whether it
    /// stands still; and what goes on for more than ten seconds is not ready meanwhile.
    void recovers(Time now) {
      last_beat_ = 0;
      recovers_since_ = now.time_since_epoch().count();
    }
    /// It ends, as it was asked to or because all its duties stopped.
    void end() { ended_ = true; }

   private:
    friend class Health;
    Health& health_;
    const std::string role_;
    std::atomic<Time::rep> last_beat_ = 0;       // 0: none yet, or it recovers
    std::atomic<Time::rep> recovers_since_ = 0;  // 0: it does not
    std::atomic<bool> ended_ = false;
    std::vector<DutyStanding> duties_;  // guarded by the health's
  };

  /// Before its thread starts: until it reports, this process is not ready.
  Loop& add_loop(std::string role);
  /// Why this process is not ready whatever its loops say ("the log is not open yet"); nothing: it
  /// is as ready as they are. From the start on it is "starting".
  void hold(std::optional<std::string> why);

  /// Why this process is not ready though its loops go on, by watcher; nothing: no longer.
  void trouble(const std::string& who, std::optional<std::string> what);

  /// What of this process's does not go on, in a line; nothing: ready.
  std::optional<std::string> not_ready(Time now) const;
  /// Which loop stands still, in a line. A loop that recovers or ended is none.
  std::optional<std::string> not_alive(Time now) const;

  struct Count {
    std::string role;
    std::size_t duties[standing_count] = {};
  };
  /// A line a role, in the order in which they were added.
  std::vector<Count> counts() const;
  /// Of a role those that are this process's, also those that stopped.
  std::vector<TopicPartition> own(std::string_view role) const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  std::list<Loop> loops_;
  std::optional<std::string> held_ = "starting";
  std::map<std::string, std::string> troubles_;
};

}  // namespace pesan::metrics
