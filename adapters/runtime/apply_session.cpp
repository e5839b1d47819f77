#include "adapters/runtime/apply_session.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace pesan::runtime {
namespace {

/// `partition 0` or `partitions 0, 2`: those where something is counted.
std::string named(const std::vector<std::size_t>& counts) {
  std::vector<std::size_t> partitions;
  for (std::size_t p = 0; p < counts.size(); ++p) {
    if (counts[p] > 0) partitions.push_back(p);
  }
  return fmt::format("partition{} {}", partitions.size() == 1 ? "" : "s",
                     fmt::join(partitions, ", "));
}

std::size_t sum(const std::vector<std::size_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::size_t{0});
}

}  // namespace

void ApplyTally::count(const ResultBrief& brief, std::int64_t line) {
  if (brief.kind == Result::Kind::accepted) {
    ++accepted;
  } else {
    ++rejected;
    if (brief.code) ++by_code[std::string(name_of(*brief.code))];
  }
  duplicates += brief.duplicate ? 1 : 0;
  if (brief.code != Code::malformed) return;
  ++malformed;
  if (first_malformed == 0 || line < first_malformed) first_malformed = line;
}

Ticket ApplySession::ticket_of(std::string line) {
  Ticket ticket;
  const Envelope& envelope = reader_.read(line);
  if (const auto time = envelope.time ? parse_instant(*envelope.time) : std::nullopt) {
    oldest_time_ = std::min(oldest_time_.value_or(*time), *time);
  }
  if (envelope.resource) ticket.record.key = std::string(*envelope.resource);
  ticket.record.value = std::move(line);
  ticket.answer = [this, line = sent_](TicketOutcome&& outcome) {
    const std::scoped_lock lock(mutex_);
    outcomes_[line - first_] = std::move(outcome);
    if (line == first_) answered_.notify_one();
  };
  ++sent_;
  return ticket;
}

Fallible<void> ApplySession::send(std::vector<std::string> lines) {
  const std::size_t before = sent_;
  std::vector<Ticket> tickets;
  tickets.reserve(lines.size());
  for (std::string& line : lines) tickets.push_back(ticket_of(std::move(line)));
  {
    const std::scoped_lock lock(mutex_);
    outcomes_.resize(outcomes_.size() + tickets.size());
  }
  auto submitted = desk_->submit(tickets);
  if (submitted) return submitted;
  sent_ = before;
  const std::scoped_lock lock(mutex_);
  outcomes_.resize(outcomes_.size() - tickets.size());
  return submitted;
}

std::size_t ApplySession::receive(std::chrono::milliseconds wait) {
  std::vector<TicketOutcome> ready;
  {
    std::unique_lock lock(mutex_);
    answered_.wait_for(lock, wait, [this] { return outcomes_.empty() || outcomes_.front(); });
    while (!outcomes_.empty() && outcomes_.front()) {
      ready.push_back(*std::move(outcomes_.front()));
      outcomes_.pop_front();
      ++first_;
    }
  }
  for (TicketOutcome& outcome : ready) print(std::move(outcome));
  return ready.size();
}

void ApplySession::print(TicketOutcome outcome) {
  ++printed_;
  if (outcome.failure && !failure_) failure_ = outcome.failure;
  if (outcome.failure && !outcome.reached && !refusal_) refusal_ = outcome.failure;
  if (!outcome.reached || *outcome.reached < Milestone::decided) {
    ++unanswered_;
    return;
  }
  without_rows_ += outcome.failure ? 1 : 0;
  const ResultBrief& brief = outcome.brief;
  tally_.count(brief, static_cast<std::int64_t>(printed_));
  if (brief.creates_booking) {
    Sequence& last = created_.try_emplace(outcome.partition, brief.sequence).first->second;
    last = std::max(last, brief.sequence);
  }
  print_(outcome.result);
}

std::string ApplySession::waits_for() const {
  const Desk::Standing standing = desk_->standing();
  if (const std::size_t undecided = sum(standing.undecided); undecided > 0) {
    return fmt::format(
        "{} commands wait to be decided, of {}: `pesan engine` (or `serve`) must run "
        "on this log",
        undecided, named(standing.undecided));
  }
  return fmt::format(
      "{} results wait for their rows, of {}: `pesan projector` (or `serve`) must run "
      "on this log and these read models",
      sum(standing.without_rows), named(standing.without_rows));
}

Fallible<void> ApplySession::ask_for_links() {
  links_asked_for_ = true;
  for (const auto& [partition, event] : created_) {
    {
      const std::scoped_lock lock(mutex_);
      ++links_awaited_;
    }
    const auto asked =
        desk_->follow_event({.partition = partition, .sequence = event, .creates_booking = true},
                            Milestone::links, without_end, [this](TicketOutcome&& outcome) {
                              const std::scoped_lock lock(mutex_);
                              if (outcome.failure && !link_failure_)
                                link_failure_ = std::move(outcome.failure);
                              --links_awaited_;
                              answered_.notify_one();
                            });
    if (!asked) return asked;
  }
  return {};
}

Fallible<bool> ApplySession::customers_done(std::chrono::milliseconds wait) {
  if (!links_asked_for_) {
    if (auto asked = ask_for_links(); !asked) return std::unexpected(asked.error());
  }
  std::unique_lock lock(mutex_);
  answered_.wait_for(lock, wait, [this] { return links_awaited_ == 0; });
  if (link_failure_) return std::unexpected(*link_failure_);
  return links_awaited_ == 0;
}

}  // namespace pesan::runtime
