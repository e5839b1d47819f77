// The doors of /v1: whose name a request calls this server by, and whose it is. The file of tokens
// is looked at on every request and read again where it changed, so a token that is revoked opens
// nothing from then on. Any thread.
#pragma once

#include <cstdint>
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
  explicit Doors(Options options) : options_(std::move(options)) {}

  /// By the headers Host and Origin: a page of somebody else's in a browser is no caller, whether
  /// it asks across sites or has made its own name lead here.
  Answered<void> check_site(const Request& request) const;
  Answered<Client> admit(const Request& request);

 private:
  using Tokens = std::shared_ptr<const std::vector<Token>>;
  /// What the file was when it was read; another one is read anew.
  struct Stamp {
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t changed_ns = 0;
    bool operator==(const Stamp&) const = default;
  };
  Answered<Tokens> tokens();
  std::optional<Stamp> stamp() const;

  const Options options_;
  std::mutex mutex_;  // guards what follows
  std::optional<Stamp> read_;
  Tokens tokens_;  // null: there never was a file
};

}  // namespace pesan::http::v1
