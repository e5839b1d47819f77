// The roles of pesan in one process: the booking engine for every partition, on one thread or
// several, and a thread each for the customer registry and for the projectors of every partition. A
// role that fails in passing backs off and goes on; one that must not go on stops, and `failure`
// says why. Start and stop from one thread; the other members may be called from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.hpp"
#include "engine/registry.hpp"
#include "projections/projector.hpp"

namespace pesan::cli {

struct RoleOptions {
  bool engine = true;
  bool registry = true;
  bool projector = true;
  /// The partitions are dealt out to them. One is best where all commits go to one disk; on Kafka a
  /// commit waits for the network, and each partition has its own.
  std::int32_t engine_threads = 1;
  std::size_t remember = 1'000'000;
  std::size_t batch = 2000;
  std::vector<std::pair<Partition, Offset>> parked;
  bool clear_phone = false;  // phones in log lines as they are
};

class Roles {
 public:
  using OpenStore = std::function<Fallible<std::unique_ptr<ReadModel>>()>;

  /// `log` must outlive it. Each role that writes rows opens its own store.
  Roles(Log& log, OpenStore open_store, RoleOptions options);
  ~Roles() { stop(); }

  void start();
  /// Ends each role after the step it is in.
  void stop();

  /// Why a role stopped that must not go on, if one did.
  std::optional<Failure> failure() const;
  /// Of all engine partitions, since the start.
  Tally tally() const;
  /// All engines have recovered and are deciding.
  bool ready() const { return engines_starting_ == 0; }

 private:
  /// Of the partitions `first`, `first + engine_threads`, and so on.
  void run_engines(std::int32_t first);
  void run_registry();
  void run_projectors();
  /// Calls `step` until `stop`; it answers how much was done. Backs off after failures.
  void drive(const char* role, const std::function<Fallible<std::size_t>()>& step,
             const std::function<void()>& restart);
  void stop_for(const char* role, const Failure& failure);
  EngineOptions engine_options(Partition partition) const;

  Log& log_;
  OpenStore open_store_;
  RoleOptions options_;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::int32_t> engines_starting_;  // threads that have not decided yet
  mutable std::mutex mutex_;
  std::optional<Failure> failure_;
  std::vector<Tally> tallies_;  // by thread of engines
  std::vector<std::thread> threads_;
};

}  // namespace pesan::cli
