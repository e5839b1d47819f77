// The points of a transaction at which pesan_canary can be told to stop, by name. Values.
#pragma once

#include <array>
#include <string_view>

#include "adapters/kafka/place.hpp"
#include "events/vocabulary.hpp"

template <>
struct pesan::EnumNames<pesan::kafka::TransactionPoint> {
  static constexpr std::array<std::string_view, 5> names{"begun", "offsets_sent", "records_sent",
                                                         "all_delivered", "committed"};
};

namespace pesan::mutants {

/// In the environment: the name of a point, and at which of its passings, of all threads together,
/// the process is to stop: `offsets_sent 12`.
inline constexpr const char* stop_at = "PESAN_STOP_AT";

}  // namespace pesan::mutants
