// Looks at the pages of a program that was started with --metrics, as Prometheus and a supervisor
// do. One thread.
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include "tests/e2e/program.hpp"
#include "tests/support/metric_lines.hpp"

namespace pesan::e2e {

struct Page {
  int status = 0;
  std::string body;
};

/// The port that it says it has; throws where it never does.
inline unsigned short metrics_port(Program& program) {
  constexpr std::string_view said = "metrics at http://127.0.0.1:";
  if (!program.wait_for_err("/metrics")) throw std::runtime_error(program.err());
  const std::string err = program.err();
  return static_cast<unsigned short>(std::stoi(err.substr(err.find(said) + said.size())));
}

inline Page get(unsigned short port, std::string_view path) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::ip::tcp::socket socket(context);
  socket.connect({asio::ip::address_v4::loopback(), port});
  std::string text = "GET ";
  text.append(path).append(" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  asio::write(socket, asio::buffer(text));
  text.clear();
  boost::system::error_code end;
  asio::read(socket, asio::dynamic_buffer(text), end);
  const auto body = text.find("\r\n\r\n");
  if (body == std::string::npos) throw std::runtime_error("no answer from " + std::string(path));
  return {.status = std::stoi(text.substr(9, 3)), .body = text.substr(body + 4)};
}

/// The samples of a metric, sorted.
inline std::vector<std::string> samples(unsigned short port, std::string_view name) {
  return metric_lines(get(port, "/metrics").body, name);
}

/// Looks again and again until `good` says yes; false after half a minute.
template <class Good>
bool comes_true(Good good) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!good()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return true;
}

}  // namespace pesan::e2e
