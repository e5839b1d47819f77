// A value on its way into a row: 16 bytes, either null, a number, a moment or a text that somebody
// else owns. Moments stay numbers until a store asks for their text, so that what is overwritten
// within a batch is never formatted. Plain values; any thread may hold its own.
#pragma once

#include <compare>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "events/ids.hpp"
#include "events/time.hpp"
#include "events/vocabulary.hpp"

namespace pesan {

/// A value as stores give it back; the text lives as long as the row that it was read with.
using StoredValue = std::variant<std::monostate, std::int64_t, std::string_view>;

class Value {
 public:
  enum class Kind : std::uint8_t {
    absent,  // in a change: the column is left alone
    add,     // in a change: a number to be added to the column
    null,
    integer,
    text,
    date,          // 2026-12-01
    time_of_day,   // 09:30
    local_minute,  // 2026-12-01T09:30
    local_time,    // 2026-12-01T09:30:00.000
    instant,       // 2026-12-01T02:30:00.000Z
  };

  constexpr Value() = default;  // absent
  constexpr Value(std::nullopt_t) : kind_(Kind::null) {}
  template <std::integral T>
  constexpr Value(T number) : number_(static_cast<std::int64_t>(number)), kind_(Kind::integer) {}
  constexpr Value(Sequence sequence) : Value(sequence.value) {}
  constexpr Value(Version version) : Value(version.value) {}
  constexpr Value(Date date) : number_(date.days), kind_(Kind::date) {}
  constexpr Value(TimeOfDay time) : number_(time.minutes), kind_(Kind::time_of_day) {}
  constexpr Value(Instant instant) : number_(instant.ms), kind_(Kind::instant) {}
  constexpr Value(std::string_view text)
      : text_(text.data()), size_(static_cast<std::uint32_t>(text.size())), kind_(Kind::text) {}
  constexpr Value(const char* text) : Value(std::string_view(text)) {}
  template <class Tag>
  constexpr Value(const TextId<Tag>& id) : Value(id.text) {}
  /// The spellings of a vocabulary live as long as the program, so nobody needs to copy them.
  template <NamedEnum E>
  constexpr Value(E value) : Value(name_of(value)) {
    fixed_ = true;
  }
  template <class T>
  constexpr Value(const std::optional<T>& given) : Value(given ? Value(*given) : null()) {}

  static constexpr Value null() { return Value(std::nullopt); }
  static constexpr Value addition(std::int64_t delta) { return Value(delta, Kind::add); }
  static constexpr Value local(LocalDateTime t) { return Value(t.ms, Kind::local_time); }
  static constexpr Value minute(LocalDateTime t) { return Value(t.ms, Kind::local_minute); }
  static constexpr Value minute(const std::optional<LocalDateTime>& t) {
    return t ? minute(*t) : null();
  }

  constexpr Kind kind() const { return kind_; }
  constexpr bool is_null() const { return kind_ == Kind::null; }
  /// Of integer, add and the moments.
  constexpr std::int64_t number() const { return number_; }
  /// Of text.
  constexpr std::string_view text() const { return {text_, size_}; }
  constexpr bool owns_nothing() const { return kind_ != Kind::text || fixed_; }
  /// The same text at another place, which lives as long as this value is used.
  constexpr void move_text(const char* place) { text_ = place; }

  /// As a store keeps it; moments are written into `buffer`, which must outlive the result.
  /// Not for absent and add, which are no values of a row.
  StoredValue stored(std::string& buffer) const;

  bool operator==(const Value& other) const;
  /// The order of stores: numbers by size, texts by bytes, moments by time. One kind only.
  std::strong_ordering operator<=>(const Value& other) const;

 private:
  constexpr Value(std::int64_t number, Kind kind) : number_(number), kind_(kind) {}

  union {
    std::int64_t number_ = 0;
    const char* text_;
  };
  std::uint32_t size_ = 0;
  Kind kind_ = Kind::absent;
  bool fixed_ = false;
};
static_assert(sizeof(Value) == 16);

/// For people: `null`, `12`, `villa`.
std::string to_string(const StoredValue& value);

}  // namespace pesan
