#include "engine/state_image.hpp"

#include <cstring>
#include <type_traits>

#include "events/digest.hpp"

namespace pesan {
namespace {

// The number goes up whenever `evolve` makes something else of an event, or an image is written in
// another way: what an older program made of the log must not be gone on with.
constexpr std::string_view magic = "pesan state image 4\n";
// Nothing was held for a while then, and nobody was waited for: the timers are made anew, of none.
constexpr std::string_view magic_without_timers = "pesan state image 3\n";

}  // namespace

/// Integers are little-endian as every machine that pesan runs on; texts have their length in
/// front.
class StateImage::Writer {
 public:
  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void put(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void put(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    bytes_.append(text);
  }
  void put(const Digest& digest) {
    put(digest.high);
    put(digest.low);
  }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  std::string finish() {
    const Digest digest = digest_of(bytes_);
    put(digest);
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
};

class StateImage::Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  template <class T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  bool get(T& into) {
    if (rest_.size() < sizeof into) return false;
    std::memcpy(&into, rest_.data(), sizeof into);
    rest_.remove_prefix(sizeof into);
    return true;
  }
  bool get(std::string_view& into) {
    std::uint32_t size = 0;
    if (!get(size) || rest_.size() < size) return false;
    into = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }
  bool get(std::string& into) {
    std::string_view text;
    if (!get(text)) return false;
    into = text;
    return true;
  }
  bool get(Digest& into) { return get(into.high) && get(into.low); }
  template <class T>
  bool get(std::optional<T>& into) {
    bool has = false;
    if (!get(has)) return false;
    return !has || get(into.emplace());
  }
  bool at_end() const { return rest_.empty(); }

  bool has_timers = true;  // what is read was written by a program that knew them

 private:
  std::string_view rest_;
};

namespace {

/// Every member of a definition, once for both directions.
template <class Definition, class Visit>
bool visit_definition(Definition& d, Visit visit) {
  return visit(d.name) && visit(d.inventory) && visit(d.occupancy) && visit(d.units) &&
         visit(d.price_minor) && visit(d.currency) && visit(d.max_party) &&
         visit(d.overbook_limit) && visit(d.min_nights) && visit(d.max_nights) &&
         visit(d.duration_minutes) && visit(d.timezone) && visit(d.active);
}

template <class Schedule, class Visit>
bool visit_schedule(Schedule& s, Visit visit) {
  return visit(s.id) && visit(s.date.days) && visit(s.start.minutes) && visit(s.end.minutes) &&
         visit(s.capacity) && visit(s.open);
}

/// What a booking has of a slot, and what of nights.
struct Places {
  std::uint32_t slot = 0;
  std::int32_t held_first = 0;
  std::int32_t held_end = 0;
  std::uint32_t held_slot = 0;
};

/// Every member of a booking but the suffix.
template <class Booking, class Places, class Visit>
bool visit_booking(Booking& b, Places& places, Visit visit) {
  return visit(b.resource) && visit(places.slot) && visit(b.status) && visit(b.payment) &&
         visit(b.deleted) && visit(b.units) && visit(b.held_units) && visit(places.held_first) &&
         visit(places.held_end) && visit(places.held_slot) && visit(b.version.value) &&
         visit(b.creator) && visit(b.customer_ref) && visit(b.customer) && visit(b.subject) &&
         visit(b.staff) && visit(b.notes);
}

template <class Resource, class Visit>
bool visit_timers(Resource& r, Visit visit) {
  return visit(r.definition.hold_minutes) && visit(r.definition.no_show_minutes) &&
         visit(r.no_shows_after.ms);
}

/// The packed optionals of a booking.
template <class Booking, class Visit>
bool visit_packed(Booking& b, Visit visit) {
  return visit(b.check_in_days) && visit(b.check_out_days) && visit(b.party) &&
         visit(b.checked_in_ms) && visit(b.checked_out_ms) && visit(b.appointment_ms) &&
         visit(b.price);
}

}  // namespace

void StateImage::write_resources(Writer& out, const State& state) {
  const auto put = [&](const auto& value) {
    out.put(value);
    return true;
  };
  out.put(static_cast<std::uint32_t>(state.resources_.size()));
  for (const Resource& resource : state.resources_) {
    out.put(std::string_view(resource.id));
    visit_definition(resource.definition, put);
    visit_timers(resource, put);
    out.put(resource.version.value);
    out.put(resource.last_suffix);
    out.put(static_cast<std::uint32_t>(resource.schedules.size()));
    for (const Schedule& schedule : resource.schedules) visit_schedule(schedule, put);
  }
}

bool StateImage::read_resources(Reader& in, State& state) {
  const auto get = [&](auto& value) { return in.get(value); };
  std::uint32_t count = 0;
  if (!in.get(count)) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view id;
    Definition definition;
    if (!in.get(id) || !visit_definition(definition, get)) return false;
    if (!TimeZone::find(definition.timezone)) return false;
    state.define(ResourceId{id}, std::move(definition), {});
    Resource& resource = state.resources_.back();
    if (in.has_timers && !visit_timers(resource, get)) return false;
    std::uint32_t schedules = 0;
    if (!in.get(resource.version.value) || !in.get(resource.last_suffix) || !in.get(schedules)) {
      return false;
    }
    for (std::uint32_t s = 0; s < schedules; ++s) {
      Schedule& schedule = resource.schedules.emplace_back();
      if (!visit_schedule(schedule, get)) return false;
      resource.schedule_by_id.emplace(schedule.id, s);
    }
  }
  return true;
}

void StateImage::write_bookings(Writer& out, const State& state) {
  out.put(static_cast<std::uint32_t>(state.bookings_.size()));
  for (const Booking& booking : state.bookings_) {
    out.put(booking.suffix());
    const Places places =
        state.resource_of(booking).is_room()
            ? Places{.held_first = booking.held_first, .held_end = booking.held_end}
            : Places{.slot = booking.slot, .held_slot = booking.held_slot};
    visit_booking(booking, places, [&](const auto& value) {
      out.put(value);
      return true;
    });
    visit_packed(booking, [&](const auto& packed) {
      out.put(packed.get());
      return true;
    });
    out.put(booking.waits_ms.get());
  }
}

bool StateImage::read_bookings(Reader& in, State& state) {
  std::uint32_t count = 0;
  if (!in.get(count)) return false;
  state.booking_by_id_.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::string_view suffix;
    if (!in.get(suffix)) return false;
    suffix = state.suffixes_.add(suffix);
    Booking& booking = state.bookings_.emplace_back();
    booking.suffix_data = suffix.data();
    booking.suffix_size = static_cast<std::uint8_t>(suffix.size());
    const auto get = [&](auto& value) { return in.get(value); };
    const auto get_packed = [&](auto& packed) {
      auto value = packed.get();
      value.reset();
      if (!in.get(value)) return false;
      packed.set(value);
      return true;
    };
    Places places;
    const bool whole = visit_booking(booking, places, get) && visit_packed(booking, get_packed) &&
                       (!in.has_timers || get_packed(booking.waits_ms));
    if (!whole || booking.resource >= state.resources_.size()) return false;
    state.booking_by_id_.insert(i);
    Resource& resource = state.resources_[booking.resource];
    if (resource.is_room()) {
      booking.held_first = places.held_first;
      booking.held_end = places.held_end;
    } else {
      booking.slot = places.slot;
      booking.held_slot = places.held_slot;
      const auto known = resource.schedules.size();
      if (booking.slot >= known || booking.held_slot >= known) return false;
    }
    resource.count(state.held_by(booking), +1);
    state.name_slot(resource, booking, +1);
    state.timers_.add(i);
  }
  return true;
}

void StateImage::write_ledger(Writer& out, const Ledger& ledger) {
  out.put(ledger.full());
  out.put(static_cast<std::uint64_t>(ledger.entries().size()));
  for (const Ledger::Entry& entry : ledger.entries()) {
    const Outcome outcome = ledger.outcome_of(entry);
    out.put(entry.key);
    out.put(entry.payload);
    out.put(outcome.code);
    out.put(outcome.booking_suffix);
    out.put(outcome.details);
    out.put(outcome.has_event);
    out.put(outcome.sequence.value);
    out.put(outcome.version.value);
  }
}

bool StateImage::read_ledger(Reader& in, Ledger& ledger, bool& enough) {
  bool full = false;
  std::uint64_t count = 0;
  if (!in.get(full) || !in.get(count)) return false;
  enough = !full || count >= ledger.limit();
  ledger.reserve(count);
  for (std::uint64_t i = 0; i < count; ++i) {
    Digest key;
    Digest payload;
    Outcome outcome;
    if (!in.get(key) || !in.get(payload) || !in.get(outcome.code) ||
        !in.get(outcome.booking_suffix) || !in.get(outcome.details) || !in.get(outcome.has_event) ||
        !in.get(outcome.sequence.value) || !in.get(outcome.version.value)) {
      return false;
    }
    ledger.add(key, payload, outcome);
    ledger.commit();
  }
  return true;
}

void StateImage::write_marks(Writer& out, const ReplayMarks& marks) {
  for (const auto& mark : {marks.event, marks.result}) {
    out.put(mark.has_value());
    if (!mark) continue;
    out.put(mark->offset.value);
    out.put(mark->digest);
  }
  out.put(marks.needed.value);
  out.put(marks.answered.value);
}

bool StateImage::read_marks(Reader& in, ReplayMarks& marks) {
  for (auto* mark : {&marks.event, &marks.result}) {
    bool has = false;
    if (!in.get(has)) return false;
    if (!has) continue;
    mark->emplace();
    if (!in.get((*mark)->offset.value) || !in.get((*mark)->digest)) return false;
  }
  return in.get(marks.needed.value) && in.get(marks.answered.value);
}

std::string StateImage::write(const CommandProcessor& processor, const ReplayMarks& marks) {
  Writer out;
  const Position& position = processor.position();
  out.put(magic);
  out.put(std::string_view(position.log_id));
  out.put(position.partition.value);
  out.put(position.partitions);
  out.put(position.clock);
  out.put(position.now.ms);
  out.put(position.sequence.value);
  out.put(position.next_command.value);
  out.put(processor.mended_.has_value());
  if (processor.mended_) {
    out.put(processor.mended_->next_command.value);
    out.put(processor.mended_->to.ms);
  }
  write_marks(out, marks);
  write_resources(out, processor.state());
  write_bookings(out, processor.state());
  write_ledger(out, processor.ledger());
  return out.finish();
}

Fallible<Replay> StateImage::read(std::string_view image, std::size_t remember,
                                  std::set<Offset> parked) {
  constexpr std::size_t digest_size = 2 * sizeof(std::uint64_t);
  const auto refuse = [](const char* why) { return fail(FailureKind::poison, why); };
  if (image.size() < digest_size) return refuse("it is too short");
  const auto body = image.substr(0, image.size() - digest_size);
  Digest digest;
  Reader tail(image.substr(body.size()));
  if (!tail.get(digest) || digest != digest_of(body)) return refuse("it is damaged");

  Reader in(body);
  std::string_view format;
  Position position;
  if (!in.get(format) || (format != magic && format != magic_without_timers)) {
    return refuse("it is of another format");
  }
  in.has_timers = format == magic;
  if (!in.get(position.log_id) || !in.get(position.partition.value) ||
      !in.get(position.partitions) || !in.get(position.clock) || !in.get(position.now.ms) ||
      !in.get(position.sequence.value) || !in.get(position.next_command.value)) {
    return refuse("it has no position");
  }
  std::optional<CommandProcessor::MendedClock> mended;
  bool was_mended = false;
  if (!in.get(was_mended)) return refuse("it has no position");
  if (was_mended) {
    mended.emplace();
    if (!in.get(mended->next_command.value) || !in.get(mended->to.ms)) {
      return refuse("it has no position");
    }
  }
  Replay replay;
  bool enough = false;
  replay.processor = std::make_unique<CommandProcessor>(position, remember, std::move(parked));
  CommandProcessor& processor = *replay.processor;
  processor.mended_ = mended;
  if (!read_marks(in, replay.marks) || !read_resources(in, processor.state_) ||
      !read_bookings(in, processor.state_) || !read_ledger(in, processor.ledger_, enough) ||
      !in.at_end()) {
    return refuse("what it says does not fit together");
  }
  if (!enough) return refuse("it was made to remember fewer outcomes than are asked for");
  processor.commit();
  return replay;
}

}  // namespace pesan
