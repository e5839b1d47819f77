// The cursors of a KafkaLog. A reader names a partition and an offset; going on where a read
// ended gets the cursor that stands there, and only a jump starts a new one. Readers of different
// partitions share a client; the same partition read at two places takes two. Any thread.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "adapters/kafka/client_on_call.hpp"
#include "adapters/kafka/cursor.hpp"

namespace pesan::kafka {

class CursorPool {
 public:
  /// Both outlive it. The arrivals are told of whatever comes for its cursors.
  CursorPool(const Place& place, Arrivals& arrivals) : place_(place), arrivals_(arrivals) {}

  class Lease {
   public:
    Lease(CursorPool& pool, std::unique_ptr<Cursor> cursor)
        : pool_(&pool), cursor_(std::move(cursor)) {}
    Lease(Lease&&) = default;
    ~Lease();
    Cursor& operator*() const { return *cursor_; }
    Cursor* operator->() const { return cursor_.get(); }
    /// After a failure: it is not lent again.
    void give_up() { broken_ = true; }

   private:
    CursorPool* pool_;
    std::unique_ptr<Cursor> cursor_;  // null when moved from
    bool broken_ = false;
  };

  /// The cursor that stands at `from`, if one does.
  std::optional<Lease> lend(TopicPartition source, Offset from);
  /// Ends what nobody asks for any more: it would go on fetching, and keep what it fetched. And
  /// serves the clients.
  void sweep();
  /// Somebody waits for these partitions, besides those who wait already: a cursor of each stays.
  void keep(LogReader::Places places);
  /// A new one; `from` is within the partition's range.
  Fallible<Lease> start(TopicPartition source, Offset from);

 private:
  using Time = std::chrono::steady_clock::time_point;
  struct Lane {
    std::unique_ptr<Client> client;
    std::set<TopicPartition> sources;  // of the cursors that live on it
    Time made;
    Time last_used{};  // where there are none
  };
  struct Idle {
    std::unique_ptr<Cursor> cursor;
    Time since;
  };

  Fallible<Lane*> lane_for(TopicPartition source);
  void put_back(std::unique_ptr<Cursor> cursor);
  void end(std::unique_ptr<Cursor> cursor);
  /// Takes out the clients that have had no cursor for a while: each is threads, and requests.
  std::list<Lane> unused_lanes();
  /// Takes out those on a later lane for which an earlier one has room, as when what stood there
  /// first has gone: they begin anew there, and their lane goes.
  std::vector<std::unique_ptr<Cursor>> with_room_elsewhere();
  /// Takes out what nobody has asked for in a while, or the place of which is wanted.
  std::vector<std::unique_ptr<Cursor>> expired(std::optional<TopicPartition> wanted);

  const Place& place_;
  Arrivals& arrivals_;
  std::mutex sweeping_;  // by one thread: it uses clients, and ends them
  std::mutex mutex_;     // guards what follows; never held while a cursor starts or ends
  std::list<Lane> lanes_;
  Time next_sweep_{};
  std::vector<Idle> idle_;  // in the order in which they came back; goes before the lanes
};

}  // namespace pesan::kafka
