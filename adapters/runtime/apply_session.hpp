// One run of `apply`: command lines go into the log, results come out in the order of the lines,
// each once its command is decided and its rows are written. It only appends and reads; who decides
// is the roles' business, in this process or another. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "adapters/runtime/link_follower.hpp"
#include "adapters/runtime/result_tail.hpp"
#include "adapters/runtime/row_follower.hpp"
#include "engine/log_writer.hpp"
#include "events/command_reader.hpp"
#include "events/result_codec.hpp"
#include "projections/read_model.hpp"

namespace pesan::runtime {

struct ApplyTally {
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t duplicates = 0;
  std::int64_t malformed = 0;
  std::map<std::string, std::int64_t> by_code;
  std::int64_t total() const { return accepted + rejected; }
  std::int64_t first_malformed = 0;  // line, from 1; 0: none is
  void count(const Result& result, std::int64_t line);
};

class ApplySession {
 public:
  using Print = std::function<void(std::string_view result)>;

  /// Results of commands appended from now on are looked for. `fatal` where the read model was
  /// folded from another log.
  static Fallible<std::unique_ptr<ApplySession>> start(Log& log, std::string log_id,
                                                       ReadModel& store, Print print);

  /// Appends lines as command records, durable once it returns.
  Fallible<void> send(std::vector<std::string> lines);
  /// Reads what results there are, waiting at most `wait` for the first, and prints what is ready;
  /// the number of lines printed.
  Fallible<std::size_t> receive(std::chrono::milliseconds wait);
  /// Lines sent and neither printed nor given up.
  std::size_t outstanding() const { return sent_ - printed_; }
  /// Nobody decides there any more: once all its results are read, the lines that wait there for
  /// one are given up.
  void no_engine(Partition partition) { stream(partition).no_engine = true; }
  /// Nobody folds there any more: its results are printed without waiting for rows.
  void no_projector(Partition partition) { stream(partition).no_projector = true; }
  /// Lines that were given up; results that were printed before their rows were written.
  std::size_t unanswered() const { return unanswered_; }
  std::size_t without_rows() const { return without_rows_; }
  /// Whose work the lines that are sent and not printed wait for: a sentence.
  std::string waits_for() const;
  /// Every booking that was created here is linked to its customer, and the customer's rows are
  /// written; waits at most `wait`.
  Fallible<bool> customers_done(std::chrono::milliseconds wait) { return links_->all_done(wait); }

  const ApplyTally& tally() const { return tally_; }
  /// Of the times that the commands brought; nothing without any.
  std::optional<Instant> oldest_time() const { return oldest_time_; }

 private:
  struct Sent {
    Offset offset;
    std::size_t line = 0;
  };
  struct Answer {
    bool there = false;
    std::string result;
    Partition partition;  // where it waits, or was given
    Sequence sequence;
    std::string asked_as;  // source and id, where it may be forwarded
  };
  /// A result in another partition than the command was sent to, which was read before the one that
  /// says that it was forwarded there.
  struct Early {
    std::string identity;
    Partition partition;
    std::string text;
  };
  struct Stream {
    std::deque<Sent> sent;  // not yet answered
    bool no_engine = false;
    bool drained = false;  // no engine, and all its results are read
    bool no_projector = false;
  };

  ApplySession(Log& log, std::unique_ptr<RowFollower> rows, std::unique_ptr<ResultTail> tail,
               std::unique_ptr<LinkFollower> links, Print print);
  Partition place(const std::string& line, Payload& payload, std::string& asked_as);
  Fallible<std::vector<Offset>> append(const std::vector<OutgoingRecord>& records);
  Fallible<std::size_t> read_results(Partition partition, std::chrono::milliseconds wait);
  void take(Partition partition, const Result& result, const std::string& text);
  void answer(std::size_t line, Partition partition, const Result& result, const std::string& text);
  /// The line was forwarded; its answer may be here before it.
  void forwarded(std::size_t line, const Result& result);
  void forget(const Answer& answer);
  Fallible<std::size_t> print_ready();
  bool given_up(const Answer& answer) { return !answer.there && stream(answer.partition).drained; }
  Fallible<bool> projected(const Answer& answer);
  Stream& stream(Partition partition) {
    return streams_[static_cast<std::size_t>(partition.value)];
  }

  Log& log_;
  std::unique_ptr<RowFollower> rows_;
  std::unique_ptr<ResultTail> tail_;
  std::unique_ptr<LinkFollower> links_;
  Print print_;
  CommandReader reader_;
  ResultDecoder results_;  // of those that were kept
  std::vector<Stream> streams_;
  std::deque<Answer> answers_;  // of the lines from printed_ on
  std::unordered_map<std::string, std::deque<std::size_t>> forwarded_;  // identity → lines
  std::unordered_map<std::string, std::size_t> asked_;                  // lines under way
  std::unordered_map<std::string, std::deque<Early>> early_;            // asked as → results
  std::size_t sent_ = 0;
  std::size_t printed_ = 0;  // those given up among them
  std::size_t unanswered_ = 0;
  std::size_t without_rows_ = 0;
  ApplyTally tally_;
  std::optional<Instant> oldest_time_;
};

}  // namespace pesan::runtime
