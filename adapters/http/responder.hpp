// What a handler holds while it works: the right to answer one request, once, from any thread and
// at any time later. A responder may outlive its connection and its server; what it says then is
// lost without harm. One responder or stream is used by one thread at a time.
#pragma once

#include <memory>
#include <string>

#include "adapters/http/message.hpp"

namespace pesan::http {

class Exchange;

/// An answer that goes on, such as server-sent events. It ends when it is destroyed.
class Stream {
 public:
  explicit Stream(std::shared_ptr<Exchange> exchange);
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  /// Never waits. False: the caller is gone, or was cut off because it had more than
  /// `Limits::backlog_bytes` still to read; nothing more can reach it.
  bool write(std::string piece);
  bool gone() const;

 private:
  friend class Responder;
  std::shared_ptr<Exchange> exchange_;
};

class Responder {
 public:
  explicit Responder(std::shared_ptr<Exchange> exchange);
  Responder(Responder&&) noexcept = default;
  Responder& operator=(Responder&&) noexcept;
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;
  /// A request that nobody answered is answered with 500, so that no caller waits for ever.
  ~Responder();

  void send(Response response) &&;
  /// `head` without its body; then what the stream is given, until the stream ends.
  Stream stream(Response head) &&;

 private:
  std::shared_ptr<Exchange> exchange_;
};

}  // namespace pesan::http
