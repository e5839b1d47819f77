// `./dev demo` ends well, also without a terminal; every step of it checks what it claims.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

TEST(Demo, EndsWithNoDriftAndLeavesNothingBehind) {
  const TempFolder folder;
  const std::string output = folder / "output";
  const std::string command =
      fmt::format("TMPDIR='{}' sh '{}/examples/demo.sh' '{}' > '{}' 2>&1 < /dev/null",
                  folder.path().string(), PESAN_SOURCE_DIR, PESAN_PROGRAM, output);
  EXPECT_EQ(std::system(command.c_str()), 0) << read_file(output);
  EXPECT_THAT(read_file(output), ::testing::HasSubstr("no drift: "));
  std::filesystem::remove(output);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace pesan::e2e
