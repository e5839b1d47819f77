// Asks the gateway of a program that was started with --http 0, as its callers do. One thread.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "tests/e2e/program.hpp"

namespace pesan::e2e {

/// The port that it says it has; throws where it never does.
inline unsigned short http_port(Program& program) {
  constexpr std::string_view said = "HTTP at http://127.0.0.1:";
  if (!program.wait_for_err("try: curl", std::chrono::seconds{60})) {
    throw std::runtime_error(program.err());
  }
  const std::string err = program.err();
  return static_cast<unsigned short>(std::stoi(err.substr(err.find(said) + said.size())));
}

struct Asked {
  std::string_view method = "GET";
  std::string_view target;
  std::string_view body{};
  std::string_view headers{};  // whole lines, each with its end
};

/// The whole answer; empty where the connection ended before one came.
inline std::string answer_to(unsigned short port, const Asked& asked) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  boost::system::error_code failed;
  if (socket.connect({asio::ip::address_v4::loopback(), port}, failed)) return {};
  std::string text(asked.method);
  text.append(" ").append(asked.target).append(" HTTP/1.1\r\nHost: localhost\r\n");
  text.append("Connection: close\r\nContent-Type: application/json\r\nContent-Length: ");
  text.append(std::to_string(asked.body.size())).append("\r\n").append(asked.headers);
  text.append("\r\n").append(asked.body);
  asio::write(socket, asio::buffer(text), failed);
  text.clear();
  asio::read(socket, asio::dynamic_buffer(text), failed);
  return text.find("\r\n\r\n") == std::string::npos ? std::string() : text;
}

}  // namespace pesan::e2e
