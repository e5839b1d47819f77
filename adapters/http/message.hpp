// What a caller asked and what it is answered, as plain values: who writes a handler needs no
// header of Beast. Any thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace pesan::http {

struct Header {
  std::string name;
  std::string value;
};

struct Request {
  std::string method;  // "GET"; upper case by HTTP's rule, and given as it came
  std::string target;  // path and query as they came, with what is percent-encoded in them
  std::vector<Header> headers;
  std::string body;
  std::string peer;  // the caller's address, without the port
  /// What was taken for its body (server.hpp); given back when the request is gone.
  std::shared_ptr<void> room{};

  std::string_view path() const { return std::string_view(target).substr(0, target.find('?')); }
  /// The first header of this name, in any case; nothing: null.
  const std::string* find(std::string_view name) const;
};

/// The server adds Content-Length, Connection, and `Cache-Control: no-store` where `headers` says
/// nothing of the cache.
struct Response {
  unsigned status = 200;
  std::string body;
  std::string content_type = "text/plain; charset=utf-8";
  std::vector<Header> headers{};
  bool last = false;  // the connection ends behind it
};

/// What a caller learns of a request that failed here; the log says why.
inline constexpr std::string_view failure_text = "this server failed; its log says why";

/// One line of text for a person.
Response text(unsigned status, std::string_view line);

/// What a server answers by itself, without a handler: by which form its callers know it.
using Refusal = Response (*)(unsigned status, std::string_view line);

}  // namespace pesan::http
