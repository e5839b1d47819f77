#include "adapters/runtime/outcome_follower.hpp"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace pesan::runtime {
namespace {

constexpr TopicPartition customers{Topic::customers, Partition{0}};
/// What came since is read on; after a longer rest there may be too much of it.
constexpr std::chrono::seconds worth_reading_on{5};

Failure time_over(Milestone reached, const Outage& outage) {
  const std::string why = outage.failure() ? ". " + outage.failure()->what : std::string();
  switch (reached) {
    case Milestone::appended:
      return {FailureKind::transient,
              fmt::format("the command is in the log, and nobody decided it in time: `pesan "
                          "engine` (or `serve`) must run on this log{}",
                          why)};
    case Milestone::decided:
      return {FailureKind::transient,
              fmt::format("the command was decided, and its rows were not written in time: `pesan "
                          "projector` (or `serve`) must run on this log and these read models{}",
                          why)};
    case Milestone::rows:
    case Milestone::links: break;
  }
  return {FailureKind::transient,
          fmt::format("the command's rows are written, and its customer was not linked in time: "
                      "`pesan registry` and `pesan projector` (or `serve`) must run on this log "
                      "and these read models{}",
                      why)};
}

const Failure forwarded_away{
    FailureKind::fatal,
    "the engine forwarded the command to another partition than this program put it in: they "
    "disagree about how many partitions the log has. Compare them (`pesan topics check`), and "
    "start this program again"};

const Failure passed_by{FailureKind::fatal,
                        "results of later commands are there, and none of this one: it was gone "
                        "from the log before it was decided. Sending it again is harmless"};

const Failure untracked{FailureKind::transient,
                        "the results of its partition could not be followed any more: its outcome "
                        "can be asked for by its partition and offset"};

OpenTicket& ticket_in(OpenTicket& ticket) { return ticket; }
template <class Key>
OpenTicket& ticket_in(std::pair<const Key, OpenTicket>& held) {
  return held.second;
}

/// Moves out what `chosen` says.
template <class Container, class Chosen>
void move_out(Container& from, std::vector<OpenTicket>& into, const Chosen& chosen) {
  Container left;
  for (auto& held : from) {
    if (chosen(ticket_in(held))) {
      into.push_back(std::move(ticket_in(held)));
    } else {
      left.insert(left.end(), std::move(held));
    }
  }
  from = std::move(left);
}

template <class Container>
std::vector<OpenTicket> all_of(Container& from) {
  std::vector<OpenTicket> all;
  move_out(from, all, [](const OpenTicket&) { return true; });
  return all;
}

const Failure* find(const OutcomeFollower::GivenUp& given_up, Milestone milestone,
                    Partition partition) {
  const auto found = given_up.find({milestone, partition});
  return found == given_up.end() ? nullptr : &found->second;
}

}  // namespace

OutcomeFollower::OutcomeFollower(LogReader& log, RowFollower rows, CommandOutbox& outbox,
                                 UnderWay& under_way, std::chrono::milliseconds longest_outage)
    : log_(log),
      rows_(std::move(rows)),
      outbox_(outbox),
      under_way_(under_way),
      store_outage_(longest_outage),
      link_outage_(longest_outage) {
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    places_.push_back({.tail = ResultTail({p}), .outage = Outage(longest_outage)});
  }
}

std::size_t OutcomeFollower::look(DeskTime now, const GivenUp& given_up) {
  went_on_ = 0;
  store_failed_ = false;
  const auto all_lost = outbox_.lost();
  for (const auto& [partition, start] : all_lost) {
    Place& lost = place(partition);
    if (start && lost.sent.empty()) lost.tail.start(*start);
    look_at_results(partition, now, nullptr);
  }
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    if (!place({p}).sent.empty()) {
      look_at_results({p}, now, find(given_up, Milestone::decided, {p}));
    }
    // A store that says nothing is waited for once in a look, and not for each partition.
    if (!place({p}).rows.empty() && !store_failed_)
      look_at_rows({p}, now, find(given_up, Milestone::rows, {p}));
  }
  look_at_links(now, find(given_up, Milestone::links, customers.partition));
  expire(now);
  end_outages(all_lost);
  return went_on_;
}

/// What failed while somebody waited says nothing to those who come later.
void OutcomeFollower::end_outages(const std::map<Partition, std::optional<Offset>>& lost) {
  bool rows = !linked_.empty();
  bool links = !linked_.empty();
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    Place& there = place({p});
    if (there.sent.empty() && !lost.contains({p})) there.outage.end();
    rows = rows || !there.rows.empty();
    links = links || !there.links.empty();
  }
  if (!rows) store_outage_.end();
  if (!links) link_outage_.end();
}

void OutcomeFollower::take_appended() {
  outbox_.take_appended(appended_);
  for (OpenTicket& ticket : appended_) {
    Place& there = place(ticket.outcome.partition);
    if (there.sent.empty() && ticket.results_from) there.tail.start(*ticket.results_from);
    next_deadline_ = std::min(next_deadline_, ticket.deadline);
    if (ticket.outcome.reached == Milestone::decided) {
      wait_for_rows(std::move(ticket));
    } else if (there.tail.started()) {
      there.sent.push_back(std::move(ticket));
    } else {
      under_way_.finish(std::move(ticket), untracked);
    }
  }
}

std::vector<TopicPartition> OutcomeFollower::watched() const {
  std::vector<TopicPartition> all;
  for (std::size_t p = 0; p < places_.size(); ++p) {
    if (places_[p].sent.empty()) continue;
    all.push_back({Topic::results, {static_cast<std::int32_t>(p)}});
  }
  return all;
}

// --- results -------------------------------------------------------------------------------------

void OutcomeFollower::look_at_results(Partition partition, DeskTime now, const Failure* given_up) {
  Place& there = place(partition);
  const auto all = read_results(partition);
  if (all) {
    there.outage.end();
    if (*all && given_up != nullptr) fail(all_of(there.sent), *given_up);
    return;
  }
  if (!there.outage.goes_on(all.error(), now)) return;
  there.outage.end();
  there.tail.lose_track();
  outbox_.lose_track(partition);
  fail(all_of(there.sent), all.error());
}

Fallible<bool> OutcomeFollower::read_results(Partition partition) {
  ResultTail& tail = place(partition).tail;
  if (!tail.started()) return false;
  if (auto read = tail.read(log_); !read) return std::unexpected(read.error());
  if (tail.front() == nullptr) return true;
  while (const Record* record = tail.front()) {
    const auto result = decoder_.decode(record->payload.value);
    if (!result) return pesan::fail(FailureKind::fatal, result.error().what);
    if (!take(partition, *result, record->payload.value)) break;
    if (tail.front() != nullptr) tail.pop();
    ++went_on_;
  }
  return false;
}

bool OutcomeFollower::take(Partition partition, const Result& result, const std::string& text) {
  Place& there = place(partition);
  if (there.sent.empty()) take_appended();
  while (!there.sent.empty() && there.sent.front().outcome.offset < result.command) {
    OpenTicket missed = std::move(there.sent.front());
    there.sent.pop_front();
    ++went_on_;
    under_way_.finish(std::move(missed), passed_by);
  }
  if (!there.sent.empty()) {
    if (there.sent.front().outcome.offset != result.command) return true;  // another client's
    OpenTicket its = std::move(there.sent.front());
    there.sent.pop_front();
    decide(std::move(its), result, text);
    return true;
  }
  OpenTicket its;
  switch (outbox_.whose(partition, result, its)) {
    case CommandOutbox::Whose::its: decide(std::move(its), result, text); return true;
    case CommandOutbox::Whose::anothers: return true;
    case CommandOutbox::Whose::not_yet_known: return false;
    case CommandOutbox::Whose::nobodys: there.tail.skip(); return true;
  }
  return true;
}

void OutcomeFollower::decide(OpenTicket ticket, const Result& result, const std::string& text) {
  TicketOutcome& outcome = ticket.outcome;
  outcome.reached = Milestone::decided;
  outcome.offset = result.command;
  outcome.brief = brief_of(result);
  outcome.result = text;
  ++went_on_;
  if (result.kind == Result::Kind::forwarded) {
    under_way_.finish(std::move(ticket), forwarded_away);
  } else if (ticket.until <= Milestone::decided || result.code) {  // nothing came of a refusal
    under_way_.finish(std::move(ticket));
  } else {
    wait_for_rows(std::move(ticket));
  }
}

// --- rows ----------------------------------------------------------------------------------------

void OutcomeFollower::wait_for_rows(OpenTicket ticket) {
  Place& there = place(ticket.outcome.partition);
  const Sequence sequence = ticket.outcome.brief.sequence;
  if (sequence <= there.folded) return show(std::move(ticket));
  there.rows.emplace(sequence, std::move(ticket));
}

void OutcomeFollower::look_at_rows(Partition partition, DeskTime now, const Failure* given_up) {
  Place& there = place(partition);
  const auto checkpoint = rows_.checkpoint({Topic::events, partition});
  if (!checkpoint) {
    store_failed_ = true;
    if (store_outage_.goes_on(checkpoint.error(), now)) {
      fail(all_of(there.rows), checkpoint.error());
    }
    return;
  }
  store_outage_.end();
  if (*checkpoint) there.folded = (*checkpoint)->sequence;
  while (!there.rows.empty() && there.rows.begin()->first <= there.folded) {
    OpenTicket shown = std::move(there.rows.begin()->second);
    there.rows.erase(there.rows.begin());
    ++went_on_;
    show(std::move(shown));
  }
  if (given_up != nullptr) fail(all_of(there.rows), *given_up);
}

void OutcomeFollower::show(OpenTicket ticket) {
  ticket.outcome.reached = Milestone::rows;
  if (ticket.until == Milestone::rows) return under_way_.finish(std::move(ticket));
  if (!ticket.outcome.brief.creates_booking) {
    ticket.outcome.reached = Milestone::links;
    return under_way_.finish(std::move(ticket));
  }
  const Sequence sequence = ticket.outcome.brief.sequence;
  place(ticket.outcome.partition).links.emplace(sequence, std::move(ticket));
}

// --- links ---------------------------------------------------------------------------------------

void OutcomeFollower::look_at_links(DeskTime now, const Failure* given_up) {
  const bool nobody_waits = linked_.empty() && std::ranges::all_of(places_, [](const Place& p) {
                              return p.links.empty();
                            });
  if (nobody_waits) return;
  if (now > links_looked_at_ + worth_reading_on) links_.reset();
  links_looked_at_ = now;
  const auto followed = follow_links();
  const Failure* why = followed ? given_up : nullptr;
  if (followed) {
    link_outage_.end();
  } else if (link_outage_.goes_on(followed.error(), now)) {
    why = &followed.error();
    links_.reset();
  }
  if (why == nullptr) return;
  for (Place& there : places_) fail(all_of(there.links), *why);
  fail(all_of(linked_), *why);
}

Fallible<void> OutcomeFollower::follow_links() {
  if (!links_) links_.emplace(log_);
  std::vector<bool> wanted;
  for (const Place& there : places_) wanted.push_back(!there.links.empty());
  if (auto read = links_->read_on(wanted); !read) return read;
  for (std::int32_t p = 0; p < log_.partitions(); ++p) {
    auto& links = place({p}).links;
    while (!links.empty()) {
      const auto end = links_->linked({p}, links.begin()->first);
      if (!end) break;
      linked_.emplace(*end, std::move(links.begin()->second));
      links.erase(links.begin());
      ++went_on_;
    }
  }
  if (linked_.empty()) return {};
  const auto checkpoint = rows_.checkpoint(customers);
  if (!checkpoint) return std::unexpected(checkpoint.error());
  const Offset folded = *checkpoint ? (*checkpoint)->next_offset : Offset{};
  while (!linked_.empty() && linked_.begin()->first <= folded) {
    OpenTicket ticket = std::move(linked_.begin()->second);
    linked_.erase(linked_.begin());
    ++went_on_;
    ticket.outcome.reached = Milestone::links;
    under_way_.finish(std::move(ticket));
  }
  return {};
}

// --- ending --------------------------------------------------------------------------------------

void OutcomeFollower::fail(std::vector<OpenTicket> tickets, const Failure& why) {
  went_on_ += tickets.size();
  for (OpenTicket& ticket : tickets) under_way_.finish(std::move(ticket), why);
}

void OutcomeFollower::expire(DeskTime now) {
  if (now < next_deadline_) return;
  next_deadline_ = DeskTime::max();
  const auto over = [&](const OpenTicket& ticket) {
    if (ticket.deadline > now) next_deadline_ = std::min(next_deadline_, ticket.deadline);
    return ticket.deadline <= now;
  };
  for (Place& there : places_) {
    std::vector<OpenTicket> undecided;
    move_out(there.sent, undecided, over);
    fail(std::move(undecided), time_over(Milestone::appended, there.outage));
    std::vector<OpenTicket> without_rows;
    move_out(there.rows, without_rows, over);
    fail(std::move(without_rows), time_over(Milestone::decided, store_outage_));
    std::vector<OpenTicket> without_links;
    move_out(there.links, without_links, over);
    fail(std::move(without_links), time_over(Milestone::rows, link_outage_));
  }
  std::vector<OpenTicket> without_customers;
  move_out(linked_, without_customers, over);
  fail(std::move(without_customers), time_over(Milestone::rows, link_outage_));
}

void OutcomeFollower::end(const Failure& why) {
  for (Place& there : places_) {
    fail(all_of(there.sent), why);
    fail(all_of(there.rows), why);
    fail(all_of(there.links), why);
  }
  fail(all_of(linked_), why);
}

bool OutcomeFollower::only_results() const {
  return linked_.empty() && std::ranges::all_of(places_, [](const Place& there) {
           return there.rows.empty() && there.links.empty();
         });
}

void OutcomeFollower::count(std::vector<std::size_t>& undecided,
                            std::vector<std::size_t>& without_rows) const {
  for (std::size_t p = 0; p < places_.size(); ++p) {
    undecided[p] += places_[p].sent.size();
    without_rows[p] += places_[p].rows.size();
  }
}

}  // namespace pesan::runtime
