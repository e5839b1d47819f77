#include "adapters/kafka/transactional_writer.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "adapters/kafka/repeat.hpp"

namespace pesan::kafka {
namespace {

constexpr int milliseconds_of(milliseconds time) { return static_cast<int>(time.count()); }

/// Makes one transactional call, again while librdkafka says so. Null when it was done.
template <class Call>
std::optional<Refusal> repeat(Call call, Step step, std::string& answer,
                              milliseconds wait = patience) {
  const auto once = [&]() -> std::optional<Refusal> {
    const ErrorHandle error(call());
    if (error == nullptr) return std::nullopt;
    answer = rd_kafka_error_string(error.get());
    return refusal_of(error.get(), step);
  };
  return kafka::repeat(once, {.patience = wait});
}

/// The message may stand in the log though it has no answer. After an abort librdkafka gives its
/// sequence number to the next message, which the broker would take for a repeat of this one, and
/// drop: so it ends the client.
bool is_lost(const Delivery& delivery) {
  return delivery.error != RD_KAFKA_RESP_ERR_NO_ERROR &&
         delivery.status != RD_KAFKA_MSG_STATUS_NOT_PERSISTED;
}

}  // namespace

TransactionalWriter::TransactionalWriter(const Options& options)
    : place_(options.place), id_(options.id), ends_(options.ends) {}

Fallible<std::unique_ptr<TransactionalWriter>> TransactionalWriter::open(const Options& options) {
  auto client = Client::make(options.place,
                             {.kind = Client::Kind::writer, .id = options.id, .statistics = true});
  if (!client) return std::unexpected(std::move(client.error()));
  auto writer = std::unique_ptr<TransactionalWriter>(new TransactionalWriter(options));
  writer->client_ = std::move(*client);
  if (auto taken = writer->take_name(options.patience); !taken)
    return std::unexpected(std::move(taken.error()));
  return writer;
}

Fallible<void> TransactionalWriter::take_name(milliseconds wait) {
  const auto refusal =
      repeat([&] { return rd_kafka_init_transactions(client_->get(), milliseconds_of(wait)); },
             Step::ask, answer_, wait);
  if (!refusal) return {};
  // Nothing was written under this name: the caller may simply ask again.
  Failure failure = describe_refusal(*refusal, "take the name");
  if (failure.kind == FailureKind::unknown) failure.kind = FailureKind::transient;
  return std::unexpected(std::move(failure));
}

Fallible<void> TransactionalWriter::commit(const Transaction& transaction,
                                           const rd_kafka_consumer_group_metadata_t* member) {
  if (ended_) return std::unexpected(*ended_);
  client_->serve();
  if (const auto refusal = write(transaction, member))
    return undo(*refusal, "write a transaction of");
  pass(TransactionPoint::all_delivered);
  if (const auto refusal = end_transaction()) return undo(*refusal, "commit a transaction of");
  pass(TransactionPoint::committed);
  for (const auto& [place, end] : written_) ends_.raise(place, end);
  return {};
}

std::optional<Refusal> TransactionalWriter::write(
    const Transaction& transaction, const rd_kafka_consumer_group_metadata_t* member) {
  written_.clear();
  auto refusal =
      repeat([&] { return rd_kafka_begin_transaction(client_->get()); }, Step::prepare, answer_);
  if (refusal) return refusal;
  pass(TransactionPoint::begun);
  // First the offsets: by them the group tells a member that has lost its partitions, which then
  // writes nothing (docs/adr/0006). And while the broker still ends the transaction before, it
  // refuses this one, and librdkafka asks again after retry.backoff.ms for an offset, but after
  // 20 ms for a record.
  if (!transaction.consumed.empty()) {
    refusal = send_offsets(transaction.consumed, member);
    if (refusal) return refusal;
    pass(TransactionPoint::offsets_sent);
  }
  for (std::size_t i = 0; i < transaction.records.size(); ++i) {
    const auto& [to, payload] = transaction.records[i];
    const auto code = client_->produce(to, payload, i);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    answer_.clear();
    return Refusal{.code = code, .step = Step::prepare};
  }
  pass(TransactionPoint::records_sent);
  return wait_for_deliveries(transaction);
}

std::optional<Refusal> TransactionalWriter::send_offsets(
    const std::vector<Consumed>& consumed, const rd_kafka_consumer_group_metadata_t* member) {
  const OffsetsHandle offsets(rd_kafka_topic_partition_list_new(static_cast<int>(consumed.size())));
  for (const auto& [source, next] : consumed) {
    auto* offset = rd_kafka_topic_partition_list_add(
        offsets.get(), place_.topic(source.topic).c_str(), source.partition.value);
    offset->offset = next.value;
    // Whose transaction it may be that holds the next one open. The list frees it.
    offset->metadata = strdup(id_.c_str());
    offset->metadata_size = id_.size();
  }
  return repeat(
      [&] {
        return rd_kafka_send_offsets_to_transaction(client_->get(), offsets.get(), member,
                                                    milliseconds_of(patience));
      },
      Step::prepare, answer_);
}

std::optional<Refusal> TransactionalWriter::wait_for_deliveries(const Transaction& transaction) {
  // Each message has its report after message_timeout at the latest.
  const bool all = client_->flush(message_timeout + socket_timeout);
  const auto deliveries = client_->take_deliveries();
  std::optional<Refusal> refusal;
  for (const Delivery& delivery : deliveries) {
    if (delivery.error == RD_KAFKA_RESP_ERR_NO_ERROR) {
      written_.insert_or_assign(transaction.records[delivery.index].to, delivery.offset.next());
    } else if (!refusal || remedy_for(*refusal) == Remedy::abort) {
      // The first is the cause; librdkafka's own "purged", after it, is a consequence.
      answer_.clear();
      refusal = Refusal{.code = delivery.error, .step = Step::prepare, .requires_abort = true};
    }
  }
  if (refusal) refusal->lost = std::ranges::any_of(deliveries, is_lost);
  if (refusal || all) return refusal;
  answer_ = "not every message was answered";
  return Refusal{.code = RD_KAFKA_RESP_ERR__TIMED_OUT, .step = Step::prepare};
}

std::optional<Refusal> TransactionalWriter::end_transaction() {
  // −1: as long as the broker would let the transaction live.
  return repeat([&] { return rd_kafka_commit_transaction(client_->get(), -1); }, Step::commit,
                answer_);
}

Fallible<void> TransactionalWriter::ask(TopicPartition source,
                                        const rd_kafka_consumer_group_metadata_t* member) {
  if (ended_) return std::unexpected(*ended_);
  client_->serve();
  auto refusal =
      repeat([&] { return rd_kafka_begin_transaction(client_->get()); }, Step::prepare, answer_);
  // Librdkafka sends an empty transaction to nobody. This offset is never committed.
  if (!refusal) refusal = send_offsets({{.source = source, .next = Offset{0}}}, member);
  if (refusal) return undo(*refusal, "ask about the name of");
  refusal = abort();
  if (!refusal) return {};
  return std::unexpected(end(describe_refusal(*refusal, "ask about the name of")));
}

std::optional<Refusal> TransactionalWriter::abort() {
  return repeat(
      [&] { return rd_kafka_abort_transaction(client_->get(), milliseconds_of(patience)); },
      Step::prepare, answer_);
}

Fallible<void> TransactionalWriter::undo(const Refusal& refusal, std::string_view doing) {
  Failure failure = describe_refusal(refusal, doing);
  const Remedy remedy = remedy_for(refusal);
  // Where the brokers cannot end the transaction before (one of its partitions has no leader), a
  // client of another name need not wait for that.
  const bool held_up = refusal.code == RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS;
  const bool can_undo = !held_up && (remedy == Remedy::abort || remedy == Remedy::set_aside ||
                                     remedy == Remedy::retake ||
                                     (remedy == Remedy::repeat && refusal.step == Step::prepare));
  if (!can_undo) return std::unexpected(end(std::move(failure)));
  // To abort before any message has its report can end the client (librdkafka #4849).
  static_cast<void>(client_->flush(message_timeout));
  const auto refused = abort();
  // Also those that came during the abort: they are of no later transaction.
  const bool lost = std::ranges::any_of(client_->take_deliveries(), is_lost);
  if (!refused && !lost) return std::unexpected(std::move(failure));
  if (refused) failure = describe_refusal(*refused, "undo a transaction of");
  if (lost) failure.kind = FailureKind::unknown;
  return std::unexpected(end(std::move(failure)));
}

Failure TransactionalWriter::end(Failure failure) {
  // What could not be repeated for ever may have been done all the same; and nobody is to call a
  // writer again that has ended.
  if (failure.kind == FailureKind::transient) failure.kind = FailureKind::unknown;
  // At once: a late request of this client could land in the next transaction of the name.
  client_.reset();
  ended_ = failure;
  return failure;
}

Failure TransactionalWriter::describe_refusal(const Refusal& refusal,
                                              std::string_view doing) const {
  const auto what = fmt::format("{} on {}", id_, place_.url());
  return describe({.doing = doing, .what = what, .answer = answer_}, refusal);
}

}  // namespace pesan::kafka
