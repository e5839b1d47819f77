// A gateway whose desk and rows are the test's: what one caller, or one failure, takes from others.
#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/http/server.hpp"
#include "adapters/http/v1/gateway.hpp"
#include "adapters/http/v1/tokens.hpp"
#include "tests/integration/http_caller.hpp"
#include "tests/support/memory_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::http::v1 {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Nobody is answered before the test says so.
class HeldRows final : public RowReader {
 public:
  Fallible<std::optional<OwnedRow>> find(Table, const RowKey&) override {
    goes_.wait();
    return std::nullopt;
  }
  Fallible<Page> page(const PageQuestion&) override {
    ++asked;
    goes_.wait();
    return Page{};
  }
  Fallible<std::vector<Checkpoint>> positions() override {
    goes_.wait();
    return std::vector<Checkpoint>{};
  }
  void let_go() { held_.set_value(); }

  std::atomic<int> asked = 0;  // for a page

 private:
  std::promise<void> held_;
  const std::shared_future<void> goes_ = held_.get_future().share();
};

/// Every command has the outcome that the test says.
class ToldDesk final : public CommandDesk {
 public:
  Fallible<void> submit(std::span<Ticket> tickets) override {
    for (Ticket& ticket : tickets) std::exchange(ticket.answer, nullptr)(TicketOutcome(outcome));
    return {};
  }
  TicketOutcome outcome;
};

class GatewayAlone : public ::testing::Test {
 protected:
  explicit GatewayAlone(Gateway::Options options = {}) : options_(std::move(options)) {
    options_.doors = {
        .tokens_file = folder_ / "tokens.jsonl", .open_without_tokens = true, .hosts = {}};
  }
  ~GatewayAlone() override { rows_.let_go(); }
  void SetUp() override {
    gateway_ = std::make_unique<Gateway>(desk_, Sources{.rows = rows_, .log = log_}, options_);
    server_ = must(Server::start(
        {},
        [this](Request request, Responder responder) {
          gateway_->handle(std::move(request), std::move(responder));
        },
        {.body_bytes = largest_array,
         .body_room = [this](const Request& head) { return gateway_->body_room(head); },
         .refusal = refusal}));
  }
  /// `more`: headers, each with its end, and then a body.
  static std::string request(std::string_view line, std::string_view more = "\r\n") {
    return fmt::format("{} HTTP/1.1\r\nHost: localhost\r\n{}", line, more);
  }
  Caller caller() const { return Caller(server_->address()); }
  std::string token() const {
    const std::string secret = new_secret();
    must(change_tokens(options_.doors.tokens_file, [&](auto& tokens) -> Fallible<void> {
      tokens.push_back({.client = {.name = "web", .role = ClientRole::admin, .actor_id = "web"},
                        .digest = digest_of_secret(secret)});
      return {};
    }));
    return fmt::format("Authorization: Bearer {}\r\n", secret);
  }

  TempFolder folder_;
  Gateway::Options options_;
  MemoryLog log_{{.partitions = 2, .clock = [] { return Instant{0}; }}};
  HeldRows rows_;
  ToldDesk desk_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<Server> server_;
};

class GatewayWithOneReader : public GatewayAlone {
 protected:
  GatewayWithOneReader() : GatewayAlone({.readers = 1, .most_questions = 1}) {}
};

TEST_F(GatewayWithOneReader, WhatNeedsNoTokenIsAnsweredThoughAllReadersAreHeldUp) {
  Caller reads = caller();
  reads.send(request("GET /v1/rooms"));
  while (rows_.asked == 0) std::this_thread::yield();
  const std::string page =
      caller()
          .send(request("GET /problems/too_large",
                        "Connection: close\r\nPesan-Min-Position: 0:999\r\n\r\n"))
          .rest();
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 "));
}

TEST_F(GatewayAlone, AnOutcomeThatCannotBeReadIsItsCallersAlone) {
  desk_.outcome.reached = Milestone::decided;
  desk_.outcome.result = "nonsense";
  const std::string make =
      request("POST /v1/rooms",
              "Content-Type: application/json\r\nConnection: close\r\nContent-Length: 67\r\n\r\n"
              R"({"resource":"villa","name":"Villa","units":2,"inventory":"nightly"})");
  const std::string said = caller().send(make).rest();
  EXPECT_THAT(said, StartsWith("HTTP/1.1 500 "));
  EXPECT_THAT(said, HasSubstr("server_failed"));
  desk_.outcome = {.reached = Milestone::appended};
  EXPECT_THAT(caller().send(make).rest(), StartsWith("HTTP/1.1 202 "));
}

TEST_F(GatewayAlone, OnlyWhoMayComeInSendsMoreThanOneCommandsBytes) {
  const std::string auth = token();
  const std::string body(100 << 10, ' ');
  const std::string length = fmt::format(
      "Content-Type: application/json\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
      body.size());
  EXPECT_THAT(caller().send(request("POST /v1/commands", length)).rest(),
              StartsWith("HTTP/1.1 401 "))
      << "before anything of it was sent";
  EXPECT_THAT(caller().send(request("POST /v1/commands", auth + length + body)).rest(),
              StartsWith("HTTP/1.1 400 "))
      << "it was read, and is no JSON";
  EXPECT_THAT(caller().send(request("POST /v1/rooms", auth + length)).rest(),
              StartsWith("HTTP/1.1 413 "));
}

class GatewayWithOneArray : public GatewayAlone {
 protected:
  GatewayWithOneArray() : GatewayAlone({.bounds = {.a_second = 1e6, .bytes = 100'000}}) {}
};

TEST_F(GatewayWithOneArray, OneThatIsStillComingCountsAmongWhatItsClientHasUnderWay) {
  const std::string head = request(
      "POST /v1/commands",
      fmt::format("{}Content-Type: application/json\r\nConnection: close\r\nContent-Length: "
                  "70000\r\n\r\n[",
                  token()));
  const std::string whole = head + std::string(69'998, ' ') + "]";
  EXPECT_THAT(caller().send(whole).rest(), StartsWith("HTTP/1.1 200 "));
  Caller slow = caller();
  slow.send(head);
  std::string said;
  do said = caller().send(whole).rest();  // until the slow one's headers have been read
  while (said.starts_with("HTTP/1.1 200 "));
  EXPECT_THAT(said, StartsWith("HTTP/1.1 429 "));
}

class GatewayWithoutPauses : public GatewayAlone {
 protected:
  GatewayWithoutPauses() : GatewayAlone({.refusal_pause = 1h, .most_pauses = 1}) {}
};

TEST_F(GatewayWithoutPauses, WhoGuessesBeyondThoseThatPauseIsToldAtOnceAndItsConnectionEnds) {
  token();
  Caller first = caller();
  Caller second = caller();
  first.send(request("GET /v1/rooms"));
  second.send(request("GET /v1/rooms"));
  auto one = std::async(std::launch::async, [&] { return first.rest(); });
  auto other = std::async(std::launch::async, [&] { return second.rest(); });
  while (one.wait_for(1ms) != std::future_status::ready &&
         other.wait_for(1ms) != std::future_status::ready) {
  }
  server_.reset();  // the one that still pauses
  const std::string said = one.get() + other.get();
  EXPECT_THAT(said, StartsWith("HTTP/1.1 401 "));
  EXPECT_THAT(said, HasSubstr("Connection: close\r\n"));
}

class GatewayWithARate : public GatewayAlone {
 protected:
  GatewayWithARate() : GatewayAlone({.bounds = {.a_second = 1}}) {}
};

TEST_F(GatewayWithARate, AnArrayCountsAsTheCommandsThatItIs) {
  const std::string auth = token();
  desk_.outcome = {.reached = Milestone::appended};
  std::string array = "[7";
  for (int i = 1; i < 400; ++i) array += ",7";
  array += "]";
  const std::string head =
      fmt::format("{}Content-Type: application/json\r\nConnection: close\r\n", auth);
  const std::string many =
      request("POST /v1/commands",
              fmt::format("{}Content-Length: {}\r\n\r\n{}", head, array.size(), array));
  EXPECT_THAT(caller().send(many).rest(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(caller().send(many).rest(), StartsWith("HTTP/1.1 429 "));
}

}  // namespace
}  // namespace pesan::http::v1
