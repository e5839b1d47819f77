// The server, by real sockets on loopback: what it reads and answers, and that nobody can hold it
// up.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/pages.hpp"
#include "adapters/http/server.hpp"
#include "tests/integration/http_caller.hpp"
#include "tests/support/must.hpp"

namespace pesan::http {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class HttpPages : public ::testing::Test {
 protected:
  static std::unique_ptr<Server> serve(const Limits& limits = {}) {
    return must(Server::start({}, serve_pages([](std::string_view path) -> std::optional<Response> {
                                if (path == "/hello") return Response{.body = "hello\n"};
                                if (path == "/sick") return Response{.status = 503, .body = "no\n"};
                                if (path == "/large")
                                  return Response{.body = std::string(8 << 20, 'x')};
                                if (path == "/bug") throw std::runtime_error("a bug");
                                return std::nullopt;
                              }),
                              limits));
  }
  static std::string ask(const Server& server, std::string_view method, std::string_view path) {
    std::string request(method);
    request.append(" ").append(path).append(" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    return Caller(server.address()).send(request).rest();
  }
};

TEST_F(HttpPages, AnswersGetWithThePage) {
  const auto server = serve();
  EXPECT_NE(server->address().port, 0);
  const std::string answer = ask(*server, "GET", "/hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nhello\n"));
}

TEST_F(HttpPages, AQueryIsNoPartOfThePath) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET", "/hello?x=1"), EndsWith("\r\n\r\nhello\n"));
}

TEST_F(HttpPages, AnswersHeadAsGetWithoutTheBody) {
  const auto server = serve();
  const std::string answer = ask(*server, "HEAD", "/hello");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 6\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n"));
}

TEST_F(HttpPages, SaysWhatThePageSaysAboutItself) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET", "/sick"), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
}

TEST_F(HttpPages, WhatIsNotThereIs404) {
  const auto server = serve();
  EXPECT_THAT(ask(*server, "GET", "/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
  EXPECT_THAT(ask(*server, "POST", "/nothing"), StartsWith("HTTP/1.1 404 Not Found\r\n"));
}

TEST_F(HttpPages, OtherMethodsAre405AndToldWhichAreAllowed) {
  const auto server = serve();
  for (const auto* method : {"POST", "PUT", "DELETE", "OPTIONS"}) {
    const std::string answer = ask(*server, method, "/hello");
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 405 Method Not Allowed\r\n")) << method;
    EXPECT_THAT(answer, HasSubstr("Allow: GET, HEAD\r\n")) << method;
  }
}

TEST_F(HttpPages, WhatIsNoHttpIs400) {
  const auto server = serve();
  EXPECT_THAT(Caller(server->address()).send("how are you?\r\n\r\n").rest(),
              StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(HttpPages, ABugInAPageIs500ThatSaysNothingOfItAndTheServerGoesOn) {
  const auto server = serve();
  const std::string answer = ask(*server, "GET", "/bug");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\nthis server failed; its log says why\n"));
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
}

TEST_F(HttpPages, AConnectionMayAskAgain) {
  const auto server = serve();
  Caller caller(server->address());
  for (int i = 0; i < 3; ++i) {
    caller.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(caller.answer(6), EndsWith("hello\n"));
  }
}

TEST_F(HttpPages, ARequestThatIsTooLongIsRefused) {
  const auto server = serve({.header_bytes = 1000});
  const std::string padding(2000, 'x');
  const std::string answer =
      Caller(server->address()).send("GET /hello HTTP/1.1\r\nX: " + padding + "\r\n\r\n").rest();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 431 "));
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
}

TEST_F(HttpPages, ABodyIsNotRead) {
  const auto server = serve();
  const std::string answer =
      Caller(server->address())
          .send("GET /hello HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde")
          .rest();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 4"));
}

TEST_F(HttpPages, WhoSaysNothingOrHalfARequestIsSentAwayInTime) {
  const auto server = serve({.idle = 200ms, .header = 200ms});
  Caller silent(server->address());
  Caller half(server->address());
  half.send("GET /hel");
  EXPECT_EQ(silent.rest(), "");
  EXPECT_EQ(half.rest(), "");
}

TEST_F(HttpPages, WhoTakesNoAnswerIsSentAwayInTimeAndDelaysNobody) {
  const auto server = serve({.reply = 200ms});
  Caller slow(server->address());
  slow.send("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(ask(*server, "GET", "/hello"), EndsWith("hello\n"));
  while (server->connections() > 0) std::this_thread::sleep_for(10ms);
  EXPECT_LT(slow.rest().size(), std::size_t{8} << 20);
}

TEST_F(HttpPages, WhoIsSilentLongestGivesWayWhereManyCome) {
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

TEST_F(HttpPages, AConnectionThatCannotBeTakenEndsNeitherTheServerNorTheOthers) {
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

TEST_F(HttpPages, APortThatIsTakenIsAFailureThatNamesIt) {
  const auto server = serve();
  const auto second =
      Server::start(server->address(), serve_pages([](auto) { return std::nullopt; }));
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, FailureKind::fatal);
  EXPECT_EQ(second.error().what,
            "cannot listen on " + to_string(server->address()) + ": Address already in use");
}

TEST_F(HttpPages, EndsItsConnectionsWhenItEnds) {
  auto server = serve();
  Caller caller(server->address());
  caller.send("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  caller.answer(6);
  server.reset();
  EXPECT_EQ(caller.rest(), "");
}

class HttpServer : public ::testing::Test {
 protected:
  static std::unique_ptr<Server> serve(Handler handler, const Limits& limits = {}) {
    return must(Server::start({}, std::move(handler), limits));
  }
  static std::string get(std::string_view path) {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  }
  /// Says the method, the target, one header and the body.
  static Handler echo() {
    return [](const Request& request, Responder responder) {
      const std::string* header = request.find("x-key");
      std::move(responder).send({.body = request.method + " " + request.target + " " +
                                         (header == nullptr ? "-" : *header) + " " + request.body});
    };
  }
};

TEST_F(HttpServer, GivesTheHandlerMethodTargetHeadersAndBody) {
  const auto server = serve(echo(), {.body_bytes = 100});
  EXPECT_THAT(Caller(server->address())
                  .send("PATCH /v1/rooms/a%20b?x=1&y=%32 HTTP/1.1\r\nHost: x\r\nX-KEY: k 1\r\n"
                        "Content-Length: 7\r\nConnection: close\r\n\r\n{\"a\":1}")
                  .rest(),
              EndsWith("\r\n\r\nPATCH /v1/rooms/a%20b?x=1&y=%32 k 1 {\"a\":1}"));
}

TEST_F(HttpServer, ReadsABodyInChunks) {
  const auto server = serve(echo(), {.body_bytes = 100});
  EXPECT_THAT(Caller(server->address())
                  .send("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
                        "Connection: close\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
                  .rest(),
              EndsWith("POST /p - abcde"));
}

TEST_F(HttpServer, ABodyThatIsTooLongIs413AlsoWhileItIsStillSent) {
  const auto server = serve(echo(), {.body_bytes = 1000});
  const std::string long_body(100'000, 'x');
  for (const std::string& framed :
       {"Content-Length: 100000\r\n\r\n" + long_body,
        "Transfer-Encoding: chunked\r\n\r\n186a0\r\n" + long_body + "\r\n0\r\n\r\n"}) {
    EXPECT_THAT(Caller(server->address()).send("POST /p HTTP/1.1\r\nHost: x\r\n" + framed).rest(),
                StartsWith("HTTP/1.1 413 "));
  }
}

TEST_F(HttpServer, ACallerThatAsksBeforeItSendsABodyIsToldToGoOn) {
  const auto server = serve(echo(), {.body_bytes = 100});
  Caller caller(server->address());
  caller.send(
      "POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_THAT(caller.until("\r\n\r\n"), StartsWith("HTTP/1.1 100 Continue\r\n"));
  EXPECT_THAT(caller.send("abc").rest(), EndsWith("POST /p - abc"));
}

TEST_F(HttpServer, RequestsOfOneConnectionAreAnsweredInTheirOrder) {
  const auto server = serve(echo());
  EXPECT_THAT(
      Caller(server->address())
          .send("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n" + get("/3"))
          .rest(),
      ::testing::MatchesRegex("[^~]*GET /1 - [^~]*GET /2 - [^~]*GET /3 - "));
}

TEST_F(HttpServer, AnAnswerMayComeLaterFromAnotherThreadAndDelaysNobody) {
  std::promise<Responder> kept;
  const auto server = serve([&](const Request& request, Responder responder) {
    if (request.target == "/later") return kept.set_value(std::move(responder));
    std::move(responder).send({.body = "now"});
  });
  Caller waiting(server->address());
  waiting.send(get("/later"));
  Responder responder = kept.get_future().get();
  EXPECT_THAT(Caller(server->address()).send(get("/")).rest(), EndsWith("now"));
  std::jthread other([&] {
    std::move(responder).send(
        {.status = 201, .body = "then", .headers = {{.name = "ETag", .value = "\"7\""}}});
  });
  const std::string answer = waiting.rest();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 201 Created\r\n"));
  EXPECT_THAT(answer, HasSubstr("ETag: \"7\"\r\n"));
  EXPECT_THAT(answer, EndsWith("then"));
}

TEST_F(HttpServer, ARequestThatItsHandlerForgetsIs500) {
  const auto server = serve([](const Request&, const Responder&) {});
  EXPECT_THAT(Caller(server->address()).send(get("/")).rest(), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServer, AResponderMayOutliveItsCallerAndItsServer) {
  std::vector<Responder> kept;
  std::atomic<int> asked = 0;
  auto server = serve([&](const Request&, Responder responder) {
    kept.push_back(std::move(responder));
    ++asked;
  });
  {
    Caller gone(server->address());
    gone.send(get("/"));
    while (asked < 1) std::this_thread::yield();
  }
  Caller stays(server->address());
  stays.send(get("/")).send(get("/"));
  while (asked < 2) std::this_thread::yield();
  std::move(kept[0]).send({.body = "nobody"});
  server.reset();
  EXPECT_EQ(stays.rest(), "");
  std::move(kept[1]).send({.body = "nobody"});
}

TEST_F(HttpServer, AnswersOfManyThreadsMeetTheEndOfTheServer) {
  for (int round = 0; round < 20; ++round) {
    std::mutex mutex;
    std::vector<Responder> kept;
    auto server = serve(
        [&](const Request&, Responder responder) {
          const std::scoped_lock lock(mutex);
          kept.push_back(std::move(responder));
        },
        {.threads = 3});
    std::vector<std::unique_ptr<Caller>> callers;
    for (int i = 0; i < 20; ++i) {
      callers.push_back(std::make_unique<Caller>(server->address()));
      callers.back()->send("GET / HTTP/1.1\r\nHost: x\r\n\r\n" + get("/"));  // and again
    }
    const auto asked = [&] {
      const std::scoped_lock lock(mutex);
      return kept.size();
    };
    while (asked() < 20) std::this_thread::yield();
    std::jthread other([&] {
      std::vector<Responder> first;
      {
        const std::scoped_lock lock(mutex);
        first.swap(kept);
      }
      for (Responder& responder : first) std::move(responder).send({.body = "late"});
    });
    server.reset();
  }
}

TEST_F(HttpServer, ManyCallersOfManyThreadsEachGetTheirOwnAnswer) {
  const auto server = serve(echo(), {.threads = 4});
  std::vector<std::jthread> threads;
  std::atomic<int> right = 0;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      Caller caller(server->address());
      for (int i = 0; i < 100; ++i) {
        const std::string target = "/" + std::to_string(thread * 1000 + i);
        caller.send("GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
        const std::string body = "GET " + target + " - ";
        if (caller.answer(body.size()).ends_with("\r\n\r\n" + body)) ++right;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(right, 800);
}

TEST_F(HttpServer, WhereAllConnectionsAreBeingAnsweredANewOneIs503) {
  std::promise<Responder> kept;
  const auto server =
      serve([&](const Request&, Responder responder) { kept.set_value(std::move(responder)); },
            {.connections = 1});
  Caller first(server->address());
  first.send(get("/"));
  Responder responder = kept.get_future().get();
  EXPECT_THAT(Caller(server->address()).rest(), StartsWith("HTTP/1.1 503 "));
  std::move(responder).send({.body = "done"});
  EXPECT_THAT(first.rest(), EndsWith("done"));
}

TEST_F(HttpServer, CallersThatTakeNoAnswerGiveWayToOthers) {
  const std::string large(8 << 20, 'x');
  const auto server = serve(
      [&](const Request& request, Responder responder) {
        std::move(responder).send({.body = request.target == "/large" ? large : "small"});
      },
      {.connections = 3, .reply = 1h});
  std::vector<std::unique_ptr<Caller>> stuck;
  for (int i = 0; i < 3; ++i) {
    stuck.push_back(std::make_unique<Caller>(server->address()));
    stuck.back()->send(get("/large"));
    stuck.back()->until("\r\n\r\n");
  }
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(Caller(server->address()).send(get("/")).rest(), EndsWith("small"));
  }
}

TEST_F(HttpServer, AnAnswerThatIsNoneIs500) {
  const auto server = serve(
      [](const Request&, Responder responder) { std::move(responder).send({.status = 1234}); });
  EXPECT_THAT(Caller(server->address()).send(get("/")).rest(), StartsWith("HTTP/1.1 500 "));
}

TEST_F(HttpServer, HeadersOfOneNameAreAllSent) {
  const auto server = serve([](const Request&, Responder responder) {
    std::move(responder).send({.headers = {{.name = "Link", .value = "<a>"},
                                           {.name = "Link", .value = "<b>"},
                                           {.name = "Cache-Control", .value = "max-age=1"}}});
  });
  const std::string answer = Caller(server->address()).send(get("/")).rest();
  EXPECT_THAT(answer, HasSubstr("Link: <a>\r\n"));
  EXPECT_THAT(answer, HasSubstr("Link: <b>\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("no-store")));
}

TEST_F(HttpServer, AStreamGoesOnUntilItEnds) {
  std::promise<Stream> kept;
  const auto server = serve([&](const Request&, Responder responder) {
    kept.set_value(std::move(responder).stream({.content_type = "text/event-stream"}));
  });
  Caller caller(server->address());
  caller.send(get("/"));
  std::optional<Stream> stream(kept.get_future().get());
  EXPECT_TRUE(stream->write("data: 1\n\n"));
  const std::string begun = caller.until("data: 1\n\n");
  EXPECT_THAT(begun, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(begun, HasSubstr("Content-Type: text/event-stream\r\n"));
  EXPECT_THAT(begun, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_TRUE(stream->write("data: 2\n\n"));
  stream.reset();
  EXPECT_THAT(caller.rest(), EndsWith("9\r\ndata: 2\n\n\r\n0\r\n\r\n"));
}

TEST_F(HttpServer, AStreamLearnsThatItsCallerIsGone) {
  std::promise<Stream> kept;
  const auto server = serve([&](const Request&, Responder responder) {
    kept.set_value(std::move(responder).stream({}));
  });
  std::optional<Caller> caller(server->address());
  caller->send(get("/"));
  Stream stream = kept.get_future().get();
  EXPECT_TRUE(stream.write("x"));
  caller->until("x");
  EXPECT_FALSE(stream.gone());
  caller.reset();
  while (!stream.gone()) std::this_thread::yield();
  EXPECT_FALSE(stream.write("y"));
}

TEST_F(HttpServer, AStreamWhoseCallerReadsTooSlowlyIsCutOff) {
  std::promise<Stream> kept;
  const auto server = serve(
      [&](const Request&, Responder responder) { kept.set_value(std::move(responder).stream({})); },
      {.backlog_bytes = 1 << 20});
  Caller slow(server->address());
  slow.send(get("/"));
  Stream stream = kept.get_future().get();
  std::size_t given = 0;
  while (stream.write(std::string(1000, 'x'))) given += 1000;
  EXPECT_TRUE(stream.gone());
  EXPECT_LT(slow.rest().size(), given + (std::size_t{1} << 20));  // the connection did end
}

TEST(HttpAddress, APortAloneIsOnLoopback) {
  EXPECT_EQ(must(parse_address("9464")), (Address{.host = "127.0.0.1", .port = 9464}));
  EXPECT_EQ(must(parse_address(":9464")), (Address{.host = "127.0.0.1", .port = 9464}));
}

TEST(HttpAddress, NamesAHostAndAPort) {
  EXPECT_EQ(must(parse_address("0.0.0.0:0")), (Address{.host = "0.0.0.0", .port = 0}));
  EXPECT_EQ(must(parse_address("localhost:80")), (Address{.host = "localhost", .port = 80}));
  EXPECT_EQ(must(parse_address("[::1]:80")), (Address{.host = "::1", .port = 80}));
  EXPECT_EQ(to_string({.host = "::1", .port = 80}), "[::1]:80");
}

TEST(HttpAddress, SaysWhatIsWrong) {
  for (const auto* text : {"", ":", "x", "localhost", "localhost:", "a:70000", "a:-1", "::1:80",
                           "[]:80", "a b:80", "http://a:80", "a:80 "}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

}  // namespace
}  // namespace pesan::http
