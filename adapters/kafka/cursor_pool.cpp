#include "adapters/kafka/cursor_pool.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

namespace pesan::kafka {
namespace {

using Clock = std::chrono::steady_clock;

/// A cursor fetches ahead and keeps what it fetched, so one that nobody asks for goes: what
/// recovery has read to its end would fetch back all that the engine writes.
constexpr milliseconds longest_idle{1000};
constexpr milliseconds sweep_interval{250};
/// Somebody else reads the same partition elsewhere: what stood still so long was left behind.
constexpr milliseconds left_behind{1000};

/// Of one partition: a reader that jumps about in it shall not take a client for every jump.
constexpr std::ptrdiff_t most_idle = 2;

std::string client_id(const Place& place) { return place.prefix + "-reader"; }

}  // namespace

CursorPool::Lease::~Lease() {
  if (cursor_ == nullptr) return;
  broken_ ? pool_->end(std::move(cursor_)) : pool_->put_back(std::move(cursor_));
}

std::optional<CursorPool::Lease> CursorPool::lend(TopicPartition source, Offset from) {
  const std::scoped_lock lock(mutex_);
  // The one that was used last, so that of several at one place those that are too many go.
  const auto found = std::ranges::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& idle) {
    return idle.cursor->source() == source && idle.cursor->next() == from;
  });
  if (found == idle_.rend()) return std::nullopt;
  auto cursor = std::move(found->cursor);
  idle_.erase(std::next(found).base());
  return Lease(*this, std::move(cursor));
}

void CursorPool::sweep() {
  const std::unique_lock turn(sweeping_, std::try_to_lock);
  if (!turn) return;
  std::vector<Client*> clients;
  {
    const auto now = Clock::now();
    const std::scoped_lock lock(mutex_);
    if (now < next_sweep_) return;
    next_sweep_ = now + sweep_interval;
    for (const auto& lane : lanes_) clients.push_back(lane.client.get());
  }
  for (Client* client : clients) client->serve();  // those too that nobody reads with just now
  for (auto& cursor : expired(std::nullopt)) end(std::move(cursor));
  for (auto& cursor : with_room_elsewhere()) end(std::move(cursor));
  unused_lanes().clear();  // waits for their threads, so without the lock
}

std::list<CursorPool::Lane> CursorPool::unused_lanes() {
  const auto now = Clock::now();
  std::list<Lane> unused;
  const std::scoped_lock lock(mutex_);
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    const auto next = std::next(lane);
    const bool goes = lane->sources.empty() && now - lane->last_used >= longest_unused;
    if (goes) unused.splice(unused.end(), lanes_, lane);
    lane = next;
  }
  return unused;
}

std::vector<std::unique_ptr<Cursor>> CursorPool::with_room_elsewhere() {
  std::vector<std::unique_ptr<Cursor>> result;
  const std::scoped_lock lock(mutex_);
  for (auto lane = lanes_.begin(); lane != lanes_.end(); ++lane) {
    // While a role recovers, lanes come and go by themselves.
    if (Clock::now() - lane->made < longest_unused) continue;
    std::erase_if(idle_, [&](Idle& idle) {
      if (&idle.cursor->client() != lane->client.get()) return false;
      const TopicPartition source = idle.cursor->source();
      const bool room = std::any_of(lanes_.begin(), lane, [&](const Lane& earlier) {
        return !earlier.sources.contains(source);
      });
      if (room) result.push_back(std::move(idle.cursor));
      return room;
    });
  }
  return result;
}

void CursorPool::keep(LogReader::Places places) {
  const auto now = Clock::now();
  const std::scoped_lock lock(mutex_);
  for (const TopicPartition place : places) {
    // One each of those who wait: what else stands there was left by somebody who looked.
    auto left = arrivals_.waiting_for(place) + 1;
    for (auto idle = idle_.rbegin(); idle != idle_.rend() && left > 0; ++idle) {
      if (idle->cursor->source() != place) continue;
      idle->since = now;
      --left;
    }
  }
}

Fallible<CursorPool::Lease> CursorPool::start(TopicPartition source, Offset from) {
  for (auto& cursor : expired(source)) end(std::move(cursor));
  auto lane = lane_for(source);
  if (!lane) return std::unexpected(std::move(lane.error()));
  auto cursor = Cursor::start({.client = *(*lane)->client,
                               .source = source,
                               .from = from,
                               .where = fmt::format("{}-{} of {}", place_.topic(source.topic),
                                                    source.partition.value, place_.url()),
                               .bell = arrivals_.bell(source)});
  if (!cursor) {
    const std::scoped_lock lock(mutex_);
    (*lane)->sources.erase(source);
    (*lane)->last_used = Clock::now();
    return std::unexpected(std::move(cursor.error()));
  }
  return Lease(*this, std::move(*cursor));
}

Fallible<CursorPool::Lane*> CursorPool::lane_for(TopicPartition source) {
  const std::scoped_lock lock(mutex_);
  for (auto& lane : lanes_) {
    if (lane.sources.insert(source).second) return &lane;
  }
  auto client = Client::make(
      place_, {.kind = Client::Kind::reader, .id = client_id(place_), .statistics = true});
  if (!client) return std::unexpected(std::move(client.error()));
  lanes_.push_back({.client = std::move(*client), .sources = {source}, .made = Clock::now()});
  return &lanes_.back();
}

void CursorPool::put_back(std::unique_ptr<Cursor> cursor) {
  try {
    const std::scoped_lock lock(mutex_);
    idle_.emplace_back();
    idle_.back() = {.cursor = std::move(cursor), .since = Clock::now()};
  } catch (const std::exception&) {  // no room for it: called by a destructor, this throws nothing
    end(std::move(cursor));
  }
}

void CursorPool::end(std::unique_ptr<Cursor> cursor) {
  const TopicPartition source = cursor->source();
  const Client* client = &cursor->client();
  cursor.reset();  // waits, so without the lock
  const std::scoped_lock lock(mutex_);
  for (auto& lane : lanes_) {
    if (lane.client.get() != client) continue;
    lane.sources.erase(source);
    lane.last_used = Clock::now();
  }
}

std::vector<std::unique_ptr<Cursor>> CursorPool::expired(std::optional<TopicPartition> wanted) {
  const auto now = Clock::now();
  std::vector<std::unique_ptr<Cursor>> result;
  const std::scoped_lock lock(mutex_);
  auto same_source = std::ranges::count_if(
      idle_, [&](const Idle& idle) { return idle.cursor->source() == wanted; });
  std::erase_if(idle_, [&](Idle& idle) {  // in the order in which they were put back
    const bool same = idle.cursor->source() == wanted;
    if (same && same_source-- > most_idle) {
      result.push_back(std::move(idle.cursor));
      return true;
    }
    if (now - idle.since < (same ? left_behind : longest_idle)) return false;
    result.push_back(std::move(idle.cursor));
    return true;
  });
  return result;
}

}  // namespace pesan::kafka
