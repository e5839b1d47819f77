// Writes JSON text into a string that the caller owns and reuses. It knows commas and escapes,
// nothing of pesan; Boost.JSON reads what it writes. Misuse (a value without a key inside an object)
// is not checked: every caller is in this folder and covered by round-trip tests.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace pesan {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }

  /// `name` needs no escapes: it is one of ours.
  void key(std::string_view name) {
    separate();
    out_.push_back('"');
    out_.append(name);
    out_.append("\":");
    comma_ = false;
  }
  void text(std::string_view value);  // escaped where needed
  void integer(std::int64_t value) {
    separate();
    char buffer[24];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
    out_.append(buffer, static_cast<std::size_t>(end - buffer));
  }
  void boolean(bool value) { raw(value ? "true" : "false"); }
  void null() { raw("null"); }
  /// JSON text that is already encoded.
  void raw(std::string_view json) {
    separate();
    out_.append(json);
  }
  /// A string made by `append(std::string&)` that needs no escapes (dates, numbers in quotes).
  template <class Append>
  void plain(Append append) {
    separate();
    out_.push_back('"');
    append(out_);
    out_.push_back('"');
  }

 private:
  void separate() {
    if (comma_) out_.push_back(',');
    comma_ = true;
  }
  void open(char c) {
    separate();
    out_.push_back(c);
    comma_ = false;
  }
  void close(char c) {
    out_.push_back(c);
    comma_ = true;
  }

  std::string& out_;
  bool comma_ = false;
};

}  // namespace pesan
