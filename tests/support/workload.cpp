#include "tests/support/workload.hpp"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "events/command_fields.hpp"
#include "events/command_reader.hpp"
#include "tests/support/auditor/partitioner.hpp"

namespace pesan {
namespace {

namespace json = boost::json;

constexpr std::int64_t hour = 60 * ms_per_minute;
constexpr std::size_t slots = 4;

// Where clocks go back or forward, and where nothing happens.
const std::vector<std::string> zones{"Asia/Jakarta", "America/Sao_Paulo", "America/New_York",
                                     "America/St_Johns"};
const std::vector<std::string> begins{
    "2026-12-01T05:00:00Z", "2018-02-17T12:00:00Z", "2018-02-18T01:30:00Z", "2018-11-04T03:00:00Z",
    "2018-11-03T22:00:00Z", "1970-01-01T00:00:00Z", "2010-11-07T02:00:00Z"};
const std::vector<std::string> mornings{"00:00", "00:30", "01:15", "08:00", "09:30"};
const std::vector<std::string> evenings{"12:00", "18:00", "23:59", "24:00"};

std::string day_after(Instant now, std::int64_t days) {
  const std::int64_t day = std::max<std::int64_t>(now.ms / ms_per_day + days, 0);
  return to_string(Date{static_cast<std::int32_t>(day)});
}

}  // namespace

/// A visitor of descriptions that makes up the JSON of what they describe.
class Workload::Maker {
 public:
  Maker(Workload& workload, Known& home, std::string_view type)
      : workload_(workload),
        random_(workload.random_),
        habits_(workload.options_.habits),
        home_(home),
        type_(type),
        guest_(random_.between(1, habits_.guests)),
        arrival_(random_.between(habits_.first_day, habits_.last_day)),
        slot_((home.kind == "slots") != workload.odd(30)),
        stay_(!slot_ &&
              (home.kind == "nightly" || !type.starts_with("Create") || random_.one_in(2))) {}

  /// Of the whole command.
  json::object data() {
    Command command;
    fill(command, std::make_index_sequence<command_type_count>{});
    return std::exchange(into_, {});
  }

  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T& member) {
    into_[field.name] = made(field, member);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>& /*member*/) {
    T some{};
    if (given(field.name)) (*this)(field, some);
  }

 private:
  template <std::size_t... I>
  void fill(Command& command, std::index_sequence<I...> /*types*/) {
    const auto fill_in = [&](auto body) {
      if (CommandName<decltype(body)>::value == type_) describe_command(*this, command, body);
    };
    (fill_in(std::variant_alternative_t<I, CommandBody>{}), ...);
  }

  /// Whether a field is there that may be absent.
  bool given(std::string_view name) {
    if (name == "check_in" || name == "check_out") return stay_ && !workload_.odd(20);
    if (name == "schedule_id") return slot_;
    if (name == "appointment_at") return slot_ && workload_.odd(6);
    if (name == "hold_until") return workload_.odd(4);
    if (name == "hold_minutes" || name == "no_show_minutes") return workload_.odd(3);
    static const std::vector<std::string_view> hindrances{"expected_version", "max_party",
                                                          "min_nights", "max_nights"};
    if (std::ranges::find(hindrances, name) != hindrances.end()) return workload_.odd(12);
    return random_.one_in(3);
  }

  json::value made(const Field<rule::Text>& field, auto& /*member*/) {
    const std::int64_t guest = random_.one_in(8) ? random_.between(1, habits_.guests) : guest_;
    switch (field.rule.form) {
      case rule::Form::resource: return json::string(home_.id);
      case rule::Form::schedule: return text("s{}", random_.between(1, slots));
      case rule::Form::booking: return json::string(booking_id());
      case rule::Form::own_booking: return json::string(workload_.new_name(home_));
      case rule::Form::name:
        return random_.one_in(4) ? text(" tamu  {}", guest) : text("Tamu {}", guest);
      case rule::Form::phone:
        return text("{}812-3456-{:03}", random_.pick<const char*>({"0", "+62 ", "0062"}), guest);
      case rule::Form::email:
        return random_.one_in(4) ? text("TAMU{}@Contoh.ID", guest)
                                 : text("tamu{}@contoh.id", guest);
      case rule::Form::currency: return random_.pick<const char*>({"IDR", "USD"});
      case rule::Form::timezone: return json::string(random_.pick(zones));
      case rule::Form::any: break;
    }
    if (field.name == "id" || field.name == "ref") return text("u-{}", random_.between(1, 3));
    if (field.rule.min == 0 && random_.one_in(3)) return "";
    return random_.pick<const char*>({"because", "late"});
  }
  json::value made(const Field<rule::Integer>& field, std::int64_t& /*member*/) {
    if (field.name == "expected_version") return random_.between(0, 20);
    if (field.rule.max == limit::money) {
      return workload_.odd(20) ? limit::money * 9 / 10 : random_.between(0, 200);
    }
    if (field.rule.max == limit::capacity && field.rule.min == 0) {
      return workload_.odd(6) ? 0 : habits_.room + random_.between(1, habits_.more_room);
    }
    return field.rule.min + random_.between(0, 2);
  }
  template <NamedEnum E>
  json::value made(const Field<rule::Choice>& field, E& /*member*/) {
    if constexpr (std::is_same_v<E, ActorType>) {
      // Guests ask for bookings; what else they ask for is refused.
      const bool may = type_.ends_with("Booking") || type_ == "ChangeStatus";
      if (!workload_.odd(may ? 2 : 8)) return random_.pick<const char*>({"admin", "system"});
    }
    if constexpr (std::is_same_v<E, Inventory>) {
      if (home_.kind != "slots" && !workload_.odd(20)) return json::string(home_.kind);
    }
    const auto& names = EnumNames<E>::names;
    return json::string(names.at(random_.below(std::min(field.rule.count, names.size()))));
  }
  json::value made(const Field<rule::Day>& field, Date& /*member*/) {
    if (field.name == "check_in") return json::string(day_after(workload_.now_, arrival_));
    if (field.name != "check_out") return json::string(workload_.some_day());
    const auto nights = workload_.odd(30) ? 0 : random_.between(1, 4);
    return json::string(day_after(workload_.now_, arrival_ + nights));
  }
  json::value made(const Field<rule::Time>& field, TimeOfDay& /*member*/) {
    const bool late = (field.name == "end") != workload_.odd(8);
    return json::string(random_.pick(late ? evenings : mornings));
  }
  json::value made(const Field<rule::Appointment>& /*field*/, LocalDateTime& /*member*/) {
    const std::string day = workload_.some_day();
    return text("{}T{}", day, random_.pick(mornings));
  }
  json::value made(const Field<rule::Moment>& /*field*/, Instant& /*member*/) {
    const std::int64_t minutes = workload_.odd(6) ? random_.between(-5, 0) : random_.between(1, 90);
    return json::string(
        to_string(Instant{std::max<std::int64_t>(workload_.now_.ms + minutes * ms_per_minute, 0)}));
  }
  json::value made(const Field<rule::Flag>& /*field*/, bool& /*member*/) {
    return !workload_.odd(6);
  }
  template <class T>
  json::value made(const Field<rule::Object>& /*field*/, T& member) {
    json::object outer = std::exchange(into_, {});
    describe(*this, member);
    return std::exchange(into_, std::move(outer));
  }

  template <class... Args>
  static json::value text(fmt::format_string<Args...> format, Args&&... args) {
    return json::string(fmt::format(format, std::forward<Args>(args)...));
  }
  std::string booking_id() {
    if (!home_.named.empty() && random_.chance(0.75)) return random_.pick(home_.named);
    // About half of those that were asked for came to be.
    return fmt::format("{}.{}", home_.id, random_.between(1, home_.unnamed / 2 + 1));
  }

  Workload& workload_;
  Random& random_;
  const Habits& habits_;
  Known& home_;
  std::string_view type_;
  std::int64_t guest_;
  std::int64_t arrival_;  // in days from today
  bool slot_;
  bool stay_;
  json::object into_;
};

Workload::Workload(const WorkloadOptions& options) : options_(options), random_(options.seed) {
  now_ = options_.now.value_or(*parse_instant(random_.pick(begins)));
  std::vector<Known> all{{"villa", "counter"}, {"suite", "nightly"}, {"spa", "slots"},
                         {"hut", "nightly"},   {"studio", "slots"},  {"barn", "counter"}};
  const Habits& habits = options_.habits;
  const auto count = random_.between(habits.fewest_resources, habits.most_resources);
  while (std::ssize(homes_) < count) {
    const auto chosen = all.begin() + static_cast<std::ptrdiff_t>(random_.below(all.size()));
    chosen->id += options_.house;
    homes_.push_back(*chosen);
    all.erase(chosen);
  }
  for (std::size_t i = 0; i < homes_.size(); ++i) {
    const bool service = homes_[i].kind == "slots";
    for (std::size_t n = 0; service && n < slots; ++n) openings_.emplace_back(i, "AddSchedule");
  }
  for (std::size_t i = 0; i < homes_.size(); ++i) {
    if (odd(40)) continue;
    openings_.emplace_back(i, homes_[i].kind == "slots" ? "DefineService" : "DefineRoom");
  }
}

void Workload::move_time() {
  if (options_.now) return;
  switch (random_.below(25)) {
    case 0: now_.ms += random_.between(1, 20) * hour; break;
    case 1:
    case 2: now_.ms += random_.between(1, 60) * ms_per_minute; break;
    case 3: now_.ms -= random_.between(0, 90) * ms_per_minute; break;  // stamps may
    case 4: now_.ms += ms_per_day - now_.ms % ms_per_day + random_.between(-1, 1); break;
    default: now_.ms += random_.between(0, 3000); break;
  }
  now_.ms = std::max<std::int64_t>(now_.ms, 0);
}

SentCommand Workload::next() {
  move_time();
  return next(now_);
}

std::string Workload::some_day() {
  return day_after(now_, random_.between(options_.habits.first_day, options_.habits.last_day));
}

std::string Workload::new_name(Known& home) {
  home.named.push_back(
      fmt::format("{}.x{}", home.id, options_.habits.odd ? random_.between(1, 9) : ++ids_));
  if (home.named.size() > 8) home.named.erase(home.named.begin());
  return home.named.back();
}

std::string Workload::some_type(const Known& home) {
  if (odd(20)) return std::string(type_name(random_.below(command_type_count)));
  const bool few = std::ssize(home.named) + home.unnamed < 5;
  if (few && random_.chance(0.6)) return "CreateBooking";
  if (random_.chance(options_.habits.resources)) {
    if (home.kind != "slots") return "ChangeRoom";
    return random_.pick<const char*>(
        {"ChangeService", "AddSchedule", "ChangeSchedule", "CloseSchedule", "OpenSchedule"});
  }
  return random_.pick<const char*>(
      {"CreateBooking", "CreateBooking", "CreateBooking", "CreateBooking",     "CreateBooking",
       "ChangeStatus",  "ChangeStatus",  "ChangeStatus",  "ChangeStatus",      "ChangeStatus",
       "CheckIn",       "CheckIn",       "CheckOut",      "RescheduleBooking", "RescheduleBooking",
       "ChangeBooking", "ChangeBooking", "RecordPayment", "RecordPayment",     "DeleteBooking"});
}

json::object Workload::made(std::string type, Known& home) {
  json::object data = Maker(*this, home, type).data();
  json::object whole{{"specversion", "1.0"},
                     {"id", fmt::format("c{}", ++ids_)},
                     {"source", random_.pick<const char*>({"/front-desk", "/web"})},
                     {"type", std::move(type)}};
  if (options_.habits.odd && !random_.one_in(5)) {
    const std::int64_t wrong = random_.one_in(3) ? random_.between(-5, 5) * ms_per_minute : 0;
    whole["time"] = to_string(Instant{std::max<std::int64_t>(now_.ms + wrong, 0)});
  }
  if (odd(30)) whole["time"] = "yesterday";
  if (odd(20)) whole["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-01";
  whole["data"] = std::move(data);
  return whole;
}

json::object Workload::command() {
  if (!openings_.empty() && !odd(4)) {
    const auto [home, type] = openings_.back();
    openings_.pop_back();
    json::object whole = made(type, homes_[home]);
    if (type == "AddSchedule") {  // the openings of one home stand side by side
      whole["data"].as_object()["schedule_id"] = fmt::format("s{}", 1 + openings_.size() % slots);
    }
    return whole;
  }
  if (random_.chance(options_.habits.stories)) {
    if (stories_.size() < homes_.size() * 2) stories_.push_back(begin_story());
    const auto chosen =
        stories_.begin() + static_cast<std::ptrdiff_t>(random_.below(stories_.size()));
    json::object whole = told(*chosen);
    if (chosen->steps.empty()) stories_.erase(chosen);
    return whole;
  }
  Known& home = homes_[random_.below(homes_.size())];
  const std::string type = some_type(home);
  json::object whole = made(type, home);
  const bool named = whole["data"].as_object().contains("booking_id");
  if (type == "CreateBooking" && !named) ++home.unnamed;
  return whole;
}

Workload::Story Workload::begin_story() {
  Story story{.resource = random_.below(homes_.size()),
              .booking_id = {},
              .steps = {"CheckOut", "CheckIn", "CreateBooking"}};
  auto& steps = story.steps;
  Known& home = homes_[story.resource];
  story.booking_id = fmt::format("{}.story-{}", home.id, ++ids_);
  home.named.push_back(story.booking_id);
  if (random_.chance(0.3)) steps[0] = "completed";
  if (random_.chance(0.3)) steps.insert(steps.begin(), "confirmed");
  if (random_.chance(0.3)) steps.insert(steps.begin() + 1, "RescheduleBooking");
  if (random_.chance(0.3)) steps.insert(steps.begin(), "cancelled");
  if (odd(3)) steps.insert(steps.end() - 1, "RunTimer");
  for (const char* change : {"RescheduleBooking", "ChangeBooking", "RecordPayment"}) {
    if (random_.chance(0.3)) steps.insert(steps.end() - 1, change);
  }
  return story;
}

json::object Workload::told(Story& story) {
  const std::string step = std::move(story.steps.back());
  story.steps.pop_back();
  const bool status = step[0] >= 'a';
  json::object whole = made(status ? "ChangeStatus" : step, homes_[story.resource]);
  json::object& data = whole["data"].as_object();
  data["actor"] = json::object{{"type", "admin"}, {"id", "u-1"}};
  data["booking_id"] = story.booking_id;
  data.erase("expected_version");
  if (status) data["status"] = step;
  if (step == "RunTimer") data["actor"].as_object()["type"] = "system";
  if (step == "CreateBooking" && odd(4)) {  // on hold, where it says so
    data["status"] = "pending";
    data["payment_status"] = "unpaid";
  } else if (step == "CreateBooking") {
    data["status"] = "confirmed";
    data["payment_status"] = "paid";
    data.erase("hold_until");
  }
  return whole;
}

SentCommand Workload::next(Instant now) {
  now_ = now;
  const Habits& habits = options_.habits;
  const bool flawed =
      habits.flawed > 0 && openings_.empty() && !asked_.empty() && random_.one_in(habits.flawed);
  const Flaw flaw = flawed ? static_cast<Flaw>(random_.below(habits.flaws)) : Flaw::none;
  if (flaw == Flaw::sent_again) return again();
  json::object whole = flaw == Flaw::under_the_same_key ? same_key() : command();
  if (flaw == Flaw::id_of_another) whole["id"] = random_.pick(asked_).at("id");
  if (flaw == Flaw::of_no_type)
    whole["type"] = random_.pick<const char*>({"Reserve", "", "checkin"});
  if (flaw == Flaw::spoiled_field) spoil(whole["data"].as_object());
  asked_.push_back(whole);
  const json::value* named = whole["data"].as_object().if_contains("resource");
  std::string resource(named != nullptr && named->is_string() ? named->get_string() : "");
  std::string value = json::serialize(whole);
  if (flaw == Flaw::damaged_text) value = damaged(std::move(value));
  if (flaw == Flaw::malformed) value = malformed(value, 10);
  if (flaw == Flaw::unreadable) {
    value = malformed(value, 2);
    resource.clear();
  }
  sent_.push_back(addressed(std::move(value), std::move(resource)));
  return sent_.back();
}

SentCommand Workload::again() {
  if (sent_.empty()) return next(now_);
  SentCommand sent = random_.pick(sent_);
  sent.timestamp = now_;
  // Another instance of the client, maybe with another partitioner.
  if (odd(5))
    sent.partition = Partition{
        static_cast<std::int32_t>(random_.below(static_cast<std::size_t>(options_.partitions)))};
  return sent;
}

SentCommand Workload::addressed(std::string value, std::string resource) {
  SentCommand sent{
      .partition = {}, .timestamp = now_, .resource = std::move(resource), .payload = {}};
  sent.payload.value = std::move(value);
  sent.payload.cloud_event = !odd(10);
  if (!odd(10)) sent.payload.key = sent.resource;
  if (odd(20)) sent.payload.headers.push_back({"tracing", "on"});
  // Who gives no key has it anywhere, and not every client has the right partitioner.
  const bool right = sent.payload.key && !odd(10);
  sent.partition.value =
      right
          ? audit::partition_of(sent.resource, options_.partitions)
          : static_cast<std::int32_t>(random_.below(static_cast<std::size_t>(options_.partitions)));
  return sent;
}

}  // namespace pesan
