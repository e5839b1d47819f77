// Given events, then rows: folds literal events into read models in memory, once event by event and
// once as a single batch, so that every test of a fold is also a test that its changes merge. One
// thread.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "events/events.hpp"
#include "tests/support/memory_read_model.hpp"

namespace pesan {

/// What a booking holds, in literals.
inline Held nights(std::string_view first, std::string_view end, std::int64_t units = 1) {
  return {{Inventory::nightly, *parse_date(first), *parse_date(end), {}}, units};
}
inline Held counter(std::int64_t units = 1) { return {{Inventory::counter, {}, {}, {}}, units}; }
inline Held slot(std::string_view schedule, std::int64_t units = 1) {
  return {{Inventory::slots, {}, {}, ScheduleId(schedule)}, units};
}

class Folded {
 public:
  explicit Folded(std::string_view resource) : resource_(resource) {}

  /// Events of the resource, one a minute from 2026-11-20T08:01:00Z, versions and sequences from 1.
  Folded& given(std::initializer_list<EventBody> bodies);
  /// Events of the registry, likewise, sequences from 1.
  Folded& given_customers(std::initializer_list<CustomerEventBody> bodies);
  Folded& by(const Actor& actor, std::optional<std::string_view> reason = std::nullopt);

  /// One value as people write it; keys as people write them too.
  std::string value(Table table, std::string_view key, std::string_view column);
  std::string value(Table table, std::string_view first, std::string_view second,
                    std::string_view column);
  std::size_t count(Table table);

 private:
  std::string value(Table table, const MemoryReadModel::OwnedRow& key, std::string_view column);
  /// Applies what was given since the last look.
  void apply();

  std::string resource_;
  Actor actor_{ActorType::admin, "u-1"};
  std::optional<std::string_view> reason_;
  std::int64_t sequence_ = 0;
  std::vector<LoggedEvent> events_;
  std::vector<LoggedCustomerEvent> customer_events_;
  MemoryReadModel one_by_one_;
  MemoryReadModel at_once_;
};

}  // namespace pesan
