#include "tests/support/auditor/json_reader.hpp"

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <map>

#include <fmt/format.h>

namespace pesan::audit {
namespace {

namespace json = boost::json;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// Recursive descent over the text; every function leaves `at_` behind what it read.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::optional<json::value> whole() {
    auto value = any(0);
    skip_space();
    if (!value || at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  bool more() const { return at_ < text_.size(); }
  char peek() const { return more() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (!more() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool take_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  void skip_space() {
    while (more() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++at_;
  }

  std::optional<json::value> any(int levels_above) {
    skip_space();
    switch (peek()) {
      case '{': return object(levels_above + 1);
      case '[': return array(levels_above + 1);
      case '"': {
        auto text = string();
        if (!text) return std::nullopt;
        return json::value(json::string(*text));
      }
      case 't': return take_word("true") ? std::optional<json::value>(true) : std::nullopt;
      case 'f': return take_word("false") ? std::optional<json::value>(false) : std::nullopt;
      case 'n': return take_word("null") ? std::optional<json::value>(nullptr) : std::nullopt;
      default: return number();
    }
  }

  std::optional<json::value> object(int level) {
    if (level > max_levels) return std::nullopt;
    ++at_;
    json::object out;
    skip_space();
    if (take('}')) return json::value(std::move(out));
    do {
      skip_space();
      auto key = string();
      skip_space();
      if (!key || !take(':')) return std::nullopt;
      auto value = any(level);
      if (!value) return std::nullopt;
      out.insert_or_assign(*key, std::move(*value));
      skip_space();
    } while (take(','));
    if (!take('}')) return std::nullopt;
    return json::value(std::move(out));
  }

  std::optional<json::value> array(int level) {
    if (level > max_levels) return std::nullopt;
    ++at_;
    json::array out;
    skip_space();
    if (take(']')) return json::value(std::move(out));
    do {
      auto value = any(level);
      if (!value) return std::nullopt;
      out.push_back(std::move(*value));
      skip_space();
    } while (take(','));
    if (!take(']')) return std::nullopt;
    return json::value(std::move(out));
  }

  std::optional<std::string> string() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (more()) {
      const auto byte = static_cast<unsigned char>(text_[at_]);
      if (byte == '"') {
        ++at_;
        return out;
      }
      if (byte < 0x20) return std::nullopt;
      if (byte == '\\') {
        if (!escape(out)) return std::nullopt;
      } else if (byte < 0x80) {
        out += text_[at_++];
      } else if (!multi_byte(out)) {
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  bool multi_byte(std::string& out) {
    const auto lead = static_cast<unsigned char>(text_[at_]);
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || at_ + length > text_.size()) return false;
    std::uint32_t code = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
      const auto next = static_cast<unsigned char>(text_[at_ + i]);
      if ((next & 0xC0) != 0x80) return false;
      code = (code << 6) | (next & 0x3FU);
    }
    const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
    const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
    if (overlong || surrogate || code > 0x10FFFF) return false;
    out += text_.substr(at_, length);
    at_ += length;
    return true;
  }

  bool escape(std::string& out) {
    ++at_;
    if (!more()) return false;
    const char kind = text_[at_++];
    constexpr std::string_view from = "\"\\/bfnrt";
    constexpr std::string_view to = "\"\\/\b\f\n\r\t";
    if (const auto i = from.find(kind); i != std::string_view::npos) {
      out += to[i];
      return true;
    }
    if (kind != 'u') return false;
    auto code = four_hex();
    if (!code || (*code >= 0xDC00 && *code <= 0xDFFF)) return false;
    if (*code >= 0xD800 && *code <= 0xDBFF) {
      if (!take('\\') || !take('u')) return false;
      const auto low = four_hex();
      if (!low || *low < 0xDC00 || *low > 0xDFFF) return false;
      code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
    }
    append_utf8(out, *code);
    return true;
  }

  std::optional<std::uint32_t> four_hex() {
    std::uint32_t code = 0;
    const auto part = text_.substr(at_, 4);
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), code, 16);
    if (part.size() != 4 || error != std::errc{} || end != part.data() + 4) return std::nullopt;
    at_ += 4;
    return code;
  }

  bool digits() {
    const auto from = at_;
    while (more() && is_digit(peek())) ++at_;
    return at_ > from;
  }

  std::optional<json::value> number() {
    const auto from = at_;
    take('-');
    if (!take('0') && !digits()) return std::nullopt;
    bool whole_number = true;
    if (take('.')) {
      whole_number = false;
      if (!digits()) return std::nullopt;
    }
    if (take('e') || take('E')) {
      whole_number = false;
      if (!take('+')) take('-');
      if (!digits()) return std::nullopt;
    }
    const std::string spelled(text_.substr(from, at_ - from));
    const char* const end = spelled.data() + spelled.size();
    if (std::int64_t value = 0;
        whole_number && std::from_chars(spelled.data(), end, value).ec == std::errc{}) {
      return json::value(value);
    }
    if (std::uint64_t value = 0; whole_number && spelled[0] != '-' &&
                                 std::from_chars(spelled.data(), end, value).ec == std::errc{}) {
      return json::value(value);
    }
    return json::value(std::strtod(spelled.c_str(), nullptr));
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void append_canonical(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: out += 'n'; return;
    case json::kind::bool_: out += value.get_bool() ? 't' : 'f'; return;
    case json::kind::int64: out += fmt::format("i{};", value.get_int64()); return;
    case json::kind::uint64: out += fmt::format("i{};", value.get_uint64()); return;
    case json::kind::double_:
      // Adding zero makes -0.0 the same text as 0.0, as they are the same value.
      out += fmt::format("d{:a};", value.get_double() + 0.0);
      return;
    case json::kind::string:
      // The length in front keeps texts that contain the marks of this form apart.
      out += fmt::format("s{}:", value.get_string().size());
      out += std::string_view(value.get_string());
      return;
    case json::kind::array:
      out += '[';
      for (const auto& item : value.get_array()) append_canonical(out, item);
      out += ']';
      return;
    case json::kind::object: {
      std::map<std::string_view, const json::value*> sorted;
      for (const auto& item : value.get_object()) sorted.emplace(item.key(), &item.value());
      out += '{';
      for (const auto& [key, item] : sorted) {
        out += fmt::format("{}:{}", key.size(), key);
        append_canonical(out, *item);
      }
      out += '}';
      return;
    }
  }
}

}  // namespace

std::optional<json::value> read_json(std::string_view text) { return Reader(text).whole(); }

std::string canonical(const json::value& value) {
  std::string out;
  append_canonical(out, value);
  return out;
}

std::size_t characters(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1U : 0U;
  return count;
}

std::string cut(std::string_view text, std::size_t limit) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts_one = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (starts_one && ++seen > limit) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

}  // namespace pesan::audit
