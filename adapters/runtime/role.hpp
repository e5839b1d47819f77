// A role of a process: what runs until it is asked to stop, and how it stands. Which roles there
// are is in roles.cpp, what each does in a file of its own.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <set>
#include <stop_token>
#include <string_view>

#include "events/failure.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

enum class RoleKind : std::uint8_t { engine, registry, projector, snapshotter };

constexpr std::string_view name_of(RoleKind kind) {
  switch (kind) {
    case RoleKind::engine: return "engine";
    case RoleKind::registry: return "registry";
    case RoleKind::projector: return "projector";
    case RoleKind::snapshotter: return "snapshotter";
  }
  return {};
}

struct RoleHealth {
  /// Why the first partition stopped that must not go on, if one did.
  std::optional<Failure> failure{};
  std::chrono::steady_clock::time_point failed_at{};
  /// The partitions that must not go on; the registry's is the one that it writes.
  std::set<TopicPartition> stopped{};
  /// Of each partition it is known who works on it, and those that are this process's go on.
  bool begun = false;
  /// None is left to go on with.
  bool over = false;
};

class Role {
 public:
  Role() = default;
  Role(const Role&) = delete;
  Role& operator=(const Role&) = delete;
  virtual ~Role() = default;

  /// Works until it is asked to stop; where nothing is left to go on with it waits for that. Once,
  /// on any thread.
  virtual void run(const std::stop_token& stop) = 0;
  /// Any thread.
  virtual RoleHealth health() const = 0;
};

}  // namespace pesan::runtime
