// One transactional producer: the LogWriter of a role and partition. Opening it fences the writer
// that had the name and settles what that one left open. Every refusal is answered as its remedy
// says: the same call again, an abort, or the end of this client, after which the writer only
// repeats why it ended. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "adapters/kafka/client.hpp"
#include "adapters/kafka/group_offsets.hpp"
#include "adapters/kafka/known_ends.hpp"
#include "engine/log_writer.hpp"

namespace pesan::kafka {

class TransactionalWriter {
 public:
  struct Options {
    const Place& place;
    std::string id;  // the transactional.id
    std::string group;
    KnownEnds& ends;
  };
  /// Takes the name. All of `options` outlives the writer.
  static Fallible<std::unique_ptr<TransactionalWriter>> open(const Options& options);

  /// As LogWriter::commit; the places are known to be there.
  Fallible<void> commit(const Transaction& transaction);
  void idle() {
    if (client_ != nullptr) client_->serve();
  }

 private:
  explicit TransactionalWriter(const Options& options);
  Fallible<void> take_name();
  /// Asks the coordinator by a transaction that is then undone.
  Fallible<void> ask_for_name(TopicPartition source);
  std::optional<Refusal> write(const Transaction& transaction);
  std::optional<Refusal> send_offset(TopicPartition source, Offset next);
  std::optional<Refusal> wait_for_deliveries(const Transaction& transaction);
  std::optional<Refusal> end_transaction();
  std::optional<Refusal> abort();
  /// Leaves no trace of the transaction, or ends the client.
  Fallible<void> undo(const Refusal& refusal, std::string_view doing);
  Failure end(Failure failure);
  Failure describe_refusal(const Refusal& refusal, std::string_view doing) const;

  const Place& place_;
  std::string id_;
  std::string group_;
  KnownEnds& ends_;
  GroupMetadataHandle metadata_;
  std::unique_ptr<Client> client_;  // null once it ended
  std::optional<Failure> ended_;
  std::map<TopicPartition, Offset> written_;  // by the transaction at hand: the ends it will make
  std::string answer_;                        // librdkafka's words about the last refusal
};

}  // namespace pesan::kafka
