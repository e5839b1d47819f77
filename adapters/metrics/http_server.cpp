#include "adapters/metrics/http_server.hpp"

#include <exception>
#include <list>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message_generator.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pesan::metrics {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

/// After a refusal of the system, as when no file is left to open.
constexpr std::chrono::milliseconds accept_pause{100};

using Request = http::request<http::empty_body>;

Reply text(http::status status, std::string_view line) {
  return {.status = static_cast<unsigned>(status), .body = std::string(line) + "\n"};
}

http::message_generator message_of(const Request& request, Reply reply) {
  const auto fill = [&](auto message) {
    message.result(reply.status);
    message.version(request.version());
    message.keep_alive(request.keep_alive());
    message.set(http::field::content_type, reply.content_type);
    message.set(http::field::cache_control, "no-store");
    if (reply.status == static_cast<unsigned>(http::status::method_not_allowed)) {
      message.set(http::field::allow, "GET, HEAD");
    }
    message.content_length(reply.body.size());
    return message;
  };
  if (request.method() == http::verb::head) {
    return fill(http::response<http::empty_body>());
  }
  auto message = fill(http::response<http::string_body>());
  message.body() = std::move(reply.body);
  return message;
}

}  // namespace

class HttpServer::Listener {
 public:
  Listener(Pages pages, const Limits& limits) : pages_(std::move(pages)), limits_(limits) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Fallible<void> listen(const Address& address);
  const Address& address() const { return address_; }

 private:
  class Connection;
  using Connections = std::list<std::shared_ptr<Connection>>;  // silent longest first

  void run();
  void accept();
  void welcome(tcp::socket socket);
  Reply answer(const Request& request) const;

  Pages pages_;
  Limits limits_;
  Address address_;
  asio::io_context context_{1};
  /// Also while nothing is waited for, as after an exception, it is stopped by the end alone.
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  tcp::acceptor acceptor_{context_};
  bool accepting_ = false;  // the next connection is waited for, or the pause before it
  asio::steady_timer pause_{context_};
  Connections connections_;
  std::thread thread_;  // last: it uses all of the above
};

/// It lives while an operation of it is under way; all in the server's thread.
class HttpServer::Listener::Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(Listener& owner, tcp::socket socket)
      : owner_(owner), stream_(std::move(socket)), buffer_(owner.limits_.request_bytes) {}

  void read() {
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(owner_.limits_.request_bytes));
    parser_->body_limit(0);
    stream_.expires_after(owner_.limits_.request);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](const error_code& error, std::size_t) {
                       self->take_turn([&] { self->on_read(error); });
                     });
  }
  void close() {
    error_code ignored;
    static_cast<void>(stream_.socket().close(ignored));
  }

  /// What fails here, as without memory, ends this connection and nothing else.
  template <class Turn>
  void take_turn(Turn turn) {
    try {
      turn();
    } catch (const std::exception&) {
      leave();
      throw;  // to be said, by the server's loop
    }
  }

  Connections::iterator place;

 private:
  void on_read(const error_code& error) {
    if (!error) return write(parser_->get(), owner_.answer(parser_->get()));
    // What is not HTTP is told so; a client that is late or gone is not.
    const bool http_error = error.category() == http::make_error_code(http::error{}).category();
    if (!http_error || error == http::error::end_of_stream) return leave();
    Request request;
    request.version(11);
    request.keep_alive(false);
    const bool long_one =
        error == http::error::header_limit || error == http::error::buffer_overflow;
    write(request, long_one
                       ? text(http::status::request_header_fields_too_large, "too long a request")
                       : text(http::status::bad_request, "no request that this server knows"));
  }
  void write(const Request& request, Reply reply) {
    auto& all = owner_.connections_;
    if (place == all.end()) return;  // it was sent away while this was read
    all.splice(all.end(), all, place);
    auto message = message_of(request, std::move(reply));
    const bool more = message.keep_alive();
    stream_.expires_after(owner_.limits_.reply);
    beast::async_write(stream_, std::move(message),
                       [self = shared_from_this(), more](const error_code& error, std::size_t) {
                         self->take_turn([&] {
                           if (!error && more) return self->read();
                           self->leave();
                         });
                       });
  }
  void leave() {
    error_code ignored;
    static_cast<void>(stream_.socket().shutdown(tcp::socket::shutdown_send, ignored));
    if (place == owner_.connections_.end()) return;  // it was sent away
    owner_.connections_.erase(place);
    place = owner_.connections_.end();
  }

  Listener& owner_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
};

Fallible<void> HttpServer::Listener::listen(const Address& address) {
  try {
    const auto found = tcp::resolver(context_).resolve(address.host, std::to_string(address.port));
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.bind(endpoint);
    acceptor_.listen();
    address_ = {.host = address.host, .port = acceptor_.local_endpoint().port()};
  } catch (const boost::system::system_error& error) {
    return fail(FailureKind::fatal,
                fmt::format("cannot listen on {}: {}", to_string(address), error.code().message()));
  }
  accept();
  thread_ = std::thread([this] { run(); });
  return {};
}

/// Until it is stopped. An exception, as without memory for one connection, ends none of the
/// others, nor the waiting for the next.
void HttpServer::Listener::run() {
  while (!context_.stopped()) {
    try {
      if (!accepting_) accept();
      context_.run();
    } catch (const std::exception& bug) {
      spdlog::warn("metrics: {}", bug.what());
      std::this_thread::sleep_for(accept_pause);
    }
  }
}

void HttpServer::Listener::accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
    accepting_ = false;
    if (!error) {
      welcome(std::move(socket));
      return accept();
    }
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const error_code& stopped) {
      accepting_ = false;
      if (!stopped) accept();
    });
    accepting_ = true;
  });
  accepting_ = true;
}

void HttpServer::Listener::welcome(tcp::socket socket) {
  if (limits_.on_connection) limits_.on_connection();
  if (connections_.size() >= limits_.connections) {
    const auto silent = connections_.front();
    connections_.pop_front();
    silent->place = connections_.end();
    silent->close();
  }
  const auto connection = std::make_shared<Connection>(*this, std::move(socket));
  connection->place = connections_.insert(connections_.end(), connection);
  connection->take_turn([&] { connection->read(); });
}

Reply HttpServer::Listener::answer(const Request& request) const {
  const std::string_view target(request.target().data(), request.target().size());
  std::optional<Reply> page;
  try {
    page = pages_(target.substr(0, target.find('?')));
  } catch (const std::exception& bug) {  // or no memory for it; the others go on
    // The client learns that it failed, and the operator why: it may name files or statements.
    spdlog::error("metrics: {}: {}", target, bug.what());
    return text(http::status::internal_server_error, "this server failed; its log says why");
  }
  if (!page) return text(http::status::not_found, "there is no such page");
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    return text(http::status::method_not_allowed, "only GET and HEAD");
  }
  return *std::move(page);
}

HttpServer::HttpServer(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
HttpServer::~HttpServer() = default;

Fallible<std::unique_ptr<HttpServer>> HttpServer::start(const Address& address, Pages pages,
                                                        const Limits& limits) {
  auto listener = std::make_unique<Listener>(std::move(pages), limits);
  if (auto listening = listener->listen(address); !listening) {
    return std::unexpected(listening.error());
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(listener)));
}

const Address& HttpServer::address() const { return listener_->address(); }

}  // namespace pesan::metrics
