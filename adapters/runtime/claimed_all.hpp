// Every partition of commands, claimed as engines claim them, for a tool that changes all of them
// at once. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "events/claims.hpp"

namespace pesan::runtime {

class ClaimedAll {
 public:
  /// fatal: after `patience` an engine still has some. Those that run lose theirs meanwhile.
  static Fallible<std::unique_ptr<ClaimedAll>> claim(std::unique_ptr<Claims> claims,
                                                     std::int32_t partitions,
                                                     std::chrono::milliseconds patience);
  ClaimedAll(const ClaimedAll&) = delete;
  ClaimedAll& operator=(const ClaimedAll&) = delete;
  ~ClaimedAll();

  /// By partition.
  std::span<const ClaimProof> proofs() const { return proofs_; }

 private:
  explicit ClaimedAll(std::unique_ptr<Claims> claims) : claims_(std::move(claims)) {}
  Fallible<bool> try_all(std::int32_t partitions);
  void let_go();

  std::unique_ptr<Claims> claims_;
  std::vector<ClaimProof> proofs_;  // of those that are claimed, from the first on
};

}  // namespace pesan::runtime
