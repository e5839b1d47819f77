// The fields of rooms, services and slots, once for the command and for its event, which have the
// same ones: what a command leaves out is optional there, and in the event it is the value after.
// Visitors: see guest.hpp.
#pragma once

#include "events/fields.hpp"

namespace pesan {

template <class V, class Room>
void describe_new_room(V& v, Room& r) {
  v(field::name, r.name);
  v(field::room_units, r.units);
  v(field::room_inventory, r.inventory);
  v(field::nightly_price_minor, r.nightly_price_minor);
  v(field::currency, r.currency);
  v(field::max_party, r.max_party);
  v(field::occupancy, r.occupancy);
  v(field::overbook_limit, r.overbook_limit);
  v(field::min_nights, r.min_nights);
  v(field::max_nights, r.max_nights);
  v(field::hold_minutes, r.hold_minutes);
  v(field::no_show_minutes, r.no_show_minutes);
  v(field::timezone, r.timezone);
  v(field::active, r.active);
}

template <class V, class Room>
void describe_changed_room(V& v, Room& r) {
  v(field::name, r.name);
  v(field::room_units, r.units);
  v(field::nightly_price_minor, r.nightly_price_minor);
  v(field::max_party, r.max_party);
  v(field::overbook_limit, r.overbook_limit);
  v(field::min_nights, r.min_nights);
  v(field::max_nights, r.max_nights);
  v(field::hold_minutes, r.hold_minutes);
  v(field::no_show_minutes, r.no_show_minutes);
  v(field::active, r.active);
}

template <class V, class Service>
void describe_new_service(V& v, Service& s) {
  v(field::name, s.name);
  v(field::price_minor, s.price_minor);
  v(field::currency, s.currency);
  v(field::duration_minutes, s.duration_minutes);
  v(field::occupancy, s.occupancy);
  v(field::overbook_limit, s.overbook_limit);
  v(field::hold_minutes, s.hold_minutes);
  v(field::no_show_minutes, s.no_show_minutes);
  v(field::timezone, s.timezone);
  v(field::active, s.active);
}

template <class V, class Service>
void describe_changed_service(V& v, Service& s) {
  v(field::name, s.name);
  v(field::price_minor, s.price_minor);
  v(field::duration_minutes, s.duration_minutes);
  v(field::overbook_limit, s.overbook_limit);
  v(field::hold_minutes, s.hold_minutes);
  v(field::no_show_minutes, s.no_show_minutes);
  v(field::active, s.active);
}

template <class V, class Schedule>
void describe_schedule(V& v, Schedule& s) {
  v(field::schedule_id, s.schedule_id);
  v(field::date, s.date);
  v(field::start, s.start);
  v(field::end, s.end);
  v(field::capacity, s.capacity);
}

}  // namespace pesan
