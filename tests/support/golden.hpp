// The golden samples: records as every version of pesan has written them, one a line, in
// tests/golden/v1. Lines are only ever added. For test binaries alone.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace pesan {

inline std::vector<std::string> golden(std::string_view file) {
  const auto path = std::filesystem::path(PESAN_SOURCE_DIR) / "tests/golden/v1" / file;
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  EXPECT_FALSE(lines.empty()) << path << " is not there";
  return lines;
}

}  // namespace pesan
