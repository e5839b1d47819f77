// The customer registry by the book (docs/domain.md#customers): bookings go in, in the order in
// which the registry linked them, and the customer master comes out.
//
// Every look-up is an index over what the customers hold now, so an email that was replaced is
// gone from it. One thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/json.hpp>

namespace pesan::audit {

class CustomerModel {
 public:
  // One BookingCreated. `booked_for` is local, `2026-12-01T00:00:00.000`.
  struct Created {
    int partition = 0;
    std::int64_t sequence = 0;
    std::string booking_id;
    std::string resource;
    std::string name;
    std::optional<std::string> ref, gender, phone, email, address;
    std::string source;  // of the command
    std::optional<std::string> by_user;
    std::string booked_for;
    std::int64_t now_ms = 0;
  };

  // What the registry says about one booking: CustomerRegistered, CustomerUpdated or nothing,
  // and then always BookingLinked.
  struct Decision {
    std::string code;
    bool registered = false;
    bool updated = false;
  };

  // `first_sequence`: of the registry's first own record, 1 behind an opening record.
  explicit CustomerModel(std::int64_t first_sequence = 1) : next_sequence_(first_sequence) {}

  Decision created(const Created& booking);

  // Tables `customer` and `customer_booking`. `sequence` is that of the BookingLinked, and
  // `updated_at` the booking's now, as the registry has no clock of its own.
  std::map<std::string, std::vector<boost::json::object>> rows() const;

 private:
  struct Customer {
    std::string code, name, preferred_resource, first_booking_at, last_booking_at;
    std::optional<std::string> gender, phone, email, address;
    std::int64_t bookings = 0, sequence = 0, updated_ms = 0;
  };
  struct Link {
    std::size_t customer = 0;
    std::int64_t sequence = 0, updated_ms = 0;
  };

  std::optional<std::size_t> match(const Created& booking) const;
  std::size_t enter(const Created& booking);
  bool update(std::size_t found, const Created& booking);

  std::vector<Customer> customers_;  // code CS-000001 first
  std::map<std::string, std::size_t> by_phone_, by_email_, by_name_;
  std::map<std::pair<std::string, std::string>, std::size_t> by_ref_;  // and its source
  std::map<std::string, Link> links_;
  std::int64_t next_sequence_;
};

// The three forms that customers are matched by.
std::optional<std::string> normal_phone(std::string_view phone);
std::string normal_email(std::string_view email);
std::string normal_name(std::string_view name);

}  // namespace pesan::audit
