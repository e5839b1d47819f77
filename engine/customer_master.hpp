// The customer master's rules (docs/customers.md#matching), pure: which customer a booking belongs
// to, and what it tells of them. State is the fold of the registry's own events, so a rebuild gives
// every customer the same code. It remembers digests, no guest data. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "events/digest.hpp"
#include "events/events.hpp"

namespace pesan {

/// As docs/customers.md#phone-numbers says; nullopt: no number that tells customers apart.
std::optional<std::string> normalised_phone(std::string_view phone, std::string_view calling_code);
/// Trimmed, lower case.
std::string normalised_email(std::string_view email);
/// Trimmed, inner white space single, lower case.
std::string normalised_name(std::string_view name);

/// CS-000001, and on.
std::string customer_code(std::int64_t number);

struct DigestHash {
  std::size_t operator()(const Digest& digest) const { return digest.low; }
};

/// A BookingCreated, its place, and who asked for it through whom.
struct CreatedBooking {
  ResourceId resource;
  const Actor& actor;
  std::string_view source;  // of the command
  const BookingCreated& booking;
  Partition partition;
  Sequence sequence;
};

class CustomerMaster {
 public:
  explicit CustomerMaster(std::string calling_code = std::string(default_calling_code))
      : calling_code_(std::move(calling_code)) {}

  /// What the registry says of it: the customer's registration or update where there is something
  /// to say, then the link. Borrows from the event and from `code`.
  std::vector<CustomerEventBody> decide(const CreatedBooking& created, std::string& code) const;

  void evolve(const CustomerEventBody& event);

  /// The last BookingCreated of that partition that is linked; nullopt before the first.
  std::optional<Sequence> linked_up_to(Partition partition) const;
  std::int64_t customers() const { return static_cast<std::int64_t>(known_.size()); }

 private:
  struct Known {
    LocalDateTime last_booked_for;
    std::optional<Gender> gender;
    std::uint64_t email = 0;  // short digest as given; 0 = none
    std::uint64_t address = 0;
    Digest found_by;  // of the normalised email; without email and phone of the normalised name
  };
  using Index = boost::unordered_flat_map<Digest, std::uint32_t, DigestHash>;

  std::optional<std::uint32_t> match(const Customer& customer,
                                     const std::optional<Digest>& ref) const;
  std::optional<CustomerUpdated> update(std::uint32_t index, const BookingCreated& booking,
                                        std::string_view code) const;
  std::uint32_t index_of(std::string_view code) const;

  std::string calling_code_;
  std::vector<Known> known_;  // CS-000001 first
  Index by_ref_;              // of a sender and its own id of the customer
  Index by_phone_;
  Index by_email_;
  Index by_name_;  // of those who have neither phone nor email
  std::map<Partition, Sequence> linked_;
};

}  // namespace pesan
