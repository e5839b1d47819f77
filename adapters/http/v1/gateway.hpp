// The gateway (docs/http.md): a handler for the server that lets in who does not speak Kafka. It
// finds the route, asks whose the request is, and makes a command of it for the desk, or a question
// to the rows. It decides nothing and remembers nothing. No thread of the server waits: commands
// are answered by the desk, and questions by threads of its own. Make and destroy it on one thread;
// the ports outlive it, and no request may come any more when it goes.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/asio/thread_pool.hpp>

#include "adapters/http/responder.hpp"
#include "adapters/http/v1/bounds.hpp"
#include "adapters/http/v1/command.hpp"
#include "adapters/http/v1/doors.hpp"
#include "adapters/http/v1/reads.hpp"
#include "adapters/http/v1/wishes.hpp"
#include "events/command_desk.hpp"

namespace pesan::http::v1 {

class Gateway {
 public:
  struct Options {
    Doors::Options doors{};
    Bounds::Most bounds{};                         // of a token; who needs none is not bounded
    std::size_t readers = 4;                       // questions at a time
    std::size_t most_questions = 512;              // more that wait for these: 503
    std::chrono::milliseconds refusal_pause{500};  // before an unknown token is refused
  };
  Gateway(CommandDesk& desk, Sources sources, Options options);
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;
  ~Gateway();

  /// A Handler (server.hpp).
  void handle(Request request, Responder responder);

 private:
  /// A request that may be answered, and all that was found out about it.
  struct Call {
    Target target{};
    Match match{};
    Client client{};
    Wishes wishes{};
    Bounds::Place place{};
  };
  /// One that waits for rows, with the right to answer it.
  struct Reading;

  Answered<Call> let_in(const Request& request);
  void refuse_later(Problem problem, Responder responder);
  void write(const Call& call, const Request& request, Responder responder);
  void write_all(const Call& call, const Request& request, Responder responder);
  void read(Call call, Responder responder);
  void attempt(std::shared_ptr<Reading> reading);
  Response answer(const Reading& reading);

  CommandDesk& desk_;
  const Sources sources_;
  const Options options_;
  Doors doors_;
  Bounds bounds_;
  std::atomic<std::size_t> questions_ = 0;
  boost::asio::thread_pool threads_;
};

}  // namespace pesan::http::v1
