#include "adapters/runtime/roles.hpp"

#include <algorithm>

#include <spdlog/spdlog.h>

#include "adapters/runtime/registry_role.hpp"

namespace pesan::runtime {
namespace {

// Each is a connection, and a thread of the server at work.
constexpr std::int32_t most_projector_threads = 5;

}  // namespace

Fallible<void> place_roles(RoleOptions& options, const RoleSettings& settings,
                           const Installation& installation, const OpenedLog& log) {
  options.gathers = log.has_topics();
  if (!installation.has_embedded_log()) {
    const auto cores = static_cast<std::int32_t>(std::max(1U, std::thread::hardware_concurrency()));
    options.engine.workers =
        std::min(settings.workers > 0 ? settings.workers : cores, log->partitions());
    if (installation.has_server_store()) {
      // One more than there are partitions: customers are as many records again.
      options.projector_threads = std::min(log->partitions() + 1, most_projector_threads);
    }
  }
  options.claims = [installation, instance = settings.instance](RoleKind role) {
    return installation.claims(role, instance);
  };
  auto snapshots = installation.open_snapshots(log.info().log_id);
  if (!snapshots) return std::unexpected(snapshots.error());
  options.snapshots = {.store = *std::move(snapshots),
                       .every = settings.snapshot_every,
                       .remember = options.engine.remember,
                       .open_log = [own = installation.without_statistics()] {
                         return own.open_log(LogAccess::read);
                       }};
  options.engine.snapshots = options.snapshots.store.get();
  return {};
}

Roles::Roles(Log& log, ProjectorRole::OpenStore open_store, RoleOptions options)
    : options_(std::move(options)) {
  const RoleSurroundings around{
      .log = log,
      .patience = options_.patience,
      .few = options_.gathers ? std::min(few_records, options_.engine.batch) : 0,
      .metrics = options_.metrics};
  if (options_.runs(RoleKind::engine)) {
    auto snapshotter = std::make_unique<Snapshotter>(options_.snapshots, log.partitions());
    auto engine = std::make_unique<EngineRole>(around, options_.claims(RoleKind::engine),
                                               options_.engine, *snapshotter);
    engine_ = engine.get();
    add(RoleKind::snapshotter, std::move(snapshotter));
    add(RoleKind::engine, std::move(engine));
  }
  if (options_.runs(RoleKind::registry)) {
    add(RoleKind::registry,
        std::make_unique<RegistryRole>(around, options_.claims(RoleKind::registry),
                                       RegistryRole::Options{.clear_phone = options_.clear_phone}));
  }
  if (options_.runs(RoleKind::projector)) {
    add(RoleKind::projector,
        std::make_unique<ProjectorRole>(around, options_.claims(RoleKind::projector),
                                        options_.projector_threads, std::move(open_store)));
  }
}

void Roles::add(RoleKind kind, std::unique_ptr<Role> role) {
  all_.push_back({.kind = kind, .role = std::move(role)});
}

void Roles::start() {
  for (Running& running : all_) {
    running.thread =
        std::jthread([&role = *running.role](const std::stop_token& stop) { role.run(stop); });
  }
}

void Roles::stop() {
  for (Running& running : all_) running.thread.request_stop();
  for (Running& running : all_) {
    if (running.thread.joinable()) running.thread.join();
  }
}

const Role* Roles::find(RoleKind kind) const {
  const auto found = std::ranges::find(all_, kind, &Running::kind);
  return found == all_.end() ? nullptr : found->role.get();
}

std::optional<Failure> Roles::failure() const {
  RoleHealth first;
  for (const Running& running : all_) {
    const RoleHealth health = running.role->health();
    if (!health.failure || (first.failure && first.failed_at <= health.failed_at)) continue;
    first = health;
  }
  return first.failure;
}

bool Roles::stopped(RoleKind role, TopicPartition place) const {
  const Role* found = find(role);
  return found != nullptr && found->health().stopped.contains(place);
}

bool Roles::over() const {
  bool all = !all_.empty();
  for (const Running& running : all_) {
    if (running.kind == RoleKind::snapshotter) continue;
    const bool over = running.role->health().over;
    if (over && running.kind != RoleKind::registry) return true;
    all = all && over;
  }
  return all;
}

std::int64_t Roles::decided() const { return engine_ == nullptr ? 0 : engine_->tally().total(); }

bool Roles::ready() const { return engine_ != nullptr && engine_->health().begun; }

}  // namespace pesan::runtime
