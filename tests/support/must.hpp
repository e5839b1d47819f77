// For tests that are about something else: takes the value out of a Fallible, and ends the test
// with the failure's own words when there is none. Any thread whose exceptions somebody catches.
#pragma once

#include <stdexcept>
#include <utility>

#include "events/failure.hpp"

namespace pesan {

template <class T>
T must(Fallible<T> answer) {
  if (!answer) throw std::runtime_error(answer.error().what);
  return std::move(*answer);
}

inline void must(Fallible<void> answer) {
  if (!answer) throw std::runtime_error(answer.error().what);
}

}  // namespace pesan
