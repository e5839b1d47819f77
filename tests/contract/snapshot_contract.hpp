// What every SnapshotStore promises. A harness has `store()` and `other()`, two views of one place,
// as two processes have them, and `elsewhere()`, the same place for another log. Included once by
// the file that names the harnesses.
#pragma once

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/snapshot_store.hpp"
#include "tests/support/must.hpp"

namespace pesan {

template <class Harness>
class SnapshotContract : public ::testing::Test {
 protected:
  static SnapshotName name(std::int32_t partition, std::int64_t serial, std::int64_t results) {
    return {.partition = {partition}, .serial = serial, .results = {results}};
  }
  std::vector<std::int64_t> serials(std::int32_t partition) {
    std::vector<std::int64_t> found;
    for (const auto& there : must(harness.store().list({partition}))) {
      found.push_back(there.serial);
    }
    return found;
  }
  /// Bytes of all kinds, more than a packet or a page has.
  static std::string image(std::size_t size) {
    std::string bytes(size, '\0');
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * i % 251 + i % 7);
    return bytes;
  }

  Harness harness;
};

TYPED_TEST_SUITE(SnapshotContract, SnapshotHarnesses);

TYPED_TEST(SnapshotContract, ListsNothingBeforeTheFirstOne) {
  EXPECT_THAT(this->serials(0), ::testing::IsEmpty());
  must(this->harness.store().prune({0}, 3));
}

TYPED_TEST(SnapshotContract, GivesBackWhatWasPutByteForByteToAnotherProcessToo) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{700'001}}) {
    const auto name = this->name(0, static_cast<std::int64_t>(size) + 1, 70);
    must(this->harness.store().put(name, this->image(size)));
    EXPECT_EQ(must(this->harness.store().fetch(name)), this->image(size)) << size;
    EXPECT_EQ(must(this->harness.other().fetch(name)), this->image(size)) << size;
  }
}

TYPED_TEST(SnapshotContract, ListsTheOneMadeLastFirstThoughItStandsEarlierInTheLog) {
  auto& store = this->harness.store();
  must(store.put(this->name(0, 9, 900), "nine"));
  must(store.put(this->name(0, 10, 100), "ten"));
  must(store.put(this->name(0, 8, 800), "eight"));
  const auto names = must(this->harness.other().list({0}));
  ASSERT_THAT(this->serials(0), ::testing::ElementsAre(10, 9, 8));
  EXPECT_EQ(names.front(), this->name(0, 10, 100));
  EXPECT_EQ(must(store.fetch(names.front())), "ten");
}

TYPED_TEST(SnapshotContract, KeepsPartitionsApart) {
  auto& store = this->harness.store();
  must(store.put(this->name(1, 1, 5), "of 1"));
  must(store.put(this->name(11, 1, 5), "of 11"));
  EXPECT_EQ(must(store.fetch(this->name(1, 1, 5))), "of 1");
  must(store.prune({1}, 0));
  EXPECT_THAT(this->serials(1), ::testing::IsEmpty());
  EXPECT_THAT(this->serials(11), ::testing::ElementsAre(1));
}

TYPED_TEST(SnapshotContract, KeepsLogsApart) {
  must(this->harness.elsewhere().put(this->name(0, 4, 5), "of another log"));
  EXPECT_THAT(this->serials(0), ::testing::IsEmpty());
  must(this->harness.store().put(this->name(0, 4, 5), "of this log"));
  must(this->harness.store().prune({0}, 0));
  EXPECT_EQ(must(this->harness.elsewhere().fetch(this->name(0, 4, 5))), "of another log");
}

TYPED_TEST(SnapshotContract, ReplacesWhatHasTheSameName) {
  auto& store = this->harness.store();
  must(store.put(this->name(0, 1, 5), this->image(600'000)));
  must(this->harness.other().put(this->name(0, 1, 5), "short"));
  EXPECT_EQ(must(store.fetch(this->name(0, 1, 5))), "short");
  EXPECT_THAT(this->serials(0), ::testing::ElementsAre(1));
}

TYPED_TEST(SnapshotContract, KeepsAsManyAsItIsToldAndTheNewest) {
  auto& store = this->harness.store();
  for (std::int64_t serial = 1; serial <= 12; ++serial) {
    must(store.put(this->name(0, serial, 5 * serial), "x"));
  }
  must(store.prune({0}, 3));
  EXPECT_THAT(this->serials(0), ::testing::ElementsAre(12, 11, 10));
  EXPECT_FALSE(store.fetch(this->name(0, 9, 45)));
}

TYPED_TEST(SnapshotContract, AnswersAFailureForOneThatIsNotThere) {
  EXPECT_FALSE(this->harness.store().fetch(this->name(0, 1, 5)));
}

}  // namespace pesan
