// The rights that `pesan topics create --acls` prints, as text. It needs no broker.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/acls.hpp"
#include "tests/support/must.hpp"

namespace pesan::kafka {
namespace {

/// What a role may do, as "Read topic pesan.events"; a star for every name that begins so.
std::vector<std::string> rights_of(const std::string& role, const std::string& url) {
  const Place place = must(parse_place(url, {}));
  const std::string begin = "kafka-acls.sh --bootstrap-server " + place.brokers +
                            " --add --allow-principal User:" + place.prefix + "-" + role +
                            " --operation ";
  const std::string prefixed = " --resource-pattern-type prefixed";
  std::vector<std::string> rights;
  std::string text = acl_commands(place);
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    std::string line = text.substr(at, text.find('\n', at) - at);
    if (!line.starts_with(begin)) continue;
    line.erase(0, begin.size());
    if (line.ends_with(prefixed)) line.replace(line.size() - prefixed.size(), line.size(), "*");
    line.erase(line.find("--"), 2);
    // All of them look for all topics, and at the event that opened the log.
    if (!line.starts_with("Describe topic ") &&
        line != "Read topic " + place.topic(Topic::events)) {
      rights.push_back(line);
    }
  }
  return rights;
}

TEST(KafkaAcls, AnEngineCommitsUnderItsOwnNamesAndWritesNoCustomer) {
  EXPECT_THAT(
      rights_of("engine", "kafka://a:9092,b:9092"),
      testing::ElementsAre("Read topic pesan.commands", "Read topic pesan.results",
                           "Write topic pesan.commands", "Write topic pesan.events",
                           "Write topic pesan.results", "Write topic pesan.dead-letters",
                           "Read group pesan-engine", "Write transactional-id pesan-engine-*"));
}

TEST(KafkaAcls, TheRegistryWritesCustomersAlone) {
  EXPECT_THAT(
      rights_of("registry", "kafka://a:9092"),
      testing::ElementsAre("Read topic pesan.customers", "Write topic pesan.customers",
                           "Read group pesan-registry", "Write transactional-id pesan-registry-*"));
}

TEST(KafkaAcls, AProjectorWritesNothing) {
  EXPECT_THAT(rights_of("projector", "kafka://a:9092"),
              testing::ElementsAre("Read topic pesan.customers", "Read group pesan-projector*"));
}

TEST(KafkaAcls, AClientSendsCommandsAndReadsResults) {
  EXPECT_THAT(rights_of("client", "kafka://a:9092"),
              testing::ElementsAre("Read topic pesan.results", "Write topic pesan.commands",
                                   "Read group pesan-client*"));
}

TEST(KafkaAcls, AnOperatorMakesTheTopicsAndWritesNoResult) {
  EXPECT_THAT(rights_of("operator", "kafka://a:9092"),
              testing::AllOf(testing::Contains("Create topic pesan.events"),
                             testing::Contains("Write transactional-id pesan-topics-*"),
                             testing::Contains("Write topic pesan.commands"),
                             testing::Not(testing::Contains("Write topic pesan.results"))));
}

TEST(KafkaAcls, FollowThePrefixOfTheLog) {
  EXPECT_THAT(rights_of("registry", "kafka://a:9092?prefix=hotel_1"),
              testing::ElementsAre("Read topic hotel_1.customers", "Write topic hotel_1.customers",
                                   "Read group hotel_1-registry",
                                   "Write transactional-id hotel_1-registry-*"));
}

}  // namespace
}  // namespace pesan::kafka
