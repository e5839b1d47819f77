#include "adapters/cli/roles.hpp"

#include <algorithm>
#include <chrono>

#include <spdlog/spdlog.h>

#include "adapters/cli/logging.hpp"
#include "adapters/sqlite/sqlite_log.hpp"

namespace pesan::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto idle_wait = 50ms;
constexpr auto first_pause = 10ms;
constexpr auto longest_pause = 1000ms;
// Events a transaction, where so many wait: each batch rewrites many pages, and a large one
// rewrites each of them once.
constexpr std::size_t projector_batch = 8000;

}  // namespace

Roles::Roles(Log& log, OpenStore open_store, RoleOptions options)
    : log_(log),
      open_store_(std::move(open_store)),
      options_(std::move(options)),
      engines_starting_(options_.engine_threads),
      tallies_(static_cast<std::size_t>(options_.engine_threads)) {}

void Roles::start() {
  for (std::int32_t i = 0; options_.engine && i < options_.engine_threads; ++i) {
    threads_.emplace_back([this, i] { run_engines(i); });
  }
  if (options_.registry) threads_.emplace_back([this] { run_registry(); });
  if (options_.projector) threads_.emplace_back([this] { run_projectors(); });
}

void Roles::stop() {
  stopping_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

std::optional<Failure> Roles::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

Tally Roles::tally() const {
  const std::lock_guard lock(mutex_);
  Tally sum;
  for (const Tally& tally : tallies_) sum += tally;
  return sum;
}

void Roles::stop_for(const char* role, const Failure& failure) {
  spdlog::error("{} stopped: {}", role, failure.what);
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = failure;
}

void Roles::drive(const char* role, const std::function<Fallible<std::size_t>()>& step,
                  const std::function<void()>& restart) {
  auto pause = first_pause;
  while (!stopping_) {
    const auto done = step();
    if (done) {
      if (*done > 0) pause = first_pause;
      continue;
    }
    const Failure& failure = done.error();
    if (failure.kind == FailureKind::fatal || failure.kind == FailureKind::poison) {
      return stop_for(role, failure);
    }
    spdlog::warn("{}: {} ({}); again in {} ms", role, failure.what, name_of(failure.kind),
                 pause.count());
    if (failure.kind != FailureKind::transient) restart();
    for (auto slept = 0ms; slept < pause && !stopping_; slept += first_pause) {
      std::this_thread::sleep_for(first_pause);
    }
    pause = std::min<std::chrono::milliseconds>(pause * 2, longest_pause);
  }
}

EngineOptions Roles::engine_options(Partition partition) const {
  EngineOptions options;
  options.recovery.partition = partition;
  options.recovery.remember = options_.remember;
  options.recovery.say = [](std::string_view note) { spdlog::warn("{}", note); };
  for (const auto& [where, offset] : options_.parked) {
    if (where == partition) options.recovery.parked.insert(offset);
  }
  options.batch = options_.batch;
  options.wall_clock = system_now;
  return options;
}

void Roles::run_engines(std::int32_t first) {
  std::vector<Partition> partitions;
  for (auto p = first; p < log_.partitions(); p += options_.engine_threads) {
    partitions.push_back({p});
  }
  std::vector<std::unique_ptr<Engine>> engines(partitions.size());
  bool starting = true;
  const auto step = [&]() -> Fallible<std::size_t> {
    std::size_t decided = 0;
    for (std::size_t i = 0; i < engines.size(); ++i) {
      if (engines[i] == nullptr) {
        auto started = Engine::start(log_, engine_options(partitions[i]));
        if (!started) return std::unexpected(started.error());
        engines[i] = *std::move(started);
      }
      // Only the last partition waits, and only when none had anything to do.
      const bool wait = i + 1 == engines.size() && decided == 0;
      const auto done = engines[i]->step(wait ? idle_wait : 0ms);
      if (!done) {
        const bool alive = done.error().kind == FailureKind::transient;
        if (!alive) engines[i].reset();
        return std::unexpected(done.error());
      }
      decided += *done;
    }
    if (std::exchange(starting, false)) --engines_starting_;
    Tally tally;
    for (const auto& engine : engines) tally += engine->processor().tally();
    const std::lock_guard lock(mutex_);
    tallies_[static_cast<std::size_t>(first)] = tally;
    return decided;
  };
  drive("engine", step, [] {});
}

void Roles::run_registry() {
  std::unique_ptr<Registry> registry;
  RegistryOptions options;
  options.linked = [this](bool is_new, std::string_view name, std::string_view phone) {
    spdlog::info("{}: {} ({})",
                 is_new ? "New customer auto-created from booking"
                        : "Existing customer booking date updated",
                 name, options_.clear_phone ? std::string(phone) : masked_phone(phone));
  };
  if (!spdlog::should_log(spdlog::level::info)) options.linked = nullptr;
  const auto step = [&]() -> Fallible<std::size_t> {
    if (registry == nullptr) {
      auto started = Registry::start(log_, options);
      if (!started) return std::unexpected(started.error());
      registry = *std::move(started);
    }
    return registry->step(idle_wait);
  };
  drive("registry", step, [&] { registry.reset(); });
}

void Roles::run_projectors() {
  std::unique_ptr<ReadModel> store;
  std::vector<std::unique_ptr<Projector>> projectors;
  const auto start = [&]() -> Fallible<void> {
    auto opened = open_store_();
    if (!opened) return std::unexpected(opened.error());
    store = *std::move(opened);
    if (auto settled = store->settle_rebuild(); !settled) return settled;
    const auto add = [&](TopicPartition source) {
      const ReadLimit limit{.records = projector_batch, .bytes = std::size_t{8} << 20, .wait = {}};
      projectors.push_back(std::make_unique<Projector>(log_, *store, source, limit));
    };
    for (std::int32_t p = 0; p < log_.partitions(); ++p) add({Topic::events, Partition{p}});
    add({Topic::customers, Partition{0}});
    return {};
  };
  const auto restart = [&] {
    projectors.clear();
    store.reset();
  };
  const auto step = [&]() -> Fallible<std::size_t> {
    if (store == nullptr) {
      if (auto started = start(); !started) return std::unexpected(started.error());
    }
    std::size_t records = 0;
    for (auto& projector : projectors) {
      const auto done = projector->step();
      if (!done) return std::unexpected(done.error());
      records += done->records;
    }
    if (records == 0) std::this_thread::sleep_for(2ms);
    return records;
  };
  drive("projector", step, restart);
}

}  // namespace pesan::cli
