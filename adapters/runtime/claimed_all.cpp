#include "adapters/runtime/claimed_all.hpp"

#include <thread>
#include <utility>

#include <fmt/format.h>

namespace pesan::runtime {
namespace {

constexpr std::chrono::milliseconds between{20};

TopicPartition commands_of(std::size_t partition) {
  return {Topic::commands, Partition{static_cast<std::int32_t>(partition)}};
}

}  // namespace

Fallible<std::unique_ptr<ClaimedAll>> ClaimedAll::claim(std::unique_ptr<Claims> claims,
                                                        std::int32_t partitions,
                                                        std::chrono::milliseconds patience) {
  auto claimed = std::unique_ptr<ClaimedAll>(new ClaimedAll(std::move(claims)));
  const auto until = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const auto all = claimed->try_all(partitions);
    if (!all) return std::unexpected(all.error());
    if (*all) return claimed;
    const auto missing = claimed->proofs_.size();
    claimed->let_go();
    if (std::chrono::steady_clock::now() > until) {
      return fail(
          FailureKind::fatal,
          fmt::format("partition {} is another process's: stop the engines, then call again",
                      missing));
    }
    std::this_thread::sleep_for(between);
  }
}

Fallible<bool> ClaimedAll::try_all(std::int32_t partitions) {
  for (std::int32_t p = 0; p < partitions; ++p) {
    auto claim = claims_->begin(commands_of(proofs_.size()));
    if (!claim) return std::unexpected(claim.error());
    if (!(*claim == Claim::mine)) return false;
    proofs_.push_back(std::move(claim->proof));
    // Dealt out anew in between.
    if (proofs_.back() != proofs_.front()) return false;
  }
  return true;
}

void ClaimedAll::let_go() {
  for (std::size_t p = 0; p < proofs_.size(); ++p) claims_->done(commands_of(p));
  proofs_.clear();
}

ClaimedAll::~ClaimedAll() { let_go(); }

}  // namespace pesan::runtime
