#include <array>
#include <type_traits>

#include "events/event_codec.hpp"
#include "events/event_fields.hpp"
#include "events/json_writer.hpp"

namespace pesan {
namespace {

/// A visitor of event_fields.hpp that writes `data`.
class DataWriter {
 public:
  explicit DataWriter(JsonWriter& json) : json_(json) {}

  template <class T, class Rule>
  void operator()(const Field<Rule>& field, const T& value) {
    json_.key(field.name);
    write(value);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, const std::optional<T>& value) {
    if (value) (*this)(field, *value);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, const Change<std::optional<T>>& change) {
    if constexpr (!always_written<T>) {
      if (!change.from && !change.to) return;
    }
    json_.key(field.name);
    json_.begin_object();
    side("from", change.from);
    side("to", change.to);
    json_.end_object();
  }
  template <class Rule>
  void operator()(const Field<Rule>& field, const Change<bool>& change) {
    json_.key(field.name);
    json_.begin_object();
    json_.key("from");
    json_.boolean(change.from);
    json_.key("to");
    json_.boolean(change.to);
    json_.end_object();
  }

 private:
  template <class T>
  void side(std::string_view name, const std::optional<T>& value) {
    json_.key(name);
    value ? write(*value) : json_.null();
  }
  void write(std::string_view value) { json_.text(value); }
  void write(std::int64_t value) { json_.integer(value); }
  void write(bool value) { json_.boolean(value); }
  void write(Date value) {
    json_.plain([&](std::string& out) { append_date(out, value); });
  }
  void write(TimeOfDay value) {
    json_.plain([&](std::string& out) { append_time_of_day(out, value); });
  }
  void write(LocalDateTime value) {
    json_.plain([&](std::string& out) { append_local(out, value); });
  }
  void write(Instant value) {
    json_.plain([&](std::string& out) { append_instant(out, value); });
  }
  void write(const Buckets& buckets) {
    json_.plain([&](std::string& out) { append_buckets(out, buckets); });
  }
  template <class T>
    requires NamedEnum<T>
  void write(T value) {
    json_.plain(name_of(value));
  }
  template <class T>
    requires requires(T id) { id.text; }
  void write(const T& id) {
    json_.plain(id.text);
  }
  template <class T>
    requires is_event_object<T>
  void write(const T& object) {
    json_.begin_object();
    T copy = object;  // descriptions take what they describe by reference; these are all views
    describe(*this, copy);
    json_.end_object();
  }

  JsonWriter& json_;
};

void append_sequence(std::string& out, Sequence sequence) {
  std::array<char, 20> digits{};
  digits.fill('0');
  auto value = sequence.value;
  for (std::size_t i = digits.size(); i > 0 && value > 0; --i, value /= 10) {
    digits[i - 1] = static_cast<char>('0' + value % 10);
  }
  out.append(digits.data(), digits.size());
}

/// The attributes that every CloudEvent of pesan begins with, but for the id.
void begin_event(JsonWriter& json, std::string_view log_id, std::string_view topic,
                 std::string_view type) {
  json.key("source");
  json.plain(
      [&](std::string& out) { out.append("/pesan/").append(log_id).append("/").append(topic); });
  json.key("type");
  json.plain(type);
}

void write_place(JsonWriter& json, Instant time, Sequence sequence) {
  json.key("time");
  json.plain([&](std::string& out) { append_instant(out, time); });
  json.raw(R"("datacontenttype":"application/json")");
  json.key("sequence");
  json.plain([&](std::string& out) { append_sequence(out, sequence); });
}

void write_what(JsonWriter& json, const LoggedEvent& logged, const ResourceEvent& what) {
  json.key("id");
  json.plain([&](std::string& out) {
    out.append(what.resource.text).append("@");
    append_integer(out, what.version.value);
  });
  begin_event(json, logged.log_id, "events", type_name(what.event.body));
  json.key("subject");
  json.plain(subject_of(what));
  write_place(json, logged.time, logged.sequence);
  json.key("version");
  json.integer(what.version.value);
  json.key("resource");
  json.plain(what.resource.text);
  json.key("causationid");
  json.text(what.causation_id);
  json.key("causationsource");
  json.text(what.causation_source);
  if (what.traceparent) {
    json.key("traceparent");
    json.text(*what.traceparent);
  }
  json.key("data");
  json.begin_object();
  DataWriter data(json);
  Event& event = const_cast<Event&>(what.event);  // descriptions only read here
  std::visit([&](auto& body) { describe_resource_event(data, event, body); }, event.body);
  json.end_object();
}

template <OfLog T>
void write_what(JsonWriter& json, const LoggedEvent& logged, const T& what) {
  json.key("id");
  json.plain([&](std::string& out) {
    out.append(id_prefix_of(what));
    append_integer(out, what.partition);
    if constexpr (std::is_same_v<T, ClockMended>) {  // there may be several
      out.push_back('@');
      append_integer(out, logged.sequence.value);
    }
  });
  begin_event(json, logged.log_id, "events", EventName<T>::value);
  write_place(json, logged.time, logged.sequence);
  json.key("data");
  json.begin_object();
  DataWriter data(json);
  T copy = what;
  describe(data, copy);
  json.end_object();
}

}  // namespace

void append_buckets(std::string& out, const Buckets& buckets) {
  switch (buckets.inventory) {
    case Inventory::counter: out.push_back('*'); return;
    case Inventory::nightly:
      append_date(out, buckets.first);
      out.push_back('/');
      append_date(out, buckets.end);
      return;
    case Inventory::slots: out.append(buckets.slot.text); return;
  }
}

void append_event(std::string& out, const LoggedEvent& event) {
  JsonWriter json(out);
  json.begin_object();
  json.raw(R"("specversion":"1.0")");
  std::visit([&](const auto& what) { write_what(json, event, what); }, event.what);
  json.end_object();
}

void append_customer_event(std::string& out, const LoggedCustomerEvent& event) {
  JsonWriter json(out);
  json.begin_object();
  json.raw(R"("specversion":"1.0")");
  json.key("id");
  json.plain([&](std::string& id) { append_integer(id, event.sequence.value); });
  begin_event(json, event.log_id, "customers", type_name(event.body));
  write_place(json, event.time, event.sequence);
  json.key("data");
  json.begin_object();
  DataWriter data(json);
  auto& body = const_cast<CustomerEventBody&>(event.body);  // descriptions only read here
  std::visit([&](auto& what) { describe(data, what); }, body);
  json.end_object();
  json.end_object();
}

std::string_view type_name(const EventBody& body) {
  return std::visit(
      []<class Body>(const Body&) -> std::string_view { return EventName<Body>::value; }, body);
}

std::string_view type_name(const CustomerEventBody& body) {
  return std::visit(
      []<class Body>(const Body&) -> std::string_view { return EventName<Body>::value; }, body);
}

const BookingFacet* facet_of(const EventBody& body) {
  return std::visit(
      []<class E>(const E& event) -> const BookingFacet* {
        if constexpr (OfBooking<E>) {
          return &event.facet;
        } else {
          return nullptr;
        }
      },
      body);
}

std::string_view subject_of(const ResourceEvent& event) {
  const auto* facet = facet_of(event.event.body);
  return facet != nullptr ? facet->booking_id.text : event.resource.text;
}

}  // namespace pesan
