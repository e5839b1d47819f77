// Every field of a command or an event, once: its name on the wire, its rule, and what it means in
// the published schemas. Which message has which fields, in which order, is in guest.hpp,
// command_fields.hpp and event_fields.hpp; reader, writer, validator, schemas and the generators of
// tests follow from the two. A field that means something else elsewhere is a field of its own.
// Constants; any thread.
#pragma once

#include <string_view>

#include "events/command_rules.hpp"

namespace pesan {

template <class Rule>
struct Field {
  std::string_view name;
  Rule rule;
  std::string_view text;
};

namespace field {

// What every command carries; who.

inline constexpr Field resource{"resource", rule::resource,
                                "The room type or service; the record's key."};
inline constexpr Field actor{"actor", rule::object, "Who asked for it."};
inline constexpr Field actor_type{"type", rule::all_names, "What they may do."};
inline constexpr Field actor_id{"id", rule::short_text, "Who they are."};
inline constexpr Field reason{"reason", rule::short_text,
                              "Why, in the actor's words; kept in the history."};
inline constexpr Field expected_version{"expected_version", rule::version,
                                        "The version of the last event that touched the booking; "
                                        "another one is a version_conflict."};

// Rooms, services and their slots.

inline constexpr Field name{"name", rule::name, "The name shown to people; not only white space."};
inline constexpr Field room_units{"units", rule::capacity,
                                  "How many rooms of this type there are."};
inline constexpr Field room_inventory{"inventory", rule::first_two,
                                      "How capacity is counted: counter (whatever the date), "
                                      "nightly, or slots."};
inline constexpr Field nightly_price_minor{"nightly_price_minor", rule::money,
                                           "Price of a unit and night, in minor units of the "
                                           "currency."};
inline constexpr Field price_minor{"price_minor", rule::money,
                                   "Price of a unit (and night), in minor units of the currency."};
inline constexpr Field currency{"currency", rule::currency, "ISO 4217 code."};
inline constexpr Field max_party{"max_party", rule::count, "How many people a unit takes at most."};
inline constexpr Field occupancy{"occupancy", rule::all_names,
                                 "When a booking occupies: from creation, from confirmation, or "
                                 "from payment."};
inline constexpr Field overbook_limit{"overbook_limit", rule::overbook,
                                      "How many units may be sold beyond those that there are."};
inline constexpr Field min_nights{"min_nights", rule::count, "The shortest stay."};
inline constexpr Field max_nights{"max_nights", rule::count, "The longest stay."};
inline constexpr Field hold_minutes{"hold_minutes", rule::timer_minutes,
                                    "For how many minutes a pending booking holds its place where "
                                    "it brings no hold_until; 0 and absent: it does not."};
inline constexpr Field no_show_minutes{"no_show_minutes", rule::timer_minutes,
                                       "How many minutes after its time a confirmed booking whose "
                                       "guest has not come becomes a no_show; 0 and absent: it "
                                       "does not by itself."};
inline constexpr Field timezone{"timezone", rule::timezone,
                                "IANA name of the zone that local dates and times are in."};
inline constexpr Field active{"active", rule::flag, "Whether it takes new bookings."};
inline constexpr Field duration_minutes{"duration_minutes", rule::count,
                                        "How long the service takes."};
inline constexpr Field schedule_id{"schedule_id", rule::schedule_id, "The slot."};
inline constexpr Field date{"date", rule::day, "The slot's day, local."};
inline constexpr Field start{"start", rule::time, "When the slot begins, local."};
inline constexpr Field end{"end", rule::time, "When the slot ends, local; 24:00 ends the day."};
inline constexpr Field capacity{"capacity", rule::capacity, "How many units the slot takes."};

// Bookings, as they are asked for.

inline constexpr Field booking_id{"booking_id", rule::booking_id,
                                  "<resource>.<suffix>: the id alone says where the booking "
                                  "lives."};
inline constexpr Field own_booking_id{"booking_id", rule::own_booking_id,
                                      "An id of the caller's choice, <resource>.<suffix>, whose "
                                      "suffix is not all digits. Without it the engine counts 1, "
                                      "2, 3, …"};
inline constexpr Field first_status{"status", rule::first_two, "What the booking begins as."};
inline constexpr Field next_status{"status", rule::all_names, "The status to move to."};
inline constexpr Field units{"units", rule::count,
                             "How many rooms or places of each night or slot the booking takes."};
inline constexpr Field party_size{"party_size", rule::count,
                                  "How many people come; at most max_party for each unit."};
inline constexpr Field check_in{"check_in", rule::day, "The first night, local."};
inline constexpr Field check_out{"check_out", rule::day,
                                 "The day of departure, local: the day after the last night."};
inline constexpr Field appointment_at{"appointment_at", rule::appointment,
                                      "When within the slot, local."};
inline constexpr Field payment_status{"payment_status", rule::all_names, "What is paid already."};
inline constexpr Field hold_until{"hold_until", rule::moment,
                                  "Until when the pending booking holds its place, whatever is "
                                  "paid."};
inline constexpr Field timer{"timer", rule::all_names,
                             "What is to end: the hold (expiry), or waiting for the guest "
                             "(no_show)."};
inline constexpr Field paid_status{"status", rule::all_names,
                                   "What the payment status is from here on."};
inline constexpr Field amount_minor{"amount_minor", rule::money,
                                    "What was paid, in minor units of the currency."};
inline constexpr Field method{"method", rule::all_names, "How it was paid."};
inline constexpr Field transaction_id{"transaction_id", rule::short_text,
                                      "The payment provider's."};

// What a guest gives.

inline constexpr Field customer{"customer", rule::object, "The guest."};
inline constexpr Field customer_name{"name", rule::name, "Not only white space."};
inline constexpr Field ref{"ref", rule::short_text,
                           "The guest's user id at the sender; a user may change bookings with "
                           "their own."};
inline constexpr Field gender{"gender", rule::all_names, "Of the guest."};
inline constexpr Field phone{"phone", rule::phone, "5 to 20 digits, written as you like."};
inline constexpr Field email{"email", rule::email, "One @, with a dotted domain behind it."};
inline constexpr Field address{"address", rule::long_text, "Of the guest."};
inline constexpr Field subject{"subject", rule::object,
                               "What a service is given to, e.g. the pet."};
inline constexpr Field subject_type{"type", rule::short_text, "What kind of subject."};
inline constexpr Field subject_id{"id", rule::short_text, "Which one."};
inline constexpr Field subject_name{"name", rule::short_text, "What people call it."};
inline constexpr Field staff_id{"staff_id", rule::short_text, "Who of the staff serves."};
inline constexpr Field notes{"notes", rule::long_text, "For people."};

// What events say beyond it.

inline constexpr Field inventory{"inventory", rule::none,
                                 "How capacity is counted: counter (whatever the date), nightly, "
                                 "or slots."};
inline constexpr Field status{"status", rule::none,
                              "The booking's status before and after; null before creation and "
                              "after deletion."};
inline constexpr Field payment{"payment", rule::none,
                               "The payment status before and after; null before creation and "
                               "after deletion."};
inline constexpr Field occupies{"occupies", rule::none,
                                "Whether the booking occupies, before and after."};
inline constexpr Field held{"held", rule::none,
                            "What the booking holds, before and after; null is nothing."};
inline constexpr Field held_buckets{"buckets", rule::none,
                                    "* (a counter), first night/day after the last night, or a "
                                    "slot's id."};
inline constexpr Field held_units{"units", rule::none, "How many units of each of them."};
inline constexpr Field checked_in_at{"checked_in_at", rule::none,
                                     "When the guest checked in; absent if not (or not in this "
                                     "episode)."};
inline constexpr Field checked_out_at{"checked_out_at", rule::none,
                                      "When the guest checked out; absent if not (or not in this "
                                      "episode)."};
inline constexpr Field on_hold_until{"hold_until", rule::none,
                                     "Until when the booking is on hold; absent if it is not."};
inline constexpr Field number{"number", rule::none,
                              "The booking's integer name: sequence × 1024 + partition."};
inline constexpr Field nights{"nights", rule::none, "From check_in to check_out."};
inline constexpr Field booked_for{"booked_for", rule::none,
                                  "When the booking is for, local: check_in at 00:00, the "
                                  "appointment, or else the slot's start, or else the moment of "
                                  "booking."};
inline constexpr Field total_minor{"total_minor", rule::none,
                                   "Price of the whole booking, in minor units of the currency."};

// The log itself.

inline constexpr Field log_id{"log_id", rule::none,
                              "Names this log for ever; part of every source."};
inline constexpr Field partition{"partition", rule::none, "Of the log."};
inline constexpr Field partitions{"partitions", rule::none,
                                  "How many the log has; fixed at creation."};
inline constexpr Field partitioner{"partitioner", rule::none,
                                   "How the partition follows from the key."};
inline constexpr Field clock{"clock", rule::none,
                             "Which time decides: the log's own (append) or the command's "
                             "(command)."};
inline constexpr Field calling_code{"calling_code", rule::none,
                                    "Of phone numbers without one, by which customers are "
                                    "matched; 62 where it is absent."};
inline constexpr Field format{"format", rule::none, "Of the log."};
inline constexpr Field clock_from{"from", rule::none, "Where the clock stood."};
inline constexpr Field clock_to{"to", rule::none, "Where it was set back to."};
inline constexpr Field next_command{"next_command", rule::none,
                                    "The offset of the first command that is decided after it."};

// The registry.

inline constexpr Field code{"code", rule::none, "The customer's code."};
inline constexpr Field preferred_resource{"preferred_resource", rule::none,
                                          "The resource of the first booking."};
inline constexpr Field linked_partition{"partition", rule::none, "Of the BookingCreated."};
inline constexpr Field linked_sequence{"sequence", rule::none,
                                       "Of the BookingCreated; with partition: how far the "
                                       "registry is."};
inline constexpr Field linked_ref{"ref", rule::none,
                                  "The customer's own id, as far as the booking speaks for the "
                                  "customer: later bookings with it are the same customer's."};
inline constexpr Field linked_source{"source", rule::none,
                                     "The sender whose id it is; there where ref is."};

}  // namespace field
}  // namespace pesan
