// The doors of /v1: whose name a request calls this server by, and whose it is. The file of tokens
// is looked at on every request and read again where it changed, so a token that is revoked opens
// nothing from then on. Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "adapters/http/v1/client.hpp"
#include "adapters/http/v1/tokens.hpp"

namespace pesan::http::v1 {

class Doors {
 public:
  struct Options {
    std::string tokens_file{};
    /// Whether everybody is the local admin as long as there is no file of tokens.
    bool open_without_tokens = false;
    /// The names of this server, without a port; empty: any, as no right comes without a token.
    std::vector<std::string> hosts{};
  };
  /// Looks at the file already: one that is there and goes before the first request leaves the
  /// doors closed.
  explicit Doors(Options options);

  /// By the target and the headers Host and Origin: a page of somebody else's in a browser is no
  /// caller, whether it asks across sites or has made its own name lead here.
  Answered<void> check_site(const Request& request) const;
  /// By the headers alone. Who is refused is named in the log, an address once in a while.
  Answered<Client> admit(const Request& request);

 private:
  using Tokens = std::shared_ptr<const std::vector<Token>>;
  /// What the file was when it was read; another one is read anew.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::uint32_t mode = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  /// Nothing: it is nobody's.
  Answered<std::optional<Client>> client_of_request(const Request& request);
  Answered<Tokens> tokens();
  /// Nothing where there is no file; whatever else keeps it from being looked at is a failure.
  Fallible<std::optional<Stamp>> stamp() const;
  void warn_of(const std::string& peer);

  const Options options_;
  std::mutex mutex_;    // guards what follows
  bool found_ = false;  // there was a file once, whether or not it could be read
  std::optional<Stamp> read_;
  Tokens tokens_;     // null: none was ever read
  std::string said_;  // of the file, since it could be read last
  struct Warned {
    std::chrono::steady_clock::time_point at{};
    int since = 0;  // refusals that nobody heard of
  };
  std::map<std::string, Warned> warned_;  // by address
};

}  // namespace pesan::http::v1
