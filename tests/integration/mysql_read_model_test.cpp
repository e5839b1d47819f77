// What only a server can do to a read model: connections cut and killed, answers lost, locks held,
// writes refused. The contract of all read models is in tests/contract.
#include "adapters/mysql/mysql_read_model.hpp"

#include <atomic>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "projections/fold.hpp"
#include "tests/integration/mysql_fixture.hpp"
#include "tests/support/apply_alone.hpp"
#include "tests/support/mysql_proxy.hpp"
#include "tests/support/temp_folder.hpp"

namespace pesan {
namespace {

class MysqlReadModelTest : public MysqlTest {
 protected:
  MysqlReadModelTest() { must(mysql::migrate(credentials())); }

  static constexpr TopicPartition source{Topic::events, {0}};
  static Checkpoint checkpoint(std::int64_t next_offset) {
    Checkpoint result;
    result.next_offset = {next_offset};
    result.log_id = "log-1";
    result.fold = fold_version;
    return result;
  }
  static RowChanges night(std::int64_t units) {
    RowChanges changes;
    auto row = changes.upsert(Table::room_night, {"villa", *parse_date("2026-12-01")});
    row.add(column_of(Table::room_night, "booked_units"), units)
        .set(column_of(Table::room_night, "sequence"), 1)
        .set(column_of(Table::room_night, "updated_at"), Instant{0});
    return changes;
  }
  std::string booked() { return database.sql("SELECT booked_units FROM room_night"); }
};

TEST_F(MysqlReadModelTest, AProjectedStreamIsTheFoldOfIt) {
  write(600);
  const auto model = open(credentials());
  project(*model);
  EXPECT_EQ(drift(*model), 0);
  EXPECT_EQ(drift(*open(credentials(), Access::read)), 0);
}

// A hundred rows go by a prepared statement, the rest of them as text.
TEST_F(MysqlReadModelTest, ManyRowsAreStoredAsFewAreAndOneThatIsThereIsNamed) {
  constexpr Table table = Table::booking_history;
  const auto some = [](int begin, int end) {
    RowChanges changes;
    for (int i = begin; i < end; ++i) {
      changes.insert(table, {"villa.1", i})
          .set(column_of(table, "event_type"), "BookingCreated")
          .set(column_of(table, "actor_type"), ActorType::user)
          .set(column_of(table, "actor_id"), "")
          .set(column_of(table, "reason"), R"(O'Hara \ ? "é😀")")
          .set(column_of(table, "details"), R"({"notes":"it's \"so\" \\ "})")
          .set(column_of(table, "at"), *parse_instant("2026-12-01T02:30:00.123Z"))
          .set(column_of(table, "sequence"), -1)
          .set(column_of(table, "updated_at"), Instant{0});
    }
    return changes;
  };
  const auto model = open(credentials());
  must(apply_alone(*model, some(0, 130), std::nullopt, checkpoint(1)));
  EXPECT_EQ(database.sql("SELECT COUNT(*), COUNT(DISTINCT HEX(reason), HEX(details), at, sequence,"
                         " updated_at, HEX(actor_id)), COUNT(old_status), MAX(reason), MAX(at)"
                         " FROM booking_history"),
            "130\t1\t0\tO'Hara \\\\ ? \"é😀\"\t2026-12-01 02:30:00.123000\n");
  const auto refused = apply_alone(*model, some(129, 260), checkpoint(1), checkpoint(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal);
  EXPECT_NE(refused.error().what.find("booking_history villa.1, 129"), std::string::npos)
      << refused.error().what;
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM booking_history"), "130\n");
}

TEST_F(MysqlReadModelTest, ScansOfManyPagesMissAndRepeatNoRow) {
  const auto model = open(credentials());
  RowChanges changes;
  constexpr int rows = 9'001;
  for (int i = 0; i < rows; ++i) {
    const std::string id = "villa." + std::to_string(i % 7);
    changes.insert(Table::payment, {std::string_view(id), i})
        .set(column_of(Table::payment, "status"), Payment::paid)
        .set(column_of(Table::payment, "at"), Instant{0})
        .set(column_of(Table::payment, "sequence"), i)
        .set(column_of(Table::payment, "updated_at"), Instant{0});
  }
  must(apply_alone(*model, changes, std::nullopt, checkpoint(1)));
  const auto snapshot = must(model->snapshot());
  auto cursor = must(snapshot->scan(Table::payment));
  StoredRow row;
  int seen = 0;
  std::string last;
  std::int64_t last_version = -1;
  while (must(cursor->next(row))) {
    const std::string id(std::get<std::string_view>(row[0]));
    const auto version = std::get<std::int64_t>(row[1]);
    EXPECT_TRUE(id > last || (id == last && version > last_version)) << id << " " << version;
    last = id;
    last_version = version;
    ++seen;
  }
  EXPECT_EQ(seen, rows);
}

TEST_F(MysqlReadModelTest, ALostAnswerToCommitIsUnknownAndTheCheckpointTells) {
  std::atomic<bool> cut = false;
  auto verdict = MysqlProxy::Verdict::cut_after;
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (command != "COMMIT" || !cut.exchange(false)) return MysqlProxy::Verdict::pass;
    return verdict;
  });
  const auto model = open(through(proxy.url()));
  must(apply_alone(*model, night(1), std::nullopt, checkpoint(1)));

  cut = true;
  const auto after = apply_alone(*model, night(1), checkpoint(1), checkpoint(2));
  ASSERT_FALSE(after);
  EXPECT_EQ(after.error().kind, FailureKind::unknown) << after.error().what;
  EXPECT_EQ(must(model->checkpoint(source)), checkpoint(2));  // it lasted
  EXPECT_EQ(booked(), "2\n");

  verdict = MysqlProxy::Verdict::cut_before;
  cut = true;
  const auto before = apply_alone(*model, night(1), checkpoint(2), checkpoint(3));
  ASSERT_FALSE(before);
  EXPECT_EQ(before.error().kind, FailureKind::unknown) << before.error().what;
  EXPECT_EQ(must(model->checkpoint(source)), checkpoint(2));  // it did not
  EXPECT_EQ(booked(), "2\n");
  must(apply_alone(*model, night(1), checkpoint(2), checkpoint(3)));
  EXPECT_EQ(booked(), "3\n");
}

TEST_F(MysqlReadModelTest, ACutBeforeAnyOtherStatementChangesNothingAndTheNextTryWorks) {
  std::atomic<int> pass = -1;  // commands to let through before the cut; negative: all
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (pass < 0 || command == "COMMIT" || pass-- > 0) return MysqlProxy::Verdict::pass;
    return MysqlProxy::Verdict::cut_after;
  });
  const auto model = open(through(proxy.url()));
  must(apply_alone(*model, night(1), std::nullopt, checkpoint(1)));
  int cuts = 0;
  for (std::int64_t offset = 1; offset <= 3; ++offset) {
    pass = static_cast<int>(offset) - 1;
    const auto refused = apply_alone(*model, night(1), checkpoint(1), checkpoint(2));
    if (refused) break;
    ++cuts;
    EXPECT_EQ(refused.error().kind, FailureKind::transient) << refused.error().what;
    EXPECT_EQ(booked(), "1\n");
  }
  EXPECT_EQ(cuts, 3);  // START TRANSACTION, the checkpoint, the rows
  pass = -1;
  must(apply_alone(*model, night(1), checkpoint(1), checkpoint(2)));
  EXPECT_EQ(booked(), "2\n");
}

TEST_F(MysqlReadModelTest, AKilledConnectionIsReplaced) {
  const auto model = open(credentials());
  must(apply_alone(*model, night(1), std::nullopt, checkpoint(1)));
  const auto kill_all = [&] {
    const std::string kills = database.sql(
        "SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE db = '" +
        database.name() + "' AND id <> CONNECTION_ID()");
    database.sql(kills);
  };
  kill_all();
  const auto refused = apply_alone(*model, night(1), checkpoint(1), checkpoint(2));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::transient) << refused.error().what;
  must(apply_alone(*model, night(1), checkpoint(1), checkpoint(2)));
  EXPECT_EQ(booked(), "2\n");
}

TEST_F(MysqlReadModelTest, ARowThatSomebodyLocksIsWaitedForAndGivenUpInPassing) {
  const auto model = open(credentials());
  must(apply_alone(*model, night(1), std::nullopt, checkpoint(1)));
  auto other = must(mysql::Connection::open(credentials()));
  {
    auto transaction = must(other.begin());
    must(other.query("lock", "SELECT * FROM room_night FOR UPDATE"));
    const auto refused = apply_alone(*model, night(1), checkpoint(1), checkpoint(2));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, FailureKind::transient) << refused.error().what;
    // The checkpoint was rolled back with the rest, at once.
    EXPECT_EQ(must(other.query_integer("read",
                                       "SELECT next_offset FROM projection_checkpoint"
                                       " WHERE projection = 'tables' FOR UPDATE")),
              1);
  }
  must(apply_alone(*model, night(1), checkpoint(1), checkpoint(2)));
}

// Rebuilds and backups lock them in the order of their key, the gate first; in another order each
// could wait for what the other holds.
TEST_F(MysqlReadModelTest, TheCheckpointsOfARoundAreLockedInTheOrderOfTheirKeysAfterTheGate) {
  std::vector<std::string> locked;
  MysqlProxy proxy(MysqlServer::shared().url(), [&](std::string_view command) {
    if (!command.contains("projection_checkpoint")) return MysqlProxy::Verdict::pass;
    for (const std::string_view key :
         {"'gate'", "'customers'", "`partition` = 0", "`partition` = 1", "'events', 2"}) {
      if (command.contains(key)) {
        locked.emplace_back(key);
        break;
      }
    }
    return MysqlProxy::Verdict::pass;
  });
  const auto model = open(through(proxy.url()));
  const RowChanges none;
  const auto at = [](Topic topic, std::int32_t partition, std::int64_t next_offset) {
    Checkpoint made = checkpoint(next_offset);
    made.topic = topic;
    made.partition = {partition};
    return made;
  };
  std::vector<SourceChanges> round;
  for (const auto& [topic, partition] :
       {std::pair{Topic::events, 1}, {Topic::customers, 0}, {Topic::events, 0}}) {
    must(apply_alone(*model, none, std::nullopt, at(topic, partition, 1)));
    round.push_back(
        {.changes = &none, .expected = at(topic, partition, 1), .next = at(topic, partition, 2)});
  }
  round.push_back({.changes = &none, .next = at(Topic::events, 2, 1)});
  locked.clear();
  must(model->apply(round));
  EXPECT_EQ(locked, (std::vector<std::string>{"'gate'", "'customers'", "`partition` = 0",
                                              "`partition` = 1", "'events', 2"}));
}

/// Of an authority that has signed nothing.
constexpr const char* some_authority =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBeTCCAR+gAwIBAgIUUUaexfL2P827KTLQzSgt8PhPI4AwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGbm9ib2R5MCAXDTI2MTEyMjAwMjIxN1oYDzIxMjYxMDI5MDAy\n"
    "MjE3WjARMQ8wDQYDVQQDDAZub2JvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AATyaG4Yf9Z77OiEpBRFafgqJrEteNd/LA35SdKqpXJGZVj7Tr62buQU45rb4CP9\n"
    "T48W3sdrnlncM12i2W1monl4o1MwUTAdBgNVHQ4EFgQUo3WrY85119dXa6bvLJsj\n"
    "4RGqaTMwHwYDVR0jBBgwFoAUo3WrY85119dXa6bvLJsj4RGqaTMwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAHvAn9nO4igYSNHnZgcBOigyRaHF7I\n"
    "TwBwyflyU2AHgwIhAPEpD88XNwLBGMEoXTMNhcrTl0C0P2i0kabyDZubZHqF\n"
    "-----END CERTIFICATE-----\n";

// Newer servers (MariaDB 11.8) have a certificate that they signed themselves, and the client
// trusts it over loopback unless it is told whom to trust.
TEST_F(MysqlReadModelTest, TLSIsDemandedAndVerifiedWhereItIsAskedFor) {
  const TempFolder folder;
  const std::string authority = folder / "ca.pem";
  std::ofstream(authority) << some_authority;
  const auto refused =
      MysqlReadModel::open(at(database.url() + "?tls=verify&ca=" + authority), Access::read);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal) << refused.error().what;
  EXPECT_THAT(refused.error().what, ::testing::HasSubstr("TLS"));
}

TEST_F(MysqlReadModelTest, ATextThatIsTooLongIsRefusedAndNeverCut) {
  const auto model = open(credentials());
  const std::string name(201, 'x');
  RowChanges changes;
  changes.insert(Table::service, "spa")
      .set(column_of(Table::service, "name"), std::string_view(name))
      .set(column_of(Table::service, "price_minor"), 1)
      .set(column_of(Table::service, "currency"), "IDR")
      .set(column_of(Table::service, "duration_minutes"), 60)
      .set(column_of(Table::service, "is_active"), true)
      .set(column_of(Table::service, "sequence"), 1)
      .set(column_of(Table::service, "updated_at"), Instant{0});
  const auto refused = apply_alone(*model, changes, std::nullopt, checkpoint(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, FailureKind::fatal) << refused.error().what;
  EXPECT_EQ(database.sql("SELECT COUNT(*) FROM service"), "0\n");
}

}  // namespace
}  // namespace pesan
