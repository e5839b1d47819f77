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

/// What becomes of one command, before anything is done about it: no record written, nothing moved
/// on. Its texts are borrowed from the record, the memory of outcomes and the processor, until the
/// next command.
struct Verdict {
  Answered::Kind kind = Answered::Kind::accepted;
  Instant now;  // of the partition, after it
  TimeNote time = TimeNote::none;
  std::optional<Digest> digest;                // of type and data, where it was readable
  std::optional<Digest> key;                   // of idempotency
  std::optional<std::string_view> booking_id;  // made or named
  std::optional<Code> code;                    // of a refusal, now or then
  std::string_view details;                    // likewise: JSON text, or ""
  std::optional<Event> event;                  // to be appended
  std::optional<Partition> to;                 // where it is forwarded
  std::optional<Outcome> repeated;             // of a duplicate: the outcome then
  bool dead_letter = false;                    // set aside too
  bool remembered = false;                     // from here on, under its key
  std::optional<AnsweredTimer> timer;          // of a RunTimer that an engine sent
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
  Verdict judge(const Record& record, const Envelope& envelope);
  Verdict judge_parked(const Envelope& envelope);
  void repeat(Verdict& verdict, const Ledger::Entry& entry, std::string_view resource);
  void decide_new(Verdict& verdict, const Envelope& envelope);
  std::optional<AnsweredTimer> sent_timer(const Envelope& envelope, const Command& command,
                                          Instant now) const;
  void refuse(Verdict& verdict, const Rejection& rejection);
  void advance_clock(Verdict& verdict, const Record& record, const Envelope& envelope) const;

  Answered carry_out(const Record& record, const Envelope& envelope, const Verdict& verdict,
                     Transaction& out);
  Version append_event_of(const Envelope& envelope, const Event& event, Transaction& out);
  Result result_of(const Record& record, const Envelope& envelope, const Verdict& verdict,
                   std::optional<Version> made) const;
  void remember(const Digest& key, const Result& result);
  void publish(const Result& result, Transaction& out);
  void count(const Verdict& verdict);
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
  std::string source_of_timers_;
  std::optional<MendedClock> mended_;
  std::set<Offset> parked_;
  State state_;
  Ledger ledger_;
  CommandReader reader_;
  Tally tally_;
  Tally committed_tally_;
  /// What a verdict borrows beside the record: room that is used again for each command.
  struct Texts {
    std::string details;
    std::string booking_id;
    Scratch decided;
  };
  Texts texts_;
};

}  // namespace pesan
