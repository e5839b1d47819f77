// An engine that is alone on its worker, for tests of one partition: taken over and recovered when
// it starts, and a round a step. One thread.
#pragma once

#include <cstddef>
#include <future>
#include <memory>
#include <utility>

#include "engine/engine_worker.hpp"

namespace pesan {

class LoneEngine {
 public:
  static Fallible<std::unique_ptr<LoneEngine>> start(Log& log, const EngineOptions& options) {
    auto engine = std::unique_ptr<LoneEngine>(new LoneEngine(log, options));
    if (auto entered = engine->enter(); !entered) return std::unexpected(entered.error());
    return engine;
  }

  /// The number of commands answered; a partition that was lost is not taken back.
  Fallible<std::size_t> step() {
    const auto decided = worker_.decide(partition_);
    if (!decided) return decided;
    if (auto committed = worker_.commit(); !committed) return std::unexpected(committed.error());
    return decided;
  }
  /// Takes its partition again, as after a refusal.
  Fallible<void> enter() {
    const auto entered =
        worker_.enter(partition_, {}, [this](auto, const auto&) { return options_; });
    if (!entered) return std::unexpected(entered.error());
    return {};
  }
  const CommandProcessor& processor() const { return worker_.engine(partition_)->processor(); }
  const AnsweredBatch& answered() const { return worker_.engine(partition_)->answered(); }

 private:
  LoneEngine(Log& log, const EngineOptions& options)
      : options_(options),
        partition_(options.recovery.partition),
        worker_(log, std::launch::deferred) {}

  EngineOptions options_;
  Partition partition_;
  EngineWorker worker_;
};

}  // namespace pesan
