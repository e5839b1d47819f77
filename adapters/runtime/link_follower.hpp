// Which bookings are linked to their customers, for waiting for those that were created and for the
// customers' rows. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "adapters/runtime/row_follower.hpp"
#include "events/event_codec.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

class LinkFollower {
 public:
  /// Log and rows outlive it.
  static Fallible<std::unique_ptr<LinkFollower>> from_now(LogReader& log, RowFollower& rows);

  /// A booking was created by this event of the partition.
  void created(Partition partition, Sequence event);
  /// Every booking that was created is linked to its customer, and the customer's rows are written;
  /// waits at most `wait`.
  Fallible<bool> all_done(std::chrono::milliseconds wait);

 private:
  struct Place {
    Sequence last_created{-1};  // of a BookingCreated that this was told of
    Sequence last_linked{-1};
  };
  LinkFollower(LogReader& log, RowFollower& rows, Offset next);
  bool all_linked() const;
  Fallible<void> recall();
  Fallible<void> take(Offset from, std::chrono::milliseconds wait);

  LogReader& log_;
  RowFollower& rows_;
  std::vector<Place> places_;  // by partition
  Offset next_;                // of the customers' events
  bool recalled_ = false;
  EventDecoder events_;
  std::vector<Record> records_;
};

}  // namespace pesan::runtime
