// Kafka, put through the contract of the Log. Each case has topics of its own.
#include <chrono>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/kafka/group_claims.hpp"
#include "adapters/kafka/kafka_log.hpp"
#include "tests/support/must.hpp"
#include "tests/support/stack.hpp"

namespace pesan {
namespace {

struct KafkaHarness {
  static constexpr bool waits = true;
  static constexpr bool owns_clock = false;

  KafkaHarness() {
    must(KafkaLog::create(place, 3, {}));
    reopen();
  }
  Log& log() { return *first; }
  Log& other() { return *second; }
  void reopen() {
    first.reset();
    second.reset();
    first = must(KafkaLog::open(place));
    second = must(KafkaLog::open(place));
  }
  void set_now(Instant) {}
  /// By a static member: it takes the place of the one before at once, and all partitions.
  ClaimProof claim(std::string_view role) {
    const TopicPartition first_one{role == "registry" ? Topic::customers : Topic::commands, {0}};
    auto& member = members[std::string(role)];
    member = std::make_unique<kafka::GroupClaims>(
        place,
        kafka::GroupClaims::Options{
            .group = std::string(role), .instance = "the-only-one", .topics = {first_one.topic}});
    for (;;) {
      const Claim claim = must(member->begin(first_one));
      if (claim == Claim::mine) {
        member->done(first_one);
        return claim.proof;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }

  kafka::Place place{.brokers = kafka_brokers(),
                     .prefix = fmt::format("contract-{:08x}", std::random_device{}()),
                     .properties = {}};
  std::unique_ptr<KafkaLog> first;
  std::unique_ptr<KafkaLog> second;
  std::map<std::string, std::unique_ptr<kafka::GroupClaims>> members;
};

using LogHarnesses = testing::Types<KafkaHarness>;

}  // namespace
}  // namespace pesan

#include "tests/contract/log_contract.hpp"  // tries the harness named above
