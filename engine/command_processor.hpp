// One partition's decisions, without I/O: a command record goes in, the records that answer it come
// out - event, result, dead letter, forwarded command - and the state moves on. Everything since
// the last `commit` can be rolled back, so that a batch whose transaction fails leaves no trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "engine/answered.hpp"
#include "engine/dead_letter.hpp"
#include "engine/decide.hpp"
#include "engine/ledger.hpp"
#include "engine/log_writer.hpp"
#include "engine/state.hpp"
#include "events/command_reader.hpp"
#include "events/event_codec.hpp"
#include "events/result_codec.hpp"

namespace pesan {

/// Where a partition's log stands; recovered from events and results.
struct Position {
  std::string log_id;
  Partition partition;
  std::int32_t partitions = 1;
  Clock clock = Clock::append;
  Instant now;        // never runs backwards
  Sequence sequence;  // of the last event
  Offset next_command;
  bool operator==(const Position&) const = default;
};

/// What became of the records; counted since the start.
struct Tally {
  std::int64_t accepted = 0;
  std::int64_t rejected = 0;
  std::int64_t duplicates = 0;
  std::int64_t forwarded = 0;
  std::int64_t dead_letters = 0;
  std::int64_t events = 0;
  Tally& operator+=(const Tally& other);
  std::int64_t total() const { return accepted + rejected + duplicates + forwarded; }
};

class CommandProcessor {
 public:
  CommandProcessor(Position position, std::size_t remember, std::set<Offset> parked = {});

  /// Appends what answers `record` to `out`. A failure (always fatal) names the command, which is
  /// then not answered: it must not be decided by this program, or not now.
  Fallible<Answered> process(const Record& record, Instant wall_clock, Transaction& out);

  void commit();
  void rollback();

  // Recovery: what the log says happened, folded without deciding anything.
  Fallible<void> replay(const LoggedEvent& event);
  Fallible<void> replay(const Result& result);
  /// The last step of recovery: the command to go on with. What was folded is committed.
  void resume_at(Offset next_command);

  const Position& position() const { return position_; }
  const State& state() const { return state_; }
  const Ledger& ledger() const { return ledger_; }
  const Tally& tally() const { return tally_; }

 private:
  friend class StateImage;

  Fallible<Answered> answer(const Record& record, Instant wall_clock, Transaction& out);
  void refuse(const Record& record, const Rejection& rejection, Result& result, Transaction& out);
  void forward(const Record& record, Partition to, Result& result, Transaction& out);
  bool repeat(const Digest& key, const Digest& payload, Result& result);
  void decide_new(Result& result, Transaction& out);
  void append_decided(const Command& command, const Event& event, Result& result, Transaction& out);
  void set_aside(Result& result);
  void remember(const Digest& key, const Result& result);
  void reject(const Rejection& rejection, Result& result);
  void publish(const Result& result, Transaction& out);
  TimeNote advance_clock(const Record& record, const Envelope& envelope);
  Version version_of(const std::optional<std::string_view>& resource) const;
  std::string name(const Record& record) const;

  /// Events and results are folded side by side: whether the last result came before the clock was
  /// mended shows when both are.
  struct MendedClock {
    Offset next_command;
    Instant to;
  };

  Position position_;
  Position committed_;
  std::optional<MendedClock> mended_;
  std::set<Offset> parked_;
  State state_;
  Ledger ledger_;
  CommandReader reader_;
  Tally tally_;
  Tally committed_tally_;
  std::string details_;     // of the result being made
  std::string booking_id_;  // likewise
  Scratch scratch_;
};

}  // namespace pesan
