// Where a fold ends, told by a time.
#include "projections/partition_fold.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "events/event_codec.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/memory_read_model.hpp"
#include "tests/support/must.hpp"

namespace pesan {
namespace {

using ::testing::ElementsAre;

constexpr TopicPartition customers{Topic::customers, {0}};
const Instant june = *parse_instant("2020-06-15T00:00:00Z");
const Instant july = *parse_instant("2020-07-01T00:00:00Z");
const Instant august = *parse_instant("2020-08-15T00:00:00Z");

class CustomersAsOf : public ::testing::Test {
 protected:
  void given(Instant time, const CustomerEventBody& body) {
    auto& record = records_.emplace_back();
    record.offset = Offset{static_cast<std::int64_t>(records_.size()) - 1};
    append_customer_event(
        record.payload.value,
        {.log_id = "log", .sequence = {record.offset.value}, .time = time, .body = body});
  }
  static CustomerRegistered registered(std::string_view code) {
    return {.code = code, .name = code, .preferred_resource = "villa", .booked_for = {}};
  }
  /// Code and number of bookings of every customer as of `time`.
  std::vector<std::string> as_of(Instant time) {
    PartitionFold fold(customers);
    fold.start(std::nullopt);
    RowChanges changes;
    for (const Record& record : records_) {
      EXPECT_TRUE(must(fold.fold(record, {.offset = {}, .sequence = {}, .time = time}, changes)));
    }
    MemoryReadModel model;
    must(apply_alone(model, changes, std::nullopt, *fold.position()));
    std::vector<std::string> rows;
    for (const auto& [key, row] : model.rows(Table::customer)) {
      rows.push_back(std::get<std::string>(key.front()) + " " +
                     model.value(Table::customer, key, "bookings"));
    }
    return rows;
  }

 private:
  std::vector<Record> records_;
};

TEST_F(CustomersAsOf, ALaterBookingOfAnotherPartitionDoesNotHideTheEarlierOnesBehindIt) {
  given(august, registered("CS-000001"));
  given(august, BookingLinked{"CS-000001", "villa.1", 0, 5});
  given(june, registered("CS-000002"));
  given(june, BookingLinked{"CS-000002", "hut.1", 1, 5});
  EXPECT_THAT(as_of(july), ElementsAre("CS-000002 1"));
  EXPECT_THAT(as_of(august), ElementsAre("CS-000001 1", "CS-000002 1"));
}

TEST_F(CustomersAsOf, WhoBookedEarlierInAnotherPartitionIsThereThoughRegisteredByALaterBooking) {
  given(august, registered("CS-000001"));
  given(august, BookingLinked{"CS-000001", "villa.1", 0, 5});
  given(june, CustomerUpdated{.code = "CS-000001", .booked_for = {}});
  given(june, BookingLinked{"CS-000001", "hut.1", 1, 5});
  EXPECT_THAT(as_of(july), ElementsAre("CS-000001 1"));
  EXPECT_THAT(as_of(august), ElementsAre("CS-000001 2"));
}

}  // namespace
}  // namespace pesan
