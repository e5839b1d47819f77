// `data` of every event, by a visitor of event_fields.hpp.
#include <optional>
#include <variant>

#include "events/assert.hpp"
#include "events/event_fields.hpp"
#include "events/schema_parts.hpp"

namespace pesan::schema {
namespace {

/// A visitor of event_fields.hpp: every field by its type, as the writer writes it.
class EventFields {
 public:
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T& value) {
    fields_.required(field, schema_of_value(value));
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>& value) {
    fields_.optional(field, schema_of_value(value.emplace()));
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, Change<std::optional<T>>& change) {
    object both = sides(nullable(schema_of_value(change.to.emplace())));
    if constexpr (always_written<T>) {
      fields_.required(field, std::move(both));
    } else {
      fields_.optional(field, std::move(both));
    }
  }
  template <class Rule>
  void operator()(const Field<Rule>& field, Change<bool>&) {
    fields_.required(field, sides(flag()));
  }
  object finish() && { return std::move(fields_).finish(false); }

 private:
  static object sides(const object& side) {
    return {{"type", "object"},
            {"required", {"from", "to"}},
            {"properties", object{{"from", side}, {"to", side}}}};
  }
  static object schema_of_value(std::string_view) { return text(); }
  static object schema_of_value(std::int64_t) { return integer(0); }
  static object schema_of_value(bool) { return flag(); }
  static object schema_of_value(Date) { return day(); }
  static object schema_of_value(TimeOfDay) { return text(time_pattern); }
  static object schema_of_value(LocalDateTime) { return text(local_pattern); }
  static object schema_of_value(Instant) { return instant(); }
  static object schema_of_value(ScheduleId) { return text(schedule_pattern); }
  static object schema_of_value(const BookingId&) { return text(booking_pattern); }
  static object schema_of_value(const Buckets&) { return text(); }
  template <NamedEnum E>
  static object schema_of_value(E) {
    return choice<E>();
  }
  template <class T>
    requires is_event_object<T>
  static object schema_of_value(T& value) {
    EventFields inner;
    describe(inner, value);
    return std::move(inner).finish();
  }

  Fields fields_;
};

/// The schema made by `describe(fields, body)` for the alternative of that name.
template <class Variant, class Describe, std::size_t I = 0>
object data_of(std::string_view name, Describe describe) {
  if constexpr (I == std::variant_size_v<Variant>) {
    PESAN_ASSERT(false, "no such event");
    return {};
  } else {
    using Body = std::variant_alternative_t<I, Variant>;
    if (EventName<Body>::value != name) return data_of<Variant, Describe, I + 1>(name, describe);
    EventFields fields;
    Body body{};
    describe(fields, body);
    return std::move(fields).finish();
  }
}

}  // namespace

object event_data(std::string_view name) {
  const auto alone = [](auto& fields, auto& body) { describe(fields, body); };
  if (names_one_of(name, static_cast<LogEvents*>(nullptr))) return data_of<LogEvents>(name, alone);
  return data_of<EventBody>(name, [](auto& fields, auto& body) {
    Event event{};
    describe_resource_event(fields, event, body);
  });
}

object customer_event_data(std::string_view name) {
  return data_of<CustomerEventBody>(name, [](auto& fields, auto& body) { describe(fields, body); });
}

}  // namespace pesan::schema
