// What a server reads of one request, and which address is one of this machine alone.
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/server.hpp"
#include "tests/integration/http_caller.hpp"
#include "tests/support/must.hpp"

namespace pesan::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Answers with what was sent; of those that say `x-known` it reads more.
class HttpBodies : public ::testing::Test {
 protected:
  static std::string post(const Server& server, std::string_view more) {
    std::string request = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    request += more;
    return Caller(server.address()).send(request).rest();
  }
  std::unique_ptr<Server> server = must(Server::start(
      {},
      [](Request request, Responder answer) { std::move(answer).send(text(200, request.body)); },
      {.body_bytes = 100, .body_bytes_of = [](const Request& head) -> std::size_t {
         return head.find("X-Known") == nullptr ? 4 : 1000;
       }}));
};

TEST_F(HttpBodies, HowMuchIsReadIsSettledByTheHeaders) {
  EXPECT_THAT(post(*server, "Content-Length: 4\r\n\r\nabcd"), EndsWith("\r\n\r\nabcd\n"));
  EXPECT_THAT(post(*server, "X-Known: 1\r\nContent-Length: 5\r\n\r\nabcde"),
              EndsWith("\r\n\r\nabcde\n"));
}

TEST_F(HttpBodies, WhatIsTooLongIsRefusedBeforeItIsSent) {
  EXPECT_THAT(post(*server, "Content-Length: 5\r\n\r\n"), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(post(*server, "Expect: 100-continue\r\nContent-Length: 5\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST_F(HttpBodies, WhatComesInChunksIsNoLonger) {
  const std::string chunked = "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n";
  EXPECT_THAT(post(*server, chunked), StartsWith("HTTP/1.1 413 "));
  EXPECT_THAT(post(*server, "X-Known: 1\r\n" + chunked), EndsWith("\r\n\r\nabcde\n"));
}

TEST_F(HttpBodies, NobodyIsReadMoreOfThanTheServerTakesAtAll) {
  EXPECT_THAT(post(*server, "X-Known: 1\r\nContent-Length: 101\r\n\r\n"),
              StartsWith("HTTP/1.1 413 "));
}

TEST(HttpAnswers, OneThatIsTheLastEndsItsConnection) {
  const auto server = must(Server::start({}, [](const Request&, Responder answer) {
    std::move(answer).send({.body = "go\n", .last = true});
  }));
  const std::string said =
      Caller(server->address()).send("GET / HTTP/1.1\r\nHost: x\r\n\r\n").rest();
  EXPECT_THAT(said, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(said, EndsWith("go\n"));
}

TEST(HttpAddress, OnlyAnAddressOfLoopbackIsOne) {
  for (const auto* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(is_loopback({.host = host})) << host;
  }
  for (const auto* host : {"127.example.com", "127.0.0.1.example.com", "0.0.0.0", "::", "10.0.0.1",
                           "localhost.example"}) {
    EXPECT_FALSE(is_loopback({.host = host})) << host;
  }
}

}  // namespace
}  // namespace pesan::http
