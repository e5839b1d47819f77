#include "adapters/http/connection.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/chunk_encode.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message_generator.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <spdlog/spdlog.h>

namespace pesan::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace wire = boost::beast::http;
using asio::ip::tcp;

/// After the last answer, so that a caller that still sends can read it: closing a socket with
/// bytes unread makes the system throw away what was sent to the other side.
constexpr std::chrono::seconds linger_time{2};
constexpr std::size_t linger_bytes = 1 << 20;

template <class Message>
void fill(Message& message, const Response& response) {
  message.result(response.status);
  message.set(wire::field::content_type, response.content_type);
  for (const Header& header : response.headers) message.insert(header.name, header.value);
  if (message[wire::field::cache_control].empty()) {
    message.set(wire::field::cache_control, "no-store");
  }
}

/// Without its body.
Request request_of(const wire::request_header<>& head, const std::string& peer) {
  Request request{.method = head.method_string(),
                  .target = head.target(),
                  .headers = {},
                  .body = {},
                  .peer = peer};
  for (const auto& field : head) {
    request.headers.push_back({.name = field.name_string(), .value = field.value()});
  }
  return request;
}

/// Whether its body ends where this server and those before it agree that it does.
bool is_framed(const wire::request_header<>& head) {
  const auto codings = head.count(wire::field::transfer_encoding);
  if (codings == 0) return true;
  return codings == 1 && head.version() == 11 &&
         beast::iequals(head[wire::field::transfer_encoding], "chunked");
}

struct Answered {
  unsigned version;
  bool head;
  bool keep_alive;
};

wire::message_generator message_of(Response response, const Answered& request) {
  const auto complete = [&](auto message) {
    fill(message, response);
    message.version(request.version);
    message.keep_alive(request.keep_alive);
    message.content_length(response.body.size());
    return message;
  };
  if (request.head) return complete(wire::response<wire::empty_body>());
  auto message = complete(wire::response<wire::string_body>());
  message.body() = std::move(response.body);
  return message;
}

}  // namespace

Connection::Connection(tcp::socket socket, const House& house)
    : stream_(std::move(socket)), buffer_(house.limits.header_bytes + 4096), house_(house) {
  Error ignored;
  peer_ = stream_.socket().remote_endpoint(ignored).address().to_string();
}

Connection::~Connection() { house_.hall.leave(*this); }

/// What fails in a turn, as without memory, ends this connection and no other.
template <class Turn>
auto Connection::turn(Turn next) {
  return [self = shared_from_this(), next = std::move(next)](auto&&... results) mutable {
    try {
      next(*self, results...);
    } catch (const std::exception& failed) {
      spdlog::warn("http: a connection was ended: {}", failed.what());
      self->close();
    }
  };
}

template <class Turn>
void Connection::later(Turn next) {
  asio::post(stream_.get_executor(), turn(std::move(next)));
}

void Connection::start() {
  later([](Connection& self) { self.wait(); });
}

void Connection::turn_away() {
  later([](Connection& self) {
    Response full = self.house_.limits.refusal(503, "too many callers; try again");
    full.headers.push_back({.name = "Retry-After", .value = "1"});
    self.answer(std::move(full));
  });
}

void Connection::send_away() {
  later([](Connection& self) { self.close(); });
}

void Connection::send_away_if_idle() {
  later([](Connection& self) {
    if (self.idle_) self.close();
  });
}

void Connection::give_up_later() {
  later([](Connection& self) {
    if (self.streams_) return self.close();
    if (!self.exchange_) return;
    self.exchange_->send(
        self.house_.limits.refusal(self.reads_ ? 503 : 504, "it ends before it could answer"));
  });
}

void Connection::answer_later(Response response) {
  later([response = std::move(response)](Connection& self) mutable {
    self.answer(std::move(response));
  });
}

void Connection::begin_stream_later(Response head) {
  later([head = std::move(head)](Connection& self) { self.begin_stream(head); });
}

bool Connection::write_later(std::string piece) {
  if (backlog_.fetch_add(piece.size()) + piece.size() > house_.limits.backlog_bytes) return false;
  later([piece = std::move(piece)](Connection& self) {
    self.waiting_ += piece;
    self.write_on();
  });
  return true;
}

void Connection::end_stream_later() {
  later([](Connection& self) {
    self.ends_ = true;
    self.write_on();
  });
}

void Connection::let_go() {
  if (exchange_) exchange_->let_go();
}

// ---- a request --------------------------------------------------------------------------------

void Connection::wait() {
  house_.hall.waits(*this);
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(house_.limits.header_bytes));
  parser_->body_limit(house_.limits.body_bytes);
  if (buffer_.size() > 0) return read_header();  // it was sent behind the one before
  if (house_.finishing) return close();
  idle_ = true;
  stream_.expires_after(house_.limits.idle);
  stream_.async_read_some(buffer_.prepare(4096),
                          turn([](Connection& self, const Error& error, std::size_t bytes) {
                            self.idle_ = false;
                            if (error) return self.close();
                            self.buffer_.commit(bytes);
                            self.read_header();
                          }));
}

void Connection::read_header() {
  stream_.expires_after(house_.limits.header);
  wire::async_read_header(
      stream_, buffer_, *parser_,
      turn([](Connection& self, const Error& error, std::size_t) { self.on_header(error); }));
}

void Connection::on_header(const Error& error) {
  if (error) return refuse(error);
  if (!is_framed(parser_->get())) return refuse(wire::error::bad_transfer_encoding);
  request_ = request_of(parser_->get(), peer_);  // fields behind a body say nothing
  if (takes_body()) expect_body();
}

void Connection::expect_body() {
  if (!beast::iequals(parser_->get()[wire::field::expect], "100-continue")) return read_body();
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  stream_.expires_after(house_.limits.reply);
  asio::async_write(stream_, asio::buffer(go_on),
                    turn([](Connection& self, const Error& failed, std::size_t) {
                      if (failed) return self.close();
                      self.read_body();
                    }));
}

/// Before anything of it is read, or asked for.
bool Connection::takes_body() {
  if (!house_.limits.body_room || parser_->is_done()) return true;
  BodyRoom room = house_.limits.body_room(request_);
  if (room.instead) {
    refuse(*std::move(room.instead));
    return false;
  }
  request_.room = std::move(room.taken);
  parser_->body_limit(std::min(room.bytes, house_.limits.body_bytes));
  if (parser_->content_length().value_or(0) <= room.bytes) return true;
  refuse(wire::error::body_limit);
  return false;
}

void Connection::read_body() {
  stream_.expires_after(house_.limits.body);
  wire::async_read(stream_, buffer_, *parser_,
                   turn([](Connection& self, const Error& error, std::size_t) {
                     if (error) return self.refuse(error);
                     self.hand_over();
                   }));
}

void Connection::hand_over() {
  // It was sent away while its request lay in the buffer already.
  if (!stream_.socket().is_open()) return;
  auto message = parser_->release();
  head_ = message.method() == wire::verb::head;
  keep_alive_ = message.keep_alive();
  version_ = message.version();
  reads_ = head_ || message.method() == wire::verb::get;
  Request request = std::exchange(request_, {});
  request.body = std::move(message.body());
  house_.hall.works(*this);
  stream_.expires_never();
  exchange_ = std::make_shared<Exchange>(shared_from_this(), house_.gate);
  const std::string asked = request.method + " " + std::string(request.path());
  try {
    house_.handler(std::move(request), Responder(exchange_));
  } catch (const std::exception& failed) {
    // The responder has answered by its end. The caller learns that it failed, and the operator
    // why: the reason may name files or statements.
    spdlog::error("http: {}: {}", asked, failed.what());
  }
}

/// What is not HTTP, or too much of it, is told so; a caller that is late or gone is not.
void Connection::refuse(const Error& error) {
  const bool http_error = error.category() == wire::make_error_code(wire::error{}).category();
  if (!http_error || error == wire::error::end_of_stream) return close();
  const Refusal say = house_.limits.refusal;
  if (error == wire::error::body_limit) return refuse(say(413, "too long a body"));
  if (error == wire::error::header_limit || error == wire::error::buffer_overflow) {
    return refuse(say(431, "too long a request line, or too many or too long headers"));
  }
  refuse(say(400, "this is no HTTP request that this server knows"));
}

/// It was not read to its end, so nothing more can be read from this connection.
void Connection::refuse(Response response) {
  request_ = {};
  version_ = 11;
  head_ = false;
  keep_alive_ = false;
  house_.hall.works(*this);
  answer(std::move(response));
}

// ---- an answer --------------------------------------------------------------------------------

void Connection::answer(Response response) {
  house_.hall.waits(*this);  // for its caller, who may never take it
  if (house_.finishing || response.last) keep_alive_ = false;
  const Answered request{.version = version_, .head = head_, .keep_alive = keep_alive_};
  std::optional<wire::message_generator> message;
  try {
    message.emplace(message_of(std::move(response), request));
  } catch (const std::exception& failed) {  // such as a status that is none
    spdlog::error("http: an answer cannot be written: {}", failed.what());
    message.emplace(message_of(house_.limits.refusal(500, failure_text), request));
  }
  stream_.expires_after(house_.limits.reply);
  beast::async_write(stream_, *std::move(message),
                     turn([](Connection& self, const Error& error, std::size_t) {
                       if (error) return self.close();
                       if (self.keep_alive_) return self.wait();
                       self.linger();
                     }));
}

void Connection::begin_stream(const Response& head) {
  keep_alive_ = false;
  streams_ = true;
  auto message = std::make_shared<wire::response<wire::empty_body>>();
  fill(*message, head);
  message->version(version_);
  message->keep_alive(false);
  message->chunked(version_ >= 11 && !head_);
  const auto serializer = std::make_shared<wire::response_serializer<wire::empty_body>>(*message);
  writing_ = true;
  stream_.expires_after(house_.limits.reply);
  wire::async_write_header(
      stream_, *serializer,
      turn([message, serializer](Connection& self, const Error& error, std::size_t) {
        self.writing_ = false;
        if (error || self.head_) return self.close();
        self.stream_.expires_never();
        self.watch_caller();
        self.write_on();
      }));
}

void Connection::write_on() {
  if (writing_) return;
  if (waiting_.empty()) {
    if (ends_) end_stream();
    return;
  }
  writing_ = true;
  written_ = std::exchange(waiting_, {});
  auto done = turn([](Connection& self, const Error& error, std::size_t) {
    self.writing_ = false;
    if (error) return self.close();
    self.backlog_ -= self.written_.size();
    self.write_on();
  });
  stream_.expires_after(house_.limits.reply);
  if (version_ >= 11) {
    asio::async_write(stream_, wire::make_chunk(asio::buffer(written_)), std::move(done));
  } else {
    asio::async_write(stream_, asio::buffer(written_), std::move(done));
  }
}

void Connection::end_stream() {
  if (version_ < 11) return close();
  writing_ = true;
  stream_.expires_after(house_.limits.reply);
  asio::async_write(stream_, wire::make_chunk_last(),
                    turn([](Connection& self, const Error&, std::size_t) { self.close(); }));
}

/// Nothing more is asked on a connection with a stream; that the caller goes is all that can come.
void Connection::watch_caller() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(512),
                          turn([](Connection& self, const Error& error, std::size_t) {
                            if (error) return self.close();
                            self.watch_caller();
                          }));
}

// ---- its end ----------------------------------------------------------------------------------

void Connection::linger() {
  Error ignored;
  static_cast<void>(stream_.socket().shutdown(tcp::socket::shutdown_send, ignored));
  stream_.expires_after(linger_time);  // once: for all that comes
  discard();
}

void Connection::discard() {
  buffer_.clear();
  stream_.async_read_some(buffer_.prepare(4096),
                          turn([](Connection& self, const Error& error, std::size_t bytes) {
                            self.discarded_ += bytes;
                            if (error || self.discarded_ > linger_bytes) return self.close();
                            self.discard();
                          }));
}

void Connection::close() {
  let_go();
  Error ignored;
  static_cast<void>(stream_.socket().close(ignored));
  house_.hall.leave(*this);
}

}  // namespace pesan::http
