// The LogWriter of one worker on Kafka: one transactional producer for all of its places. What
// fences it is the group that deals the places out: each offset is committed in the name of the
// member that the place was dealt to (docs/adr/0006). One thread; what is in its options outlives
// it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "adapters/kafka/group_offsets.hpp"
#include "adapters/kafka/known_ends.hpp"
#include "adapters/kafka/transactional_writer.hpp"
#include "engine/log_writer.hpp"

namespace pesan::kafka {

class WorkerWriter final : public LogWriter {
 public:
  struct Options {
    const Place& place;
    std::string role;
    LogReader& log;
    GroupOffsets& offsets;
    KnownEnds& ends;
    /// A transactional.id that nobody had before.
    std::function<std::string()> new_id;
    /// Fails where the log has no such partition.
    std::function<Fallible<void>(TopicPartition)> check;
  };
  explicit WorkerWriter(Options options) : options_(std::move(options)) {}

  Fallible<void> take(const Taking& taking) override;
  Fallible<std::optional<Offset>> committed(TopicPartition source) override;
  Fallible<void> commit(const Transaction& transaction) override;
  Fallible<void> begin_at(const Transaction& where) override;
  void idle() override;

 private:
  using Time = std::chrono::steady_clock::time_point;
  /// Of one taking over: how long it may last, and whose transactions it has ended.
  struct Effort {
    Time until;
    std::set<std::string> ended{};
  };
  struct Taken {
    ClaimProof proof;
    std::vector<TopicPartition> sources;
    bool named = false;  // its offsets say this writer
  };
  Fallible<void> check(const Transaction& transaction) const;
  Fallible<void> open();
  Fallible<GroupOffset> settle_offset(TopicPartition source, const Taking& taking, Effort& effort);
  Fallible<void> settle_answers(TopicPartition place, const std::string& writer, Effort& effort);
  /// Whatever is open in that name is aborted, and its producer is fenced. Once an effort, and it
  /// may not come to its end: whether it helped is seen by looking again.
  void end_transaction_of(const std::string& id, Effort& effort) const;
  /// The offset as it was committed in this writer's name. Brokers that no longer are the group's
  /// coordinator, and do not know it, answer another one.
  Fallible<void> see_committed(const Consumed& consumed);
  std::string old_id(TopicPartition place) const;
  /// That all its places were dealt out to one member, which it is written in the name of.
  Fallible<ClaimProof> claim_of(const Transaction& transaction) const;
  Fallible<void> write(const Transaction& transaction,
                       const rd_kafka_consumer_group_metadata_t* as);
  Fallible<const rd_kafka_consumer_group_metadata_t*> member(const ClaimProof& proof);
  std::unexpected<Failure> lost(TopicPartition place) const;

  Options options_;
  std::unique_ptr<TransactionalWriter> writer_;
  std::map<TopicPartition, Taken> taken_;
  std::map<TopicPartition, Offset> committed_;  // of sources of what is taken
  ClaimProof member_proof_;
  GroupMetadataHandle member_;
};

}  // namespace pesan::kafka
