#include "engine/customer_master.hpp"

#include <charconv>

#include <fmt/format.h>

#include "events/ascii.hpp"
#include "events/assert.hpp"

namespace pesan {
namespace {

std::uint64_t digest_or_zero(const std::optional<std::string_view>& text) {
  if (!text) return 0;
  const auto digest = short_digest_of(*text);
  return digest == 0 ? 1 : digest;
}

Digest key_of(const std::string& normalised) { return digest_of(normalised); }

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace

std::string normalised_phone(std::string_view phone) {
  std::string digits;
  for (const char c : phone) {
    if (is_digit(c)) digits.push_back(c);
  }
  if (digits.starts_with("00")) digits.erase(0, 2);
  if (digits.starts_with("62")) digits.replace(0, 2, "0");
  return digits;
}

std::string normalised_email(std::string_view email) {
  std::string out;
  for (const char c : email) {
    if (!is_space(c)) out.push_back(lower(c));  // the field rule allows none inside
  }
  return out;
}

std::string normalised_name(std::string_view name) {
  std::string out;
  bool space = false;
  for (const char c : name) {
    if (is_space(c)) {
      space = !out.empty();
      continue;
    }
    if (space) out.push_back(' ');
    space = false;
    out.push_back(lower(c));
  }
  return out;
}

std::string customer_code(std::int64_t number) { return fmt::format("CS-{:06}", number); }

std::optional<std::uint32_t> CustomerMaster::match(const Customer& customer) const {
  const auto find = [](const Index& index, const std::string& key) {
    const auto found = index.find(key_of(key));
    return found == index.end() ? std::nullopt : std::optional(found->second);
  };
  if (customer.phone) {
    if (const auto found = find(by_phone_, normalised_phone(*customer.phone))) return found;
  }
  if (customer.email) return find(by_email_, normalised_email(*customer.email));
  if (customer.phone) return std::nullopt;
  return find(by_name_, normalised_name(customer.name));
}

std::optional<CustomerUpdated> CustomerMaster::update(std::uint32_t index,
                                                      const BookingCreated& booking,
                                                      std::string_view code) const {
  const Known& known = known_[index];
  const Customer& given = booking.customer;
  CustomerUpdated update{
      .code = code, .gender = {}, .email = {}, .address = {}, .booked_for = booking.booked_for};
  if (given.gender && given.gender != known.gender) update.gender = given.gender;
  if (given.address && digest_or_zero(given.address) != known.address) {
    update.address = given.address;
  }
  if (given.email && digest_or_zero(given.email) != known.email) {
    const auto owner = by_email_.find(key_of(normalised_email(*given.email)));
    // Somebody else's email is left alone: the phone has won.
    if (owner == by_email_.end() || owner->second == index) update.email = given.email;
  }
  if (!update.gender && !update.email && !update.address &&
      known.last_booked_for == booking.booked_for) {
    return std::nullopt;
  }
  return update;
}

std::vector<CustomerEventBody> CustomerMaster::decide(ResourceId resource,
                                                      const BookingCreated& booking,
                                                      Partition partition, Sequence sequence,
                                                      std::string& code) const {
  std::vector<CustomerEventBody> said;
  const auto found = match(booking.customer);
  code = customer_code(found ? *found + 1 : customers() + 1);
  if (found) {
    if (auto updated = update(*found, booking, code)) said.emplace_back(*updated);
  } else {
    const Customer& given = booking.customer;
    said.emplace_back(CustomerRegistered{.code = code,
                                         .name = given.name,
                                         .gender = given.gender,
                                         .phone = given.phone,
                                         .email = given.email,
                                         .address = given.address,
                                         .preferred_resource = resource.text,
                                         .booked_for = booking.booked_for});
  }
  said.emplace_back(BookingLinked{.code = code,
                                  .booking_id = booking.facet.booking_id,
                                  .partition = partition.value,
                                  .sequence = sequence.value});
  return said;
}

std::uint32_t CustomerMaster::index_of(std::string_view code) const {
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(code.data() + std::min<std::size_t>(3, code.size()),
                                      code.data() + code.size(), number);
  PESAN_ASSERT(parsed.ec == std::errc{} && number >= 1 && number <= known_.size(),
               "an event names a customer that was never registered");
  return number - 1;
}

void CustomerMaster::evolve(const CustomerEventBody& event) {
  std::visit(Overloaded{
                 [&](const CustomerRegistered& e) {
                   PESAN_ASSERT(e.code == customer_code(customers() + 1), "codes have no gaps");
                   const auto index = static_cast<std::uint32_t>(known_.size());
                   Known& known = known_.emplace_back();
                   known.last_booked_for = e.booked_for;
                   known.gender = e.gender;
                   known.email = digest_or_zero(e.email);
                   known.address = digest_or_zero(e.address);
                   if (e.phone) by_phone_.emplace(key_of(normalised_phone(*e.phone)), index);
                   if (e.email) {
                     known.email_key = key_of(normalised_email(*e.email));
                     by_email_.emplace(known.email_key, index);
                   }
                   if (!e.phone && !e.email)
                     by_name_.emplace(key_of(normalised_name(e.name)), index);
                 },
                 [&](const CustomerUpdated& e) {
                   const auto index = index_of(e.code);
                   Known& known = known_[index];
                   known.last_booked_for = e.booked_for;
                   if (e.gender) known.gender = e.gender;
                   if (e.address) known.address = digest_or_zero(e.address);
                   if (e.email) {
                     if (known.email != 0) by_email_.erase(known.email_key);
                     known.email = digest_or_zero(e.email);
                     known.email_key = key_of(normalised_email(*e.email));
                     by_email_.emplace(known.email_key, index);
                   }
                 },
                 [&](const BookingLinked& e) {
                   linked_[{static_cast<std::int32_t>(e.partition)}] = Sequence{e.sequence};
                 },
             },
             event);
}

std::optional<Sequence> CustomerMaster::linked_up_to(Partition partition) const {
  const auto found = linked_.find(partition);
  return found == linked_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pesan
