#include "adapters/runtime/link_follower.hpp"

#include <algorithm>
#include <variant>

namespace pesan::runtime {
namespace {

constexpr TopicPartition customers{Topic::customers, Partition{0}};
constexpr std::size_t links_a_read = 2000;  // a few KB each at most

}  // namespace

Fallible<void> LinkFollower::read_on(const std::vector<bool>& wanted) {
  if (next_) {
    if (auto taken = take(*next_); !taken) return taken;
  }
  const auto unknown = [&] {
    for (std::size_t p = 0; p < places_.size(); ++p) {
      if (wanted[p] && !places_[p].last_linked) return true;
    }
    return false;
  };
  const bool knows_all = next_ && oldest_ == Offset{};
  if (knows_all || !unknown()) return {};
  const auto range = log_.range(customers);
  if (!range) return std::unexpected(range.error());
  if (!next_) next_ = oldest_ = range->end;
  while (oldest_ > range->begin && unknown()) {
    const Offset back{oldest_.value - static_cast<std::int64_t>(links_a_read)};
    const Offset from = std::max(range->begin, back);
    if (auto taken = take(from); !taken) return taken;
    oldest_ = from;
  }
  return {};
}

Fallible<void> LinkFollower::take(Offset from) {
  const ReadLimit limit{.records = links_a_read, .bytes = std::size_t{64} << 20};
  if (auto read = log_.read(customers, from, limit, records_); !read) return read;
  for (const Record& record : records_) {
    const Offset end = record.offset.next();
    next_ = std::max(*next_, end);
    const auto event = events_.decode_customer(record.payload.value);
    if (!event) return fail(FailureKind::fatal, event.error().what);
    const auto* linked = std::get_if<BookingLinked>(&event->body);
    if (linked == nullptr) continue;
    Place& place = places_[static_cast<std::size_t>(linked->partition)];
    if (place.last_linked && *place.last_linked >= Sequence{linked->sequence}) continue;
    place = {.last_linked = Sequence{linked->sequence}, .end = end};
  }
  return {};
}

std::optional<Offset> LinkFollower::linked(Partition partition, Sequence event) const {
  const Place& place = places_[static_cast<std::size_t>(partition.value)];
  if (!place.last_linked || *place.last_linked < event) return std::nullopt;
  return place.end;
}

}  // namespace pesan::runtime
