// Kafka, put through the contract of the Log. Each case has topics of its own.
#include <memory>
#include <random>

#include <fmt/format.h>
#include <gtest/gtest.h>

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

  kafka::Place place{.brokers = kafka_brokers(),
                     .prefix = fmt::format("contract-{:08x}", std::random_device{}()),
                     .properties = {}};
  std::unique_ptr<KafkaLog> first;
  std::unique_ptr<KafkaLog> second;
};

using LogHarnesses = testing::Types<KafkaHarness>;

}  // namespace
}  // namespace pesan

#include "tests/contract/log_contract.hpp"  // tries the harness named above
