// One request that is being answered: between a handler, which may be on any thread, and the
// connection, which lives in the server's. It and the connection hold each other until the answer
// is given; the connection, or the server at its end, lets go of it earlier, and what comes later
// is lost. So it is never a handler's thread that ends a connection whose server has gone.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>

#include "adapters/http/message.hpp"

namespace pesan::http {

class Connection;

/// Between all exchanges of a server and its end: while an exchange uses a connection, the server
/// stays; after the end none does.
struct Gate {
  explicit Gate(Refusal what) : refusal(what) {}
  std::shared_mutex mutex;
  bool open = true;
  const Refusal refusal;
};

class Exchange {
 public:
  Exchange(std::shared_ptr<Connection> connection, std::shared_ptr<Gate> gate);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  ~Exchange();

  void send(Response response);
  /// Nobody else will answer: something failed here.
  void send_failure() { send(gate_->refusal(500, failure_text)); }
  void begin_stream(Response head);
  bool write(std::string piece);
  void end_stream();
  bool gone() const;
  /// Nothing reaches the connection any more. For the server's threads.
  void let_go();
  /// The same for a handler's.
  void give_up();

 private:
  template <class Use>
  void use(Use use);

  const std::shared_ptr<Gate> gate_;
  mutable std::mutex mutex_;
  std::shared_ptr<Connection> connection_;  // null: answered, or gone
};

}  // namespace pesan::http
