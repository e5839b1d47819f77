// What was submitted and is not known to stand in the log: it waits for its append, is on its way,
// or was lost on it. All that came meanwhile goes in one append, and what failed in passing goes
// again. An append without an answer goes again too, as the engines' memory makes a second record
// of a command harmless, and its result is recognised by source, id and digest. `send` is for one
// thread, everything else for any.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/runtime/open_ticket.hpp"
#include "adapters/runtime/outage.hpp"
#include "engine/log_writer.hpp"
#include "events/command_reader.hpp"
#include "events/result_codec.hpp"

namespace pesan::runtime {

class CommandOutbox {
 public:
  struct Item {
    OpenTicket ticket;
    Payload record;
  };
  /// `acknowledged`: there is something to take, or less to wait for.
  CommandOutbox(Log& log, UnderWay& under_way, std::chrono::milliseconds longest_outage,
                std::function<void()> acknowledged);

  void add(std::vector<Item> items);
  /// One whose event stands in the log already: it is taken with those that were appended.
  void add_decided(OpenTicket ticket);
  /// One append, of what was not appended at the last one or of what came since, but for what
  /// nobody waits for any more; false where there is nothing, or not yet.
  bool send(DeskTime now);
  /// Until there is something to send.
  void rest(const std::stop_token& stop);

  /// Those that stand in the log now; those of a partition in the order of their offsets.
  void take_appended(std::vector<OpenTicket>& into);
  enum class Whose : std::uint8_t { its, anothers, not_yet_known, nobodys };
  /// Whose result that is where no ticket waits for one: `its` moves the ticket. `nobodys`: nor are
  /// those that were read with it.
  Whose whose(Partition partition, const Result& result, OpenTicket& its);
  /// Where results are to be looked for because an append was lost, and from where on; nothing:
  /// from where they are followed anyway.
  std::map<Partition, std::optional<Offset>> lost() const;
  /// Results of it cannot be followed any more: the next ticket there starts anew.
  void lose_track(Partition partition);

  /// Answers those whose time is over.
  void expire(DeskTime now);
  bool empty() const;
  /// Nobody's time is over before.
  DeskTime next_deadline() const;
  /// Adds those of each partition.
  void count(std::vector<std::size_t>& by_partition) const;
  /// Answers everything; nobody sends any more.
  void end(const Failure& why);

 private:
  /// Of the next append; a ticket that was answered meanwhile has no answer left.
  struct Batch {
    std::vector<OpenTicket> tickets;
    std::vector<OutgoingRecord> records;  // the sender's alone
    std::vector<std::string> identities;  // what its result will say, where it is looked for
    std::map<Partition, Offset> starts;   // of results, before the first attempt
    bool in_doubt = false;                // some of it may stand in the log
  };
  bool load(DeskTime now);
  void drop_answered();
  Fallible<void> note_starts(DeskTime now);
  Fallible<std::vector<Offset>> append(DeskTime now);
  std::vector<OpenTicket> acknowledge(const std::vector<Offset>& offsets, DeskTime now);
  void settle(Failure failure, DeskTime now);
  /// Those whose results could not be recognised are moved out.
  std::vector<OpenTicket> look_for_results();
  void index_identities();
  OpenTicket take_from_batch(std::size_t index);
  std::vector<OpenTicket> take_batch();
  void finish(std::vector<OpenTicket> tickets, const std::optional<Failure>& failure);

  Log& log_;
  UnderWay& under_way_;
  const std::function<void()> acknowledged_;
  CommandReader reader_;  // the sender's

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable_any more_;
  std::deque<Item> queue_;
  Batch batch_;
  Outage outage_;
  DeskTime again_at_{};
  std::chrono::milliseconds pause_;                         // before it goes again
  std::unordered_multimap<std::string, std::size_t> lost_;  // identity → index in the batch
  std::vector<std::size_t> on_its_way_;                     // by partition: in the batch
  std::vector<DeskTime> last_handed_over_;                  // by partition
  std::vector<OpenTicket> appended_;                        // not taken yet
  DeskTime next_deadline_ = DeskTime::max();
};

}  // namespace pesan::runtime
