// A visitor of event_fields.hpp that reads an event's `data` out of JSON. It tells what is missing
// or not readable from what this program does not know; event_reader.cpp makes errors of that. What
// is read borrows from the JSON document. One thread.
#pragma once

#include <optional>
#include <string_view>

#include "events/event_fields.hpp"
#include "events/json_writer.hpp"
#include "events/object_cursor.hpp"

namespace pesan::event_data {

inline bool read(const boost::json::value& v, std::string_view& into) {
  const auto text = text_of(v);
  if (text) into = *text;
  return text.has_value();
}
inline bool read(const boost::json::value& v, std::int64_t& into) {
  const auto* number = v.if_int64();
  if (number != nullptr) into = *number;
  return number != nullptr;
}
inline bool read(const boost::json::value& v, bool& into) {
  const auto* flag = v.if_bool();
  if (flag != nullptr) into = *flag;
  return flag != nullptr;
}
template <class T>
bool read_parsed(const boost::json::value& v, T& into,
                 std::optional<T> (*parse)(std::string_view)) {
  const auto text = text_of(v);
  const auto parsed = text ? parse(*text) : std::nullopt;
  if (parsed) into = *parsed;
  return parsed.has_value();
}
inline bool read(const boost::json::value& v, Date& into) {
  return read_parsed(v, into, &parse_date);
}
inline bool read(const boost::json::value& v, TimeOfDay& into) {
  return read_parsed(v, into, &parse_time_of_day);
}
inline bool read(const boost::json::value& v, LocalDateTime& into) {
  return read_parsed(v, into, &parse_local);
}
inline bool read(const boost::json::value& v, Instant& into) {
  return read_parsed(v, into, &parse_instant) || read_parsed(v, into, &parse_written_instant);
}
inline bool read(const boost::json::value& v, Buckets& into) {
  return read_parsed(v, into, &parse_buckets);
}
template <class T>
  requires NamedEnum<T>
inline bool read(const boost::json::value& v, T& into) {
  return read_parsed(v, into, &parse_enum<T>);
}
/// Ids need no escapes; the writer counts on it.
template <class T>
  requires requires(T id) { id.text; }
inline bool read(const boost::json::value& v, T& into) {
  return read(v, into.text) && is_plain(into.text);
}

/// What reading `data` came upon.
struct Findings {
  std::string_view fault;  // the first field that is missing or not readable
  bool unknown = false;    // a field that no description asks for, at any level
};

/// A visitor of event_fields.hpp that reads an object of `data`.
class DataReader {
 public:
  DataReader(const boost::json::object& data, Findings& findings)
      : cursor_(data), findings_(findings) {}

  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T& into) {
    required(field.name, into);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>& into) {
    const auto* v = cursor_.take(field.name);
    if (v != nullptr && !read_into(*v, into.emplace())) blame(field.name);
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, Change<std::optional<T>>& into) {
    const auto* v = cursor_.take(field.name);
    if (v == nullptr) {
      if (always_written<T>) blame(field.name);
      return;
    }
    const auto* o = v->if_object();
    if (o == nullptr) return blame(field.name);
    DataReader sides(*o, findings_);
    sides.side("from", into.from);
    sides.side("to", into.to);
    sides.finish();
  }
  template <class Rule>
  void operator()(const Field<Rule>& field, Change<bool>& into) {
    const auto* v = cursor_.take(field.name);
    const auto* o = v == nullptr ? nullptr : v->if_object();
    if (o == nullptr) return blame(field.name);
    DataReader sides(*o, findings_);
    sides.required("from", into.from);
    sides.required("to", into.to);
    sides.finish();
  }
  /// After the last described field.
  void finish() { findings_.unknown = findings_.unknown || !cursor_.all_taken(); }

 private:
  template <class T>
  void required(std::string_view name, T& into) {
    const auto* v = cursor_.take(name);
    if (v == nullptr || !read_into(*v, into)) blame(name);
  }
  /// One side of a Change says null where it has no value.
  template <class T>
  void side(std::string_view name, std::optional<T>& into) {
    const auto* v = cursor_.take(name);
    if (v == nullptr || (!v->is_null() && !read_into(*v, into.emplace()))) blame(name);
  }
  template <class T>
  bool read_into(const boost::json::value& v, T& into) {
    if constexpr (is_event_object<T>) {
      const auto* o = v.if_object();
      if (o == nullptr) return false;
      DataReader inner(*o, findings_);
      describe(inner, into);
      inner.finish();
      return true;  // what is wrong inside is blamed there
    } else {
      return read(v, into);
    }
  }
  void blame(std::string_view name) {
    if (findings_.fault.empty()) findings_.fault = name;
  }

  ObjectCursor cursor_;
  Findings& findings_;
};

}  // namespace pesan::event_data
