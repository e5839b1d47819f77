// What librdkafka counts, summed up over the clients of this process by their type: a process has
// one or more for each partition, and labels must not grow with them. Clients come and go, and what
// a client that went had counted stays counted. Any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>
#include <prometheus/metric_family.h>

#include "events/time.hpp"

namespace pesan::metrics {

class KafkaStatistics {
 public:
  /// The JSON of one client's statistics; what is none is passed over.
  void note(std::string_view json, Instant now);
  /// Nothing before the first statistics.
  std::vector<prometheus::MetricFamily> collect(Instant now) const;

 private:
  struct Traffic {  // since the client began
    std::int64_t requests = 0;
    std::int64_t sent_bytes = 0;
    std::int64_t received_bytes = 0;
    std::int64_t sent_messages = 0;
    std::int64_t received_messages = 0;
    Traffic& operator+=(const Traffic& other);
    Traffic since(const Traffic& before) const;
  };
  struct Queues {  // now
    std::int64_t messages = 0;
    std::int64_t bytes = 0;
  };
  struct Round {
    double seconds = 0;
    std::uint64_t count = 0;
  };
  using Place = std::pair<std::string, std::int64_t>;  // topic, partition
  struct Client {
    std::string type;  // producer, consumer
    Instant heard;
    Traffic traffic;
    Queues waiting;  // to be sent
    Queues fetched;  // and not taken yet
    std::map<Place, std::int64_t> lags;
  };
  static Client read(const boost::json::object& statistics);

  mutable std::mutex mutex_;                // guards what follows
  std::map<std::string, Client> clients_;   // by librdkafka's name of each, while it lives
  std::map<std::string, Traffic> traffic_;  // by type, of all that ever lived
  std::map<std::int64_t, Round> rounds_;    // to a broker and back, by its id
};

}  // namespace pesan::metrics
