// Writes JSON text into a string that the caller owns and reuses. It knows commas and escapes,
// nothing of pesan; Boost.JSON reads what it writes. Misuse (a value without a key inside an
// object) is not checked: every caller is in this folder and covered by round-trip tests.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace pesan {

/// Whether `text` stands in JSON as it is: nothing in it needs an escape.
bool is_plain(std::string_view text);

/// In decimal.
inline void append_integer(std::string& out, std::int64_t value) {
  char buffer[24];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  out.append(buffer, static_cast<std::size_t>(end - buffer));
}

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// `name` needs no escapes: it is one of ours. Inlined, as its length is then a constant.
  [[gnu::always_inline]] void key(std::string_view name) {
    char* to = grow(name.size() + 3 + (comma_ ? 1 : 0));
    if (comma_) *to++ = ',';
    *to++ = '"';
    std::memcpy(to, name.data(), name.size());
    std::memcpy(to + name.size(), "\":", 2);
    comma_ = false;
  }
  void text(std::string_view value);  // escaped where needed
  void integer(std::int64_t value) {
    separate();
    append_integer(out_, value);
  }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  /// JSON text that is already encoded.
  void raw(std::string_view json) {
    separate();
    out_.append(json);
  }
  /// A string that needs no escapes (ids, names of ours).
  void plain(std::string_view value) {
    char* to = grow(value.size() + 2 + (comma_ ? 1 : 0));
    if (comma_) *to++ = ',';
    *to++ = '"';
    if (!value.empty()) std::memcpy(to, value.data(), value.size());
    to[value.size()] = '"';
    comma_ = true;
  }
  /// The same, made by `append(std::string&)` (dates, numbers in quotes).
  template <class Append>
    requires std::invocable<Append, std::string&>
  void plain(Append append) {
    separate();
    put('"');
    append(out_);
    put('"');
  }

 private:
  /// Room for `size` more characters, all of which the caller writes.
  [[gnu::always_inline]] char* grow(std::size_t size) {
    const std::size_t before = out_.size();
    const std::size_t after = before + size;
    // The size that libstdc++ 12 hands to the function is the new capacity when the string grew.
    out_.resize_and_overwrite(after, [after](char*, std::size_t) { return after; });
    return out_.data() + before;
  }
  void put(char c) { *grow(1) = c; }
  void separate() {
    if (comma_) put(',');
    comma_ = true;
  }
  void open(char c) {
    separate();
    put(c);
    comma_ = false;
  }
  void close(char c) {
    put(c);
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace pesan
