// Who asks, and what a guest gives with a booking: the parts that commands and events share, each
// with the description of its JSON form. Texts are borrowed from the record behind them. Plain
// values.
#pragma once

#include <optional>
#include <string_view>

#include "events/fields.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

struct Actor {
  ActorType type = ActorType::system;
  std::string_view id;
  bool operator==(const Actor&) const = default;
};

struct Customer {
  std::string_view name;
  std::optional<std::string_view> ref;
  std::optional<Gender> gender;
  std::optional<std::string_view> phone;
  std::optional<std::string_view> email;
  std::optional<std::string_view> address;
  bool operator==(const Customer&) const = default;
};

/// What a service is given to, e.g. HiPet's pet.
struct Subject {
  std::string_view type;
  std::string_view id;
  std::string_view name;
  bool operator==(const Subject&) const = default;
};

/// What is given beside the customer, and nothing interprets: it is checked, kept and shown.
struct Particulars {
  std::optional<Subject> subject;
  std::optional<std::string_view> staff_id;
  std::optional<std::string_view> notes;
  bool operator==(const Particulars&) const = default;
};

// Descriptions: a visitor is called with each field and the member that holds it, in the order in
// which they are judged and written. A member that is optional is a field that may be absent.

template <class V>
void describe(V& v, Actor& a) {
  v(field::actor_type, a.type);
  v(field::actor_id, a.id);
}

template <class V>
void describe(V& v, Customer& c) {
  v(field::customer_name, c.name);
  v(field::ref, c.ref);
  v(field::gender, c.gender);
  v(field::phone, c.phone);
  v(field::email, c.email);
  v(field::address, c.address);
}

template <class V>
void describe(V& v, Subject& s) {
  v(field::subject_type, s.type);
  v(field::subject_id, s.id);
  v(field::subject_name, s.name);
}

/// As at creation. Commands have fields of their own in front of the notes; `between` is
/// they.
template <class V, class Between>
void describe_given(V& v, Customer& customer, Particulars& p, Between between) {
  v(field::customer, customer);
  v(field::subject, p.subject);
  v(field::staff_id, p.staff_id);
  between();
  v(field::notes, p.notes);
}

/// As at a change: what is given replaces. `between` as above.
template <class V, class Between>
void describe_replaced(V& v, std::optional<Customer>& customer, Particulars& p, Between between) {
  v(field::customer, customer);
  v(field::staff_id, p.staff_id);
  v(field::subject, p.subject);
  between();
  v(field::notes, p.notes);
}

}  // namespace pesan
