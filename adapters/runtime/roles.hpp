// The roles of pesan in one process, threads around their duties: the booking engine for every
// partition, on one thread or several, the customer registry, the projector for every partition.
// What another process does is left to it, and taken over when that one ends. A partition that must
// not go on stops alone, and `failure` says why. Start and stop from one thread; the other members
// may be called from any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "adapters/metrics/metrics.hpp"
#include "adapters/runtime/claims.hpp"
#include "adapters/runtime/duties.hpp"
#include "adapters/runtime/snapshotter.hpp"
#include "engine/engine.hpp"
#include "engine/registry.hpp"
#include "projections/projector.hpp"

namespace pesan {
class SqliteLog;
}

namespace pesan::cli {

enum class Role : std::uint8_t { engine, registry, projector };

struct RoleOptions {
  bool engine = true;
  bool registry = true;
  bool projector = true;
  /// The partitions are dealt out to them. One is best where all commits go to one disk; on Kafka a
  /// commit waits for the network, and each partition has its own.
  std::int32_t engine_threads = 1;
  /// As the engine's: each has a connection of its own to the store.
  std::int32_t projector_threads = 1;
  std::size_t remember = 1'000'000;
  std::size_t batch = 2000;
  std::vector<std::pair<Partition, Offset>> parked;
  bool says_old_times = true;  // of commands that follow no `time`
  bool clear_phone = false;    // phones in log lines as they are
  /// How long anything may go on failing before it stops; for ever without.
  std::optional<std::chrono::milliseconds> patience;
  /// Says which partitions are this process's; made when the role starts.
  std::function<std::unique_ptr<Claims>(Role)> claims = [](Role) { return claim_all(); };
  /// An embedded log: idle roles wait for its next change. Without it they look every few ms.
  SqliteLog* watched = nullptr;
  SnapshotOptions snapshots;
  metrics::Metrics* metrics = nullptr;  // nothing is measured without
};

/// A partition that must not go on. The registry's is the one that it writes.
struct Stopped {
  Role role = Role::engine;
  TopicPartition place;
  auto operator<=>(const Stopped&) const = default;
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

  /// Why the first one stopped that must not go on, if one did.
  std::optional<Failure> failure() const;
  bool stopped(const Stopped& which) const;
  /// No engine is left, or no projector of events, or nothing at all: going on serves nobody.
  bool over() const;
  /// Of all engine partitions, since the start.
  Tally tally() const;
  /// All engines have recovered and are deciding, but for those that stopped.
  bool ready() const { return engines_starting_ == 0; }

 private:
  /// Of the partitions `first`, `first + engine_threads`, and so on.
  void run_engines(Claims& claims, std::int32_t first, metrics::Health::Loop* loop);
  void run_registry(Claims& claims, std::int32_t first, metrics::Health::Loop* loop);
  /// As the engines; the last thread has the customers, alone where there are threads enough.
  void run_projectors(Claims& claims, std::int32_t first, metrics::Health::Loop* loop);
  /// What a thread of the role works on: as many as it has turns, or the registry's own.
  std::vector<TopicPartition> places_of(Role role, std::int32_t first) const;
  /// A thread of the role cannot go on at all, and with it what it worked on.
  void broke_off(Role role, std::int32_t first, metrics::Health::Loop* loop, const char* why);
  Duties::Options duty_options(const char* role) const;
  /// Recovers the partition.
  Fallible<std::unique_ptr<Engine>> start_engine(Partition partition);
  /// The store of a thread that writes rows.
  Fallible<std::unique_ptr<ReadModel>> open_settled_store();
  /// Rounds until `stop`, or until nothing is left to do. `after` follows every round.
  struct Driven {
    Role role;
    Duties& duties;
    metrics::Health::Loop* loop;  // nothing: nobody asks how it stands
  };
  void drive(const Driven& driven, const std::function<void()>& after = [] {});
  void wait(const Driven& driven, std::uint64_t seen, const Duties::Round& round);
  void record(Role role, const Duties& duties);
  EngineOptions engine_options(Partition partition) const;
  void say_old_times(const AnsweredBatch& batch);

  Log& log_;
  OpenStore open_store_;
  RoleOptions options_;
  Snapshotter snapshotter_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> old_times_said_ = false;
  std::stop_source recoveries_;                 // asks those that are under way to stop
  std::atomic<std::int32_t> engines_starting_;  // threads that have not begun to decide
  mutable std::mutex mutex_;                    // guards what follows
  std::optional<Failure> failure_;
  std::set<Stopped> stopped_;
  std::vector<Tally> tallies_;  // by thread of engines
  /// Of start and stop.
  struct Running {
    std::unique_ptr<Claims> claims;
    std::vector<std::thread> threads;
  };
  std::vector<Running> running_;
};

}  // namespace pesan::cli
