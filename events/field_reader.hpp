// A visitor of command_fields.hpp that reads a JSON object into a command and stops at the first
// field at fault, in the order of the descriptions; unknown fields come last, by name, at their
// level (docs/domain.md#fields).
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "events/command_fields.hpp"
#include "events/object_cursor.hpp"
#include "events/rejection.hpp"
#include "events/rule_text.hpp"

namespace pesan {

// Each check answers whether the value keeps the rule, and then has written it.
bool read_field(const boost::json::value& value, std::string_view& into, const rule::Text& rule,
                std::string_view resource);
bool read_field(const boost::json::value& value, std::int64_t& into, const rule::Integer& rule);
bool read_field(const boost::json::value& value, Date& into, const rule::Day& rule);
bool read_field(const boost::json::value& value, TimeOfDay& into, const rule::Time& rule);
bool read_field(const boost::json::value& value, LocalDateTime& into, const rule::Appointment&);
bool read_field(const boost::json::value& value, Instant& into, const rule::Moment& rule);
bool read_field(const boost::json::value& value, bool& into, const rule::Flag& rule);

// Which rule a value breaks that was not taken.
Breach breach_of(const boost::json::value& value, const rule::Text& rule);
Breach breach_of(const boost::json::value& value, const rule::Integer& rule);
Breach breach_of(const boost::json::value& value, const rule::Flag& rule);
/// What is a text on the wire: a name, a day, a time, an instant.
Breach breach_of_text(const boost::json::value& value);

class FieldReader {
 public:
  /// `path` is "" or ends with a dot. `fault` takes what is to be said of the first field at fault.
  FieldReader(const boost::json::object& object, std::string path, std::string_view resource,
              std::optional<Rejection>& fault)
      : object_(object),
        cursor_(object),
        path_(std::move(path)),
        resource_(resource),
        fault_(fault) {}

  template <class T, class Rule>
  void operator()(const Field<Rule>& field, T& into) {
    if (const auto* value = visit(field.name); fault_) {
      return;
    } else if (value == nullptr || !read(*value, into, field.rule)) {
      blame_value<T>(field.name, value, field.rule);
    }
  }
  template <class T, class Rule>
  void operator()(const Field<Rule>& field, std::optional<T>& into) {
    const auto* value = visit(field.name);
    if (fault_ || value == nullptr) return;
    if (!read(*value, into.emplace(), field.rule)) blame_value<T>(field.name, value, field.rule);
  }
  template <class T>
  void operator()(const Field<rule::Object>& field, T& into) {
    if (const auto* value = visit(field.name); !fault_) read_object(field.name, value, into);
  }
  template <class T>
  void operator()(const Field<rule::Object>& field, std::optional<T>& into) {
    const auto* value = visit(field.name);
    if (!fault_ && value != nullptr) read_object(field.name, value, into.emplace());
  }
  /// After the last described field.
  void finish() {
    if (!fault_ && !cursor_.all_taken()) blame_unknown();
  }

 private:
  const boost::json::value* visit(std::string_view name) {
    if (fault_) return nullptr;
    known_[known_count_++] = name;
    return cursor_.take(name);
  }
  template <class T>
  void read_object(std::string_view name, const boost::json::value* value, T& into) {
    const auto* object = value == nullptr ? nullptr : value->if_object();
    if (object == nullptr) {
      return blame(name, value == nullptr ? Breach::missing : Breach::type, "an object");
    }
    FieldReader inner(*object, path_ + std::string(name) + ".", resource_, fault_);
    describe(inner, into);
    inner.finish();
  }
  bool read(const boost::json::value& value, std::string_view& into, const rule::Text& rule) {
    return read_field(value, into, rule, resource_);
  }
  template <class T>
    requires requires(T id) { id.text; }
  bool read(const boost::json::value& value, T& into, const rule::Text& rule) {
    if (!read_field(value, into.text, rule, resource_)) return false;
    if constexpr (std::is_same_v<T, ResourceId>) resource_ = into.text;
    return true;
  }
  template <NamedEnum E>
  bool read(const boost::json::value& value, E& into, const rule::Choice& rule) {
    const auto* text = value.if_string();
    if (text == nullptr) return false;
    const auto parsed = parse_enum<E>({text->data(), text->size()});
    if (!parsed || static_cast<std::size_t>(*parsed) >= rule.count) return false;
    into = *parsed;
    return true;
  }
  template <class T, class Rule>
  bool read(const boost::json::value& value, T& into, const Rule& rule) {
    return read_field(value, into, rule);
  }
  void blame(std::string_view name, Breach breach, std::string_view expected) {
    fault_ = invalid_field(path_ + std::string(name), breach, expected);
  }
  /// Out of line: a good command never comes here.
  template <class T, class Rule>
  [[gnu::noinline, gnu::cold]] void blame_value(std::string_view name,
                                                const boost::json::value* value, const Rule& rule) {
    Breach breach = Breach::missing;
    if constexpr (requires { breach_of(*value, rule); }) {
      if (value != nullptr) breach = breach_of(*value, rule);
    } else if (value != nullptr) {
      breach = breach_of_text(*value);
    }
    blame(name, breach, text_of_rule_for<T>(rule));
  }
  void blame_unknown() {
    std::optional<std::string_view> first;
    const auto known_end = known_.begin() + static_cast<std::ptrdiff_t>(known_count_);
    for (const auto& entry : object_) {
      const std::string_view key{entry.key().data(), entry.key().size()};
      if (std::find(known_.begin(), known_end, key) == known_end && (!first || key < *first)) {
        first = key;
      }
    }
    blame(*first, Breach::unknown, text_of_names(std::span(known_).first(known_count_)));
  }

  static constexpr std::size_t most_fields = 24;

  const boost::json::object& object_;
  ObjectCursor cursor_;
  std::string path_;
  std::string_view resource_;
  std::optional<Rejection>& fault_;
  std::array<std::string_view, most_fields> known_{};
  std::size_t known_count_ = 0;
};

}  // namespace pesan
