// What exceptions that end a process or a partition say to an operator.
#include "adapters/runtime/thrown.hpp"

#include <new>
#include <stdexcept>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pesan::runtime {
namespace {

using testing::HasSubstr;

TEST(Thrown, WithoutMemoryItSaysWhatHoldsLess) {
  EXPECT_THAT(sentence_of(std::bad_alloc()), HasSubstr("--remember, --batch, --memory"));
}

TEST(Thrown, WithoutAThreadItSaysWhichLimitThatIs) {
  const auto error = std::make_error_code(std::errc::resource_unavailable_try_again);
  EXPECT_THAT(sentence_of(std::system_error(error)), HasSubstr("ulimit -u"));
}

TEST(Thrown, AnythingElseHasItsOwnWords) {
  EXPECT_EQ(sentence_of(std::runtime_error("the map has no such key")), "the map has no such key");
  const auto error = std::make_error_code(std::errc::file_exists);
  EXPECT_EQ(sentence_of(std::system_error(error, "lock")), "lock: File exists");
}

}  // namespace
}  // namespace pesan::runtime
