// One connection of a server: it waits for a request, reads it, has it answered, and begins again.
// It lives while an operation of it is under way, or an exchange holds it. What is named `_later`
// and `send_away` may be called by any thread; all else happens in the connection's strand.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "adapters/http/exchange.hpp"
#include "adapters/http/hall.hpp"
#include "adapters/http/server.hpp"

namespace pesan::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// What all connections of a server share, and what outlives them.
  struct House {
    const Handler& handler;
    const Limits& limits;
    Hall& hall;
    std::shared_ptr<Gate> gate;
    /// From then on an answer is the last of its connection.
    const std::atomic<bool>& finishing;
  };
  Connection(boost::asio::ip::tcp::socket socket, const House& house);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  void start();
  /// Instead of `start`: says that the server is full.
  void turn_away();
  void send_away();
  /// Only where it waits for a request of which nothing has come.
  void send_away_if_idle();
  /// Where its request is still being answered.
  void give_up_later();
  void answer_later(Response response);
  void begin_stream_later(Response head);
  /// False: there is more than a backlog to be written.
  bool write_later(std::string piece);
  void end_stream_later();
  /// What handlers say from now on is lost.
  void let_go();

  Hall::Place place;

 private:
  using Error = boost::system::error_code;
  using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

  void wait();
  void read_header();
  void on_header(const Error& error);
  bool takes_body();
  void expect_body();
  void read_body();
  void hand_over();
  void refuse(const Error& error);
  void refuse(Response response);
  void answer(Response response);
  void begin_stream(const Response& head);
  void write_on();
  void end_stream();
  void watch_caller();
  void linger();
  void discard();
  void close();
  template <class Turn>
  auto turn(Turn next);
  template <class Turn>
  void later(Turn next);

  boost::beast::tcp_stream stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  const House& house_;
  std::string peer_;
  Request request_;     // as far as it is there
  bool reads_ = false;  // the request in hand changes nothing
  bool streams_ = false;
  std::shared_ptr<Exchange> exchange_;  // of the request in hand, or of the last one
  unsigned version_ = 11;               // of the request in hand: 10 or 11
  bool head_ = false;                   // it asks for no body
  bool keep_alive_ = false;             // after the answer to it
  bool idle_ = false;                   // nothing of the next request has come
  // Of a stream:
  std::atomic<std::size_t> backlog_{0};  // bytes that were given and not yet taken
  std::string waiting_;                  // the part of them that is not being written
  std::string written_;
  bool writing_ = false;
  bool ends_ = false;
  std::size_t discarded_ = 0;  // bytes that came after the last request that counts
};

}  // namespace pesan::http
