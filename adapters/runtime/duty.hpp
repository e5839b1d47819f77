// What a role has to do on one partition. Who has it do so, backs off and gives up is
// duties.hpp. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "events/failure.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

class Duty {
 public:
  struct Step {
    std::size_t done = 0;  // 0: nothing, until the log changes …
    bool soon = false;     // … or a little later all the same
  };

  /// `name` as in "engine of partition 3".
  Duty(std::string name, TopicPartition place) : name_(std::move(name)), place_(place) {}
  Duty(const Duty&) = delete;
  Duty& operator=(const Duty&) = delete;
  virtual ~Duty() = default;

  const std::string& name() const { return name_; }
  TopicPartition place() const { return place_; }

  /// Starts what does not run yet.
  virtual Fallible<Step> step() = 0;
  /// Ends what runs: another process goes on with it.
  virtual void end() = 0;
  /// After a failure that may have left behind what runs.
  virtual void restart() { end(); }

 private:
  std::string name_;
  TopicPartition place_;
};

}  // namespace pesan::runtime
