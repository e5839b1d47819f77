// Makes up commands and events for property tests, out of the descriptions of their fields: every
// field keeps its rule, and one that may be absent is so half the time. A new field is made up
// without more. Only for code inside a rapidcheck property.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "events/command_fields.hpp"
#include "events/event_fields.hpp"

namespace pesan {

/// Whole characters of every length, quotes and control characters among them.
inline std::string any_text(std::size_t most, std::size_t least = 1) {
  static constexpr std::string_view characters[] = {
      "a",    "Z",    "0",  " ",  "\"", "\\", "/",      "\n",           "\x01",
      "\x1f", "\x7f", "\b", "\f", "\t", "é",  "\u2028", "\xEF\xBF\xBF", "\xF0\x9F\x98\x80"};
  const auto length = *rc::gen::inRange<std::size_t>(least, std::min(most, least + 30) + 1);
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    out += characters[*rc::gen::inRange<std::size_t>(0, std::size(characters))];
  }
  return out;
}

inline bool any_flag() { return *rc::gen::inRange(0, 2) == 0; }
inline std::int64_t any_integer(std::int64_t low, std::int64_t high) {
  return *rc::gen::inRange(low, high + 1);
}
inline constexpr std::int32_t last_day = 2'932'896;  // 9999-12-31
inline Date any_day() { return {*rc::gen::inRange<std::int32_t>(0, last_day + 1)}; }
inline Instant any_instant() { return Instant{any_integer(0, 4'133'980'799'999)}; }

template <NamedEnum E>
E any_of(std::size_t first = EnumNames<E>::names.size()) {
  return static_cast<E>(*rc::gen::inRange<std::size_t>(0, first));
}

/// Texts that commands and events borrow.
class KeptTexts {
 public:
  std::string_view keep(std::string value) {
    return *kept_.emplace_back(std::make_unique<std::string>(std::move(value)));
  }
  std::optional<std::string_view> maybe(std::size_t most, std::size_t least = 1) {
    if (any_flag()) return std::nullopt;
    return keep(any_text(most, least));
  }

 private:
  std::vector<std::unique_ptr<std::string>> kept_;
};

/// A visitor of descriptions. Ids are of the resource `villa`.
class AnyFields {
 public:
  explicit AnyFields(KeptTexts& texts) : texts_(texts) {}

  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T& into) {
    make(into, field.rule);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>& into) {
    if (any_flag()) make(into.emplace(), field.rule);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, Change<std::optional<T>>& into) {
    (*this)(field, into.from);
    (*this)(field, into.to);
  }

 private:
  void make(std::string_view& into, const rule::Text& rule) {
    const auto most = static_cast<std::size_t>(rule.max);
    const auto least = static_cast<std::size_t>(rule.min);
    switch (rule.form) {
      case rule::Form::any: into = texts_.keep(any_text(most, least)); return;
      case rule::Form::name: into = texts_.keep("n" + any_text(most - 1)); return;
      case rule::Form::resource: into = "villa"; return;
      case rule::Form::schedule: into = "s-1"; return;
      case rule::Form::booking: into = "villa.1"; return;
      case rule::Form::own_booking: into = "villa.own"; return;
      case rule::Form::currency: into = "USD"; return;
      case rule::Form::phone: into = "+62 812-3456"; return;
      case rule::Form::email: into = "a@b.c"; return;
      case rule::Form::timezone: into = "Europe/London"; return;
    }
  }
  void make(std::int64_t& into, const rule::Integer& rule) {
    into = any_integer(rule.min, rule.max);
  }
  template <NamedEnum E>
  void make(E& into, const rule::Choice& rule) {
    into = any_of<E>(std::min(rule.count, EnumNames<E>::names.size()));
  }
  void make(bool& into, const rule::Flag&) { into = any_flag(); }
  void make(Instant& into, const rule::Moment&) {
    into = Instant{any_integer(0, limit::end_of_instants_ms - 1)};
  }
  void make(Date& into, const rule::Day&) { into = any_day(); }
  void make(TimeOfDay& into, const rule::Time&) { into = {*rc::gen::inRange(0, 1441)}; }
  void make(LocalDateTime& into, const rule::Appointment&) {
    into = at(any_day(), TimeOfDay{*rc::gen::inRange(0, 1440)});
  }
  template <class T>
    requires requires(T id) { id.text; }
  void make(T& into, const rule::Text& rule) {
    make(into.text, rule);
  }
  template <class T>
  void make(T& into, const rule::Object&) {
    describe(*this, into);
  }
  // What only events have.
  void make(std::string_view& into, const rule::None&) { into = texts_.keep(any_text(40)); }
  void make(std::int64_t& into, const rule::None&) { into = any_integer(0, limit::money); }
  void make(bool& into, const rule::None&) { into = any_flag(); }
  void make(Instant& into, const rule::None&) { into = any_instant(); }
  void make(LocalDateTime& into, const rule::None&) {
    into = {midnight(any_day()).ms + any_integer(0, 86'399'999)};
  }
  void make(Buckets& into, const rule::None&) {
    into = {.inventory = any_of<Inventory>(), .first = {}, .end = {}, .slot = {}};
    if (into.inventory == Inventory::nightly) into.first = into.end = any_day();
    if (into.inventory == Inventory::slots) into.slot = "s-1";
  }
  void make(Held& into, const rule::None&) { describe(*this, into); }
  void make(Change<bool>& into, const rule::None&) { into = {any_flag(), any_flag()}; }
  template <NamedEnum E>
  void make(E& into, const rule::None&) {
    into = any_of<E>();
  }

  KeptTexts& texts_;
};

/// What a command shows by itself beyond single fields: ranges that go forward.
template <class Body>
void put_ranges_right(Body& body) {
  if constexpr (requires { body.max_nights; }) {
    if (body.min_nights && body.max_nights)
      body.max_nights = std::max(*body.min_nights, *body.max_nights);
  }
  if constexpr (requires { body.check_out; }) {
    if (body.check_in && body.check_out) {
      body.check_in->days = std::min(body.check_in->days, last_day - 1);
      const auto nights = static_cast<std::int32_t>(any_integer(1, limit::nights));
      body.check_out->days = std::min(body.check_in->days + nights, last_day);
    }
  }
  if constexpr (requires { body.start; }) {
    const std::optional<TimeOfDay> start = body.start;
    const std::optional<TimeOfDay> end = body.end;
    if (start && end && *end <= *start) {
      body.start = TimeOfDay{0};
      body.end = TimeOfDay{1440};
    }
  }
}

/// One of the alternatives, by `fill(alternative)`.
template <class Variant, class Fill, std::size_t... I>
Variant any_alternative(Fill fill, std::index_sequence<I...> /*all*/) {
  Variant made;
  const auto chosen = *rc::gen::inRange<std::size_t>(0, sizeof...(I));
  const auto emplace = [&](auto place) { fill(made.template emplace<decltype(place)::value>()); };
  ((chosen == I ? emplace(std::integral_constant<std::size_t, I>{}) : void()), ...);
  return made;
}
template <class Variant, class Fill>
Variant any_alternative(Fill fill) {
  return any_alternative<Variant>(fill, std::make_index_sequence<std::variant_size_v<Variant>>{});
}

/// A valid command of any type.
inline Command any_command(KeptTexts& texts) {
  Command command;
  AnyFields fields(texts);
  command.body = any_alternative<CommandBody>([&](auto& body) {
    describe_command(fields, command, body);
    put_ranges_right(body);
  });
  return command;
}

/// A record of the events topic, of any type. Resource and log have plain names.
inline LoggedEvent any_logged_event(KeptTexts& texts) {
  AnyFields fields(texts);
  LoggedEvent logged{.log_id = "log-1",
                     .sequence = {any_integer(0, limit::money)},
                     .time = any_instant(),
                     .what = ResourceEvent{}};
  if (any_integer(0, 4) == 0) {
    const auto of_log = any_alternative<LogEvents>([&](auto& event) { describe(fields, event); });
    std::visit([&](const auto& event) { logged.what = event; }, of_log);
    return logged;
  }
  auto& what = std::get<ResourceEvent>(logged.what);
  what.resource = "villa";
  what.version = {any_integer(1, limit::money)};
  what.causation_id = texts.keep(any_text(200));
  what.causation_source = texts.keep(any_text(200));
  what.traceparent = texts.maybe(60);
  what.event.body = any_alternative<EventBody>(
      [&](auto& body) { describe_resource_event(fields, what.event, body); });
  return logged;
}

/// A record of the customers topic, of any type.
inline LoggedCustomerEvent any_customer_event(KeptTexts& texts) {
  AnyFields fields(texts);
  return {.log_id = "log-1",
          .sequence = {any_integer(0, limit::money)},
          .time = any_instant(),
          .body = any_alternative<CustomerEventBody>([&](auto& body) { describe(fields, body); })};
}

}  // namespace pesan
