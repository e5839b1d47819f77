#include "adapters/cli/suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace pesan::cli {
namespace {

/// Letters to put in, take out, replace or swap with the next one.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view typed, std::span<const std::string> names) {
  constexpr std::size_t longest = 64;
  if (typed.size() > longest) return std::nullopt;
  // A third of the letters: less is a slip, more is another word.
  std::pair<std::size_t, const std::string*> best{std::max<std::size_t>(typed.size() / 3, 1) + 1,
                                                  nullptr};
  for (const std::string& name : names) {
    best = std::min(best, {distance(typed, name), &name},
                    [](const auto& a, const auto& b) { return a.first < b.first; });
  }
  return best.second == nullptr ? std::nullopt : std::optional(*best.second);
}

}  // namespace pesan::cli
