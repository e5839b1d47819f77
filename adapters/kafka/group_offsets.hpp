// The offsets that a role's consumer group has committed, and who committed them. It joins no
// group. Any thread.
#pragma once

#include <optional>
#include <string>

#include "adapters/kafka/client_on_call.hpp"

namespace pesan::kafka {

struct GroupOffset {
  std::optional<Offset> next;  // nullopt: the group never committed, or forgot
  std::string writer;          // the transactional.id of who committed it; empty: nobody said
};

class GroupOffsets {
 public:
  /// The place outlives it.
  GroupOffsets(const Place& place, const std::string& group);

  /// Of which no transaction is open that may change it; nullopt: one is, for all that time.
  Fallible<std::optional<GroupOffset>> stable(TopicPartition source, milliseconds wait);
  /// The last one that was committed, whatever is open.
  Fallible<GroupOffset> last(TopicPartition source);
  const std::string& group() const { return group_; }
  /// Now and then.
  void rest();

 private:
  /// Asks once; `into` where nothing refused it.
  std::optional<Refusal> ask(Client& client, TopicPartition source, milliseconds wait,
                             GroupOffset& into) const;
  Failure failure(TopicPartition source, const Refusal& refusal) const;

  const Place& place_;
  const std::string group_;
  ClientOnCall stable_;
  ClientOnCall last_;
};

}  // namespace pesan::kafka
