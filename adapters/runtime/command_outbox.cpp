#include "adapters/runtime/command_outbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace pesan::runtime {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_records = 4000;  // of an append
constexpr std::size_t most_bytes = std::size_t{8} << 20;
constexpr std::chrono::milliseconds first_pause = 20ms;
constexpr std::chrono::milliseconds longest_pause = 1s;
/// Results of others that came since are read on; after a longer rest there may be too many.
constexpr std::chrono::seconds worth_reading_on = 5s;

/// What a result repeats of its command; nothing where neither source nor id could be read.
std::string identity(const std::optional<std::string_view>& source,
                     const std::optional<std::string_view>& id,
                     const std::optional<Digest>& digest) {
  if (!source || !id || !digest) return {};
  return fmt::format("{}\n{}\n{}", *source, *id, to_hex(*digest));
}

std::string identity_of(CommandReader& reader, const std::string& command) {
  const Envelope& envelope = reader.read(command);
  if (envelope.refusal) return {};
  return identity(envelope.source, envelope.id, reader.payload_digest());
}

Failure time_over(bool in_doubt, const std::optional<Failure>& last) {
  const std::string why = last ? ": " + last->what : std::string();
  if (in_doubt) {
    return {FailureKind::unknown,
            fmt::format("whether the command stands in the log is not known, as its append was "
                        "not answered in time{}. Sending it again is harmless",
                        why)};
  }
  return {FailureKind::transient, fmt::format("the command was not appended in time{}", why)};
}

}  // namespace

CommandOutbox::CommandOutbox(Log& log, UnderWay& under_way,
                             std::chrono::milliseconds longest_outage,
                             std::function<void()> acknowledged)
    : log_(log),
      under_way_(under_way),
      acknowledged_(std::move(acknowledged)),
      outage_(longest_outage),
      pause_(first_pause),
      on_its_way_(static_cast<std::size_t>(log.partitions())),
      last_handed_over_(static_cast<std::size_t>(log.partitions()), DeskTime::min()) {}

void CommandOutbox::add(std::vector<Item> items) {
  {
    const std::scoped_lock lock(mutex_);
    for (Item& item : items) {
      next_deadline_ = std::min(next_deadline_, item.ticket.deadline);
      queue_.push_back(std::move(item));
    }
  }
  more_.notify_one();
}

void CommandOutbox::add_decided(OpenTicket ticket) {
  const std::scoped_lock lock(mutex_);
  appended_.push_back(std::move(ticket));
}

void CommandOutbox::rest(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!batch_.tickets.empty()) {
    more_.wait_until(lock, stop, again_at_, [] { return false; });
  } else {
    more_.wait(lock, stop, [this] { return !queue_.empty(); });
  }
}

// --- sending -------------------------------------------------------------------------------------

bool CommandOutbox::send(DeskTime now) {
  expire(now);
  if (!load(now)) return false;
  const auto offsets = append(now);
  if (offsets) {
    finish(acknowledge(*offsets, now), std::nullopt);
  } else {
    settle(offsets.error(), now);
  }
  acknowledged_();
  return true;
}

bool CommandOutbox::load(DeskTime now) {
  const std::scoped_lock lock(mutex_);
  if (!batch_.tickets.empty()) {
    if (now < again_at_) return false;
    drop_answered();
  }
  std::size_t bytes = 0;
  const bool fresh = batch_.tickets.empty();
  if (fresh) {
    batch_ = {};
    outage_.end();  // nobody is left who waited for its end
    pause_ = first_pause;
  }
  while (fresh && !queue_.empty() && batch_.tickets.size() < most_records && bytes < most_bytes) {
    Item& item = queue_.front();
    const Partition partition = item.ticket.outcome.partition;
    bytes += item.ticket.bytes;
    batch_.records.push_back({{Topic::commands, partition}, std::move(item.record)});
    batch_.tickets.push_back(std::move(item.ticket));
    ++on_its_way_[static_cast<std::size_t>(partition.value)];
    queue_.pop_front();
  }
  return !batch_.tickets.empty();
}

void CommandOutbox::drop_answered() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < batch_.tickets.size(); ++i) {
    if (!batch_.tickets[i].answer) continue;
    if (kept != i) {
      batch_.tickets[kept] = std::move(batch_.tickets[i]);
      batch_.records[kept] = std::move(batch_.records[i]);
      if (!batch_.identities.empty()) batch_.identities[kept] = batch_.identities[i];
    }
    ++kept;
  }
  batch_.tickets.resize(kept);
  batch_.records.resize(kept);
  if (!batch_.identities.empty()) batch_.identities.resize(kept);
  index_identities();
}

/// A result may come before the append is answered: where results are read from is settled first.
Fallible<void> CommandOutbox::note_starts(DeskTime now) {
  std::map<Partition, Offset> starts;
  {
    const std::scoped_lock lock(mutex_);
    for (const OutgoingRecord& record : batch_.records) {
      const Partition partition = record.to.partition;
      const auto last = last_handed_over_[static_cast<std::size_t>(partition.value)];
      if (batch_.starts.contains(partition) || now < last + worth_reading_on) continue;
      starts.emplace(partition, Offset{});
    }
  }
  for (auto& [partition, start] : starts) {
    const auto range = log_.range({Topic::results, partition});
    if (!range) return std::unexpected(range.error());
    start = range->end;
  }
  const std::scoped_lock lock(mutex_);
  batch_.starts.merge(starts);
  batch_.in_doubt = true;
  return {};
}

Fallible<std::vector<Offset>> CommandOutbox::append(DeskTime now) {
  if (auto noted = note_starts(now); !noted) {
    // Nothing was appended by that, whatever it says.
    Failure failure = std::move(noted.error());
    if (failure.kind == FailureKind::unknown) failure.kind = FailureKind::transient;
    return std::unexpected(std::move(failure));
  }
  return log_.append(batch_.records);
}

std::vector<OpenTicket> CommandOutbox::acknowledge(const std::vector<Offset>& offsets,
                                                   DeskTime now) {
  std::vector<OpenTicket> done;
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = 0; i < batch_.tickets.size(); ++i) {
    const Partition partition = batch_.records[i].to.partition;
    if (!batch_.tickets[i].answer) continue;
    OpenTicket ticket = take_from_batch(i);
    ticket.outcome.offset = offsets[i];
    ticket.outcome.reached = Milestone::appended;
    if (ticket.until == Milestone::appended) {
      done.push_back(std::move(ticket));
      continue;
    }
    const auto start = batch_.starts.find(partition);
    if (start != batch_.starts.end()) ticket.results_from = start->second;
    // Only who is handed over makes the results of a partition be followed; not so where track of
    // them was lost meanwhile, and this batch does not know where they begin.
    auto& last = last_handed_over_[static_cast<std::size_t>(partition.value)];
    if (ticket.results_from || last != DeskTime::min()) last = now;
    appended_.push_back(std::move(ticket));
  }
  batch_ = {};
  lost_.clear();
  outage_.end();
  pause_ = first_pause;
  return done;
}

void CommandOutbox::settle(Failure failure, DeskTime now) {
  std::vector<OpenTicket> answered;
  {
    const std::scoped_lock lock(mutex_);
    const bool for_good = outage_.goes_on(failure, now);
    const bool lost_before = !lost_.empty();
    if (for_good) {
      if (lost_before) failure.kind = FailureKind::unknown;
      answered = take_batch();
      outage_.end();
    } else if (failure.kind == FailureKind::unknown) {
      answered = look_for_results();
    }
    batch_.in_doubt = !lost_.empty();
    again_at_ = now + pause_;
    pause_ = std::min(2 * pause_, longest_pause);
  }
  finish(std::move(answered), failure);
}

std::vector<OpenTicket> CommandOutbox::look_for_results() {
  std::vector<OpenTicket> unrecognisable;
  batch_.identities.resize(batch_.tickets.size());
  for (std::size_t i = 0; i < batch_.tickets.size(); ++i) {
    std::string& its = batch_.identities[i];
    if (its.empty()) its = identity_of(reader_, batch_.records[i].payload.value);
    if (its.empty() && batch_.tickets[i].answer) unrecognisable.push_back(take_from_batch(i));
  }
  index_identities();
  return unrecognisable;
}

void CommandOutbox::index_identities() {
  lost_.clear();
  for (std::size_t i = 0; i < batch_.identities.size(); ++i) {
    if (batch_.tickets[i].answer) lost_.emplace(batch_.identities[i], i);
  }
}

OpenTicket CommandOutbox::take_from_batch(std::size_t index) {
  OpenTicket& ticket = batch_.tickets[index];
  --on_its_way_[static_cast<std::size_t>(ticket.outcome.partition.value)];
  return std::move(ticket);
}

std::vector<OpenTicket> CommandOutbox::take_batch() {
  std::vector<OpenTicket> all;
  for (std::size_t i = 0; i < batch_.tickets.size(); ++i) {
    if (batch_.tickets[i].answer) all.push_back(take_from_batch(i));
  }
  batch_ = {};
  lost_.clear();
  return all;
}

void CommandOutbox::finish(std::vector<OpenTicket> tickets, const std::optional<Failure>& failure) {
  for (OpenTicket& ticket : tickets) {
    if (failure) ticket.outcome.failure = failure;
    under_way_.finish(std::move(ticket));
  }
}

// --- what results are asked for ------------------------------------------------------------------

void CommandOutbox::take_appended(std::vector<OpenTicket>& into) {
  into.clear();
  const std::scoped_lock lock(mutex_);
  std::swap(into, appended_);
}

CommandOutbox::Whose CommandOutbox::whose(Partition partition, const Result& result,
                                          OpenTicket& its) {
  const std::scoped_lock lock(mutex_);
  if (!appended_.empty()) return Whose::not_yet_known;
  if (on_its_way_[static_cast<std::size_t>(partition.value)] == 0) return Whose::nobodys;
  if (lost_.empty()) return Whose::not_yet_known;
  const auto found = lost_.find(identity(result.source, result.id, result.digest));
  if (found == lost_.end()) return Whose::anothers;
  its = take_from_batch(found->second);
  lost_.erase(found);
  return Whose::its;
}

std::map<Partition, std::optional<Offset>> CommandOutbox::lost() const {
  std::map<Partition, std::optional<Offset>> places;
  const std::scoped_lock lock(mutex_);
  for (const auto& [identity, index] : lost_) {
    const Partition partition = batch_.tickets[index].outcome.partition;
    const auto start = batch_.starts.find(partition);
    places.emplace(partition, start == batch_.starts.end() ? std::optional<Offset>()
                                                           : std::optional(start->second));
  }
  return places;
}

void CommandOutbox::lose_track(Partition partition) {
  const std::scoped_lock lock(mutex_);
  last_handed_over_[static_cast<std::size_t>(partition.value)] = DeskTime::min();
}

// --- ending --------------------------------------------------------------------------------------

void CommandOutbox::expire(DeskTime now) {
  std::vector<OpenTicket> unsent;
  std::vector<OpenTicket> on_its_way;
  std::optional<Failure> last;
  bool in_doubt = false;
  {
    const std::scoped_lock lock(mutex_);
    if (now < next_deadline_) return;
    next_deadline_ = DeskTime::max();
    const auto over = [&](const OpenTicket& ticket) {
      if (ticket.deadline > now) next_deadline_ = std::min(next_deadline_, ticket.deadline);
      return ticket.deadline <= now;
    };
    std::erase_if(queue_, [&](Item& item) {
      const bool out = over(item.ticket);
      if (out) unsent.push_back(std::move(item.ticket));
      return out;
    });
    for (std::size_t i = 0; i < batch_.tickets.size(); ++i) {
      if (batch_.tickets[i].answer && over(batch_.tickets[i])) {
        on_its_way.push_back(take_from_batch(i));
      }
    }
    index_identities();
    last = outage_.failure();
    in_doubt = batch_.in_doubt;
  }
  finish(std::move(unsent), time_over(false, last));
  finish(std::move(on_its_way), time_over(in_doubt, last));
}

bool CommandOutbox::empty() const {
  const std::scoped_lock lock(mutex_);
  return queue_.empty() && batch_.tickets.empty() && appended_.empty();
}

DeskTime CommandOutbox::next_deadline() const {
  const std::scoped_lock lock(mutex_);
  return next_deadline_;
}

void CommandOutbox::count(std::vector<std::size_t>& by_partition) const {
  const auto add = [&](const OpenTicket& ticket) {
    ++by_partition[static_cast<std::size_t>(ticket.outcome.partition.value)];
  };
  const std::scoped_lock lock(mutex_);
  for (const Item& item : queue_) add(item.ticket);
  for (const OpenTicket& ticket : batch_.tickets) {
    if (ticket.answer) add(ticket);
  }
  for (const OpenTicket& ticket : appended_) add(ticket);
}

void CommandOutbox::end(const Failure& why) {
  std::vector<OpenTicket> all;
  std::vector<OpenTicket> doubtful;
  Failure doubt = why;
  {
    const std::scoped_lock lock(mutex_);
    for (Item& item : queue_) all.push_back(std::move(item.ticket));
    queue_.clear();
    std::ranges::move(appended_, std::back_inserter(all));
    appended_.clear();
    if (batch_.in_doubt) doubt.kind = FailureKind::unknown;
    doubtful = take_batch();
  }
  finish(std::move(all), why);
  finish(std::move(doubtful), doubt);
}

}  // namespace pesan::runtime
