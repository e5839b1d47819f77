// The gateway (docs/http.md): a handler for the server that lets in who does not speak Kafka. It
// finds the route, asks whose the request is, and makes a command of it for the desk, or a question
// to the rows. It decides nothing and remembers nothing. No thread of the server waits: commands
// are answered by the desk, questions and arrays by threads of its own. Make, close and destroy it
// on one thread; the ports outlive it, and no request may come any more when it goes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/thread_pool.hpp>

#include "adapters/http/responder.hpp"
#include "adapters/http/server.hpp"
#include "adapters/http/v1/bounds.hpp"
#include "adapters/http/v1/command.hpp"
#include "adapters/http/v1/doors.hpp"
#include "adapters/http/v1/position_watch.hpp"
#include "adapters/http/v1/reads.hpp"
#include "adapters/http/v1/turns.hpp"
#include "adapters/http/v1/wishes.hpp"
#include "events/command_desk.hpp"

namespace pesan::http::v1 {

class Gateway {
 public:
  struct Options {
    std::string version{};  // of the program, in what describes it
    Doors::Options doors{};
    Bounds::Most bounds{};  // of a token
    /// Of an address, where no token is needed.
    Bounds::Most local_bounds{.a_second = 1e6, .under_way = 256, .commands = 10'000};
    std::size_t readers = 4;           // questions to the rows at a time; of a client one less
    std::size_t most_questions = 512;  // more that wait for these, or for rows: 503
    std::chrono::milliseconds refusal_pause{500};  // before an unknown token is refused
    /// So many pause at a time; more are refused at once, and their connections end.
    std::size_t most_pauses = 64;
  };
  Gateway(CommandDesk& desk, Sources sources, Options options);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway();

  /// A Handler (server.hpp).
  void handle(Request request, Responder responder);
  /// Of Limits (server.hpp): an array of commands is read from those alone who may send one, and
  /// is counted among what its client has under way from its headers on.
  BodyRoom body_room(const Request& head);
  /// Answers all that waits for a turn or for rows; who asks from now on waits for nothing.
  void close();

 private:
  /// A request that may be answered, and all that was found out about it.
  struct Call {
    Target target{};
    Match match{};
    Client client{};
    Wishes wishes{};
    std::string account{};  // of the bounds
    Bounds::Place place{};
  };
  /// A call that waits for a turn or for rows, with the right to answer it.
  struct Waiting;
  using Step = void (Gateway::*)(Waiting&);

  Answered<Call> let_in(const Request& request);
  Bounds& bounds_of(const Client& client);
  static std::string account_of(const Client& client, const Request& request);
  /// Of what is a constant, for everybody: it takes nothing from who has a token.
  std::optional<Response> constant(const Match& match) const;
  void refuse_later(Problem problem, Responder responder);
  void write(const Call& call, const Request& request, Responder responder);
  void write_all(Waiting& waiting);
  void read(std::shared_ptr<Waiting> waiting);
  void answer(Waiting& waiting);
  void take_turn(Turns& turns, std::shared_ptr<Waiting> waiting, Step step);

  CommandDesk& desk_;
  const Sources sources_;
  const Options options_;
  const std::string openapi_;
  const std::string asyncapi_;
  Doors doors_;
  Bounds bounds_;
  Bounds local_bounds_;
  std::atomic<std::size_t> waiting_ = 0;
  std::atomic<std::size_t> pauses_ = 0;
  boost::asio::thread_pool timers_{1};  // nothing that waits runs here
  Turns rows_;
  Turns log_;
  Turns arrays_;
  PositionWatch positions_;  // first to go: it hands on to the others
};

}  // namespace pesan::http::v1
