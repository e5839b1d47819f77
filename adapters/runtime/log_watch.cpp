#include "adapters/runtime/log_watch.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include "adapters/runtime/clock.hpp"

namespace pesan::runtime {
namespace {

constexpr std::string_view cure =
    "`pesan topics create` mends settings and dead letters, `pesan topics check` lists all";

std::vector<std::string> sentences_of(const std::vector<TopicFault>& faults) {
  std::vector<std::string> sentences;
  for (const auto& fault : faults) sentences.push_back(fault.what);
  return sentences;
}

}  // namespace

Fallible<void> check_topics(const OpenedLog& log) {
  if (!log.has_topics()) return {};
  auto faults = log.find_faults();
  if (!faults) {
    spdlog::warn("whether the topics are as they must be is not known: {}", faults.error().what);
    return {};
  }
  std::erase_if(*faults, [](const TopicFault& fault) { return fault.only_added; });
  if (faults->empty()) return {};
  return fail(FailureKind::fatal, fmt::format("{}: records would be lost. {}",
                                              fmt::join(sentences_of(*faults), "; "), cure));
}

LogWatch::LogWatch(Options options)
    : options_(std::move(options)), thread_([this](const std::stop_token& stop) { run(stop); }) {}

void LogWatch::run(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  auto check_due = Clock::now();
  std::mutex mutex;
  while (!stop.stop_requested()) {
    try {
      if (options_.counts_waiting && options_.metrics != nullptr) count_waiting(stop);
      if (Clock::now() >= check_due) {
        look_at_topics();
        check_due = Clock::now() + options_.between_checks;
      }
      if (log_) (*log_)->idle();
    } catch (const std::exception& bug) {  // or no memory; the roles go on
      spdlog::debug("the log's watch: {}", bug.what());
    }
    std::unique_lock lock(mutex);
    std::condition_variable_any().wait_for(lock, stop, options_.pause, [] { return false; });
  }
}

OpenedLog* LogWatch::log() {
  if (!log_) {
    auto opened = options_.installation.for_looking().open_log(LogAccess::read);
    if (!opened) {
      cannot_look(opened.error());
      return nullptr;
    }
    log_.emplace(*std::move(opened));
  }
  return &*log_;
}

/// Said once; what passes is no fault of the topics.
void LogWatch::cannot_look(const Failure& failure) {
  if (failure.what == said_) return;
  said_ = failure.what;
  spdlog::warn("whether the topics are as they must be is not known: {}", failure.what);
  if (options_.metrics == nullptr || failure.kind != FailureKind::fatal) return;
  options_.metrics->health().trouble("topics", failure.what);
}

void LogWatch::look_at_topics() {
  OpenedLog* const opened = log();
  if (opened == nullptr || !opened->has_topics()) return;
  const auto faults = opened->find_faults();
  if (!faults) return cannot_look(faults.error());
  const auto found = fmt::format("{}", fmt::join(sentences_of(*faults), "; "));
  if (found != said_) {
    if (found.empty())
      spdlog::info("the topics are as they must be again");
    else
      spdlog::error("{}. {}", found, cure);
    said_ = found;
  }
  if (options_.metrics == nullptr) return;
  options_.metrics->topic_faults(faults->size());
  options_.metrics->health().trouble("topics", found.empty() ? std::nullopt : std::optional(found));
}

void LogWatch::count_waiting(const std::stop_token& stop) {
  OpenedLog* const opened = log();
  if (opened == nullptr) return;
  std::vector<metrics::Waiting> all;
  for (std::int32_t p = 0; p < (*opened)->partitions() && !stop.stop_requested(); ++p) {
    auto& measure = waiting_.try_emplace(Partition{p}, Partition{p}).first->second;
    if (auto looked = measure.look(**opened, system_now()); !looked) {
      spdlog::debug("the log's watch: {}", looked.error().what);
    }
    if (const auto waiting = measure.at(system_now())) all.push_back(*waiting);
  }
  options_.metrics->waiting(all);
}

}  // namespace pesan::runtime
