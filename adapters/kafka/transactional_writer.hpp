// One transactional producer, under a name of its own. Opening it fences the producer that had the
// name and settles what that one left open. Every refusal is answered as its remedy says: the same
// call again, an abort, or the end of this client, after which the writer only repeats why it
// ended. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/kafka/client.hpp"
#include "adapters/kafka/known_ends.hpp"
#include "engine/log_writer.hpp"

namespace pesan::kafka {

class TransactionalWriter {
 public:
  struct Options {
    const Place& place;
    std::string id;  // the transactional.id
    KnownEnds& ends;
    milliseconds patience = kafka::patience;  // for taking the name
  };
  /// Takes the name. All of `options` outlives the writer.
  static Fallible<std::unique_ptr<TransactionalWriter>> open(const Options& options);

  /// As LogWriter::commit, with the offsets sent in the name of that member of a group, first: a
  /// member that the group has gone on without writes nothing. The places are known to be there.
  Fallible<void> commit(const Transaction& transaction,
                        const rd_kafka_consumer_group_metadata_t* member);
  /// Asks the group's coordinator, by a transaction that is then undone, whether the name and the
  /// member still stand.
  Fallible<void> ask(TopicPartition source, const rd_kafka_consumer_group_metadata_t* member);
  const std::string& id() const { return id_; }
  bool ended() const { return ended_.has_value(); }
  void idle() {
    if (client_ != nullptr) client_->serve();
  }

 private:
  explicit TransactionalWriter(const Options& options);
  Fallible<void> take_name(milliseconds wait);
  std::optional<Refusal> write(const Transaction& transaction,
                               const rd_kafka_consumer_group_metadata_t* member);
  std::optional<Refusal> send_offsets(const std::vector<Consumed>& consumed,
                                      const rd_kafka_consumer_group_metadata_t* member);
  std::optional<Refusal> wait_for_deliveries(const Transaction& transaction);
  std::optional<Refusal> end_transaction();
  void pass(TransactionPoint point) const {
    if (place_.on_point) place_.on_point(point);
  }
  std::optional<Refusal> abort();
  /// Leaves no trace of the transaction, or ends the client.
  Fallible<void> undo(const Refusal& refusal, std::string_view doing);
  Failure end(Failure failure);
  Failure describe_refusal(const Refusal& refusal, std::string_view doing) const;

  const Place& place_;
  std::string id_;
  KnownEnds& ends_;
  std::unique_ptr<Client> client_;  // null once it ended
  std::optional<Failure> ended_;
  std::map<TopicPartition, Offset> written_;  // by the transaction at hand: the ends it will make
  std::string answer_;                        // librdkafka's words about the last refusal
};

}  // namespace pesan::kafka
