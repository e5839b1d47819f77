// A server before its end: what was asked is answered, and nobody else is waited for.
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/server.hpp"
#include "tests/integration/http_caller.hpp"
#include "tests/support/must.hpp"

namespace pesan::http {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/// Answers when the test does.
class HttpFinish : public ::testing::Test {
 protected:
  Responder next() { return asked_.get_future().get(); }

  std::promise<Responder> asked_;
  std::unique_ptr<Server> server = must(Server::start(
      {}, [this](const Request&, Responder answer) { asked_.set_value(std::move(answer)); }));
};

TEST_F(HttpFinish, AnswersWhatWasAskedAndSendsTheIdleAndTheNewAway) {
  Caller asks(server->address());
  asks.send(request);
  Responder answer = next();
  Caller idle(server->address());
  while (server->connections() < 2) std::this_thread::yield();
  auto finished = std::async(std::launch::async, [&] { return server->finish(10min); });
  EXPECT_EQ(idle.rest(), "");
  EXPECT_EQ(Caller(server->address()).send(request).rest(), "");
  std::move(answer).send(text(200, "here it is"));
  const std::string answered = asks.rest();
  EXPECT_THAT(answered, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answered, EndsWith("here it is\n"));
  EXPECT_TRUE(finished.get());
}

TEST_F(HttpFinish, DoesNotWaitForEverForAnAnswer) {
  Caller asks(server->address());
  asks.send(request);
  const Responder never = next();
  EXPECT_FALSE(server->finish(1ms));
}

TEST_F(HttpFinish, WhoIsStillBeingAnsweredCanBeToldWithoutItsHandler) {
  Caller asks(server->address());
  asks.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  const Responder never = next();
  EXPECT_FALSE(server->finish(1ms));
  server->answer_rest();
  EXPECT_THAT(asks.rest(), StartsWith("HTTP/1.1 504 ")) << "something may come of it";
}

TEST_F(HttpFinish, AQuestionThatNobodyAnswersAnyMoreIsAskedElsewhere) {
  Caller asks(server->address());
  asks.send(request);
  const Responder never = next();
  EXPECT_FALSE(server->finish(1ms));
  server->answer_rest();
  EXPECT_THAT(asks.rest(), StartsWith("HTTP/1.1 503 "));
}

TEST_F(HttpFinish, IsAtOnceWhereNobodyIsThere) { EXPECT_TRUE(server->finish(10min)); }

}  // namespace
}  // namespace pesan::http
