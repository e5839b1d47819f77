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

template <class T>
inline constexpr std::string_view scope_of = "";
template <>
inline constexpr std::string_view scope_of<Actor> = "Actor";
template <>
inline constexpr std::string_view scope_of<Customer> = "Customer";
template <>
inline constexpr std::string_view scope_of<Subject> = "Subject";

/// A visitor of command_fields.hpp that writes down the rules instead of applying them.
class CommandFields {
 public:
  explicit CommandFields(std::string_view scope) : fields_(scope) {}

  template <class T, class Rule>
  void required(std::string_view name, const T& field, const Rule& rule) {
    fields_.required(name, schema_by_rule(field, rule), text_of_rule_for<T>(rule));
  }
  template <class T, class Rule>
  void optional(std::string_view name, const std::optional<T>&, const Rule& rule) {
    fields_.optional(name, schema_by_rule(T{}, rule), text_of_rule_for<T>(rule));
  }
  template <class T>
  void required_object(std::string_view name, T& field) {
    fields_.required(name, object_of(field));
  }
  template <class T>
  void optional_object(std::string_view name, std::optional<T>& field) {
    fields_.optional(name, object_of(field.emplace()));
  }
  object finish() && { return std::move(fields_).finish(true); }

 private:
  template <class T>
  static object object_of(T& field) {
    CommandFields inner(scope_of<T>);
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
    CommandFields fields(name);
    describe_command(fields, command, body);
    return std::move(fields).finish();
  }
}

// The patterns that stand in schema_parts.hpp as text speak of these lengths.
static_assert(rule::resource.max == 63 && rule::schedule_id.max == 40 &&
              rule::booking_id.max == 63 + 1 + 40 && rule::currency.max == 3);

}  // namespace

object command_data(std::string_view name) { return data_of(name); }

}  // namespace pesan::schema
