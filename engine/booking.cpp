#include "engine/booking.hpp"

#include <string>

namespace pesan {
namespace {

/// Length-prefixed, so that no two lists of fields read alike.
void append_field(std::string& out, const std::optional<std::string_view>& text) {
  if (!text) {
    out.push_back('-');
    return;
  }
  out.append(std::to_string(text->size())).append(":").append(*text);
}

std::uint64_t not_zero(std::uint64_t digest) { return digest == 0 ? 1 : digest; }

std::uint64_t digest_of_subject(const Subject& subject) {
  std::string fields;
  append_field(fields, subject.type);
  append_field(fields, subject.id);
  append_field(fields, subject.name);
  return not_zero(short_digest_of(fields));
}

std::uint64_t digest_of_text(std::string_view text) { return not_zero(short_digest_of(text)); }

}  // namespace

std::uint64_t digest_of_customer(const Customer& customer) {
  std::string fields;
  append_field(fields, customer.name);
  append_field(fields, customer.ref);
  append_field(fields, customer.gender ? std::optional(name_of(*customer.gender)) : std::nullopt);
  append_field(fields, customer.phone);
  append_field(fields, customer.email);
  append_field(fields, customer.address);
  return not_zero(short_digest_of(fields));
}

void replace(Booking& booking, const Particulars& given) {
  if (given.subject) booking.subject = digest_of_subject(*given.subject);
  if (given.staff_id) booking.staff = digest_of_text(*given.staff_id);
  if (given.notes) booking.notes = digest_of_text(*given.notes);
}

bool has_already(const Booking& booking, const Particulars& given) {
  return (!given.staff_id || digest_of_text(*given.staff_id) == booking.staff) &&
         (!given.subject || digest_of_subject(*given.subject) == booking.subject) &&
         (!given.notes || digest_of_text(*given.notes) == booking.notes);
}

Digest digest_of_person(std::string_view id) {
  const Digest digest = digest_of(id);
  return digest == Digest{} ? Digest{.high = 0, .low = 1} : digest;
}

}  // namespace pesan
