#include "events/repeat_window.hpp"

#include <algorithm>
#include <ranges>

namespace pesan {

void RepeatWindow::clear() {
  entries_.clear();
  oldest_ = 0;
}

void RepeatWindow::add(std::int64_t number, const Digest& digest) {
  if (!entries_.empty() && number <= at(entries_.size() - 1).number) return;
  if (entries_.size() < length) {
    entries_.push_back({number, digest});
    return;
  }
  entries_[oldest_] = {number, digest};
  oldest_ = (oldest_ + 1) % length;
}

const Digest* RepeatWindow::find(std::int64_t number) const {
  // Most that are asked for are new.
  if (entries_.empty() || number > at(entries_.size() - 1).number) return nullptr;
  const auto ages = std::views::iota(std::size_t{0}, entries_.size());
  const auto found =
      std::ranges::lower_bound(ages, number, {}, [&](std::size_t age) { return at(age).number; });
  if (found == ages.end() || at(*found).number != number) return nullptr;
  return &at(*found).digest;
}

bool RepeatWindow::has(std::int64_t number, const Digest& digest) const {
  const Digest* known = find(number);
  return known != nullptr && *known == digest;
}

}  // namespace pesan
