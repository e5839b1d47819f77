// One administrative request to the brokers and its answer: what all of them have in common. The
// callers name the request; waiting, time-outs and the errors of the whole answer are settled here.
// One thread.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "adapters/kafka/client.hpp"

namespace pesan::kafka {

struct AdminRequest {
  rd_kafka_admin_op_t operation;
  std::string_view doing;  // "make", for a Failure's sentence
  std::string what;        // "topics on kafka://..."
  /// Sends it; the answer comes to the queue.
  std::function<void(rd_kafka_t*, const rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)> send;
};

/// The answer, whose parts may still be errors.
Fallible<EventHandle> ask(Client& client, const AdminRequest& request);

/// A Failure that says what could not be done.
std::unexpected<Failure> cannot(std::string_view doing, const std::string& what,
                                rd_kafka_resp_err_t code, const char* answer = nullptr);

}  // namespace pesan::kafka
