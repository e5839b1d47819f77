// The CommandDesk over a log and a store. It does its work in steps and sleeps in none of them, so
// that threads (desk_threads.hpp) and tests drive the same code: `send` and `follow` are for one
// thread each, everything else for any. Answers are given by those two, and by the end.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "adapters/runtime/command_outbox.hpp"
#include "adapters/runtime/outcome_follower.hpp"
#include "engine/log_writer.hpp"
#include "events/command_desk.hpp"
#include "projections/read_model.hpp"

namespace pesan::runtime {

class Desk final : public CommandDesk {
 public:
  struct Options {
    std::string log_id{};
    std::size_t most_tickets = 32'768;  // under way
    std::size_t most_bytes = std::size_t{128} << 20;
    /// What fails in passing is asked again for so long.
    std::chrono::milliseconds longest_outage{30'000};
    std::function<DeskTime()> now = std::chrono::steady_clock::now;
  };
  /// The log outlives it. `fatal` where the store was folded from another log.
  static Fallible<std::unique_ptr<Desk>> open(Log& log, std::unique_ptr<ReadModel> store,
                                              Options options);
  /// Answers every ticket that is under way. Nobody may be in `send` or `follow`.
  ~Desk() override;

  Fallible<void> submit(std::span<Ticket> tickets) override;

  /// An event that is in the log.
  struct Position {
    Partition partition;
    Sequence sequence;
    bool creates_booking = false;
  };
  /// As a ticket that was decided: answers once the tables show the event.
  Fallible<void> follow_event(Position event, Milestone until, std::chrono::milliseconds patience,
                              Answer answer);
  /// Nobody will bring this partition's commands to this milestone (`links`: any partition's):
  /// those that wait for it are answered once everything that is there was looked at.
  void give_up(Milestone milestone, Partition partition, const Failure& why);

  struct Standing {
    std::vector<std::size_t> undecided;     // by partition
    std::vector<std::size_t> without_rows;  // by partition
  };
  Standing standing() const;

  /// One append; false where there is nothing to append, or not yet.
  bool send() { return outbox_.send(options_.now()); }
  /// Looks once at everything that is waited for; 0: nothing went on.
  std::size_t follow();
  /// Until there is something to send.
  void rest_from_sending(const std::stop_token& stop) { outbox_.rest(stop); }
  /// Until it makes sense to look again: a result came, or a ticket, an append is acknowledged,
  /// somebody gives up, or somebody's patience ends. What cannot be waited for, as the rows of a
  /// store, is looked at again after `pause`; false where that is the only reason.
  bool rest_from_following(const std::stop_token& stop, std::chrono::nanoseconds pause);
  /// It can go on no more: answers everything, and whoever comes later. Nobody may be in `send` or
  /// `follow`.
  void close(const Failure& why);
  /// Why it can go on no more; nothing: it goes on.
  std::optional<Failure> closed() const;

 private:
  Desk(Log& log, std::unique_ptr<ReadModel> store, Options options);
  void acknowledged();
  /// True where somebody stirred.
  bool wait_stirred(const std::stop_token& stop, std::chrono::nanoseconds most);
  std::chrono::nanoseconds until_next_deadline() const;
  // With the mutex in hand:
  Fallible<void> admit(std::size_t tickets, std::size_t bytes);
  void stir();
  DeskTime deadline(std::chrono::milliseconds patience) const;

  Log& log_;
  const Options options_;
  const std::int32_t partitions_;
  const std::unique_ptr<ReadModel> store_;
  std::vector<TopicPartition> watched_;  // in the last look, as what follows
  std::uint64_t seen_ = 0;
  UnderWay under_way_;
  CommandOutbox outbox_;
  OutcomeFollower follower_;

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any stirred_;
  bool stirs_ = false;  // since the last rest
  OutcomeFollower::GivenUp given_up_;
  Standing followed_;  // as of the last look
  std::optional<Failure> closed_;
};

}  // namespace pesan::runtime
