// What the tests of the gateway share: an installation on files with its roles at work, a gateway
// in front of it, and callers that say what they like over real sockets. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "adapters/cli/gateway_server.hpp"
#include "adapters/http/v1/tokens.hpp"
#include "adapters/runtime/roles.hpp"
#include "tests/integration/http_caller.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::cli {

struct HttpAnswer {
  unsigned status = 0;
  std::string head;  // status line and headers
  std::string body;

  boost::json::value json() const { return boost::json::parse(body); }
  std::string header(std::string_view name) const {
    const std::string begin = fmt::format("\r\n{}: ", name);
    const std::size_t at = head.find(begin);
    if (at == std::string::npos) return {};
    const std::size_t from = at + begin.size();
    return head.substr(from, head.find("\r\n", from) - from);
  }
  /// Of a problem.
  std::string code() const { return std::string(json().at("code").as_string()); }
};

class GatewayHouse {
 public:
  explicit GatewayHouse(GatewayOptions options = {}) : options_(std::move(options)) {
    options_.http = "127.0.0.1:0";
    open();
  }

  /// `headers`: whole lines, each with its end.
  HttpAnswer ask(std::string_view method, std::string_view target, std::string_view body = {},
                 std::string_view headers = {}) const {
    std::string request =
        fmt::format("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", method, target);
    request += headers;
    if (!body.empty()) {
      request +=
          fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    }
    request += "\r\n";
    request += body;
    return answer_in(http::Caller(gateway_->address()).send(request).rest());
  }
  HttpAnswer get(std::string_view target, std::string_view headers = {}) const {
    return ask("GET", target, {}, headers);
  }
  HttpAnswer post(std::string_view target, std::string_view body = {},
                  std::string_view headers = {}) const {
    return ask("POST", target, body, headers);
  }
  static HttpAnswer answer_in(const std::string& text) {
    const std::size_t end = text.find("\r\n\r\n");
    if (end == std::string::npos) throw std::runtime_error("no answer: " + text);
    return {.status = static_cast<unsigned>(std::stoul(text.substr(9, 3))),
            .head = text.substr(0, end + 2),
            .body = text.substr(end + 4)};
  }
  /// The secret of a new token.
  std::string token(http::v1::Client client) const {
    std::string secret = http::v1::new_secret();
    must(http::v1::change_tokens(folder / "tokens.jsonl", [&](auto& tokens) -> Fallible<void> {
      tokens.push_back({std::move(client), http::v1::digest_of_secret(secret)});
      return {};
    }));
    return secret;
  }
  const http::Address& address() const { return gateway_->address(); }
  /// From now on nobody decides and nobody writes rows.
  void stop_roles() { roles_->stop(); }
  void end_gateway() { gateway_.reset(); }

  TempFolder folder;

 private:
  void open() {
    installation_ = must(runtime::Installation::at(
        {.log = "sqlite:" + (folder / "log.db"), .store = "sqlite:" + (folder / "read.db")}));
    log_.emplace(must(installation_->open_or_create_log({})));
    runtime::RoleOptions options;
    must(place_roles(options, {}, *installation_, *log_));
    roles_ = std::make_unique<runtime::Roles>(
        **log_, [own = *installation_] { return own.open_store(); }, options);
    roles_->start();
    gateway_ = must(GatewayServer::start(options_, *installation_, *log_));
  }

  GatewayOptions options_;
  std::optional<runtime::Installation> installation_;
  std::optional<runtime::OpenedLog> log_;
  std::unique_ptr<runtime::Roles> roles_;
  std::unique_ptr<GatewayServer> gateway_;
};

inline constexpr std::string_view villa =
    R"({"resource":"villa","name":"Villa","units":2,"inventory":"nightly"})";
inline std::string stay(std::string_view resource, std::string_view more = "") {
  return fmt::format(R"({{"resource":"{}","status":"confirmed","check_in":"2031-12-01",)"
                     R"("check_out":"2031-12-03","customer":{{"name":"Sari","phone":"08123456789",)"
                     R"("email":"sari@example.org"}}{}}})",
                     resource, more);
}

}  // namespace pesan::cli
