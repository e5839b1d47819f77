// What the benches do about a failure: they say it and end, as there is nothing left to measure.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

#include "events/failure.hpp"

namespace pesan::bench {

template <class T>
T must(Fallible<T> value) {
  if (!value) {
    fmt::print(stderr, "{}: {}\n", program_invocation_short_name, value.error().what);
    std::exit(3);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(value);
}

}  // namespace pesan::bench
