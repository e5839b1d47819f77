// A stream of plausible events, written into a log as an engine would write them: rooms, bookings
// that come, move, pay and go, and the registry's answer to them. It decides by a seed, not by any
// rule of pesan; what it writes folds without a contradiction. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/log_writer.hpp"
#include "events/events.hpp"

namespace pesan {

class EventStream {
 public:
  EventStream(Log& log, std::uint64_t seed, std::string log_id = "log-1")
      : log_(log), random_(seed), log_id_(std::move(log_id)) {}

  /// LogOpened and the definition of two resources, in each partition.
  void open();
  /// So many events of bookings, in random partitions; the customers that belong to them.
  void write(int events);
  /// The same, but each a new stay of so many nights, one after another; no customers.
  void write_long_stays(int stays, std::int32_t nights);
  /// The record of an event as the stream would write it next; `sequence` and `version` move on.
  std::string next_record(std::int32_t partition);
  void append(std::int32_t partition, std::string record);

 private:
  struct Booking {
    std::string id;
    bool slots = false;
    Status status = Status::confirmed;
    Payment payment = Payment::unpaid;
    std::optional<Held> held;
  };
  struct PartitionState {
    std::int64_t sequence = 0;
    std::int64_t ms = 1'800'000'000'000;
    std::map<std::string, std::int64_t> versions;
    std::vector<Booking> bookings;
    std::int64_t made = 0;
  };

  std::int64_t any(std::int64_t below) {
    return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(below));
  }
  PartitionState& state(std::int32_t partition);
  std::string encode(std::int32_t partition, const std::string& resource, const EventBody& body);
  std::string create(std::int32_t partition);
  std::string create(std::int32_t partition, const Held& held);
  std::string change(std::int32_t partition, Booking& booking);
  BookingFacet facet(Booking& booking, Status status, Payment payment, std::optional<Held> held);
  Held any_held(bool slots);
  void register_customer(std::int32_t partition, const std::string& booking);

  Log& log_;
  std::mt19937_64 random_;
  std::string log_id_;
  std::map<std::int32_t, PartitionState> partitions_;
  std::int64_t customer_sequence_ = 0;
  std::int64_t customers_ = 0;
  std::vector<std::string> slot_names_{"s0", "s1", "s2"};
  std::string pending_link_;
};

}  // namespace pesan
