#include "adapters/http/v1/gateway.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include "adapters/http/v1/openapi.hpp"
#include "adapters/http/v1/outcome.hpp"
#include "adapters/http/v1/parsing.hpp"
#include "events/assert.hpp"
#include "events/schema.hpp"

namespace pesan::http::v1 {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// For who waits for nothing: threads that are busy have that long.
constexpr auto shortest_turn = 1s;

/// A UUID of version 4.
std::string fresh_id() {
  std::array<unsigned char, 16> bytes{};
  const int made = RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  PESAN_ASSERT(made == 1, "this machine has no randomness to make an id of");
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3FU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text.push_back('-');
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

/// The header of the W3C, where it has the form; any other would be no attribute of an event.
std::string_view trace_of(const Request& request) {
  constexpr std::string_view form = "xx-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx-xxxxxxxxxxxxxxxx-xx";
  const std::string* header = request.find("traceparent");
  if (header == nullptr || header->size() != form.size()) return {};
  const bool good = std::ranges::equal(*header, form, [](char c, char wanted) {
    return wanted == '-' ? c == '-' : (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return good ? std::string_view(*header) : std::string_view();
}

/// What fails in an answer is that answer's alone, and none of the desk's: its caller learns that
/// something failed, by the end of the responder. What no waiting mends is said in the log.
Answer guarded(Answer answer) {
  return [answer = std::move(answer)](TicketOutcome&& outcome) {
    try {
      if (outcome.failure && outcome.failure->kind == FailureKind::fatal) {
        spdlog::error("http: partition {}, command {}: {}", outcome.partition.value,
                      outcome.offset.value, outcome.failure->what);
      }
      answer(std::move(outcome));
    } catch (const std::exception& failed) {
      spdlog::error("http: an outcome cannot be answered: {}", failed.what());
    }
  };
}

Ticket ticket_of(BuiltCommand&& command, const Wishes& wishes, Answer answer) {
  const bool waits = !wishes.respond_async && wishes.wait > 0s;
  Ticket ticket{
      .record = {.key = {}, .value = std::move(command.record), .headers = {}},
      .until = waits ? Milestone::rows : Milestone::appended,
      // Who does not wait for an outcome waits all the same for the log, to learn the place.
      .patience = waits ? wishes.wait : default_wait,
      .answer = guarded(std::move(answer)),
  };
  if (!command.resource.empty()) ticket.record.key = std::move(command.resource);
  return ticket;
}

/// The outcomes of one request, as they come: the last of them answers.
class Batch {
 public:
  Batch(std::size_t size, bool array, Responder responder)
      : array_(array), answers_(size), missing_(size), responder_(std::move(responder)) {}

  void put(std::size_t place, Response response) {
    const std::scoped_lock lock(mutex_);
    answers_[place] = std::move(response);
    if (--missing_ > 0) return;
    std::move(responder_).send(array_ ? answer_of_all(answers_) : std::move(answers_.front()));
  }
  /// Instead of all of them.
  void refuse(const Problem& problem) {
    const std::scoped_lock lock(mutex_);
    std::move(responder_).send(response_of(problem));
  }

 private:
  const bool array_;
  std::mutex mutex_;
  std::vector<Response> answers_;
  std::size_t missing_;
  Responder responder_;
};

Response busy(std::string_view why) {
  Problem problem = problem_of(Mistake::unavailable, why);
  problem.headers.push_back({.name = "Retry-After", .value = "1"});
  return response_of(problem);
}

}  // namespace

struct Gateway::Waiting {
  Call call;
  Request request;
  Responder responder;
  std::atomic<std::size_t>& count;
  const Clock::time_point deadline = Clock::now() + call.wishes.wait;

  Waiting(Call&& what, Request&& asked, Responder&& answers, std::atomic<std::size_t>& all)
      : call(std::move(what)),
        request(std::move(asked)),
        responder(std::move(answers)),
        count(all) {}
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { --count; }

  void send(Response response) { std::move(responder).send(std::move(response)); }
};

Gateway::Gateway(CommandDesk& desk, Sources sources, Options options)
    : desk_(desk),
      sources_(sources),
      options_(std::move(options)),
      openapi_(openapi(options_.version)),
      asyncapi_(asyncapi(options_.version)),
      doors_(options_.doors),
      bounds_(options_.bounds),
      local_bounds_(options_.local_bounds),
      rows_({.threads = options_.readers,
             .of_a_client = std::max<std::size_t>(options_.readers, 2) - 1}),
      log_({.threads = 2, .of_a_client = 1}),
      arrays_({.threads = 1, .of_a_client = 1}),
      positions_(sources_.rows) {}

Gateway::~Gateway() {
  close();
  timers_.stop();
  timers_.join();
}

void Gateway::close() {
  positions_.end();
  rows_.end();
  log_.end();
  arrays_.end();
}

Bounds& Gateway::bounds_of(const Client& client) {
  return client == local_admin() ? local_bounds_ : bounds_;
}

/// Who needs no token is known by where it asks from.
std::string Gateway::account_of(const Client& client, const Request& request) {
  return client == local_admin() ? request.peer : client.name;
}

BodyRoom Gateway::body_room(const Request& head) {
  std::size_t length = largest_array;  // as long as nothing is said
  if (const std::string* said = head.find("Content-Length")) {
    length = number_in<std::size_t>(*said).value_or(largest_array);
  }
  if (length <= largest_body) return {.bytes = largest_body};
  const auto target = parse_target(head.target);
  const auto match = target ? find_route(head.method, *target) : refuse(Mistake::no_such_route);
  if (!match || match->route->task != Task::commands) return {.bytes = largest_body};
  const auto client = doors_.admit(head);
  if (!client) return {.instead = response_of(client.error())};
  const auto may = check_access(*client, Access::write);
  if (!may) return {.instead = response_of(may.error())};
  const std::size_t bytes = std::min(length, largest_array);
  auto room = bounds_of(*client).take_room(account_of(*client, head), bytes, Clock::now());
  if (!room) return {.instead = response_of(room.error())};
  return {.bytes = largest_array, .taken = *std::move(room)};
}

void Gateway::handle(Request request, Responder responder) {
  auto call = let_in(request);
  if (!call) {
    if (call.error().status == 401) return refuse_later(call.error(), std::move(responder));
    return std::move(responder).send(response_of(call.error()));
  }
  if (call->match.route == nullptr) {  // OPTIONS
    return std::move(responder).send(
        {.status = 200,
         .body = {},
         .headers = {{.name = "Allow", .value = allowed_methods(call->target.path)}}});
  }
  const Task task = call->match.route->task;
  if (auto page = constant(call->match)) return std::move(responder).send(*std::move(page));
  if (task == Task::command) return write(*call, request, std::move(responder));
  if (waiting_.fetch_add(1) >= options_.most_questions) {
    --waiting_;
    return std::move(responder).send(busy("Too many questions wait."));
  }
  auto waiting = std::make_shared<Waiting>(*std::move(call), std::move(request),
                                           std::move(responder), waiting_);
  if (task == Task::commands) return take_turn(arrays_, std::move(waiting), &Gateway::write_all);
  read(std::move(waiting));
}

std::optional<Response> Gateway::constant(const Match& match) const {
  const auto page = [](const std::string& body) {
    return Response{.status = 200, .body = body, .content_type = "application/json"};
  };
  switch (match.route->task) {
    case Task::problem: return page_of_problem(*find(match.path, "name"));
    case Task::openapi: return page(openapi_);
    case Task::asyncapi: return page(asyncapi_);
    default: return std::nullopt;
  }
}

Answered<Gateway::Call> Gateway::let_in(const Request& request) {
  Call call;
  auto wishes = wishes_of(request);
  if (!wishes) return std::unexpected(wishes.error());
  call.wishes = *std::move(wishes);
  if (auto ours = doors_.check_site(request); !ours) return std::unexpected(ours.error());
  auto target = parse_target(request.target);
  if (!target) return std::unexpected(target.error());
  call.target = *std::move(target);
  if (request.method == "OPTIONS") {
    if (allowed_methods(call.target.path).empty()) return refuse(Mistake::no_such_route);
    return call;
  }
  auto match = find_route(request.method, call.target);
  if (!match) return std::unexpected(match.error());
  call.match = *std::move(match);
  const Route& route = *call.match.route;
  if (route.access != Access::open) {
    auto client = doors_.admit(request);
    if (!client) return std::unexpected(client.error());
    call.client = *std::move(client);
    const std::size_t bytes = request.room == nullptr ? request.body.size() : 0;
    call.account = account_of(call.client, request);
    auto place = bounds_of(call.client).enter(call.account, bytes, Clock::now());
    if (!place) return std::unexpected(place.error());
    call.place = *std::move(place);
    if (auto may = check_access(call.client, route.access); !may) {
      return std::unexpected(may.error());
    }
  }
  if (auto accepts = check_accept(request); !accepts) return std::unexpected(accepts.error());
  if (request.body.empty()) return call;
  const bool commands = route.task == Task::commands;
  if (route.access == Access::write) {
    if (auto good = check_body_type(request, commands); !good) {
      return std::unexpected(good.error());
    }
  }
  if (!commands && request.body.size() > largest_body) return refuse(Mistake::too_large);
  return call;
}

/// Who guesses tokens waits for each, and holds no thread meanwhile.
void Gateway::refuse_later(Problem problem, Responder responder) {
  if (pauses_.fetch_add(1) >= options_.most_pauses) {
    --pauses_;
    Response response = response_of(problem);
    response.last = true;
    return std::move(responder).send(std::move(response));
  }
  const auto timer = std::make_shared<boost::asio::steady_timer>(timers_, options_.refusal_pause);
  const auto answers = std::make_shared<Responder>(std::move(responder));
  timer->async_wait([this, timer, answers, problem = std::move(problem)](const auto&) {
    --pauses_;
    std::move(*answers).send(response_of(problem));
  });
}

/// In time, or else it is told that this gateway has too much to do. What fails here ends this call
/// and no other; its caller is answered that something failed, by the end of the responder.
void Gateway::take_turn(Turns& turns, std::shared_ptr<Waiting> waiting, Step step) {
  const std::string client = waiting->call.client.name;
  const auto deadline = std::max(waiting->deadline, Clock::now() + shortest_turn);
  turns.add(client, deadline, [this, step, waiting = std::move(waiting)](bool in_time) {
    try {
      if (in_time) return (this->*step)(*waiting);
      waiting->send(busy("Too much is asked at a time."));
    } catch (const std::exception& failed) {
      spdlog::error("http: {}: {}", waiting->call.match.route->path, failed.what());
    }
  });
}

// ---- commands -----------------------------------------------------------------------------------

void Gateway::write(const Call& call, const Request& request, Responder responder) {
  const std::string id = fresh_id();
  auto command = command_of_route(call.match, request.body,
                                  {.client = call.client,
                                   .wishes = call.wishes,
                                   .fresh_id = id,
                                   .traceparent = trace_of(request)});
  if (!command) return std::move(responder).send(response_of(command.error()));
  const auto answers = std::make_shared<Responder>(std::move(responder));
  Sent sent = std::move(command->sent);
  Ticket ticket =
      ticket_of(*std::move(command), call.wishes,
                [answers, place = call.place, sent = std::move(sent)](TicketOutcome&& outcome) {
                  std::move(*answers).send(answer_of(sent, outcome));
                });
  if (const auto taken = desk_.submit(std::span(&ticket, 1)); !taken) {
    std::move(*answers).send(response_of(not_taken(taken.error())));
  }
}

void Gateway::write_all(Waiting& waiting) {
  const Call& call = waiting.call;
  const std::string id = fresh_id();
  auto built = commands_of_body(waiting.request.body, {.client = call.client,
                                                       .wishes = call.wishes,
                                                       .fresh_id = id,
                                                       .traceparent = trace_of(waiting.request)});
  if (!built) return waiting.send(response_of(built.error()));
  std::vector<Answered<BuiltCommand>>& commands = built->commands;
  if (commands.empty()) return waiting.send(answer_of_all({}));
  if (built->array) {
    Bounds& bounds = bounds_of(call.client);
    const auto may = bounds.unpack(call.account, call.place, commands.size(), Clock::now());
    if (!may) return waiting.send(response_of(may.error()));
  }
  const auto batch =
      std::make_shared<Batch>(commands.size(), built->array, std::move(waiting.responder));
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (!commands[i]) {
      batch->put(i, response_of(commands[i].error()));
      continue;
    }
    Sent sent = std::move(commands[i]->sent);
    tickets.push_back(ticket_of(
        *std::move(commands[i]), call.wishes,
        [batch, i, place = call.place, room = waiting.request.room, sent = std::move(sent)](
            TicketOutcome&& outcome) { batch->put(i, answer_of(sent, outcome)); }));
  }
  if (tickets.empty()) return;
  if (const auto taken = desk_.submit(tickets); !taken) batch->refuse(not_taken(taken.error()));
}

// ---- questions ----------------------------------------------------------------------------------

void Gateway::read(std::shared_ptr<Waiting> waiting) {
  const Call& call = waiting->call;
  const Task task = call.match.route->task;
  Turns& turns = task == Task::result || task == Task::status ? log_ : rows_;
  const std::vector<Position>& wanted = call.wishes.min_position;
  if (wanted.empty()) return take_turn(turns, std::move(waiting), &Gateway::answer);
  for (const Position& one : wanted) {
    if (one.partition.value < sources_.log.partitions()) continue;
    return waiting->send(response_of(problem_of(
        Mistake::malformed_request,
        fmt::format("Pesan-Min-Position names partition {}, and the log has {} of them, from 0 on.",
                    one.partition.value, sources_.log.partitions()))));
  }
  positions_.wait(wanted, waiting->deadline, [this, &turns, waiting](const Fallible<bool>& there) {
    if (there && *there) return take_turn(turns, waiting, &Gateway::answer);
    if (!there) return waiting->send(response_of(no_rows(there.error())));
    Problem behind = problem_of(Mistake::rows_behind);
    behind.headers.push_back({.name = "Retry-After", .value = "1"});
    waiting->send(response_of(behind));
  });
}

void Gateway::answer(Waiting& waiting) {
  const Call& call = waiting.call;
  auto answered =
      answer_of({.match = call.match, .target = call.target, .client = call.client}, sources_);
  waiting.send(answered ? *std::move(answered) : response_of(answered.error()));
}

}  // namespace pesan::http::v1
