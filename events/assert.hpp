// PESAN_ASSERT(condition, message): a bug of pesan itself, or a log that pesan cannot have written;
// never something that a command can cause. It stays on in release and throws Bug, which each loop
// catches in one place: that partition stops at a named record, the others go on.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace pesan {

class Bug : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

[[noreturn]] inline void assertion_failed(const char* condition, std::string_view message,
                                          const char* file, int line) {
  throw Bug(std::string(message) + " (" + condition + " is false, " + file + ":" +
            std::to_string(line) + ")");
}

}  // namespace pesan

// A macro, because the message may be costly to build and must cost nothing while all is well.
#define PESAN_ASSERT(condition, message)                                    \
  do {                                                                      \
    if (!(condition)) [[unlikely]] {                                        \
      ::pesan::assertion_failed(#condition, (message), __FILE__, __LINE__); \
    }                                                                       \
  } while (false)
