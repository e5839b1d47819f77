// An HTTP/1.1 server: it reads whole requests, gives each to a handler, and writes what the handler
// says, whenever it says it. Everything is bounded: connections, bytes, the time for each step. A
// slow caller delays no other, and what fails for one connection ends that one alone. It knows no
// route, no right and no TLS. Start and stop from one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "adapters/http/address.hpp"
#include "adapters/http/message.hpp"
#include "adapters/http/responder.hpp"

namespace pesan::http {

/// Called by the server's threads, for several requests at once where there are several threads.
/// It must not wait: what takes time is answered later, through the responder, from elsewhere. What
/// it throws is logged, and answered with 500 that says nothing of it.
using Handler = std::function<void(Request, Responder)>;

/// What there is for a body of which nothing has been read.
struct BodyRoom {
  std::size_t bytes = 0;              // more: 413
  std::shared_ptr<void> taken{};      // goes with the request
  std::optional<Response> instead{};  // it is not read, and answered with this
};

struct Limits {
  int threads = 1;
  /// When one more comes, the connection that has waited longest for its caller is closed: for a
  /// request, or for an answer to be taken. Where all are with their handlers, the new one gets
  /// 503.
  std::size_t connections = 1024;
  std::size_t header_bytes = 8192;  // request line and headers; more: 431
  std::size_t body_bytes = 0;       // more: 413
  /// Of one request, whose headers are there and whose body is not: `body_bytes` at most. Called
  /// by the server's threads, and must not wait.
  std::function<BodyRoom(const Request& head)> body_room{};
  std::size_t backlog_bytes = 1 << 20;       // of a stream, not yet taken by its caller
  std::chrono::milliseconds idle{60'000};    // until the first byte of a request
  std::chrono::milliseconds header{10'000};  // from there until its headers are whole
  std::chrono::milliseconds body{30'000};    // from there until its body is
  std::chrono::milliseconds reply{10'000};   // for an answer, or what a stream has, to be taken
  std::function<void()> on_connection{};     // as each comes; what it throws costs that one alone
  Refusal refusal = text;
};

class Server {
 public:
  /// Listens when it returns. Fails where the address is none of this machine's, or taken.
  static Fallible<std::unique_ptr<Server>> start(const Address& address, Handler handler,
                                                 const Limits& limits);
  static Fallible<std::unique_ptr<Server>> start(const Address& address, Handler handler) {
    return start(address, std::move(handler), Limits{});
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// Ends all connections at once, also those that are being answered.
  ~Server();

  /// Before its end: takes no new connection, sends those away that ask nothing, and waits until
  /// what was asked is answered; false: that took longer.
  bool finish(std::chrono::milliseconds within);
  /// Those that are with their handlers still: 503, or 504 where something may come of it.
  void answer_rest();

  /// With the port that it has.
  const Address& address() const;
  /// How many there are now.
  std::size_t connections() const;

 private:
  class Listener;
  explicit Server(std::unique_ptr<Listener> listener);

  std::unique_ptr<Listener> listener_;
};

}  // namespace pesan::http
