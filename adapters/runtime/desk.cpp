#include "adapters/runtime/desk.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "events/partitioner.hpp"

namespace pesan::runtime {
namespace {

/// What docs/wire.md#sizes promises. Topics take more, but they count what stands around a record,
/// and one that is refused would hold up those that travel with it.
constexpr std::size_t largest_record = std::size_t{2} << 20;
/// A wait for the log knows nothing of a ticket that comes meanwhile.
constexpr std::chrono::nanoseconds longest_wait = std::chrono::milliseconds{5};
/// With nothing under way: what a log is sent unasked must not heap up.
constexpr std::chrono::nanoseconds idle_wait = std::chrono::seconds{1};

}  // namespace

Fallible<std::unique_ptr<Desk>> Desk::open(Log& log, std::unique_ptr<ReadModel> store,
                                           Options options) {
  RowFollower rows(*store, options.log_id);
  for (std::int32_t p = 0; p < log.partitions(); ++p) {
    const auto whose = rows.checkpoint({Topic::events, {p}});
    if (!whose) return std::unexpected(whose.error());
  }
  return std::unique_ptr<Desk>(new Desk(log, std::move(store), std::move(options)));
}

Desk::Desk(Log& log, std::unique_ptr<ReadModel> store, Options options)
    : log_(log),
      options_(std::move(options)),
      partitions_(log.partitions()),
      store_(std::move(store)),
      outbox_(log, under_way_, options_.longest_outage, [this] { acknowledged(); }),
      follower_(log, RowFollower(*store_, options_.log_id), outbox_, under_way_,
                options_.longest_outage),
      followed_{.undecided = std::vector<std::size_t>(static_cast<std::size_t>(partitions_)),
                .without_rows = std::vector<std::size_t>(static_cast<std::size_t>(partitions_))} {}

Desk::~Desk() {
  close({FailureKind::transient,
         "this process ends and waits no longer. What stands in the log is decided all the same"});
}

DeskTime Desk::deadline(std::chrono::milliseconds patience) const {
  return patience == without_end ? DeskTime::max() : options_.now() + patience;
}

Fallible<void> Desk::submit(std::span<Ticket> tickets) {
  std::size_t bytes = 0;
  for (const Ticket& ticket : tickets) {
    const std::size_t size = size_of(ticket.record);
    if (size > largest_record) {
      return fail(FailureKind::poison,
                  fmt::format("a command of {} bytes is more than a log takes", size));
    }
    bytes += size;
  }
  if (tickets.size() > options_.most_tickets || bytes > options_.most_bytes) {
    return fail(FailureKind::usage,
                fmt::format("{} commands of {} bytes are more than may be under way at all",
                            tickets.size(), bytes));
  }
  std::vector<CommandOutbox::Item> items;
  items.reserve(tickets.size());
  const std::scoped_lock lock(mutex_);
  if (auto admitted = admit(tickets.size(), bytes); !admitted) return admitted;
  for (Ticket& ticket : tickets) {
    auto& [open, record] = items.emplace_back();
    open.until = ticket.until;
    open.deadline = deadline(ticket.patience);
    open.answer = std::move(ticket.answer);
    open.bytes = size_of(ticket.record);
    if (ticket.record.key) {
      open.outcome.partition = partition_of(*ticket.record.key, partitions_);
    }
    record = std::move(ticket.record);
  }
  outbox_.add(std::move(items));
  stir();
  return {};
}

Fallible<void> Desk::follow_event(Position event, Milestone until,
                                  std::chrono::milliseconds patience, Answer answer) {
  OpenTicket ticket{.until = until, .deadline = deadline(patience), .answer = std::move(answer)};
  ticket.outcome.reached = Milestone::decided;
  ticket.outcome.partition = event.partition;
  ticket.outcome.brief.sequence = event.sequence;
  ticket.outcome.brief.creates_booking = event.creates_booking;
  const std::scoped_lock lock(mutex_);
  if (auto admitted = admit(1, 0); !admitted) return admitted;
  outbox_.add_decided(std::move(ticket));
  stir();
  return {};
}

Fallible<void> Desk::admit(std::size_t tickets, std::size_t bytes) {
  if (closed_) return std::unexpected(*closed_);
  if (under_way_.tickets() + tickets > options_.most_tickets ||
      under_way_.bytes() + bytes > options_.most_bytes) {
    return fail(FailureKind::transient,
                fmt::format("busy: {} commands are under way; try again in a moment",
                            under_way_.tickets()));
  }
  under_way_.take(tickets, bytes);
  return {};
}

void Desk::give_up(Milestone milestone, Partition partition, const Failure& why) {
  const std::scoped_lock lock(mutex_);
  const Partition place = milestone == Milestone::links ? Partition{} : partition;
  if (given_up_.try_emplace({milestone, place}, why).second) stir();
}

std::size_t Desk::follow() {
  OutcomeFollower::GivenUp given_up;
  {
    const std::scoped_lock lock(mutex_);
    given_up = given_up_;
  }
  const DeskTime now = options_.now();
  outbox_.expire(now);
  follower_.take_appended();
  watched_ = follower_.watched();
  // Before looking: whatever is committed after it ends the rest.
  seen_ = log_.changes(watched_);
  const std::size_t went_on = follower_.look(now, given_up);
  // It may have waited for a store that says nothing, while the time of some ran out.
  follower_.expire(options_.now());
  log_.idle();
  Standing standing{
      .undecided = std::vector<std::size_t>(static_cast<std::size_t>(partitions_)),
      .without_rows = std::vector<std::size_t>(static_cast<std::size_t>(partitions_))};
  follower_.count(standing.undecided, standing.without_rows);
  const std::scoped_lock lock(mutex_);
  followed_ = std::move(standing);
  return went_on;
}

Desk::Standing Desk::standing() const {
  Standing all;
  {
    const std::scoped_lock lock(mutex_);
    all = followed_;
  }
  outbox_.count(all.undecided);
  return all;
}

// --- resting -------------------------------------------------------------------------------------

void Desk::acknowledged() {
  const std::scoped_lock lock(mutex_);
  stir();
}

void Desk::stir() {
  stirs_ = true;
  stirred_.notify_one();
}

bool Desk::rest_from_following(const std::stop_token& stop, std::chrono::nanoseconds pause) {
  if (!under_way_.any()) return wait_stirred(stop, idle_wait);
  const auto deadline = until_next_deadline();
  if (!outbox_.empty() || !follower_.only_results()) {
    return wait_stirred(stop, std::min(pause, deadline));
  }
  if (!std::ranges::includes(watched_, follower_.watched())) return true;
  const auto slice = std::chrono::ceil<std::chrono::milliseconds>(std::min(deadline, longest_wait));
  const auto changed = log_.wait_for_change(watched_, seen_, slice);
  return changed ? *changed : wait_stirred(stop, std::min(pause, deadline));
}

bool Desk::wait_stirred(const std::stop_token& stop, std::chrono::nanoseconds most) {
  std::unique_lock lock(mutex_);
  stirred_.wait_for(lock, stop, most, [this] { return stirs_; });
  return std::exchange(stirs_, false);
}

std::chrono::nanoseconds Desk::until_next_deadline() const {
  const DeskTime next = std::min(outbox_.next_deadline(), follower_.next_deadline());
  if (next == DeskTime::max()) return idle_wait;
  return std::max(next - options_.now(), std::chrono::steady_clock::duration{0});
}

std::optional<Failure> Desk::closed() const {
  const std::scoped_lock lock(mutex_);
  return closed_;
}

void Desk::close(const Failure& why) {
  {
    const std::scoped_lock lock(mutex_);
    if (!closed_) closed_ = why;
  }
  outbox_.end(why);
  follower_.end(why);
}

}  // namespace pesan::runtime
