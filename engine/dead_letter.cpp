#include "engine/dead_letter.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "events/digest.hpp"

namespace pesan {
namespace {

void mark(Payload& record, std::string_view name, std::string_view value) {
  record.headers.push_back({.name = std::string(name), .value = std::string(value)});
}

/// The first headers that have room; whether others were left out.
bool cut_headers(std::vector<Header>& headers) {
  std::size_t bytes = 0;
  const auto first_without_room = std::ranges::find_if(headers, [&](const Header& header) {
    bytes += size_of(header);
    return bytes > kept_of_a_part;
  });
  if (first_without_room == headers.end()) return false;
  headers.erase(first_without_room, headers.end());
  return true;
}

bool cut_text(std::string& text) {
  if (text.size() <= kept_of_a_part) return false;
  text.resize(kept_of_a_part);
  text.shrink_to_fit();
  return true;
}

/// The value goes last: it is what somebody would mend.
void cut(Payload& letter) {
  const std::string size = std::to_string(letter.value.size());
  const std::string digest = to_hex(digest_of(letter.value));
  std::vector<std::string_view> parts;
  if (letter.key && cut_text(*letter.key)) parts.emplace_back("key");
  if (cut_headers(letter.headers)) parts.emplace_back("headers");
  if (size_of(letter) > largest_whole_record && cut_text(letter.value)) parts.emplace_back("value");
  mark(letter, size_header, size);
  mark(letter, digest_header, digest);
  for (const std::string_view part : parts) mark(letter, cut_header, part);
}

}  // namespace

Payload dead_letter_of(const Payload& record, const LetterMarks& marks) {
  Payload letter = record;
  if (size_of(record) > largest_whole_record) cut(letter);
  mark(letter, reason_header, name_of(marks.reason));
  mark(letter, origin_header, marks.origin);
  return letter;
}

Payload forwarded_of(const Payload& record, std::string_view origin) {
  Payload forwarded = record;
  if (size_of(record) > largest_whole_record && cut_headers(forwarded.headers)) {
    mark(forwarded, cut_header, "headers");
  }
  mark(forwarded, forwarded_header, origin);
  return forwarded;
}

bool is_forwarded(const Payload& record) {
  return std::ranges::any_of(record.headers,
                             [](const Header& h) { return h.name == forwarded_header; });
}

}  // namespace pesan
