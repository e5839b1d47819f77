// PESAN_ASSERT(condition, message): a bug of pesan itself, never something that the outside world
// can cause. It stays on in release, says where and what, and aborts: nothing is written after it.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace pesan {

[[noreturn]] inline void assertion_failed(const char* condition, std::string_view message,
                                          const char* file, int line) {
  const std::string text(message);
  std::fprintf(stderr, "pesan: this is a bug: %s (%s, %s:%d)\n", text.c_str(), condition, file,
               line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace pesan

// A macro, because the message may be costly to build and must cost nothing while all is well.
#define PESAN_ASSERT(condition, message)                                            \
  do {                                                                              \
    if (!(condition)) [[unlikely]] {                                                \
      ::pesan::assertion_failed(#condition, (message), __FILE__, __LINE__);         \
    }                                                                               \
  } while (false)
