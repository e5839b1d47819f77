#include "adapters/http/responder.hpp"

#include <exception>
#include <utility>

#include <spdlog/spdlog.h>

#include "adapters/http/connection.hpp"
#include "adapters/http/exchange.hpp"

namespace pesan::http {
namespace {

/// In a destructor: without memory for an answer the connection ends, which the caller sees.
template <class Last>
void without_throwing(Exchange& exchange, Last last) noexcept {
  try {
    last();
  } catch (const std::exception& failed) {
    spdlog::warn("http: {}", failed.what());
    exchange.give_up();
  }
}

}  // namespace

Exchange::Exchange(std::shared_ptr<Connection> connection, std::shared_ptr<Gate> gate)
    : gate_(std::move(gate)), connection_(std::move(connection)) {}
Exchange::~Exchange() = default;

/// What a use keeps of the connection goes before the gate is left.
template <class Use>
void Exchange::use(Use use) {
  const std::shared_lock inside(gate_->mutex);
  if (!gate_->open) return;
  const std::scoped_lock lock(mutex_);
  if (connection_) use();
}

void Exchange::send(Response response) {
  use([&] { std::exchange(connection_, nullptr)->answer_later(std::move(response)); });
}

void Exchange::begin_stream(Response head) {
  use([&] { connection_->begin_stream_later(std::move(head)); });
}

bool Exchange::write(std::string piece) {
  bool taken = false;
  use([&] {
    taken = connection_->write_later(std::move(piece));
    if (!taken) std::exchange(connection_, nullptr)->send_away();
  });
  return taken;
}

void Exchange::end_stream() {
  use([&] { std::exchange(connection_, nullptr)->end_stream_later(); });
}

bool Exchange::gone() const {
  const std::scoped_lock lock(mutex_);
  return !connection_;
}

void Exchange::let_go() {
  const std::scoped_lock lock(mutex_);
  connection_.reset();
}

void Exchange::give_up() {
  use([&] { connection_.reset(); });
}

Responder::Responder(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Responder& Responder::operator=(Responder&& other) noexcept {
  Responder replaced(std::exchange(exchange_, std::exchange(other.exchange_, nullptr)));
  return *this;
}

Responder::~Responder() {
  if (!exchange_) return;
  without_throwing(*exchange_, [&] { exchange_->send_failure(); });
}

void Responder::send(Response response) && {
  const auto exchange = std::exchange(exchange_, nullptr);
  if (exchange) exchange->send(std::move(response));
}

Stream Responder::stream(Response head) && {
  Stream stream(std::exchange(exchange_, nullptr));
  if (stream.exchange_) stream.exchange_->begin_stream(std::move(head));
  return stream;
}

Stream::Stream(std::shared_ptr<Exchange> exchange) : exchange_(std::move(exchange)) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  Stream replaced(std::exchange(exchange_, std::exchange(other.exchange_, nullptr)));
  return *this;
}

Stream::~Stream() {
  if (exchange_) without_throwing(*exchange_, [&] { exchange_->end_stream(); });
}

bool Stream::write(std::string piece) { return exchange_ && exchange_->write(std::move(piece)); }
bool Stream::gone() const { return !exchange_ || exchange_->gone(); }

}  // namespace pesan::http
