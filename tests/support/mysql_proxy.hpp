// A TCP proxy before a MySQL server, for tests of what happens when a connection (or the program at
// its other end) goes at the worst moment. It knows where each command begins and asks what to do
// with it. Its own threads call back; everything else is for the test's thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace pesan {

class MysqlProxy {
 public:
  enum class Verdict : std::uint8_t {
    pass,
    cut_before,  // the server never sees the command
    cut_after,   // the server carries it out, and nobody hears of it
  };
  /// The text of a query or of a statement to prepare; `(execute)` for a prepared one. Called for
  /// one command at a time.
  using OnCommand = std::function<Verdict(std::string_view command)>;

  /// `url` is mysql://user@host:port.
  MysqlProxy(const std::string& url, OnCommand on_command);
  MysqlProxy(const MysqlProxy&) = delete;
  MysqlProxy& operator=(const MysqlProxy&) = delete;
  ~MysqlProxy();

  /// The same with the proxy's address.
  const std::string& url() const { return url_; }

 private:
  void accept_all();
  void serve(int client);

  OnCommand on_command_;
  std::string url_;
  std::string host_;
  std::uint16_t server_port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;  // of on_command_ and threads_
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace pesan
