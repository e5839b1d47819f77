// The gateway of the real program: what it says when it starts, who is let in, and that a key has
// one outcome though the process is killed.
#include <csignal>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/asking.hpp"
#include "tests/e2e/stored.hpp"

namespace pesan::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::string_view villa =
    R"({"resource":"villa","name":"Villa","units":1,"inventory":"nightly"})";
constexpr std::string_view stay =
    R"({"resource":"villa","status":"confirmed","check_in":"2031-12-01","check_out":"2031-12-03",)"
    R"("customer":{"name":"Sari"}})";

class GatewayProgram : public ::testing::Test {
 protected:
  std::unique_ptr<Program> serve(Arguments more = {"--http", "0"}) {
    more.insert(more.begin(), "serve");
    auto program = std::make_unique<Program>(files_.on(more));
    port_ = http_port(*program);
    return program;
  }
  std::string ask(const Asked& asked) const { return answer_to(port_, asked); }
  Outcome tokens(Arguments words) const {
    words.insert(words.begin(), "tokens");
    return run(files_.on_log(words));
  }

  Files files_;
  unsigned short port_ = 0;
};

TEST_F(GatewayProgram, SaysWhereItListensWhoIsLetInAndWhatToTry) {
  const auto server = serve();
  EXPECT_THAT(server->err(), HasSubstr("everybody who reaches it is admin `local`"));
  EXPECT_THAT(server->err(),
              HasSubstr(fmt::format("try: curl http://127.0.0.1:{}/v1/rooms", port_)));
  EXPECT_THAT(ask({.target = "/v1/rooms"}), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(GatewayProgram, EndsWhereThePortThatItWasToldIsTaken) {
  const auto first = serve();
  const std::string address = fmt::format("127.0.0.1:{}", port_);
  Files others;
  const Outcome asked = run(others.on({"serve", "--http", address}));
  EXPECT_EQ(asked.exit_code, 3) << asked;
  EXPECT_THAT(asked.err, HasSubstr("--http: cannot listen on " + address));
}

TEST_F(GatewayProgram, ListensWhereOthersReachItOnlyWithTokensOrWhereSomebodySaysSo) {
  const Outcome refused = run(files_.on({"serve", "--http", "0.0.0.0:0"}));
  EXPECT_EQ(refused.exit_code, 2) << refused;
  EXPECT_THAT(refused.err, HasSubstr("there are no tokens"));
  EXPECT_THAT(refused.err, HasSubstr("pesan tokens add NAME --role ROLE"));
  const Outcome nameless = run(files_.on({"serve", "--http", "0.0.0.0:0", "--insecure"}));
  EXPECT_EQ(nameless.exit_code, 2) << nameless;
  EXPECT_THAT(nameless.err, HasSubstr("--http-name NAME"));
  EXPECT_EQ(tokens({"add", "web", "--role", "viewer"}).exit_code, 0);
  Program server(files_.on({"serve", "--http", "0.0.0.0:0"}));
  EXPECT_TRUE(server.wait_for_err("HTTP at http://0.0.0.0:")) << server.err();
}

TEST_F(GatewayProgram, ATokenOpensUntilItIsRevoked) {
  const Outcome added = tokens({"add", "web", "--role", "operator", "--resources", "villa"});
  EXPECT_EQ(added.exit_code, 0) << added;
  EXPECT_THAT(tokens({"list"}).out, HasSubstr("admin:web"));
  const auto server = serve();
  const std::string auth = fmt::format("Authorization: Bearer {}\r\n", added.lines().at(0));
  EXPECT_THAT(ask({.target = "/v1/rooms"}), StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(ask({.method = "POST", .target = "/v1/rooms", .body = villa, .headers = auth}),
              StartsWith("HTTP/1.1 201 "));
  EXPECT_EQ(tokens({"revoke", "web"}).exit_code, 0);
  EXPECT_THAT(ask({.target = "/v1/rooms", .headers = auth}), StartsWith("HTTP/1.1 401 "));
  EXPECT_EQ(tokens({"revoke", "web"}).exit_code, 1);
}

TEST_F(GatewayProgram, ATokenThatMakesNoSenseIsWrongUsage) {
  EXPECT_EQ(tokens({"add", "web", "--role", "king"}).exit_code, 2);
  EXPECT_EQ(tokens({"add", "web", "--role", "viewer", "--any-actor"}).exit_code, 2);
  EXPECT_EQ(tokens({"add", "web", "--role", "viewer", "--actor", "ani"}).exit_code, 2);
  EXPECT_EQ(tokens({"add", "web", "--role", "viewer"}).exit_code, 0);
  EXPECT_EQ(tokens({"add", "web", "--role", "viewer"}).exit_code, 2);
}

TEST_F(GatewayProgram, AKeyHasOneOutcomeThoughTheProcessIsKilledUnderItsCallers) {
  auto server = serve();
  ask({.method = "POST", .target = "/v1/rooms", .body = villa});
  std::vector<std::string> answers(8);
  {
    std::vector<std::jthread> callers;
    for (std::size_t i = 0; i < answers.size(); ++i) {
      callers.emplace_back([&, i, port = port_] {
        const std::string key = fmt::format("Idempotency-Key: k{}\r\n", i);
        answers[i] = answer_to(
            port, {.method = "POST", .target = "/v1/bookings", .body = stay, .headers = key});
      });
    }
    server->signal(SIGKILL);
  }
  server->wait();
  server = serve();
  int booked = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string key = fmt::format("Idempotency-Key: k{}\r\n", i);
    const std::string again =
        ask({.method = "POST", .target = "/v1/bookings", .body = stay, .headers = key});
    booked += again.starts_with("HTTP/1.1 201 ") ? 1 : 0;
    if (answers[i].empty()) continue;  // it was killed before it answered
    EXPECT_EQ(again.substr(0, 12), answers[i].substr(0, 12)) << i;
  }
  EXPECT_EQ(booked, 1);
  server->signal(SIGTERM);
  EXPECT_EQ(server->wait().exit_code, 0);
  EXPECT_EQ(run(files_.on({"verify"})).exit_code, 0);
}

}  // namespace
}  // namespace pesan::e2e
