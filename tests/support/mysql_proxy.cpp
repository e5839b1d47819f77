#include "tests/support/mysql_proxy.hpp"

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace pesan {
namespace {

constexpr int poll_ms = 50;
constexpr std::size_t header_size = 4;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Socket {
 public:
  explicit Socket(int file) : file_(file) {
    const int on = 1;
    ::setsockopt(file_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { ::close(file_); }
  int file() const { return file_; }

  bool write(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(file_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  /// Empty at the end.
  std::string read() const {
    std::array<char, 65536> buffer;
    const ssize_t got = ::recv(file_, buffer.data(), buffer.size(), 0);
    return {buffer.data(), got > 0 ? static_cast<std::size_t>(got) : 0};
  }

 private:
  int file_;
};

/// Cuts what a client sends into packets.
class Packets {
 public:
  void add(std::string_view bytes) { bytes_ += bytes; }
  /// Empty where none is whole.
  std::string next() {
    if (bytes_.size() < header_size) return {};
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes_[i]); };
    const std::size_t size = header_size + byte(0) + (byte(1) << 8U) + (byte(2) << 16U);
    if (bytes_.size() < size) return {};
    std::string packet = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return packet;
  }

 private:
  std::string bytes_;
};

/// Nothing where the packet is no query and no execution: a greeting, a goodbye, …
std::string_view command_in(const std::string& packet) {
  constexpr char query = 0x03;
  constexpr char prepare = 0x16;
  constexpr char execute = 0x17;
  if (packet.size() <= header_size || packet[3] != 0) return {};
  const char kind = packet[header_size];
  if (kind == query || kind == prepare) return std::string_view(packet).substr(header_size + 1);
  return kind == execute ? "(execute)" : "";
}

}  // namespace

MysqlProxy::MysqlProxy(const std::string& url, OnCommand on_command)
    : on_command_(std::move(on_command)) {
  const std::size_t colon = url.rfind(':');
  server_port_ = static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1)));
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_, any, size) != 0 || ::listen(listener_, 16) != 0 ||
      ::getsockname(listener_, any, &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  const std::size_t host = url.find('@') + 1;
  url_ = fmt::format("{}127.0.0.1:{}", url.substr(0, host), ntohs(address.sin_port));
  acceptor_ = std::thread([this] { accept_all(); });
}

MysqlProxy::~MysqlProxy() {
  stopping_ = true;
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

void MysqlProxy::accept_all() {
  while (!stopping_) {
    pollfd ready{listener_, POLLIN, 0};
    if (::poll(&ready, 1, poll_ms) <= 0) continue;
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([this, client] { serve(client); });
  }
}

void MysqlProxy::serve(int accepted) {
  const Socket client(accepted);
  const Socket server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in address = loopback(server_port_);
  if (::connect(server.file(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return;
  }
  Packets packets;
  while (!stopping_) {
    std::array<pollfd, 2> ready{pollfd{client.file(), POLLIN, 0}, pollfd{server.file(), POLLIN, 0}};
    if (::poll(ready.data(), ready.size(), poll_ms) <= 0) continue;
    if (ready[1].revents != 0) {
      const std::string answer = server.read();
      if (answer.empty() || !client.write(answer)) return;
    }
    if (ready[0].revents == 0) continue;
    const std::string sent = client.read();
    if (sent.empty()) return;
    packets.add(sent);
    for (std::string packet = packets.next(); !packet.empty(); packet = packets.next()) {
      auto verdict = Verdict::pass;
      if (const std::string_view command = command_in(packet); !command.empty()) {
        const std::lock_guard lock(mutex_);
        verdict = on_command_(command);
      }
      if (verdict == Verdict::cut_before || !server.write(packet)) return;
      if (verdict == Verdict::cut_after) {
        (void)server.read();  // it has done it
        return;
      }
    }
  }
}

}  // namespace pesan
