// Claims on the partitions of an embedded file: by the lock beside it. The first process
// has a partition until it ends. One object serves all threads of a role.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/sqlite/server_lock.hpp"
#include "events/claims.hpp"

namespace pesan::sqlite {

/// The name of further locks beside a file, one for each purpose.
std::string lock_name(const std::string& file, std::string_view purpose);

class LockClaims final : public Claims {
 public:
  explicit LockClaims(std::string file) : file_(std::move(file)) {}

  Fallible<Claim> begin(TopicPartition place) override;
  void done(TopicPartition /*place*/) override {}
  void release(TopicPartition place) override;

 private:
  std::string file_;
  std::mutex turn_;  // guards what follows
  std::optional<ServerLock> lock_;
  std::set<TopicPartition> held_;
};

}  // namespace pesan::sqlite
