// What is typed, resolved into an installation: which places there are, and what is opened where.
#include "adapters/runtime/installation.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/must.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan::runtime {
namespace {

using ::testing::HasSubstr;

Installation embedded(const TempFolder& folder) {
  return must(Installation::at(
      {.log = "sqlite:" + (folder / "log.db"), .store = "sqlite:" + (folder / "read.db")}));
}

TEST(Installation, APlaceThatNobodyKnowsIsRefusedWithThoseThatAreKnown) {
  EXPECT_THAT(Installation::at({.log = "ftp://x"}).error().what,
              HasSubstr("use sqlite:PATH or kafka://HOST:PORT"));
  EXPECT_THAT(Installation::at({.store = "kafka://x:1"}).error().what,
              HasSubstr("use sqlite:PATH or mysql://user@host:port/database"));
  EXPECT_FALSE(check_log_url("sqlite:"));
  EXPECT_FALSE(check_snapshot_place("sqlite:x"));
  EXPECT_TRUE(check_snapshot_place("file:x"));
}

TEST(Installation, KnowsWhichOfItsPlacesAreFilesOfThisMachine) {
  const auto files = must(Installation::at({.log = "sqlite:a/log.db", .store = "sqlite:b.db"}));
  EXPECT_EQ(files.log_file(), "a/log.db");
  EXPECT_EQ(files.store_file(), "b.db");
  const auto servers =
      must(Installation::at({.log = "kafka://h:1", .store = "mysql://u@127.0.0.1:3306/pesan"}));
  EXPECT_FALSE(servers.has_embedded_log());
  EXPECT_TRUE(servers.has_server_store());
  EXPECT_EQ(servers.log_file() + servers.store_file(), "");
  EXPECT_TRUE(servers.acl_commands());
  EXPECT_FALSE(files.acl_commands());
}

TEST(Installation, TheLogThatItMakesIsTheOneThatItOpens) {
  const TempFolder folder;
  const auto installation = embedded(folder);
  const auto made = must(installation.open_or_create_log({.partitions = 3}));
  EXPECT_EQ(made->partitions(), 3);
  const auto opened = must(installation.open_log(LogAccess::read));
  EXPECT_EQ(opened.info().log_id, made.info().log_id);
  EXPECT_FALSE(opened.has_topics());
}

TEST(Installation, TwoProcessesThatProjectToOneFileDoNotTakeTurns) {
  const TempFolder folder;
  const auto installation = embedded(folder);
  constexpr TopicPartition place{Topic::events, Partition{0}};
  const auto one = installation.claims(RoleKind::projector, "");
  const auto other = installation.claims(RoleKind::projector, "");
  EXPECT_EQ(must(one->begin(place)), Claim::mine);
  EXPECT_EQ(must(other->begin(place)), Claim::others);
  one->release(place);
  EXPECT_EQ(must(other->begin(place)), Claim::mine);
}

TEST(Installation, SnapshotsAreBesideAnEmbeddedLogUnlessToldOtherwise) {
  const TempFolder folder;
  const auto installation = embedded(folder);
  EXPECT_NE(must(installation.open_snapshots("log")), nullptr);
  auto places = installation.places();
  places.snapshots = "none";
  EXPECT_EQ(must(must(Installation::at(places)).open_snapshots("log")), nullptr);
  places.snapshots = "store";
  EXPECT_THAT(must(Installation::at(places)).open_snapshots("log").error().what,
              HasSubstr("there is no place for them"));
}

}  // namespace
}  // namespace pesan::runtime
