// The CommandDesk port: the door through which commands come in, whoever brings them. A command is
// put into the log, and its caller is told once how far it has come: appended, decided, shown by
// the rows. No thread of a caller waits for that. What is promised: docs/guarantees.md#the-desk.
// Any thread may submit; answers are given on threads of the desk.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "events/failure.hpp"
#include "events/ids.hpp"
#include "events/log.hpp"
#include "events/result_codec.hpp"

namespace pesan {

/// How far a command has come.
enum class Milestone : std::uint8_t {
  appended,  // its record is durable in the log
  decided,   // its result is there
  rows,      // the tables show what came of it; a refusal, of which nothing came, is `decided`
  links,     // and the customers', where a booking was created
};

/// What a result says in numbers; its texts are in its record.
struct ResultBrief {
  Result::Kind kind = Result::Kind::accepted;
  std::optional<Code> code;
  Sequence sequence;             // the partition's last, after the command
  Version version;               // the resource's last, after the command; 0 without one
  bool duplicate = false;        // it was decided before
  bool creates_booking = false;  // so that a customer is linked to it
};

ResultBrief brief_of(const Result& result);

struct TicketOutcome {
  /// Nothing: it is not in the log, or nobody knows (`unknown`).
  std::optional<Milestone> reached{};
  /// Why it is not as far as it was to come; `transient` when its time was over.
  std::optional<Failure> failure{};
  Partition partition{};  // of the record, from `appended` on; where it belongs before that
  Offset offset{};        // of the record, from `appended` on: its result can be asked for later
  ResultBrief brief{};    // from `decided` on
  std::string result{};   // the record of the result, from `decided` on
};

/// Called exactly once for each ticket. It must neither block nor throw, and may submit again.
using Answer = std::function<void(TicketOutcome&&)>;

inline constexpr std::chrono::milliseconds without_end = std::chrono::milliseconds::max();

struct Ticket {
  Payload record;  // the command; its key is the resource, where it names one
  Milestone until = Milestone::rows;
  std::chrono::milliseconds patience = without_end;  // then it is answered as it stands
  Answer answer;
};

class CommandDesk {
 public:
  CommandDesk() = default;
  CommandDesk(const CommandDesk&) = delete;
  CommandDesk& operator=(const CommandDesk&) = delete;
  virtual ~CommandDesk() = default;

  /// Takes all of them, and leaves them empty; what names one resource stays in their order. After
  /// a failure none was taken, and no answer is called. `transient`: too many are under way.
  /// `usage`: they are more than may ever be. `poison`: a record is larger than a log takes.
  virtual Fallible<void> submit(std::span<Ticket> tickets) = 0;
};

}  // namespace pesan
