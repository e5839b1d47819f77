// The plain append of clients: an idempotent producer without transactions. One call at a time is
// on its way; callers on other threads wait for their turn. Any thread.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "adapters/kafka/client.hpp"
#include "adapters/kafka/known_ends.hpp"
#include "engine/log_writer.hpp"

namespace pesan::kafka {

class Appender {
 public:
  Appender(const Place& place, KnownEnds& ends) : place_(place), ends_(ends) {}

  /// As Log::append. `transient`: none of them was written. `unknown`: some were, or may have been.
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records);

 private:
  /// What became of them; `refused` is why only `handed_over` of them were taken at all.
  Fallible<std::vector<Offset>> collect(const std::vector<OutgoingRecord>& records,
                                        std::size_t handed_over, rd_kafka_resp_err_t refused);

  const Place& place_;
  KnownEnds& ends_;
  std::mutex turn_;                 // guards what follows
  std::unique_ptr<Client> client_;  // made when first needed, and again after a fatal error
};

}  // namespace pesan::kafka
