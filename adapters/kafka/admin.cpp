#include "adapters/kafka/admin.hpp"

namespace pesan::kafka {

std::unexpected<Failure> cannot(std::string_view doing, const std::string& what,
                                rd_kafka_resp_err_t code, const char* answer) {
  return std::unexpected(
      describe({.doing = doing, .what = what, .answer = answer == nullptr ? "" : answer},
               {.code = code, .step = Step::ask}));
}

Fallible<EventHandle> ask(Client& client, const AdminRequest& request) {
  const AdminOptionsHandle options(rd_kafka_AdminOptions_new(client.get(), request.operation));
  const int timeout = static_cast<int>(patience.count());
  rd_kafka_AdminOptions_set_request_timeout(options.get(), timeout, nullptr, 0);
  if (request.operation == RD_KAFKA_ADMIN_OP_CREATETOPICS) {
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), timeout, nullptr, 0);
  }
  const QueueHandle queue(rd_kafka_queue_new(client.get()));
  request.send(client.get(), options.get(), queue.get());
  EventHandle event(rd_kafka_queue_poll(queue.get(), 2 * timeout));
  if (event == nullptr) return cannot(request.doing, request.what, RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (const auto code = rd_kafka_event_error(event.get())) {
    return cannot(request.doing, request.what, code, rd_kafka_event_error_string(event.get()));
  }
  return event;
}

}  // namespace pesan::kafka
