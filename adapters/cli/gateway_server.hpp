// `--http`: the gateway of a process, from its options to what answers: a desk and its threads,
// readers of the rows, and the server. Start and stop from one thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/App.hpp>

#include "adapters/http/server.hpp"
#include "adapters/runtime/installation.hpp"

namespace pesan::cli {

struct GatewayOptions {
  std::string http = "127.0.0.1:8080";  // `none`: no gateway
  std::string tokens{};                 // empty: beside an embedded log
  std::vector<std::string> names{};     // more names of this server
  bool insecure = false;
  double rate = 200;                     // requests a second of one token
  std::chrono::seconds ends_within{10};  // what was asked before the end is answered until then
};

void add_gateway_options(CLI::App& command, GatewayOptions& options);
/// `--tokens`, with what it is where nobody says: for `pesan tokens` too.
void add_tokens_option(CLI::App& command, std::string& file);
/// Empty: there is no place for tokens.
std::string tokens_file(const std::string& asked, const runtime::Installation& installation);

class GatewayServer {
 public:
  /// Wrong usage where callers from elsewhere would need no token.
  static Fallible<void> check(const GatewayOptions& options,
                              const runtime::Installation& installation);
  /// Answers from now on. `transient`: the log or the rows cannot be reached now. The log outlives
  /// it.
  static Fallible<std::unique_ptr<GatewayServer>> start(const GatewayOptions& options,
                                                        const runtime::Installation& installation,
                                                        const runtime::OpenedLog& log);
  ~GatewayServer();

  /// Why no command can be taken any more; nothing: they are taken.
  std::optional<std::string> trouble() const;
  /// With the port that it has.
  const http::Address& address() const;

 private:
  struct Parts;
  explicit GatewayServer(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace pesan::cli
