// What became of the commands that stand in the log: their results, then their rows, then the links
// of their customers. Results of a partition are read only while somebody waits there, and no
// further than the last one that is waited for while an append is on its way that may own the next.
// One thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/runtime/command_outbox.hpp"
#include "adapters/runtime/link_follower.hpp"
#include "adapters/runtime/open_ticket.hpp"
#include "adapters/runtime/outage.hpp"
#include "adapters/runtime/result_tail.hpp"
#include "adapters/runtime/row_follower.hpp"

namespace pesan::runtime {

class OutcomeFollower {
 public:
  /// Who will never bring a partition's commands to a milestone, and why.
  using GivenUp = std::map<std::pair<Milestone, Partition>, Failure>;

  OutcomeFollower(LogReader& log, RowFollower rows, CommandOutbox& outbox, UnderWay& under_way,
                  std::chrono::milliseconds longest_outage);

  /// Those that stand in the log by now.
  void take_appended();
  /// Where results are waited for.
  std::vector<TopicPartition> watched() const;
  /// One look at everything that somebody waits for; 0: nothing went on, and all that is there was
  /// read.
  std::size_t look(DeskTime now, const GivenUp& given_up);
  /// Those whose time is over are told how far they have come. `look` does so too.
  void expire(DeskTime now);
  /// When the first of them runs out of patience.
  DeskTime next_deadline() const { return next_deadline_; }
  /// Nothing but results is waited for.
  bool only_results() const;
  /// Answers everything; nobody looks any more.
  void end(const Failure& why);

  /// How many wait in each partition to be decided, and for their rows.
  void count(std::vector<std::size_t>& undecided, std::vector<std::size_t>& without_rows) const;

 private:
  struct Place {
    ResultTail tail;
    Outage outage;                                // of reading it
    std::deque<OpenTicket> sent{};                // in the order of their offsets
    std::multimap<Sequence, OpenTicket> rows{};   // decided
    std::multimap<Sequence, OpenTicket> links{};  // their rows are there
    Sequence folded{-1};                          // as far as is known
  };

  Place& place(Partition partition) { return places_[static_cast<std::size_t>(partition.value)]; }
  void end_outages(const std::map<Partition, std::optional<Offset>>& lost);

  void look_at_results(Partition partition, DeskTime now, const Failure* given_up);
  /// All that was read; whether that is all there is.
  Fallible<bool> read_results(Partition partition);
  /// False: whose it is will be known later.
  bool take(Partition partition, const Result& result, const std::string& text);
  void decide(OpenTicket ticket, const Result& result, const std::string& text);

  void wait_for_rows(OpenTicket ticket);
  void look_at_rows(Partition partition, DeskTime now, const Failure* given_up);
  void show(OpenTicket ticket);
  void look_at_links(DeskTime now, const Failure* given_up);
  Fallible<void> follow_links();

  void fail(std::vector<OpenTicket> tickets, const Failure& why);

  LogReader& log_;
  RowFollower rows_;
  CommandOutbox& outbox_;
  UnderWay& under_way_;
  Outage store_outage_;
  bool store_failed_ = false;  // in this look
  Outage link_outage_;
  std::optional<LinkFollower> links_;  // once somebody waits for links
  DeskTime links_looked_at_{};
  std::deque<Place> places_;                  // by partition
  std::multimap<Offset, OpenTicket> linked_;  // by how far customers' events must be folded
  DeskTime next_deadline_ = DeskTime::max();
  std::size_t went_on_ = 0;  // tickets and results, in this look
  ResultDecoder decoder_;
  std::vector<OpenTicket> appended_;
};

}  // namespace pesan::runtime
