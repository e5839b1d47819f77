// URLs of logs on Kafka. It needs no broker.

#include <gtest/gtest.h>

#include "adapters/kafka/place.hpp"
#include "tests/support/must.hpp"

namespace pesan::kafka {
namespace {

TEST(KafkaPlace, NamesBrokersAndNothingElse) {
  const Place place = must(parse_place("kafka://a:9092,b:9093", {}));
  EXPECT_EQ(place.brokers, "a:9092,b:9093");
  EXPECT_EQ(place.topic(Topic::dead_letters), "pesan.dead-letters");
  EXPECT_EQ(place.url(), "kafka://a:9092,b:9093");
}

TEST(KafkaPlace, MayHaveAPrefixOfItsOwn) {
  const Place place = must(parse_place("kafka://a?prefix=hotel_1", {}));
  EXPECT_EQ(place.topic(Topic::commands), "hotel_1.commands");
  EXPECT_EQ(place.url(), "kafka://a?prefix=hotel_1");
}

TEST(KafkaPlace, TakesPropertiesAndNeverShowsThem) {
  const Place place = must(parse_place("kafka://a", {"sasl.password=a=b", "debug="}));
  EXPECT_EQ(place.properties, (Properties{{"sasl.password", "a=b"}, {"debug", ""}}));
  EXPECT_EQ(place.url(), "kafka://a");
  const auto refused = parse_place("kafka://a", {"secret"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find("secret"), std::string::npos);
}

TEST(KafkaPlace, SaysWhatIsWrong) {
  for (const auto* url :
       {"sqlite:log.db", "kafka://", "kafka://?prefix=a", "kafka://a/b", "kafka://user:password@a",
        "kafka://a?prefix=", "kafka://a?prefix=a b", "kafka://a?topic=x", "kafka://a, b"}) {
    EXPECT_FALSE(parse_place(url, {})) << url;
  }
}

}  // namespace
}  // namespace pesan::kafka
