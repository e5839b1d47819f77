// The independent auditor: a second, naive reading of docs/domain.md, wire.md and tables.md.
//
// It shares no code with the engine and the projections, so a rule misread on one side shows as a
// difference between what they did and what this says. It owns all partitions; feed it every
// command record in offset order per partition, in any order between them. One thread at a time.
#pragma once

#include <deque>
#include <unordered_map>

#include <boost/json.hpp>

#include "tests/support/auditor/state.hpp"

namespace pesan::audit {

// One record of the commands topic. `forwarded`: it carries the header pesan-forwarded.
struct CommandRecord {
  int partition = 0;
  std::int64_t offset = 0;
  std::int64_t timestamp_ms = 0;
  std::string value;
  bool forwarded = false;
};

// The one result that a record must leave.
struct Expected {
  std::string type;  // CommandAccepted, CommandRejected or CommandForwarded
  std::optional<std::string> source, id, command_type;  // as read; null where unreadable
  std::string resource;                                 // "" when data.resource is no string
  std::optional<std::string> booking_id, code;
  boost::json::object details;      // {field} for invalid_field, {bucket, asked, left} for
                                    // capacity_exceeded, {} otherwise
  std::vector<std::string> events;  // "<resource>@<version>"
  std::int64_t sequence = 0, version = 0;
  bool duplicate = false;
  std::int64_t now_ms = 0;
  bool dead_letter = false;
  std::optional<int> forwarded_to;
  bool stops_engine = false;  // a forwarded record that is misplaced all the same: no result
};

struct Options {
  int partitions = 1;
  bool command_clock = false;
  std::size_t remember = 1'000'000;  // outcomes per partition
};

class Model {
 public:
  explicit Model(Options options);

  // The result of the record, and the state after it. With `set_aside` the record is one that an
  // operator parked: unless it is refused unread, its outcome is engine_failed, wherever it lies.
  Expected decide(const CommandRecord& record, bool set_aside = false);

  // ClockSwitched: an event of its own, after which the records' timestamps are the clock.
  void end_backfill(int partition);

  // Every table of docs/tables.md without those of the customers and projection_checkpoint, as the
  // fold of all that was decided so far. Rows come in the order of their keys. `room_night` has a
  // row with 0 units for a night that was held once and is free now. `sequence` and `updated_at`
  // are those of the last event that defined or changed the resource or schedule, touched the
  // booking, or moved the row's counts.
  std::map<std::string, std::vector<boost::json::object>> rows() const;

  // The bookings created in a partition, in order of sequence: food for the CustomerModel.
  const std::vector<CustomerModel::Created>& created(int partition) const;

  // The bookings of a partition whose hold has ended by then, or whose guest is late; none while it
  // follows the commands' clock, as nobody looks.
  std::vector<std::string> due(int partition, std::int64_t now_ms) const;

  std::int64_t sequence(int partition) const;
  std::int64_t clock_ms(int partition) const;

 private:
  struct Remembered {
    std::string payload;  // type and data
    Expected outcome;
  };
  struct Memory {
    std::unordered_map<std::string, Remembered> by_key;
    std::deque<std::string> oldest_first;
  };

  Expected decide_here(PartitionState& partition, const boost::json::object& data, Expected blank);
  void remember(Memory& memory, const std::string& key, std::string payload, Expected outcome);

  Options options_;
  std::vector<PartitionState> partitions_;
  std::vector<Memory> memories_;
};

}  // namespace pesan::audit
