#include "adapters/runtime/link_follower.hpp"

#include <algorithm>
#include <array>
#include <variant>

namespace pesan::runtime {
namespace {

constexpr TopicPartition customers_topic{Topic::customers, Partition{0}};
constexpr std::size_t links_a_read = 2000;  // a few KB each at most

}  // namespace

LinkFollower::LinkFollower(LogReader& log, RowFollower& rows, Offset next)
    : log_(log), rows_(rows), places_(static_cast<std::size_t>(log.partitions())), next_(next) {}

Fallible<std::unique_ptr<LinkFollower>> LinkFollower::from_now(LogReader& log, RowFollower& rows) {
  const auto customers = log.range(customers_topic);
  if (!customers) return std::unexpected(customers.error());
  return std::unique_ptr<LinkFollower>(new LinkFollower(log, rows, customers->end));
}

void LinkFollower::created(Partition partition, Sequence event) {
  auto& last = places_[static_cast<std::size_t>(partition.value)].last_created;
  last = std::max(last, event);
}

bool LinkFollower::all_linked() const {
  return std::ranges::all_of(places_,
                             [](const Place& p) { return p.last_linked >= p.last_created; });
}

Fallible<void> LinkFollower::take(Offset from, std::chrono::milliseconds wait) {
  const std::array places{customers_topic};
  if (const auto changed = log_.wait_for_change(places, log_.changes(places), wait); !changed) {
    return std::unexpected(changed.error());
  }
  const ReadLimit limit{.records = links_a_read, .bytes = std::size_t{64} << 20};
  if (auto read = log_.read(customers_topic, from, limit, records_); !read) return read;
  for (const Record& record : records_) {
    const auto event = events_.decode_customer(record.payload.value);
    if (!event) return fail(FailureKind::fatal, event.error().what);
    if (const auto* linked = std::get_if<BookingLinked>(&event->body)) {
      auto& last = places_[static_cast<std::size_t>(linked->partition)].last_linked;
      last = std::max(last, Sequence{linked->sequence});
    }
    // Looking back may find what came since this run began: its rows are waited for too.
    next_ = std::max(next_, record.offset.next());
  }
  return {};
}

/// A booking that was asked for again may have been linked before this run: looks back until the
/// last link of each partition that matters is found.
Fallible<void> LinkFollower::recall() {
  const auto range = log_.range(customers_topic);
  if (!range) return std::unexpected(range.error());
  const auto open = [](const Place& p) {
    return p.last_created > p.last_linked && p.last_linked < Sequence{0};
  };
  for (Offset next = next_; next > range->begin;) {
    if (std::ranges::none_of(places_, open)) break;
    const auto back = next.value - static_cast<std::int64_t>(links_a_read);
    next = std::max(range->begin, Offset{back});
    if (auto taken = take(next, std::chrono::milliseconds{0}); !taken) return taken;
  }
  recalled_ = true;
  return {};
}

Fallible<bool> LinkFollower::all_done(std::chrono::milliseconds wait) {
  if (!all_linked() && !recalled_) {
    if (auto recalled = recall(); !recalled) return std::unexpected(recalled.error());
  }
  if (!all_linked()) {
    if (auto taken = take(next_, wait); !taken) return std::unexpected(taken.error());
    if (!all_linked()) return false;
  }
  const auto checkpoint = rows_.checkpoint(customers_topic);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  const Offset folded = *checkpoint ? (*checkpoint)->next_offset : Offset{};
  const auto left = holds_records(log_, customers_topic, folded, next_);
  if (!left) return std::unexpected(left.error());
  return !*left;
}

}  // namespace pesan::runtime
