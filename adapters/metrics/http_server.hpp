// A small HTTP server for those who look at a process from outside: it answers GET and HEAD with
// what a function says, from one thread of its own. It is bounded: so many connections, so long a
// request, so much time for each; a new connection ends the one that is silent longest. No TLS and
// no rights: it is for a network that may read what it shows. Start and stop from one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/metrics/address.hpp"

namespace pesan::metrics {

struct Reply {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
};

class HttpServer {
 public:
  /// What stands at a path (without its query); nothing: 404. Called by the server's thread, for
  /// one request after another.
  using Pages = std::function<std::optional<Reply>(std::string_view path)>;
  struct Limits {
    std::size_t connections = 32;  // the one that was silent longest goes when another comes
    std::size_t request_bytes = 8192;
    /// For a whole request to come, from the connection or the last answer on.
    std::chrono::milliseconds request{10'000};
    std::chrono::milliseconds reply{10'000};  // for an answer to be taken
    std::function<void()> on_connection{};    // as each comes; what it throws costs that one alone
  };

  /// Listens when it returns. Fails where the address is none of this machine's, or taken.
  static Fallible<std::unique_ptr<HttpServer>> start(const Address& address, Pages pages,
                                                     const Limits& limits);
  static Fallible<std::unique_ptr<HttpServer>> start(const Address& address, Pages pages) {
    return start(address, std::move(pages), Limits{});
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  /// Ends all connections.
  ~HttpServer();

  /// With the port that it has.
  const Address& address() const;

 private:
  class Listener;
  explicit HttpServer(std::unique_ptr<Listener> listener);

  std::unique_ptr<Listener> listener_;
};

}  // namespace pesan::metrics
