// What a fuzz target says when a promise is broken: the promise, then the end of the process, which
// is how libFuzzer and the replayer learn of it. Also the two ways in which targets cut their
// input. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace pesan::fuzz {

[[noreturn]] inline void broken(const char* promise, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: not so: %s\n", file, line, promise);
  std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// The lines of an input, at most `most`; the last one takes the rest.
inline std::vector<std::string_view> lines_of(std::string_view text, std::size_t most) {
  std::vector<std::string_view> lines;
  while (lines.size() + 1 < most) {
    const auto end = text.find('\n');
    if (end == text.npos) break;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  lines.push_back(text);
  return lines;
}

}  // namespace pesan::fuzz

// A macro, because the promise is its own text.
#define PESAN_PROMISE(condition) \
  ((condition) ? void(0) : ::pesan::fuzz::broken(#condition, __FILE__, __LINE__))
