// A caller of a server under test, that says what it likes.
#pragma once

#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "adapters/http/address.hpp"

namespace pesan::http {

class Caller {
 public:
  explicit Caller(const Address& address) {
    socket_.connect({boost::asio::ip::make_address(address.host), address.port});
  }
  Caller& send(std::string_view text) {
    boost::system::error_code ignored;  // it may have been sent away; what comes back says so
    boost::asio::write(socket_, boost::asio::buffer(text), ignored);
    return *this;
  }
  /// All that comes until the server ends the connection.
  std::string rest() {
    std::string text;
    boost::system::error_code end;
    boost::asio::read(socket_, boost::asio::dynamic_buffer(text), end);
    return text;
  }
  /// One answer with a body of so many bytes.
  std::string answer(std::size_t body) {
    std::string text = until("\r\n\r\n");
    const std::size_t head = text.find("\r\n\r\n") + 4;
    const std::size_t missing = head + body - text.size();
    boost::asio::read(socket_, boost::asio::dynamic_buffer(text),
                      boost::asio::transfer_exactly(missing));
    return text;
  }
  /// What comes, until this was among it.
  std::string until(std::string_view end) {
    std::string text;
    boost::asio::read_until(socket_, boost::asio::dynamic_buffer(text), std::string(end));
    return text;
  }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::socket socket_{context_};
};

}  // namespace pesan::http
