// Reading metrics as Prometheus would, line by line. Pure; any thread.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace pesan {

/// The lines of a text, without their newlines.
inline std::vector<std::string> text_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// The samples of one metric, sorted; of a name that ends in `_`, those of all that begin so.
inline std::vector<std::string> metric_lines(std::string_view text, std::string_view name) {
  std::vector<std::string> found;
  for (auto& line : text_lines(text)) {
    if (!line.starts_with(name)) continue;
    const bool whole = name.ends_with('_') || line[name.size()] == '{' || line[name.size()] == ' ';
    if (whole) found.push_back(std::move(line));
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace pesan
