// The rights that `pesan topics create --acls` prints, as text. It needs no broker.
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/kafka/acls.hpp"
#include "tests/support/must.hpp"

namespace pesan::kafka {
namespace {

/// The commands of a role, from `--operation` on.
std::vector<std::string> rights_of(const std::string& role, const std::string& url) {
  const Place place = must(parse_place(url, {}));
  const std::string begin = "kafka-acls.sh --bootstrap-server " + place.brokers +
                            " --add --allow-principal User:" + place.prefix + "-" + role +
                            " --operation ";
  std::vector<std::string> rights;
  std::istringstream text(acl_commands(place));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(begin)) rights.push_back(line.substr(begin.size()));
  }
  return rights;
}

constexpr const char* see_all =
    "Describe --topic pesan.commands --topic pesan.events --topic pesan.results "
    "--topic pesan.customers --topic pesan.dead-letters";
constexpr const char* see_all_settings =
    "DescribeConfigs --topic pesan.commands --topic pesan.events --topic pesan.results "
    "--topic pesan.customers --topic pesan.dead-letters";

TEST(KafkaAcls, AnEngineCommitsUnderItsOwnNamesAndWritesNoCustomer) {
  EXPECT_THAT(rights_of("engine", "kafka://a:9092,b:9092"),
              testing::ElementsAre(
                  see_all, see_all_settings,
                  "Read --topic pesan.commands --topic pesan.events --topic pesan.results",
                  "Write --topic pesan.commands --topic pesan.events --topic pesan.results "
                  "--topic pesan.dead-letters",
                  "Read --group pesan-engine",
                  "Write --transactional-id pesan-engine- --resource-pattern-type prefixed"));
}

TEST(KafkaAcls, WhatTheUrlHoldsIsOneWordForTheShellThatRunsThem) {
  const auto text = acl_commands(must(parse_place("kafka://a:9092;touch${IFS}'x", {})));
  EXPECT_THAT(text, testing::HasSubstr(R"(--bootstrap-server 'a:9092;touch${IFS}'\''x' --add)"));
}

TEST(KafkaAcls, TheRegistryWritesCustomersAlone) {
  EXPECT_THAT(rights_of("registry", "kafka://a:9092"),
              testing::ElementsAre(
                  see_all, see_all_settings, "Read --topic pesan.events --topic pesan.customers",
                  "Write --topic pesan.customers", "Read --group pesan-registry",
                  "Write --transactional-id pesan-registry- --resource-pattern-type prefixed"));
}

TEST(KafkaAcls, AProjectorWritesNothing) {
  EXPECT_THAT(rights_of("projector", "kafka://a:9092"),
              testing::ElementsAre(
                  see_all, see_all_settings, "Read --topic pesan.events --topic pesan.customers",
                  "Read --group pesan-projector --resource-pattern-type prefixed"));
}

TEST(KafkaAcls, AClientSendsCommandsAndReadsTheirResultsAlone) {
  EXPECT_THAT(rights_of("client", "kafka://a:9092"),
              testing::ElementsAre("Read --topic pesan.results", "Write --topic pesan.commands",
                                   "Read --group pesan-client --resource-pattern-type prefixed"));
}

TEST(KafkaAcls, AnOperatorMakesTheTopicsAndWritesNoResult) {
  EXPECT_THAT(
      rights_of("operator", "kafka://a:9092"),
      testing::AllOf(
          testing::Contains(testing::StartsWith("Create --topic pesan.commands ")),
          testing::Contains(testing::StartsWith("AlterConfigs --topic pesan.commands ")),
          testing::Contains("Write --topic pesan.commands --topic pesan.events"),
          testing::Contains("Write --transactional-id pesan-topics- --resource-pattern-type "
                            "prefixed")));
}

TEST(KafkaAcls, FollowThePrefixOfTheLog) {
  EXPECT_THAT(rights_of("client", "kafka://a:9092?prefix=hotel_1"),
              testing::ElementsAre("Read --topic hotel_1.results", "Write --topic hotel_1.commands",
                                   "Read --group hotel_1-client --resource-pattern-type prefixed"));
}

}  // namespace
}  // namespace pesan::kafka
