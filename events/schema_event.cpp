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
  explicit EventFields(std::string_view scope) : fields_(scope) {}

  template <class T>
  void operator()(std::string_view name, T& field) {
    fields_.required(name, schema_of_value(field));
  }
  template <class T>
  void operator()(std::string_view name, std::optional<T>& field) {
    fields_.optional(name, schema_of_value(field.emplace()));
  }
  template <class T>
  void operator()(std::string_view name, Change<std::optional<T>>& change) {
    object both = sides(nullable(schema_of_value(change.to.emplace())));
    if constexpr (always_written<T>) {
      fields_.required(name, std::move(both));
    } else {
      fields_.optional(name, std::move(both));
    }
  }
  void operator()(std::string_view name, Change<bool>&) { fields_.required(name, sides(flag())); }
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
  static object schema_of_value(Held& held) { return object_of("Held", held); }
  template <NamedEnum E>
  static object schema_of_value(E) {
    return choice<E>();
  }
  static object schema_of_value(Actor& actor) { return object_of("Actor", actor); }
  static object schema_of_value(Customer& customer) { return object_of("Customer", customer); }
  static object schema_of_value(Subject& subject) { return object_of("Subject", subject); }
  template <class T>
  static object object_of(std::string_view scope, T& value) {
    EventFields inner(scope);
    describe_event(inner, value);
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
    EventFields fields(name);
    Body body{};
    describe(fields, body);
    return std::move(fields).finish();
  }
}

}  // namespace

object event_data(std::string_view name) {
  using OfLog = std::variant<LogOpened, ClockSwitched, ClockMended>;
  if (name == EventName<LogOpened>::value || name == EventName<ClockSwitched>::value ||
      name == EventName<ClockMended>::value) {
    return data_of<OfLog>(name, [](auto& fields, auto& body) { describe_event(fields, body); });
  }
  return data_of<EventBody>(name, [](auto& fields, auto& body) {
    Event event{};
    describe_resource_event(fields, event, body);
  });
}

object customer_event_data(std::string_view name) {
  return data_of<CustomerEventBody>(name,
                                    [](auto& fields, auto& body) { describe_event(fields, body); });
}

}  // namespace pesan::schema
