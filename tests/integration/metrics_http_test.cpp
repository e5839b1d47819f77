// The server of the pages, by real sockets on loopback: what it answers, and that nobody can hold
// it up.
#include <chrono>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/metrics/http_server.hpp"
#include "tests/support/must.hpp"

namespace pesan::metrics {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A connection that says what it likes.
class Caller {
 public:
  explicit Caller(const Address& address) {
    socket_.connect({asio::ip::make_address(address.host), address.port});
  }
  Caller& send(std::string_view text) {
    boost::system::error_code ignored;  // it may have been sent away; what comes back says so
    asio::write(socket_, asio::buffer(text), ignored);
    return *this;
  }
  /// All that comes until the server ends the connection.
  std::string rest() {
    std::string text;
    boost::system::error_code end;
    asio::read(socket_, asio::dynamic_buffer(text), end);
    return text;
  }
  /// One answer with a body of so many bytes.
  std::string answer(std::size_t body) {
    std::string text;
    const auto head = asio::read_until(socket_, asio::dynamic_buffer(text), "\r\n\r\n");
    const std::size_t missing = head + body - text.size();
    asio::read(socket_, asio::dynamic_buffer(text), asio::transfer_exactly(missing));
    return text;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_{context_};
};

class MetricsHttp : public ::testing::Test {
 protected:
  static std::unique_ptr<HttpServer> serve(const HttpServer::Limits& limits = {}) {
    return must(HttpServer::start(
        {},
        [](std::string_view path) -> std::optional<Reply> {
          if (path == "/hello") return Reply{.body = "hello\n"};
          if (path == "/sick") return Reply{.status = 503, .body = "no\n"};
          if (path == "/large") return Reply{.body = std::string(8 << 20, 'x')};
          if (path == "/bug") throw std::runtime_error("a bug");
          return std::nullopt;
        },
        limits));
  }
  static std::string ask(const HttpServer& server, std::string_view method, std::string_view path) {
    std::string request(method);
    request.append(" ").append(path).append(" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return Caller(server.address()).send(request).rest();
  }
};

TEST_F(MetricsHttp, AnswersGetWithThePage) {
  const auto server = serve();
  EXPECT_NE(server->address().port, 0);
  const std::string answer = ask(*server, "GET", "/hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello\n"));
}

TEST_F(MetricsHttp, AQueryIsNoPartOfThePath) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET", "/hello?x=1"), EndsWith("\r\n\r\nhello\n"));
}

TEST_F(MetricsHttp, AnswersHeadAsGetWithoutTheBody) {
  const auto server = serve();
  const std::string answer = ask(*server, "HEAD", "/hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(MetricsHttp, SaysWhatThePageSaysAboutItself) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET", "/sick"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(MetricsHttp, WhatIsNotThereIs404) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET", "/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(ask(*server, "POST", "/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(MetricsHttp, OtherMethodsAre405AndToldWhichAreAllowed) {
  const auto server = serve();
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const std::string answer = ask(*server, method, "/hello");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n")) << method;
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n")) << method;
  }
}

TEST_F(MetricsHttp, WhatIsNoHttpIs400) {
  const auto server = serve();
  EXPECT_THAT(Caller(server->address()).send("how are you?\r\n\r\n").rest(),
              StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(MetricsHttp, ABugInAPageIs500ThatSaysNothingOfItAndTheServerGoesOn) {
  const auto server = serve();
  const std::string answer = ask(*server, "GET", "/bug");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nthis server failed; its log says why\n"));
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
}

TEST_F(MetricsHttp, AConnectionMayAskAgain) {
  const auto server = serve();
  Caller caller(server->address());
  for (int i = 0; i < 3; ++i) {
    caller.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(caller.answer(6), EndsWith("hello\n"));
  }
}

TEST_F(MetricsHttp, ARequestThatIsTooLongIsRefused) {
  const auto server = serve({.request_bytes = 1000});
  const std::string padding(2000, 'x');
  const std::string answer =
      Caller(server->address()).send("GET /hello HTTP/1.1\r\nX: " + padding + "\r\n\r\n").rest();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
}

TEST_F(MetricsHttp, ABodyIsNotRead) {
  const auto server = serve();
  const std::string answer =
      Caller(server->address())
          .send("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde")
          .rest();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 4"));
}

TEST_F(MetricsHttp, WhoSaysNothingOrHalfARequestIsSentAwayInTime) {
  const auto server = serve({.request = 200ms});
  Caller silent(server->address());
  Caller half(server->address());
  half.send("GET /hel");
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(silent.rest(), "");
  EXPECT_EQ(half.rest(), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

TEST_F(MetricsHttp, WhoTakesNoAnswerIsSentAwayInTimeAndDelaysNobody) {
  const auto server = serve({.reply = 200ms});
  Caller slow(server->address());
  slow.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
  std::this_thread::sleep_for(1s);
  EXPECT_LT(slow.rest().size(), std::size_t{8} << 20);
}

TEST_F(MetricsHttp, WhoIsSilentLongestGivesWayWhereManyCome) {
  const auto server = serve({.connections = 3});
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 3; ++i) callers.push_back(std::make_unique<Caller>(server->address()));
  const auto asks = [&](std::size_t caller) {
    callers[caller]->send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(callers[caller]->answer(6), EndsWith("hello\n"));
  };
  for (const std::size_t caller : {0, 1, 2, 0}) asks(caller);
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
  EXPECT_EQ(callers[1]->rest(), "");
  asks(0);  // it had asked since
  asks(2);
}

TEST_F(MetricsHttp, AConnectionThatCannotBeTakenEndsNeitherTheServerNorTheOthers) {
  const auto server = serve({.on_connection = [calls = 0]() mutable {
    if (calls++ % 2 == 0) throw std::bad_alloc();
  }});
  EXPECT_EQ(Caller(server->address()).rest(), "");  // nobody else is there
  Caller other(server->address());
  EXPECT_EQ(Caller(server->address()).rest(), "");
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
  other.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(other.answer(6), EndsWith("hello\n"));
}

TEST_F(MetricsHttp, APortThatIsTakenIsAFailureThatNamesIt) {
  const auto server = serve();
  const auto second = HttpServer::start(server->address(), [](auto) { return std::nullopt; });
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FailureKind::fatal);
  EXPECT_EQ(second.error().what,
            "cannot listen on " + to_string(server->address()) + ": Address already in use");
}

TEST_F(MetricsHttp, EndsItsConnectionsWhenItEnds) {
  auto server = serve();
  Caller caller(server->address());
  caller.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  caller.answer(6);
  server.reset();
  EXPECT_EQ(caller.rest(), "");
}

TEST(MetricsAddress, APortAloneIsOnLoopback) {
  EXPECT_EQ(must(parse_address("9464")), (Address{.host = "127.0.0.1", .port = 9464}));
  EXPECT_EQ(must(parse_address(":9464")), (Address{.host = "127.0.0.1", .port = 9464}));
}

TEST(MetricsAddress, NamesAHostAndAPort) {
  EXPECT_EQ(must(parse_address("0.0.0.0:0")), (Address{.host = "0.0.0.0", .port = 0}));
  EXPECT_EQ(must(parse_address("localhost:80")), (Address{.host = "localhost", .port = 80}));
  EXPECT_EQ(must(parse_address("[::1]:80")), (Address{.host = "::1", .port = 80}));
  EXPECT_EQ(to_string({.host = "::1", .port = 80}), "[::1]:80");
}

TEST(MetricsAddress, SaysWhatIsWrong) {
  for (const auto* text : {"", ":", "x", "localhost", "localhost:", "a:70000", "a:-1", "::1:80",
                           "[]:80", "a b:80", "http://a:80", "a:80 "}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

}  // namespace
}  // namespace pesan::metrics
