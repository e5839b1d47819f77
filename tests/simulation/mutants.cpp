#include "tests/simulation/mutants.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "engine/booking_rules.hpp"
#include "engine/customer_master.hpp"
#include "engine/holding.hpp"
#include "engine/ledger.hpp"
#include "engine/recovery.hpp"
#include "engine/state.hpp"
#include "engine/timer_sender.hpp"
#include "events/result_codec.hpp"

// With --wrap=F the linker sends calls of F to __wrap_F, and calls of __real_F to F. The names are
// those that the compiler gives (Itanium ABI); a member function takes its object first.
#define PESAN_REAL(name) asm("__real_" name)
#define PESAN_WRAP(name) asm("__wrap_" name)

namespace pesan::simulation {
namespace {

Mutant active = Mutant::none;
std::set<std::string> timers_sent;  // by any engine of this run

}  // namespace

void activate(Mutant mutant) {
  active = mutant;
  timers_sent.clear();
}

#define PESAN_SHORTAGE "_ZN5pesan8shortageERKNS_8ResourceERKSt8optionalINS_4HeldEES7_"
std::optional<Shortage> real_shortage(const Resource&, const std::optional<Held>&,
                                      const std::optional<Held>&) PESAN_REAL(PESAN_SHORTAGE);
std::optional<Shortage> shortage(const Resource&, const std::optional<Held>&,
                                 const std::optional<Held>&) PESAN_WRAP(PESAN_SHORTAGE);
std::optional<Shortage> shortage(const Resource& resource, const std::optional<Held>& before,
                                 const std::optional<Held>& after) {
  if (active == Mutant::no_capacity_check) return std::nullopt;
  auto lack = real_shortage(resource, before, after);
  const bool by_one = lack && lack->left + 1 == lack->asked;
  if (active == Mutant::capacity_off_by_one && by_one) return std::nullopt;
  return lack;
}

#define PESAN_USED_OF "_ZN5pesan7used_ofERKSt8optionalINS_4HeldEERKNS_8ResourceENS_13LocalDateTimeE"
std::optional<Held> real_used_of(const std::optional<Held>&, const Resource&, LocalDateTime)
    PESAN_REAL(PESAN_USED_OF);
std::optional<Held> used_of(const std::optional<Held>&, const Resource&, LocalDateTime)
    PESAN_WRAP(PESAN_USED_OF);
std::optional<Held> used_of(const std::optional<Held>& held, const Resource& resource,
                            LocalDateTime local_now) {
  const bool nights = held && held->buckets.inventory == Inventory::nightly;
  if (active == Mutant::used_nights_given_back && nights) return std::nullopt;
  return real_used_of(held, resource, local_now);
}

#define PESAN_ROLLBACK "_ZN5pesan5State8rollbackEv"
void real_rollback(State*) PESAN_REAL(PESAN_ROLLBACK);
void rollback(State*) PESAN_WRAP(PESAN_ROLLBACK);
void rollback(State* state) {
  active == Mutant::round_kept_after_abort ? state->commit() : real_rollback(state);
}

#define PESAN_FIND "_ZNK5pesan6Ledger4findERKNS_6DigestE"
const Ledger::Entry* real_find(const Ledger*, const Digest&) PESAN_REAL(PESAN_FIND);
const Ledger::Entry* find(const Ledger*, const Digest&) PESAN_WRAP(PESAN_FIND);
const Ledger::Entry* find(const Ledger* ledger, const Digest& key) {
  return active == Mutant::repeat_decided_again ? nullptr : real_find(ledger, key);
}

// Of the loops only recovery reads results; it remembers those that have a digest.
#define PESAN_DECODE "_ZN5pesan13ResultDecoder6decodeESt17basic_string_viewIcSt11char_traitsIcEE"
std::expected<Result, DecodeError> real_decode(ResultDecoder*, std::string_view)
    PESAN_REAL(PESAN_DECODE);
std::expected<Result, DecodeError> decode(ResultDecoder*, std::string_view)
    PESAN_WRAP(PESAN_DECODE);
std::expected<Result, DecodeError> decode(ResultDecoder* decoder, std::string_view record) {
  auto result = real_decode(decoder, record);
  if (active == Mutant::outcomes_not_restored && result) result->digest.reset();
  return result;
}

#define PESAN_RECOVER                                                    \
  "_ZN5pesan7recoverERNS_9LogReaderERKNS_15RecoveryOptionsESt8optionalI" \
  "NS_7OrdinalINS_9OffsetTagEEEE"
using Recovered = Fallible<std::unique_ptr<CommandProcessor>>;
Recovered real_recover(LogReader&, const RecoveryOptions&, std::optional<Offset>)
    PESAN_REAL(PESAN_RECOVER);
Recovered recover(LogReader&, const RecoveryOptions&, std::optional<Offset>)
    PESAN_WRAP(PESAN_RECOVER);
Recovered recover(LogReader& log, const RecoveryOptions& options, std::optional<Offset> committed) {
  if (active != Mutant::position_from_offset_alone) return real_recover(log, options, committed);
  auto processor = real_recover(log, options, std::nullopt);
  if (processor) {
    const auto begin = log.range({Topic::commands, options.partition});
    if (!begin) return std::unexpected(begin.error());
    (*processor)->resume_at(committed.value_or(begin->begin));
  }
  return processor;
}

#define PESAN_LINKED "_ZNK5pesan14CustomerMaster12linked_up_toENS_9PartitionE"
std::optional<Sequence> real_linked(const CustomerMaster*, Partition) PESAN_REAL(PESAN_LINKED);
std::optional<Sequence> linked(const CustomerMaster*, Partition) PESAN_WRAP(PESAN_LINKED);
std::optional<Sequence> linked(const CustomerMaster* master, Partition partition) {
  if (active == Mutant::registry_from_offset_alone) return std::nullopt;
  return real_linked(master, partition);
}

// ---- holds and timers ----

#define PESAN_SETTLE                                                              \
  "_ZN5pesan6settleERNS_12BookingFacetERKNS_8ResourceERKNS_7BucketsElNS_13LocalD" \
  "ateTimeE"
std::optional<Rejection> real_settle(BookingFacet&, const Resource&, const Buckets&, std::int64_t,
                                     LocalDateTime) PESAN_REAL(PESAN_SETTLE);
std::optional<Rejection> settle(BookingFacet&, const Resource&, const Buckets&, std::int64_t,
                                LocalDateTime) PESAN_WRAP(PESAN_SETTLE);
std::optional<Rejection> settle(BookingFacet& facet, const Resource& resource, const Buckets& all,
                                std::int64_t units, LocalDateTime local_now) {
  auto refusal = real_settle(facet, resource, all, units, local_now);
  if (active == Mutant::hold_without_a_place && facet.hold_until) {
    facet.occupies.to = false;
    facet.held.to = std::nullopt;
  }
  return refusal;
}

#define PESAN_TIMER_OF "_ZN5pesan8timer_ofERKNS_8ResourceERKNS_7BookingE"
std::optional<BookingTimer> real_timer_of(const Resource&, const Booking&)
    PESAN_REAL(PESAN_TIMER_OF);
std::optional<BookingTimer> timer_of(const Resource&, const Booking&) PESAN_WRAP(PESAN_TIMER_OF);
std::optional<BookingTimer> timer_of(const Resource& resource, const Booking& booking) {
  const auto hold_until = booking.hold_until();
  if (active == Mutant::expiry_whatever_is_paid && hold_until) {
    return BookingTimer{Timer::expiry, *hold_until};
  }
  return real_timer_of(resource, booking);
}

#define PESAN_LOOK                                                       \
  "_ZN5pesan11TimerSender4lookERKNS_16CommandProcessorENS_7InstantERNS_" \
  "11TransactionE"
std::size_t real_look(TimerSender*, const CommandProcessor&, Instant, Transaction&)
    PESAN_REAL(PESAN_LOOK);
std::size_t look(TimerSender*, const CommandProcessor&, Instant, Transaction&)
    PESAN_WRAP(PESAN_LOOK);
std::size_t look(TimerSender* sender, const CommandProcessor& processor, Instant wall_clock,
                 Transaction& round) {
  const std::size_t before = round.records.size();
  const std::size_t sent = real_look(sender, processor, wall_clock, round);
  if (active != Mutant::timers_remembered_over_restarts) return sent;
  // All but the wall clock of the id, of any life of any engine.
  const auto is_known = [](const OutgoingRecord& record) {
    const std::string& value = record.payload.value;
    const auto id = value.substr(0, value.find(R"(","source")"));
    return !timers_sent.insert(id.substr(0, id.rfind(':'))).second;
  };
  const auto first = round.records.begin() + static_cast<std::ptrdiff_t>(before);
  round.records.erase(std::remove_if(first, round.records.end(), is_known), round.records.end());
  return round.records.size() - before;
}

}  // namespace pesan::simulation
