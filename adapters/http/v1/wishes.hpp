// What the headers of a request ask for (docs/http.md#waiting, docs/http.md#keys): how long it
// waits, under which key, of which version, and from which position on. Pure; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/v1/problem.hpp"
#include "events/ids.hpp"

namespace pesan::http::v1 {

inline constexpr std::chrono::seconds default_wait{10};
inline constexpr std::chrono::seconds longest_wait{60};

struct Position {
  Partition partition;
  Sequence sequence;
  bool operator==(const Position&) const = default;
};

struct Wishes {
  bool respond_async = false;                    // Prefer: respond-async
  std::chrono::seconds wait = default_wait;      // Prefer: wait=SECONDS
  std::optional<std::string> key{};              // Idempotency-Key
  std::optional<std::int64_t> expected_version;  // If-Match
  std::vector<Position> min_position{};          // Pesan-Min-Position
};

/// A preference that is not known is passed over, as RFC 7240 has it; everything else that cannot
/// be read is refused, and so is a header twice that says one thing.
Answered<Wishes> wishes_of(const Request& request);

/// Answers are JSON: who accepts only something else is told so.
Answered<void> check_accept(const Request& request);
/// A body must be JSON in UTF-8, not encoded; `cloud_event`: as a CloudEvent too.
Answered<void> check_body_type(const Request& request, bool cloud_event);

}  // namespace pesan::http::v1
