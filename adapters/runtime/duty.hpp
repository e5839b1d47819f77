// What a role has to do on one partition. Who has it do so, backs off and gives up is
// duties.hpp. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "events/claims.hpp"
#include "events/failure.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

class Duty {
 public:
  struct Step {
    std::size_t done = 0;  // 0: nothing, until the log changes …
    bool soon = false;     // … or a little later all the same
    bool open = false;     // it stands once the round that it is part of is committed
    bool begins = false;   // it recovers, and does nothing yet
  };

  /// `name` as in "engine of partition 3".
  Duty(std::string name, TopicPartition place) : name_(std::move(name)), place_(place) {}
  Duty(const Duty&) = delete;
  Duty& operator=(const Duty&) = delete;
  virtual ~Duty() = default;

  const std::string& name() const { return name_; }
  TopicPartition place() const { return place_; }

  /// Starts what does not run yet, in the name of that claim.
  virtual Fallible<Step> step(const ClaimProof& proof) = 0;
  /// After the round of an open step: whether it was committed, or nothing of it was ever done.
  virtual void settled(bool /*committed*/) {}
  /// Ends what runs: another process goes on with it.
  virtual void end() = 0;
  /// After a failure that may have left behind what runs.
  virtual void restart() { end(); }

 private:
  std::string name_;
  TopicPartition place_;
};

/// The duties of one thread.
struct Work {
  std::vector<std::unique_ptr<Duty>> duties;
  /// Commits the open steps of all of them at once; nothing: each step stands by itself.
  std::function<Fallible<void>()> commit{};
};

}  // namespace pesan::runtime
