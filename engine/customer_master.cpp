#include "engine/customer_master.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "events/ascii.hpp"
#include "events/assert.hpp"
#include "events/limits.hpp"

namespace pesan {
namespace {

std::uint64_t digest_or_zero(const std::optional<std::string_view>& text) {
  if (!text) return 0;
  const auto digest = short_digest_of(*text);
  return digest == 0 ? 1 : digest;
}

Digest key_of(const std::string& normalised) { return digest_of(normalised); }

Digest key_of_ref(std::string_view source, std::string_view ref) {
  return digest_of(fmt::format("{}:{}{}", source.size(), source, ref));
}

/// The number where one was given that tells customers apart.
std::optional<std::string> usable(const std::optional<std::string_view>& phone,
                                  std::string_view calling_code) {
  return phone ? normalised_phone(*phone, calling_code) : std::nullopt;
}

/// Whether the booking's ref is an id of the customer. Nobody speaks for another's account.
bool speaks_for_customer(const CreatedBooking& created) {
  const auto& ref = created.booking.customer.ref;
  return ref && (created.actor.type != ActorType::user || *ref == created.actor.id);
}

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};

}  // namespace

std::optional<std::string> normalised_phone(std::string_view phone, std::string_view calling_code) {
  constexpr auto fewest = static_cast<std::ptrdiff_t>(limit::fewest_phone_digits);
  constexpr std::size_t fewest_with_calling_code = 10;
  const auto before_words = phone.substr(
      0, static_cast<std::size_t>(std::ranges::find_if(phone, is_letter) - phone.begin()));
  if (std::ranges::count_if(before_words, is_digit) >= fewest) phone = before_words;

  std::string digits;
  std::string begin;  // its first two characters, white space and brackets aside
  for (const char c : phone) {
    if (is_digit(c)) digits.push_back(c);
    if (begin.size() < 2 && !is_space(c) && std::string_view("()[]{}").find(c) == std::string::npos)
      begin.push_back(c);
  }
  if (digits.starts_with("00")) digits.erase(0, 2);
  const bool international = begin.starts_with('+') || begin == "00";
  if ((international || digits.size() >= fewest_with_calling_code) &&
      digits.starts_with(calling_code)) {
    const auto rest = digits.find_first_not_of('0', calling_code.size());
    digits.replace(0, std::min(rest, digits.size()), "0");
  }
  const bool says_nothing = digits.size() < static_cast<std::size_t>(fewest) ||
                            digits.find_first_not_of(digits.front()) == std::string::npos;
  return says_nothing ? std::nullopt : std::optional(digits);
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

std::optional<std::uint32_t> CustomerMaster::match(const Customer& customer,
                                                   const std::optional<Digest>& ref) const {
  const auto find = [](const Index& index, const Digest& key) {
    const auto found = index.find(key);
    return found == index.end() ? std::nullopt : std::optional(found->second);
  };
  if (ref) {
    if (const auto found = find(by_ref_, *ref)) return found;
  }
  const auto phone = usable(customer.phone, calling_code_);
  if (phone) {
    if (const auto found = find(by_phone_, key_of(*phone))) return found;
  }
  if (customer.email) return find(by_email_, key_of(normalised_email(*customer.email)));
  if (phone) return std::nullopt;
  return find(by_name_, key_of(normalised_name(customer.name)));
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

std::vector<CustomerEventBody> CustomerMaster::decide(const CreatedBooking& created,
                                                      std::string& code) const {
  const BookingCreated& booking = created.booking;
  std::vector<CustomerEventBody> said;
  BookingLinked link{.code = {},
                     .booking_id = booking.facet.booking_id,
                     .partition = created.partition.value,
                     .sequence = created.sequence.value};
  std::optional<Digest> ref;
  if (speaks_for_customer(created)) {
    link.ref = booking.customer.ref;
    link.source = created.source;
    ref = key_of_ref(*link.source, *link.ref);
  }
  const auto found = match(booking.customer, ref);
  code = customer_code(found ? *found + 1 : customers() + 1);
  if (found) {
    if (auto updated = update(*found, booking, code)) said.emplace_back(*updated);
  } else {
    const Customer& given = booking.customer;
    const bool has_phone = usable(given.phone, calling_code_).has_value();
    said.emplace_back(CustomerRegistered{.code = code,
                                         .name = given.name,
                                         .gender = given.gender,
                                         .phone = has_phone ? given.phone : std::nullopt,
                                         .email = given.email,
                                         .address = given.address,
                                         .preferred_resource = created.resource.text,
                                         .booked_for = booking.booked_for});
  }
  link.code = code;
  said.emplace_back(link);
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
                   // Older programs registered numbers that tell nobody apart.
                   const auto phone = usable(e.phone, calling_code_);
                   if (phone) by_phone_.emplace(key_of(*phone), index);
                   if (e.email) {
                     known.found_by = key_of(normalised_email(*e.email));
                     by_email_.emplace(known.found_by, index);
                   } else if (!phone) {
                     known.found_by = key_of(normalised_name(e.name));
                     by_name_.emplace(known.found_by, index);
                   }
                 },
                 [&](const CustomerUpdated& e) {
                   const auto index = index_of(e.code);
                   Known& known = known_[index];
                   known.last_booked_for = e.booked_for;
                   if (e.gender) known.gender = e.gender;
                   if (e.address) known.address = digest_or_zero(e.address);
                   if (e.email) {
                     Index& was_in = known.email != 0 ? by_email_ : by_name_;
                     const auto old = was_in.find(known.found_by);
                     if (old != was_in.end() && old->second == index) was_in.erase(old);
                     known.email = digest_or_zero(e.email);
                     known.found_by = key_of(normalised_email(*e.email));
                     by_email_.emplace(known.found_by, index);
                   }
                 },
                 [&](const BookingLinked& e) {
                   linked_[{static_cast<std::int32_t>(e.partition)}] = Sequence{e.sequence};
                   if (e.ref && e.source) {
                     by_ref_.emplace(key_of_ref(*e.source, *e.ref), index_of(e.code));
                   }
                 },
             },
             event);
}

std::optional<Sequence> CustomerMaster::linked_up_to(Partition partition) const {
  const auto found = linked_.find(partition);
  return found == linked_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace pesan
