#include "tests/support/auditor/customers.hpp"

#include <fmt/format.h>

#include "tests/support/auditor/calendar.hpp"

namespace pesan::audit {
namespace {

namespace json = boost::json;

bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

json::value or_null(const std::optional<std::string>& text) {
  if (text) return json::value(json::string(*text));
  return nullptr;
}

std::optional<std::size_t> find(const std::map<std::string, std::size_t>& index,
                                const std::string& key) {
  const auto found = index.find(key);
  if (found == index.end()) return std::nullopt;
  return found->second;
}

}  // namespace

// Nothing where the number tells nobody apart. Of a log whose calling code is 62.
std::optional<std::string> normal_phone(std::string_view phone) {
  std::string digits, bare;
  bool words = false;
  for (const char c : phone) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter && !words && digits.size() >= 5) break;
    words = words || letter;
    if (c >= '0' && c <= '9') digits += c;
    if (!is_space(c) && c != '(' && c != ')' && c != '[' && c != ']' && c != '{' && c != '}') {
      bare += c;
    }
  }
  const bool from_abroad = bare.starts_with("+") || bare.starts_with("00");
  if (digits.starts_with("00")) digits = digits.substr(2);
  if (digits.starts_with("62") && (from_abroad || digits.size() >= 10)) {
    digits = digits.substr(2);
    while (digits.starts_with("0")) digits = digits.substr(1);
    digits = "0" + digits;
  }
  if (digits.size() < 5 || digits == std::string(digits.size(), digits[0])) return std::nullopt;
  return digits;
}

// Trimmed, inner white space single, lower case. An email has no inner white space.
std::string normal_name(std::string_view name) {
  std::string out;
  bool gap = false;
  for (const char c : name) {
    if (is_space(c)) {
      gap = true;
      continue;
    }
    if (gap && !out.empty()) out += ' ';
    gap = false;
    out += lower(c);
  }
  return out;
}

std::string normal_email(std::string_view email) { return normal_name(email); }

namespace {

std::optional<std::string> phone_of(const CustomerModel::Created& booking) {
  return booking.phone ? normal_phone(*booking.phone) : std::nullopt;
}

// A user speaks for nobody but themselves.
std::optional<std::pair<std::string, std::string>> ref_of(const CustomerModel::Created& booking) {
  if (!booking.ref || (booking.by_user && booking.by_user != booking.ref)) return std::nullopt;
  return std::pair(booking.source, *booking.ref);
}

}  // namespace

CustomerModel::Decision CustomerModel::created(const Created& booking) {
  Decision decision;
  const auto found = match(booking);
  const std::size_t at = found ? *found : enter(booking);
  decision.registered = !found;
  decision.updated = found && update(at, booking);
  decision.code = customers_[at].code;

  if (decision.registered || decision.updated) ++next_sequence_;
  Customer& customer = customers_[at];
  customer.bookings += 1;
  customer.sequence = next_sequence_++;
  customer.updated_ms = booking.now_ms;
  links_[booking.booking_id] = Link{at, customer.sequence, booking.now_ms};
  if (const auto ref = ref_of(booking)) by_ref_.emplace(*ref, at);
  return decision;
}

std::optional<std::size_t> CustomerModel::match(const Created& booking) const {
  if (const auto ref = ref_of(booking)) {
    if (const auto known = by_ref_.find(*ref); known != by_ref_.end()) return known->second;
  }
  const auto phone = phone_of(booking);
  if (phone) {
    if (const auto found = find(by_phone_, *phone)) return found;
  }
  if (booking.email) {
    if (const auto found = find(by_email_, normal_email(*booking.email))) return found;
  }
  if (phone || booking.email) return std::nullopt;
  return find(by_name_, normal_name(booking.name));
}

std::size_t CustomerModel::enter(const Created& booking) {
  const std::size_t at = customers_.size();
  Customer customer;
  customer.code = fmt::format("CS-{:06}", at + 1);
  customer.name = booking.name;
  customer.preferred_resource = booking.resource;
  customer.first_booking_at = customer.last_booking_at = booking.booked_for;
  customer.gender = booking.gender;
  const auto phone = phone_of(booking);
  if (phone) customer.phone = booking.phone;
  customer.email = booking.email;
  customer.address = booking.address;
  customers_.push_back(std::move(customer));
  if (phone) by_phone_[*phone] = at;
  if (booking.email) by_email_[normal_email(*booking.email)] = at;
  // Only a customer without phone and email is ever found by name.
  if (!phone && !booking.email) by_name_[normal_name(booking.name)] = at;
  return at;
}

// Last booking time, email, gender and address; true when one of them became another.
bool CustomerModel::update(std::size_t found, const Created& booking) {
  Customer& customer = customers_[found];
  const Customer before = customer;
  customer.last_booking_at = booking.booked_for;
  if (booking.gender) customer.gender = booking.gender;
  if (booking.address) customer.address = booking.address;
  if (booking.email) {
    const auto owner = find(by_email_, normal_email(*booking.email));
    if (!owner || *owner == found) {  // otherwise the phone has won, and the email is left alone
      if (customer.email) by_email_.erase(normal_email(*customer.email));
      if (!customer.phone && !customer.email) by_name_.erase(normal_name(customer.name));
      customer.email = booking.email;
      by_email_[normal_email(*booking.email)] = found;
    }
  }
  return customer.last_booking_at != before.last_booking_at || customer.gender != before.gender ||
         customer.address != before.address || customer.email != before.email;
}

std::map<std::string, std::vector<json::object>> CustomerModel::rows() const {
  std::map<std::string, std::vector<json::object>> tables;
  auto& customers = tables["customer"];
  for (const Customer& c : customers_) {
    customers.push_back({{"code", c.code},
                         {"name", c.name},
                         {"gender", or_null(c.gender)},
                         {"phone", or_null(c.phone)},
                         {"email", or_null(c.email)},
                         {"address", or_null(c.address)},
                         {"preferred_resource_id", c.preferred_resource},
                         {"first_booking_at", c.first_booking_at},
                         {"last_booking_at", c.last_booking_at},
                         {"bookings", c.bookings},
                         {"sequence", c.sequence},
                         {"updated_at", instant_text(c.updated_ms)}});
  }
  auto& links = tables["customer_booking"];
  for (const auto& [booking_id, link] : links_) {
    links.push_back({{"booking_id", booking_id},
                     {"customer_code", customers_[link.customer].code},
                     {"sequence", link.sequence},
                     {"updated_at", instant_text(link.updated_ms)}});
  }
  return tables;
}

}  // namespace pesan::audit
