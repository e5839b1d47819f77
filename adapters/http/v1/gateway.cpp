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

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include "adapters/http/v1/outcome.hpp"
#include "events/assert.hpp"

namespace pesan::http::v1 {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

/// Between two looks how far the rows are.
constexpr auto look_again_after = 10ms;

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

Ticket ticket_of(BuiltCommand&& command, const Wishes& wishes, Answer answer) {
  const bool waits = !wishes.respond_async && wishes.wait > 0s;
  Ticket ticket{
      .record = {.key = {}, .value = std::move(command.record), .headers = {}},
      .until = waits ? Milestone::rows : Milestone::appended,
      // Who does not wait for an outcome waits all the same for the log, to learn the place.
      .patience = waits ? wishes.wait : default_wait,
      .answer = std::move(answer),
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

bool are_reached(const std::vector<Position>& wanted, const std::vector<Checkpoint>& positions) {
  return std::ranges::all_of(wanted, [&](const Position& one) {
    return std::ranges::any_of(positions, [&](const Checkpoint& checkpoint) {
      return checkpoint.topic == Topic::events && checkpoint.partition == one.partition &&
             checkpoint.sequence >= one.sequence;
    });
  });
}

}  // namespace

struct Gateway::Reading {
  Call call;
  Responder responder;
  Clock::time_point deadline;
  boost::asio::steady_timer timer;
  std::atomic<std::size_t>& count;

  Reading(Call&& what, Responder&& answers, boost::asio::thread_pool& threads,
          std::atomic<std::size_t>& all)
      : call(std::move(what)),
        responder(std::move(answers)),
        deadline(Clock::now() + call.wishes.wait),
        timer(threads),
        count(all) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { --count; }
};

Gateway::Gateway(CommandDesk& desk, Sources sources, Options options)
    : desk_(desk),
      sources_(sources),
      options_(std::move(options)),
      doors_(options_.doors),
      bounds_(options_.bounds),
      threads_(options_.readers) {}

Gateway::~Gateway() {
  threads_.stop();
  threads_.join();
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
  switch (call->match.route->task) {
    case Task::command: return write(*call, request, std::move(responder));
    case Task::commands: return write_all(*call, request, std::move(responder));
    default: return read(*std::move(call), std::move(responder));
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
    if (call.client != local_admin()) {
      auto place = bounds_.enter(call.client.name, Clock::now());
      if (!place) return std::unexpected(place.error());
      call.place = *std::move(place);
    }
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
  const auto timer = std::make_shared<boost::asio::steady_timer>(threads_, options_.refusal_pause);
  const auto answers = std::make_shared<Responder>(std::move(responder));
  timer->async_wait([timer, answers, problem = std::move(problem)](const auto&) {
    std::move(*answers).send(response_of(problem));
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

void Gateway::write_all(const Call& call, const Request& request, Responder responder) {
  const std::string id = fresh_id();
  auto built = commands_of_body(request.body, {.client = call.client,
                                               .wishes = call.wishes,
                                               .fresh_id = id,
                                               .traceparent = trace_of(request)});
  if (!built) return std::move(responder).send(response_of(built.error()));
  std::vector<Answered<BuiltCommand>>& commands = built->commands;
  if (commands.empty()) return std::move(responder).send(answer_of_all({}));
  const auto batch = std::make_shared<Batch>(commands.size(), built->array, std::move(responder));
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (!commands[i]) {
      batch->put(i, response_of(commands[i].error()));
      continue;
    }
    Sent sent = std::move(commands[i]->sent);
    tickets.push_back(
        ticket_of(*std::move(commands[i]), call.wishes,
                  [batch, i, place = call.place, sent = std::move(sent)](TicketOutcome&& outcome) {
                    batch->put(i, answer_of(sent, outcome));
                  }));
  }
  if (tickets.empty()) return;
  if (const auto taken = desk_.submit(tickets); !taken) batch->refuse(not_taken(taken.error()));
}

// ---- questions ----------------------------------------------------------------------------------

void Gateway::read(Call call, Responder responder) {
  if (questions_.fetch_add(1) >= options_.most_questions) {
    --questions_;
    Problem problem = problem_of(Mistake::unavailable, "Too many questions wait.");
    problem.headers.push_back({.name = "Retry-After", .value = "1"});
    return std::move(responder).send(response_of(problem));
  }
  auto reading =
      std::make_shared<Reading>(std::move(call), std::move(responder), threads_, questions_);
  boost::asio::post(
      threads_, [this, reading = std::move(reading)]() mutable { attempt(std::move(reading)); });
}

/// Answers, or looks again a little later where the rows are not yet far enough. What fails here
/// ends this question and no other; its caller is answered that something failed.
void Gateway::attempt(std::shared_ptr<Reading> reading) try {
  const std::vector<Position>& wanted = reading->call.wishes.min_position;
  if (!wanted.empty()) {
    const auto positions = sources_.rows.positions();
    if (!positions) {
      return std::move(reading->responder).send(response_of(no_rows(positions.error())));
    }
    if (!are_reached(wanted, *positions)) {
      if (Clock::now() < reading->deadline) {
        reading->timer.expires_after(look_again_after);
        reading->timer.async_wait([this, reading](const boost::system::error_code& stopped) {
          if (!stopped) attempt(reading);
        });
        return;
      }
      Problem behind = problem_of(Mistake::rows_behind);
      behind.headers.push_back({.name = "Retry-After", .value = "1"});
      return std::move(reading->responder).send(response_of(behind));
    }
  }
  std::move(reading->responder).send(answer(*reading));
} catch (const std::exception& failed) {
  spdlog::error("http: {}: {}", reading->call.match.route->path, failed.what());
}

Response Gateway::answer(const Reading& reading) {
  const Call& call = reading.call;
  auto answered =
      answer_of({.match = call.match, .target = call.target, .client = call.client}, sources_);
  return answered ? *std::move(answered) : response_of(answered.error());
}

}  // namespace pesan::http::v1
