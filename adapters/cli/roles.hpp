// The roles of pesan on an embedded log, each a thread around its loop: the booking engine for
// every partition, the customer registry, the projector for every partition. A role that fails in
// passing backs off and goes on; one that must not go on stops, and `failure` says why. Start and
// stop from one thread; the other members may be called from any.
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
  bool ready() const { return ready_; }

 private:
  void run_engines();
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
  std::atomic<bool> ready_ = false;
  mutable std::mutex mutex_;
  std::optional<Failure> failure_;
  Tally tally_;
  std::vector<std::thread> threads_;
};

}  // namespace pesan::cli
