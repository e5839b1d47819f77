// Claims by a consumer group, put through the contract. Each case has topics of its own.
#include <memory>
#include <random>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/kafka/group_claims.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"

namespace pesan {
namespace {

struct GroupHarness {
  GroupHarness() { must(KafkaLog::create(place, 3, {})); }
  std::unique_ptr<Claims> join() {
    return std::make_unique<kafka::GroupClaims>(
        place, kafka::GroupClaims::Options{
                   .group = "engine", .instance = {}, .topics = {Topic::commands}});
  }

  kafka::Place place{.brokers = kafka_brokers(),
                     .prefix = fmt::format("claims-{:08x}", std::random_device{}()),
                     .properties = {}};
  std::vector<TopicPartition> places{
      {Topic::commands, {0}}, {Topic::commands, {1}}, {Topic::commands, {2}}};
};

using ClaimHarnesses = testing::Types<GroupHarness>;

}  // namespace
}  // namespace pesan

#include "tests/contract/claims_contract.hpp"  // tries the harness named above
