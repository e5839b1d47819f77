#include "adapters/http/server.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "adapters/http/connection.hpp"
#include "adapters/http/hall.hpp"

namespace pesan::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// After a refusal of the system, as when no file is left to open.
constexpr std::chrono::milliseconds accept_pause{100};

}  // namespace

class Server::Listener {
 public:
  Listener(Handler handler, const Limits& limits)
      : handler_(std::move(handler)), limits_(limits), hall_(limits.connections) {}
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  ~Listener();

  Fallible<void> listen(const Address& address);
  bool finish(std::chrono::milliseconds within);
  void answer_rest() { hall_.give_up_working(); }
  const Address& address() const { return address_; }
  std::size_t connections() const { return hall_.size(); }

 private:
  void run();
  void accept();
  void pause();
  template <class Wait>
  void begin(Wait wait);
  void welcome(tcp::socket socket);

  const Handler handler_;
  const Limits limits_;
  Address address_;
  Hall hall_;
  std::atomic<bool> finishing_ = false;
  /// It outlives the context, whose last operations hold connections.
  const Connection::House house_{.handler = handler_,
                                 .limits = limits_,
                                 .hall = hall_,
                                 .gate = std::make_shared<Gate>(limits_.refusal),
                                 .finishing = finishing_};
  asio::io_context context_;
  /// Also while nothing is waited for, as after an exception, it is stopped by the end alone.
  asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer pause_{context_};
  std::atomic<bool> accepting_ =
      false;  // the next connection is waited for, or the pause before it
  std::vector<std::thread> threads_;
};

Server::Listener::~Listener() {
  context_.stop();
  for (std::thread& thread : threads_) thread.join();
  {
    const std::unique_lock last(house_.gate->mutex);
    house_.gate->open = false;
  }
  // Handlers may hold exchanges for as long as they like.
  while (const auto connection = hall_.take_out()) connection->let_go();
}

bool Server::Listener::finish(std::chrono::milliseconds within) {
  finishing_ = true;
  hall_.send_idle_away();
  return hall_.empties(within);
}

Fallible<void> Server::Listener::listen(const Address& address) {
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
  for (int i = 0; i < limits_.threads; ++i) threads_.emplace_back([this] { run(); });
  return {};
}

/// Until it is stopped. An exception, as without memory for one connection, ends none of the
/// others, nor the waiting for the next.
void Server::Listener::run() {
  while (!context_.stopped()) {
    try {
      accept();
      context_.run();
    } catch (const std::exception& failed) {
      spdlog::warn("http: {}", failed.what());
      std::this_thread::sleep_for(accept_pause);
    }
  }
}

/// Waits for the next connection, unless that is done already.
void Server::Listener::accept() {
  if (accepting_.exchange(true)) return;
  begin([this] {
    acceptor_.async_accept(asio::make_strand(context_),
                           [this](const error_code& error, tcp::socket socket) {
                             if (error) return begin([this] { pause(); });
                             accepting_ = false;
                             welcome(std::move(socket));
                             accept();
                           });
  });
}

void Server::Listener::pause() {
  pause_.expires_after(accept_pause);
  pause_.async_wait([this](const error_code& stopped) {
    accepting_ = false;
    if (!stopped) accept();
  });
}

/// What cannot be begun, as without memory, is begun again by run().
template <class Wait>
void Server::Listener::begin(Wait wait) {
  try {
    wait();
  } catch (...) {
    accepting_ = false;
    throw;
  }
}

/// What fails for one connection ends that one alone.
void Server::Listener::welcome(tcp::socket socket) try {
  if (finishing_) return;  // before anything of it was read, so its caller may ask elsewhere
  if (limits_.on_connection) limits_.on_connection();
  const auto connection = std::make_shared<Connection>(std::move(socket), house_);
  if (hall_.enter(*connection)) return connection->start();
  if (connection->place.room == Hall::Place::Room::leaving) connection->turn_away();
} catch (const std::exception& failed) {
  spdlog::warn("http: a connection could not be taken: {}", failed.what());
}

Server::Server(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
Server::~Server() = default;

Fallible<std::unique_ptr<Server>> Server::start(const Address& address, Handler handler,
                                                const Limits& limits) {
  auto listener = std::make_unique<Listener>(std::move(handler), limits);
  if (auto listening = listener->listen(address); !listening) {
    return std::unexpected(listening.error());
  }
  return std::unique_ptr<Server>(new Server(std::move(listener)));
}

bool Server::finish(std::chrono::milliseconds within) { return listener_->finish(within); }
void Server::answer_rest() { listener_->answer_rest(); }
const Address& Server::address() const { return listener_->address(); }
std::size_t Server::connections() const { return listener_->connections(); }

}  // namespace pesan::http
