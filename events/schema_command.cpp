// `data` of every command, by a visitor of command_fields.hpp.
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "events/assert.hpp"
#include "events/command_fields.hpp"
#include "events/rule_text.hpp"
#include "events/schema_parts.hpp"

namespace pesan::schema {
namespace {

object limited(const rule::Text& rule, std::string_view pattern) {
  return {{"type", "string"},
          {"minLength", rule.min},
          {"maxLength", rule.max},
          {"pattern", wire(pattern)}};
}

object schema_by(const rule::Text& rule) {
  switch (rule.form) {
    case rule::Form::any: return limited(rule, no_nul);
    case rule::Form::name: return limited(rule, name_pattern);
    case rule::Form::resource: return text(resource_pattern);
    case rule::Form::schedule: return text(schedule_pattern);
    case rule::Form::booking: return text(booking_pattern);
    case rule::Form::own_booking: {
      object own = text(booking_pattern);
      own["not"] = object{{"pattern", R"(\.[0-9]+$)"}};
      return own;
    }
    case rule::Form::currency: return text(currency_pattern);
    case rule::Form::phone: return limited(rule, phone_pattern);
    case rule::Form::email: return limited(rule, email_pattern);
    case rule::Form::timezone: return limited(rule, no_nul);
  }
  return {};
}

/// A visitor of command_fields.hpp that writes down the rules instead of applying them.
class CommandFields {
 public:
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T&) {
    fields_.required(field, schema_by_rule(T{}, field.rule), text_of_rule_for<T>(field.rule));
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>&) {
    fields_.optional(field, schema_by_rule(T{}, field.rule), text_of_rule_for<T>(field.rule));
  }
  template <class T>
  void operator()(const Field<rule::Object>& field, T& object) {
    fields_.required(field, object_of(object));
  }
  template <class T>
  void operator()(const Field<rule::Object>& field, std::optional<T>& object) {
    fields_.optional(field, object_of(object.emplace()));
  }
  object finish() && { return std::move(fields_).finish(true); }

 private:
  template <class T>
  static object object_of(T& field) {
    CommandFields inner;
    describe(inner, field);
    return std::move(inner).finish();
  }
  template <class T>
  static object schema_by_rule(const T&, const rule::Text& rule) {
    return schema_by(rule);
  }
  static object schema_by_rule(std::int64_t, const rule::Integer& rule) {
    return integer(rule.min, rule.max);
  }
  template <NamedEnum E>
  static object schema_by_rule(E, const rule::Choice& rule) {
    return choice<E>(rule.count);
  }
  static object schema_by_rule(Date, const rule::Day&) { return day(); }
  static object schema_by_rule(TimeOfDay, const rule::Time&) { return text(time_pattern); }
  static object schema_by_rule(LocalDateTime, const rule::Appointment&) {
    return text(minute_pattern);
  }
  static object schema_by_rule(Instant, const rule::Moment&) {
    return {{"type", "string"}, {"format", "date-time"}, {"pattern", wire(moment_pattern)}};
  }
  static object schema_by_rule(bool, const rule::Flag&) { return flag(); }

  Fields fields_;
};

template <std::size_t I = 0>
object data_of(std::string_view name) {
  if constexpr (I == std::variant_size_v<CommandBody>) {
    PESAN_ASSERT(false, "no such command");
    return {};
  } else {
    using Body = std::variant_alternative_t<I, CommandBody>;
    if (CommandName<Body>::value != name) return data_of<I + 1>(name);
    Command command;
    Body body{};
    CommandFields fields;
    describe_command(fields, command, body);
    return std::move(fields).finish();
  }
}

}  // namespace

object command_data(std::string_view name) { return data_of(name); }

}  // namespace pesan::schema
