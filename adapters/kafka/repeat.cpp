#include "adapters/kafka/repeat.hpp"

#include <algorithm>

namespace pesan::kafka {
namespace {

constexpr std::chrono::milliseconds first_pause{1};
constexpr std::chrono::milliseconds longest_pause{100};

}  // namespace

std::optional<Refusal> repeat(const std::function<std::optional<Refusal>()>& call,
                              const Repeating& how) {
  const auto deadline = how.now() + how.patience;
  for (auto pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    auto refusal = call();
    if (!refusal || remedy_for(*refusal) != Remedy::repeat || how.now() > deadline) return refusal;
    how.sleep(pause);
  }
}

}  // namespace pesan::kafka
