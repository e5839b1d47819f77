// What a refusal by librdkafka means to pesan: one pure table from its code and flags to the remedy
// that the adapter applies, to the FailureKind that its caller sees, and to the sentence that tells
// an operator what to do. Knows codes, not clients. Any thread may call it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

#include "events/failure.hpp"

namespace pesan::kafka {

/// What was going on when it was refused; the same code means more or less harm.
enum class Step : std::uint8_t {
  ask,      // reading or looking up: nothing can have changed
  append,   // a client's plain append: it may have been written
  prepare,  // inside a transaction, before its commit was asked for: it is undone by an abort
  commit,   // the commit itself: a lost answer leaves it open
};

/// One refusal, with all that decides its meaning.
struct Refusal {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  Step step = Step::ask;
  bool retriable = false;       // librdkafka says: the same call again
  bool requires_abort = false;  // librdkafka says: this transaction cannot be committed
  bool fatal = false;           // librdkafka says: this client is done
  bool lost = false;            // a message of it may be in the log though it has no answer
  bool turned_away = false;     // a connection was made and ended by what `turns_away` knows
};

enum class Remedy : std::uint8_t {
  repeat,      // the same call again, on the same client
  abort,       // undo this transaction; the client lives
  new_client,  // what became of it is not known: destroy the client, look at the log
  yield,       // a newer writer has the name
  retake,      // undo this transaction; the group has dealt its partitions out anew
  set_aside,   // this input can never be written
  call_operator,
};

Remedy remedy_for(const Refusal& refusal) noexcept;
/// After the remedy was applied: an aborted transaction is `transient`.
FailureKind kind_of(Remedy remedy) noexcept;
inline FailureKind classify(const Refusal& refusal) noexcept {
  return kind_of(remedy_for(refusal));
}

/// What the operator can do, as a sentence; never empty.
std::string_view advice(const Refusal& refusal) noexcept;

/// Whether a connection ended because it is not what the broker speaks or takes (TLS, certificates,
/// users). The call that waited for it is only told that no broker answers.
bool turns_away(rd_kafka_resp_err_t code, std::string_view reason) noexcept;

/// The refusal inside an error object of the transactional API.
Refusal refusal_of(const rd_kafka_error_t* error, Step step) noexcept;

/// The whole sentence: what was tried, where, what was answered, what to do.
struct Attempt {
  std::string_view doing;   // "commit a transaction of"
  std::string_view what;    // "engine 3 on kafka://host:9092"
  std::string_view answer;  // librdkafka's own words; empty: its text for the code
};
Failure describe(const Attempt& attempt, const Refusal& refusal);

}  // namespace pesan::kafka
