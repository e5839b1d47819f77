// The claims that this build has without servers, put through the contract.
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "adapters/sqlite/lock_claims.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

struct LockHarness {
  std::unique_ptr<Claims> join() { return std::make_unique<sqlite::LockClaims>(folder / "log.db"); }

  TempFolder folder;
  std::vector<TopicPartition> places{
      {Topic::events, {0}}, {Topic::events, {1}}, {Topic::events, {2}}};
};

using ClaimHarnesses = testing::Types<LockHarness>;

}  // namespace
}  // namespace pesan

#include "tests/contract/claims_contract.hpp"  // tries the harness named above
