// How far this process knows each partition to be committed: what it was told by `range`, and what
// it wrote itself. A commit is acknowledged before the brokers show it to readers, so this is what
// lets a reader of the same process wait for it instead of taking silence for the end. Any thread.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>

#include "events/log.hpp"

namespace pesan::kafka {

class KnownEnds {
 public:
  Offset of(TopicPartition place) const {
    const std::scoped_lock lock(mutex_);
    const auto found = ends_.find(place);
    return found == ends_.end() ? Offset{} : found->second;
  }
  void raise(TopicPartition place, Offset end) {
    const std::scoped_lock lock(mutex_);
    auto& known = ends_[place];
    known = std::max(known, end);
  }

 private:
  mutable std::mutex mutex_;
  std::map<TopicPartition, Offset> ends_;
};

}  // namespace pesan::kafka
