#include "adapters/kafka/worker_writer.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "events/assert.hpp"

namespace pesan::kafka {
namespace {

using Clock = std::chrono::steady_clock;

/// A round that is committed in passing ends sooner; whoever holds an offset for longer is gone, or
/// stands still.
constexpr milliseconds unstable_patience{200};
constexpr milliseconds look_again{2};
/// For the end of somebody else's transaction, which goes on by itself once it was asked for.
constexpr milliseconds strangers_patience{3'000};

}  // namespace

Fallible<void> WorkerWriter::check(const Transaction& transaction) const {
  for (const auto& record : transaction.records) {
    if (auto known = options_.check(record.to); !known) return known;
  }
  for (const auto& [source, next] : transaction.consumed) {
    if (auto known = options_.check(source); !known) return known;
  }
  return {};
}

/// Under a name of its own: nothing that an older client of this process has on its way can land in
/// a transaction of this one.
Fallible<void> WorkerWriter::open() {
  taken_.clear();
  auto writer = TransactionalWriter::open(
      {.place = options_.place, .id = options_.new_id(), .ends = options_.ends});
  if (!writer) return std::unexpected(std::move(writer.error()));
  writer_ = *std::move(writer);
  return {};
}

// --- taking over ---------------------------------------------------------------------------------

Fallible<void> WorkerWriter::take(const Taking& taking) {
  if (auto known = options_.check(taking.place); !known) return known;
  if (writer_ == nullptr || writer_->ended()) {
    if (auto opened = open(); !opened) return opened;
  }
  taken_.erase(taking.place);
  for (const TopicPartition source : taking.sources) committed_.erase(source);
  Effort effort{.until = Clock::now() + patience};
  std::string before;  // who had the place
  bool mine = true;
  for (const TopicPartition source : taking.sources) {
    const auto offset = settle_offset(source, taking, effort);
    if (!offset) return std::unexpected(offset.error());
    if (offset->next) committed_.insert_or_assign(source, *offset->next);
    if (offset->writer == writer_->id()) continue;
    mine = false;
    if (!offset->writer.empty()) before = offset->writer;
  }
  if (!mine) {
    for (const TopicPartition place : taking.answers) {
      if (auto settled = settle_answers(place, before, effort); !settled) return settled;
    }
  }
  taken_.insert_or_assign(taking.place,
                          Taken{.proof = taking.proof, .sources = taking.sources, .named = mine});
  return {};
}

/// The offset once no transaction is open that may change it. Nobody can open another one: the
/// group refuses whoever had the place before, and there the offset is what a transaction begins
/// with.
Fallible<GroupOffset> WorkerWriter::settle_offset(TopicPartition source, const Taking& taking,
                                                  Effort& effort) {
  for (int looks = 0;; ++looks) {
    auto stable = options_.offsets.stable(source, unstable_patience);
    if (!stable) return std::unexpected(stable.error());
    const auto ended = effort.ended.size();
    if (*stable) {
      // Where nobody said it, it may be an engine of an older program, which is fenced by its name.
      if ((*stable)->writer.empty()) end_transaction_of(old_id(taking.place), effort);
      if (effort.ended.size() == ended) return **std::move(stable);
    } else {
      const auto last = options_.offsets.last(source);
      if (!last) return std::unexpected(last.error());
      // The first time it may have been slow: a client that has just connected, a coordinator that
      // moved.
      if (looks > 0) {
        end_transaction_of(last->writer.empty() ? old_id(taking.place) : last->writer, effort);
      }
    }
    if (Clock::now() < effort.until) continue;
    return fail(FailureKind::transient,
                fmt::format("a transaction of somebody else over {}-{} on {} stays open",
                            options_.place.topic(source.topic), source.partition.value,
                            options_.place.url()));
  }
}

/// The brokers end a transaction in each partition by itself: the offset may be there before the
/// records are. So readers wait until all that is written by now is committed, or is not.
Fallible<void> WorkerWriter::settle_answers(TopicPartition place, const std::string& writer,
                                            Effort& effort) {
  const auto written = options_.log.written_end(place);
  if (!written) return std::unexpected(written.error());
  const auto begun = Clock::now();
  for (;;) {
    const auto there = options_.log.range(place);
    if (!there) return std::unexpected(there.error());
    if (there->end >= *written) return {};
    if (Clock::now() - begun > unstable_patience) {
      end_transaction_of(writer, effort);
    }
    if (Clock::now() > effort.until) {
      return fail(FailureKind::transient, fmt::format("a transaction in {}-{} on {} stays open",
                                                      options_.place.topic(place.topic),
                                                      place.partition.value, options_.place.url()));
    }
    std::this_thread::sleep_for(look_again);
  }
}

void WorkerWriter::end_transaction_of(const std::string& id, Effort& effort) const {
  const bool ours = id.starts_with(fmt::format("{}-{}-", options_.place.prefix, options_.role));
  if (!ours || id == writer_->id() || !effort.ended.insert(id).second) return;
  const auto taken = TransactionalWriter::open(
      {.place = options_.place, .id = id, .ends = options_.ends, .patience = strangers_patience});
  spdlog::debug("{}: what {} left open {}", writer_->id(), id,
                taken ? "is ended" : taken.error().what);
}

/// What a program of before had: one name a partition.
std::string WorkerWriter::old_id(TopicPartition place) const {
  return fmt::format("{}-{}-{}", options_.place.prefix, options_.role, place.partition.value);
}

// --- committing ----------------------------------------------------------------------------------

Fallible<std::optional<Offset>> WorkerWriter::committed(TopicPartition source) {
  if (auto known = options_.check(source); !known) return std::unexpected(known.error());
  auto offset = options_.offsets.stable(source, patience);
  if (!offset) return std::unexpected(offset.error());
  if (*offset) return (*offset)->next;
  return fail(FailureKind::transient, fmt::format("a transaction over {}-{} on {} stays open",
                                                  options_.place.topic(source.topic),
                                                  source.partition.value, options_.place.url()));
}

Fallible<void> WorkerWriter::commit(const Transaction& transaction) {
  if (auto known = check(transaction); !known) return known;
  const auto proof = claim_of(transaction);
  if (!proof) return std::unexpected(proof.error());
  const auto as = member(*proof);
  if (!as) return std::unexpected(as.error());
  const bool asks = transaction.records.empty() && transaction.consumed.empty();
  auto done = asks ? writer_->ask(transaction.places.front(), *as) : write(transaction, *as);
  if (done) {
    for (const auto& [source, next] : transaction.consumed) {
      committed_.insert_or_assign(source, next);
    }
  } else if (done.error().kind != FailureKind::transient) {
    for (const TopicPartition place : transaction.places) taken_.erase(place);
    if (writer_->ended()) taken_.clear();
  }
  return done;
}

Fallible<void> WorkerWriter::begin_at(const Transaction& where) {
  const auto is_there = [&](const Consumed& consumed) {
    const auto known = committed_.find(consumed.source);
    return known != committed_.end() && known->second == consumed.next;
  };
  const auto taken = taken_.find(where.places.front());
  if (taken != taken_.end() && taken->second.named &&
      std::ranges::all_of(where.consumed, is_there)) {
    return {};
  }
  if (auto done = commit(where); !done) return done;
  for (const Consumed& consumed : where.consumed) {
    if (auto seen = see_committed(consumed); !seen) return seen;
  }
  taken_.at(where.places.front()).named = true;
  return {};
}

Fallible<void> WorkerWriter::see_committed(const Consumed& consumed) {
  const auto until = Clock::now() + patience;
  for (;;) {
    const auto stable = options_.offsets.stable(consumed.source, unstable_patience);
    if (!stable) return std::unexpected(stable.error());
    if (*stable && (*stable)->writer == writer_->id() && (*stable)->next == consumed.next)
      return {};
    if (Clock::now() > until) return lost(consumed.source);
    std::this_thread::sleep_for(look_again);
  }
}

Fallible<ClaimProof> WorkerWriter::claim_of(const Transaction& transaction) const {
  const Taken* first = nullptr;
  for (const TopicPartition place : transaction.places) {
    const auto taken = taken_.find(place);
    // Those that were dealt out at different times: one of the deals is no more.
    const bool one = taken != taken_.end() && (!first || first->proof == taken->second.proof);
    if (!one) return lost(place);
    first = &taken->second;
  }
  PESAN_ASSERT(first != nullptr, "a transaction is written in the name of some place");
  return first->proof;
}

/// What fences is the group, which looks at offsets: whoever consumed nothing sends one again.
Fallible<void> WorkerWriter::write(const Transaction& transaction,
                                   const rd_kafka_consumer_group_metadata_t* as) {
  std::vector<Consumed> again;
  for (const TopicPartition place : transaction.places) {
    const auto& sources = taken_.at(place).sources;
    const auto consumes = [&](TopicPartition source) {
      return std::ranges::find(transaction.consumed, source, &Consumed::source) !=
             transaction.consumed.end();
    };
    if (std::ranges::any_of(sources, consumes)) continue;
    const auto known = std::ranges::find_if(
        sources, [&](TopicPartition source) { return committed_.contains(source); });
    if (known != sources.end()) {
      again.push_back({.source = *known, .next = committed_.at(*known)});
    } else if (auto asked = writer_->ask(place, as); !asked) {
      // Nothing was ever consumed: there is no offset to send, and only this to look first.
      return asked;
    }
  }
  if (again.empty()) return writer_->commit(transaction, as);
  Transaction shown = transaction;
  shown.consumed.insert(shown.consumed.end(), again.begin(), again.end());
  return writer_->commit(shown, as);
}

std::unexpected<Failure> WorkerWriter::lost(TopicPartition place) const {
  return fail(FailureKind::conflict,
              fmt::format("{}-{} is not, or no longer, this {}'s",
                          options_.place.topic(place.topic), place.partition.value, options_.role));
}

void WorkerWriter::idle() {
  if (writer_ != nullptr) writer_->idle();
}

Fallible<const rd_kafka_consumer_group_metadata_t*> WorkerWriter::member(const ClaimProof& proof) {
  if (member_ != nullptr && proof == member_proof_) return member_.get();
  rd_kafka_consumer_group_metadata_t* read = nullptr;
  if (proof.empty()) {
    read = rd_kafka_consumer_group_metadata_new(options_.offsets.group().c_str());
  } else if (const ErrorHandle error(
                 rd_kafka_consumer_group_metadata_read(&read, proof.data(), proof.size()));
             error != nullptr) {
    return fail(FailureKind::fatal,
                fmt::format("a claim cannot be read: {}", rd_kafka_error_string(error.get())));
  }
  member_.reset(read);
  member_proof_ = proof;
  return member_.get();
}

}  // namespace pesan::kafka
