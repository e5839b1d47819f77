// Which bookings are linked to their customers, for waiting for those that were created. It begins
// at the end of the customers' events and looks back only where it must. One thread.
#pragma once

#include <optional>
#include <vector>

#include "events/event_codec.hpp"
#include "events/log.hpp"

namespace pesan::runtime {

class LinkFollower {
 public:
  /// The log outlives it.
  explicit LinkFollower(LogReader& log)
      : log_(log), places_(static_cast<std::size_t>(log.partitions())) {}

  /// Reads on, without waiting. A booking of the partitions that are `wanted` may have been linked
  /// before this began: it looks back until it knows the last link of each.
  Fallible<void> read_on(const std::vector<bool>& wanted);
  /// The end of the customers' events among which is the link of the booking that this event
  /// created; nothing: it is not linked yet, as far as is known.
  std::optional<Offset> linked(Partition partition, Sequence event) const;

 private:
  struct Place {
    std::optional<Sequence> last_linked;
    Offset end;  // after that link
  };
  Fallible<void> take(Offset from);

  LogReader& log_;
  std::vector<Place> places_;   // by partition
  std::optional<Offset> next_;  // of the customers' events
  Offset oldest_;               // of those that were looked at
  EventDecoder events_;
  std::vector<Record> records_;
};

}  // namespace pesan::runtime
