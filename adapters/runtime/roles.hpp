// The roles of pesan in one process, each an object on a thread of its own. What another process
// does is left to it, and taken over when that one ends. Start and stop from one thread; the other
// members may be called from any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "adapters/runtime/engine_role.hpp"
#include "adapters/runtime/installation.hpp"
#include "adapters/runtime/projector_role.hpp"
#include "adapters/runtime/role.hpp"
#include "adapters/runtime/snapshotter.hpp"

namespace pesan::runtime {

struct RoleOptions {
  /// Those that this process runs; with an engine it makes snapshots too.
  std::set<RoleKind> roles{RoleKind::engine, RoleKind::registry, RoleKind::projector};
  EngineRole::Options engine{};
  /// As the engine's threads: each has a connection of its own to the store.
  std::int32_t projector_threads = 1;
  bool clear_phone = false;  // phones in log lines as they are
  /// How long anything may go on failing before it stops; for ever without.
  std::optional<std::chrono::milliseconds> patience{};
  /// Says which partitions are this process's; made when the role is.
  std::function<std::unique_ptr<Claims>(RoleKind)> claims = [](RoleKind) {
    return std::make_unique<AllClaims>();
  };
  /// Each commit is work for servers, however small: few records at a time are waited for more.
  bool gathers = false;
  SnapshotOptions snapshots{};
  metrics::Metrics* metrics = nullptr;  // nothing is measured without

  bool runs(RoleKind role) const { return roles.contains(role); }
};

/// What a process is told of itself.
struct RoleSettings {
  std::string instance{};  // its name in the consumer groups; empty: none
  std::int64_t snapshot_every = 100'000;
  std::int32_t workers = 0;  // that decide, on Kafka; 0: as many as there are cores
};
/// Where the roles run: what embedded files settle by locks and by one look for all, and on Kafka
/// by consumer groups and with several workers; and where their snapshots are. A failure
/// is wrong usage.
Fallible<void> place_roles(RoleOptions& options, const RoleSettings& settings,
                           const Installation& installation, const OpenedLog& log);

class Roles {
 public:
  /// `log` must outlive it. Each thread that writes rows opens its own store.
  Roles(Log& log, ProjectorRole::OpenStore open_store, RoleOptions options);
  ~Roles() { stop(); }

  void start();
  /// Ends each role after the step it is in.
  void stop();

  /// Why the first one stopped that must not go on, if one did.
  std::optional<Failure> failure() const;
  bool stopped(RoleKind role, TopicPartition place) const;
  /// No engine is left, or no projector of events, or nothing at all: going on serves nobody.
  bool over() const;
  /// Commands that were decided, since the start.
  std::int64_t decided() const;
  /// All engines have recovered and are deciding, but for those that stopped.
  bool ready() const;

 private:
  struct Running {
    RoleKind kind;
    std::unique_ptr<Role> role;
    std::jthread thread{};
  };
  void add(RoleKind kind, std::unique_ptr<Role> role);
  /// Nothing where this process does not run it.
  const Role* find(RoleKind kind) const;

  RoleOptions options_;
  const EngineRole* engine_ = nullptr;
  std::vector<Running> all_;  // what others are told of comes before them
};

}  // namespace pesan::runtime
