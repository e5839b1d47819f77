// Reads the fields of a JSON object in the order in which programs write them, so that finding one
// is one comparison, and falls back to a look-up for any other order. Counts what was taken, so
// that a reader knows of fields that nobody asked for. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include <boost/json/object.hpp>

namespace pesan {

inline std::optional<std::string_view> text_of(const boost::json::value& value) {
  const auto* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  return std::string_view{text->data(), text->size()};
}

class ObjectCursor {
 public:
  explicit ObjectCursor(const boost::json::object& o) : object_(o), next_(o.begin()) {}

  /// nullptr when there is no such field. Each name is taken once at most.
  const boost::json::value* take(std::string_view name) {
    if (next_ != object_.end() && next_->key() == name) {
      ++taken_;
      return &(next_++)->value();
    }
    if (all_taken()) return nullptr;
    const auto found = object_.find(name);
    if (found == object_.end()) return nullptr;
    ++taken_;
    next_ = found + 1;
    return &found->value();
  }
  std::optional<std::string_view> take_text(std::string_view name) {
    const auto* value = take(name);
    return value == nullptr ? std::nullopt : text_of(*value);
  }
  std::optional<std::int64_t> take_integer(std::string_view name) {
    const auto* value = take(name);
    const auto* number = value == nullptr ? nullptr : value->if_int64();
    return number == nullptr ? std::nullopt : std::optional(*number);
  }
  const boost::json::object* take_object(std::string_view name) {
    const auto* value = take(name);
    return value == nullptr ? nullptr : value->if_object();
  }
  bool all_taken() const { return taken_ == object_.size(); }

 private:
  const boost::json::object& object_;
  boost::json::object::const_iterator next_;
  std::size_t taken_ = 0;
};

/// The log's id out of `/pesan/<log_id>/<topic>`; nullopt for any other source.
std::optional<std::string_view> log_id_in(std::string_view source, std::string_view topic);

/// Digits and nothing else, of a number that fits.
std::optional<std::int64_t> parse_digits(std::string_view text);

}  // namespace pesan
