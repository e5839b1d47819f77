// Where a log is on Kafka, as its URL says it, and the names of everything that it has there. Pure;
// any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/log.hpp"

namespace pesan::kafka {

using Properties = std::vector<std::pair<std::string, std::string>>;
/// Told what librdkafka counts, now and then, by any thread: JSON, as its STATISTICS.md describes.
using OnStatistics = std::function<void(std::string_view json)>;

/// Where a transaction has come to; between two of them its process may stop, or die.
enum class TransactionPoint : std::uint8_t {
  begun,
  offsets_sent,
  records_sent,
  all_delivered,
  committed,
};

struct Place {
  std::string brokers;           // host:port, several with commas between
  std::string prefix = "pesan";  // of topics, groups and transactional ids
  Properties properties;         // any librdkafka property: TLS, SASL, buffers
  OnStatistics on_statistics{};  // nothing: none are made
  /// For tests that stop a writer there: called by its thread.
  std::function<void(TransactionPoint)> on_point{};

  std::string topic(Topic topic) const;
  std::string url() const;  // for messages; without the properties, which may hold secrets
};

inline constexpr std::string_view url_scheme = "kafka://";

/// `kafka://host:port[,host:port…][?prefix=NAME]`, and properties as `name=value` each. A failure
/// says what is wrong with them.
Fallible<Place> parse_place(std::string_view url, const std::vector<std::string>& properties);

}  // namespace pesan::kafka
