#include "events/schema_text.hpp"

#include <algorithm>
#include <string>

#include "events/assert.hpp"

namespace pesan {
namespace {

// clang-format off
constexpr SchemaText texts[] = {
    // commands
    {"DefineRoom", "Defines a room type: a counter (so many units, whatever the date) or nightly "
                   "(so many units each night). Without them: currency IDR, timezone Asia/Jakarta, "
                   "occupancy on_confirm, overbook_limit 0, active true, and neither hold_minutes "
                   "nor no_show_minutes. max_nights is at least "
                   "min_nights."},
    {"ChangeRoom", "Changes what is given of a room type; the rest stays."},
    {"DefineService", "Defines a service with time slots. Without them: currency IDR, timezone "
                      "Asia/Jakarta, occupancy on_create, overbook_limit 0, active true, and "
                      "neither hold_minutes nor no_show_minutes."},
    {"ChangeService", "Changes what is given of a service; the rest stays. Bookings keep the price "
                      "that they were made at."},
    {"AddSchedule", "Adds an open slot to a service. It ends after it starts, on the same day."},
    {"ChangeSchedule", "Changes what is given of a slot; the rest stays. A slot in use keeps its "
                       "date and time."},
    {"CloseSchedule", "Closes a slot to new bookings; those it has stay."},
    {"OpenSchedule", "Opens a closed slot again."},
    {"CreateBooking", "Books a room or a slot. A nightly room needs check_in and check_out, a "
                      "counter takes both or neither, a service needs schedule_id and takes "
                      "neither. check_out is 1 to 3,660 nights after check_in; an appointment_at "
                      "lies within its slot. Without them: units 1, status pending, payment_status "
                      "unpaid."},
    {"ChangeStatus", "Moves a booking to another status, where the status table allows it."},
    {"CheckIn", "The guest is here. A pending booking becomes confirmed."},
    {"CheckOut", "The guest has left. The booking becomes completed, and nights not used are free "
                 "again."},
    {"RescheduleBooking", "Moves a booking: a room to check_in and check_out, a service to "
                          "schedule_id or appointment_at. Moving to another slot without "
                          "appointment_at clears it."},
    {"ChangeBooking", "Replaces what is given; customer and subject as a whole."},
    {"RecordPayment", "Says what is paid. Where payment makes a booking occupy, it is refused when "
                      "there is no room left."},
    {"DeleteBooking", "Removes a booking and releases what it holds; its history and its id stay."},
    {"RunTimer", "Ends what is due by itself: a hold that nobody paid, or waiting for a guest who "
                 "did not come. The engine sends it; what is not due is refused as not_due."},
    // events
    {"RoomDefined", "A room type was defined."},
    {"RoomChanged", "A room type was changed; the values after it, changed or not."},
    {"ServiceDefined", "A service was defined."},
    {"ServiceChanged", "A service was changed; the values after it, changed or not."},
    {"ScheduleAdded", "A slot was added; it is open."},
    {"ScheduleChanged", "A slot was changed; the values after it, changed or not."},
    {"ScheduleClosed", "A slot takes no new bookings from here on."},
    {"ScheduleOpened", "A slot takes bookings again."},
    {"BookingCreated", "A booking was made; price, total and number are fixed here."},
    {"BookingStatusChanged", "A booking's status was changed."},
    {"BookingCheckedIn", "The guest checked in."},
    {"BookingCheckedOut", "The guest checked out."},
    {"BookingRescheduled", "A booking moved: check_in and check_out for a room, schedule_id, date, "
                           "start, end and appointment_at for a service."},
    {"BookingChanged", "A booking was changed: units, party_size and total_minor as they are after "
                       "it; of the rest what was given, which replaces."},
    {"PaymentRecorded", "A payment was recorded; its status is the booking's payment."},
    {"BookingDeleted", "A booking was removed."},
    {"LogOpened", "Sequence 0 of every partition: what this log is."},
    {"ClockMended",
     "An operator set the partition's clock back: a wrong time had put it ahead of later ones."},
    {"ClockSwitched", "From here on decisions follow the clock named; one ends a backfill."},
    {"CustomerRegistered", "A booking brought a customer that the registry did not know."},
    {"CustomerUpdated", "A booking of a known customer: the newest time, and of the rest what "
                        "changed."},
    {"BookingLinked", "Exactly one for every BookingCreated: whose booking it is."},
    // results
    {"CommandAccepted", "The command was accepted; it made one event, or none where it would have "
                        "changed nothing."},
    {"CommandRejected", "The command was refused and changed nothing. One that is malformed or of "
                        "unknown type (and one that an operator set aside) also leaves a record in "
                        "the dead-letters topic: its bytes, key and headers as they came, with two "
                        "headers more, pesan-reason (the code) and pesan-origin "
                        "(<partition>-<offset> of the command, the id of this result)."},
    {"CommandForwarded", "The command lay in the wrong partition and was sent on to the right one, "
                         "in the same transaction, with the header pesan-forwarded "
                         "(<partition>-<offset>); the result there is the outcome."},
    // attributes of records
    {"specversion", "Of CloudEvents."},
    {"source", "Who made the record."},
    {"type", "What kind of record it is."},
    {"time", "The moment of the decision, in UTC; later records of a partition never go back."},
    {"traceparent", "W3C trace context; carried from the command to its event and result."},
    {"datacontenttype", "The form of data."},
    {"causationid", "The id of the command behind it."},
    {"causationsource", "The source of the command behind it."},
    {"version", "Count of the resource's events, from 1 and without a gap."},
    {"data", "What the record says."},
    {"sequence", "Count of the partition's records, without a gap: 20 digits, so that the order of "
                 "texts is the order of numbers."},
    {"command.id", "Chosen by the sender; (resource, source, id) is the idempotency key: the same "
                   "one with the same type and data has the same outcome."},
    {"command.source", "The sender."},
    {"command.time", "When it was sent. It decides only in a log that follows the commands' clock "
                     "(backfills)."},
    {"command.data", "What is asked. Anything beyond these fields is refused."},
    {"event.id", "<resource>@<version>; opened-<partition>, clock-<partition> and "
                 "mended-<partition>@<sequence> for events of the "
                 "log itself."},
    {"event.subject", "The booking, or else the resource."},
    {"customer_event.id", "The sequence."},
    {"result.id", "<partition>-<offset> of the command's record."},
    // fields
    // results' data
    {"result.command", "The command answered, as far as it could be read."},
    {"answered.source", "Of the command; null where it could not be read."},
    {"answered.id", "Of the command; null where it could not be read."},
    {"answered.type", "Of the command; null where it could not be read."},
    {"answered.digest", "128 bits of type and data; null where the command could not be read."},
    {"result.resource", "As it stands in the command; null where it is no text."},
    {"result.booking_id", "The booking made or named."},
    {"result.code", "Why not; the first reason that applies, in a fixed order."},
    {"result.message", "The same for people."},
    {"result.details", "Facts about the refusal: which there are depends on the code; strings are "
                       "cut to 200 characters."},
    {"details.field", "Of invalid_field and invalid_range: the path of the first field at fault. "
                      "Of malformed: the attribute."},
    {"details.rule", "Of invalid_field: which rule the field breaks. refused: this inventory takes "
                     "none."},
    {"details.expected", "Of invalid_field: what its rule takes, in words; of an unknown field the "
                         "names that are known. Of version_conflict: the version."},
    {"details.reason", "Of malformed: why it cannot be read, in words."},
    {"details.kind", "Of malformed: the same in one word."},
    {"details.byte", "Of malformed: the first byte at fault, counted from 1."},
    {"details.line", "Of malformed: its line within the record, counted from 1."},
    {"details.column", "Of malformed: its place in that line in characters, counted from 1."},
    {"details.bucket", "Of capacity_exceeded: the first short one, a night or a schedule."},
    {"details.asked", "Of capacity_exceeded: units."},
    {"details.left", "Of capacity_exceeded: units; below 0 where more is held than there is."},
    {"result.events", "The ids of the events made: one, or none."},
    {"result.partition", "Where the command lay."},
    {"result.sequence", "The partition's last one after the command."},
    {"result.version", "The resource's last one after the command; 0 without a resource."},
    {"result.duplicate", "The command came before; this is that outcome again."},
};
// clang-format on

std::string_view find(std::string_view name) {
  const auto* const end = std::end(texts);
  const auto* const found =
      std::find_if(std::begin(texts), end, [&](const SchemaText& t) { return t.name == name; });
  return found == end ? std::string_view{} : found->text;
}

}  // namespace

std::span<const SchemaText> schema_texts() { return texts; }

std::string_view text_of_type(std::string_view type) {
  const auto text = find(type);
  PESAN_ASSERT(!text.empty(), "no text for the type " + std::string(type));
  return text;
}

std::string_view text_of_field(std::string_view type, std::string_view field) {
  if (const auto own = find(std::string(type).append(".").append(field)); !own.empty()) return own;
  const auto text = find(field);
  PESAN_ASSERT(!text.empty(), "no text for the field " + std::string(field));
  return text;
}

}  // namespace pesan
