// What a server reads of one request, and which address is one of this machine alone.
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>
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
  std::shared_ptr<int> taken = std::make_shared<int>();
  std::unique_ptr<Server> server = must(Server::start(
      {},
      [](Request request, Responder answer) { std::move(answer).send(text(200, request.body)); },
      {.body_bytes = 100, .body_room = [this](const Request& head) -> BodyRoom {
         if (head.find("X-Full") != nullptr) return {.instead = text(429, "come again")};
         return {.bytes = head.find("X-Known") == nullptr ? std::size_t{4} : std::size_t{1000},
                 .taken = taken};
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

TEST_F(HttpBodies, WhereThereIsNoRoomNothingIsRead) {
  const std::string answer = post(*server, "X-Full: 1\r\nContent-Length: 4\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 429 "));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
}

TEST_F(HttpBodies, WhatIsTakenForABodyIsGivenBackWithTheRequest) {
  Caller slow(server->address());
  slow.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\n");
  while (taken.use_count() < 2) std::this_thread::yield();
  EXPECT_THAT(slow.send("abcd").rest(), EndsWith("abcd\n"));
  while (taken.use_count() > 1) std::this_thread::yield();
}

TEST_F(HttpBodies, OnlyAsChunksAloneIsABodyOfNoKnownLengthRead) {
  for (const auto* coding : {"gzip, chunked", "chunked, gzip", "identity", "xchunked",
                             "chunked\r\nTransfer-Encoding: chunked"}) {
    const std::string head = fmt::format("Transfer-Encoding: {}\r\n\r\n0\r\n\r\n", coding);
    EXPECT_THAT(post(*server, head), StartsWith("HTTP/1.1 400 ")) << coding;
  }
  EXPECT_THAT(post(*server, "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
              StartsWith("HTTP/1.1 400 "));
}

TEST(HttpHeaders, FieldsBehindABodySayNothing) {
  const auto server = must(Server::start(
      {},
      [](const Request& request, Responder answer) {
        std::move(answer).send(text(200, request.find("X-Late") == nullptr ? "none" : "found"));
      },
      {.body_bytes = 100}));
  const std::string answer =
      Caller(server->address())
          .send(
              "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTrailer: X-Late\r\n"
              "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Late: 1\r\n\r\n")
          .rest();
  EXPECT_THAT(answer, EndsWith("none\n"));
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
