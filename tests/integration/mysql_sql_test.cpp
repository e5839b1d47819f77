// What callers find in the database besides tables: routines, views and rights, tried through the
// ordinary client.
#include <fstream>
#include <iterator>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "adapters/mysql/mysql_rebuild.hpp"
#include "adapters/mysql/snapshot_table.hpp"
#include "projections/rebuild.hpp"
#include "tests/integration/mysql_fixture.hpp"

namespace pesan {
namespace {

class MysqlSql : public MysqlTest {
 protected:
  MysqlSql() { must(mysql::migrate(credentials())); }

  /// A service with slots of one day, and bookings of two users.
  void open_salon() {
    database.sql(R"(
INSERT INTO service (resource_id, name, price_minor, currency, duration_minutes, is_active,
                     sequence, updated_at)
VALUES ('grooming', 'Grooming', 15000000, 'IDR', 90, 1, 1, '2026-01-01'),
       ('spa', 'Spa', 100, 'IDR', 30, 0, 1, '2026-01-01');
INSERT INTO schedule_capacity
  (resource_id, schedule_id, date, start_time, end_time, capacity, booked, is_open, sequence,
   updated_at)
VALUES ('grooming', '12', '2026-12-05', '13:00', '15:00', 2, 1, 1, 1, '2026-01-01'),
       ('grooming', '11', '2026-12-05', '09:00', '12:00', 1, 0, 1, 1, '2026-01-01'),
       ('grooming', '13', '2026-12-05', '16:00', '24:00', 1, 1, 1, 1, '2026-01-01'),
       ('grooming', '14', '2026-12-05', '18:00', '19:00', 1, 0, 0, 1, '2026-01-01'),
       ('grooming', '15', '2026-12-06', '09:00', '12:00', 1, 0, 1, 1, '2026-01-01'),
       ('spa', '16', '2026-12-05', '09:00', '12:00', 1, 0, 1, 1, '2026-01-01');
INSERT INTO booking
  (booking_id, number, resource_id, schedule_id, units, status, payment_status, customer_name,
   customer_gender, customer_ref, total_minor, currency, created_at, version, sequence, updated_at)
VALUES ('grooming.1', 1024, 'grooming', '12', 1, 'completed', 'paid', 'Rina', 'female', '2',
        15000000, 'IDR', '2026-11-20', 3, 1, '2026-01-01'),
       ('grooming.2', 2048, 'grooming', '13', 1, 'completed', 'unpaid', 'Rina', NULL, '2',
        15000000, 'IDR', '2026-11-20', 4, 1, '2026-01-01'),
       ('grooming.3', 3072, 'grooming', '15', 1, 'completed', 'paid', 'Adi', 'male', NULL,
        7500050, 'IDR', '2026-11-20', 5, 1, '2026-01-01');
INSERT INTO booking_history
  (booking_id, version, event_type, actor_type, actor_id, at, sequence, updated_at)
VALUES ('grooming.3', 5, 'BookingCreated', 'user', '2', '2026-11-20', 1, '2026-01-01'),
       ('grooming.2', 4, 'BookingCreated', 'admin', '9', '2026-11-20', 1, '2026-01-01');
)");
  }
};

TEST_F(MysqlSql, GetAvailableSchedulesListsOpenSlotsWithRoomInTheOrderOfTheDay) {
  open_salon();
  EXPECT_EQ(database.sql("CALL GetAvailableSchedules('grooming', '2026-12-05')"),
            "11\t2026-12-05\t09:00:00\t12:00:00\t1\t0\t1\n"
            "12\t2026-12-05\t13:00:00\t15:00:00\t2\t1\t1\n");
  EXPECT_EQ(database.sql("CALL GetAvailableSchedules('spa', '2026-12-05')"), "");
  // As a client that prepares its statements calls it.
  EXPECT_EQ(database.sql("PREPARE s FROM 'CALL GetAvailableSchedules(?, ?)';"
                         "SET @service = 'grooming', @date = '2026-12-06';"
                         "EXECUTE s USING @service, @date"),
            "15\t2026-12-06\t09:00:00\t12:00:00\t1\t0\t1\n");
}

TEST_F(MysqlSql, IsScheduleAvailableKnowsFullClosedAndUnknownSlots) {
  open_salon();
  EXPECT_EQ(database.sql("SELECT IsScheduleAvailable(11), IsScheduleAvailable('12'),"
                         " IsScheduleAvailable(13), IsScheduleAvailable(14),"
                         " IsScheduleAvailable(16), IsScheduleAvailable(99)"),
            "1\t1\t0\t0\t0\t0\n");
}

TEST_F(MysqlSql, GetTotalRevenueAddsWhatIsCompletedAndPaidInRupiah) {
  open_salon();
  EXPECT_EQ(database.sql("SELECT GetTotalRevenue('2026-12-05', '2026-12-06'),"
                         " GetTotalRevenue('2026-12-06', '2026-12-06'),"
                         " GetTotalRevenue('2025-06-01', '2025-06-10')"),
            "225000.50\t75000.50\t0.00\n");
}

TEST_F(MysqlSql, GetUserBookingCountCountsWhoseBookingItIs) {
  open_salon();
  EXPECT_EQ(database.sql("SELECT GetUserBookingCount(2, 'completed'),"
                         " GetUserBookingCount(2, 'pending'), GetUserBookingCount(2, NULL),"
                         " GetUserBookingCount(9, NULL)"),
            "3\t0\t3\t0\n");
}

TEST_F(MysqlSql, ABackupIsOneMomentAndItsRestoreBringsItBackWithItsPosition) {
  write(200);
  const auto model = open(credentials());
  project(*model);
  database.sql("CALL CreateDatabaseBackup('before the fair')");
  const std::string rows = database.sql("SELECT * FROM booking ORDER BY booking_id");
  write(100);
  project(*model);
  EXPECT_NE(database.sql("SELECT * FROM booking ORDER BY booking_id"), rows);

  database.sql("CALL RestoreDatabaseBackup('before the fair')");
  EXPECT_EQ(database.sql("SELECT * FROM booking ORDER BY booking_id"), rows);
  EXPECT_EQ(drift(*model), 0);
  project(*model);  // catches up from the position of the backup
  EXPECT_EQ(drift(*model), 0);
  EXPECT_NE(database.sql("SELECT * FROM booking ORDER BY booking_id"), rows);

  database.sql("CALL DropDatabaseBackup('before the fair')");
  EXPECT_EQ(database.sql("SHOW TABLES LIKE 'backup\\_%'"), "");
}

TEST_F(MysqlSql, ABackupSaysWhyItIsRefused) {
  database.sql("CALL CreateDatabaseBackup('one')");
  const auto refusal = [&](const std::string& statement) -> std::string {
    try {
      return database.sql(statement);
    } catch (const std::exception& error) {
      return error.what();
    }
  };
  EXPECT_THAT(refusal("CALL CreateDatabaseBackup('one')"), testing::HasSubstr("already"));
  EXPECT_THAT(refusal("CALL CreateDatabaseBackup('')"), testing::HasSubstr("needs a name"));
  EXPECT_THAT(refusal("CALL RestoreDatabaseBackup('two')"), testing::HasSubstr("no backup"));
  database.sql("UPDATE projection_checkpoint SET fold = -fold");
  EXPECT_THAT(refusal("CALL CreateDatabaseBackup('two')"), testing::HasSubstr("rebuild"));
  EXPECT_THAT(refusal("CALL RestoreDatabaseBackup('one')"), testing::HasSubstr("rebuild"));
}

TEST_F(MysqlSql, TheViewsHaveUpstreamsColumns) {
  open_salon();
  database.sql(
      "INSERT INTO room_availability (resource_id, room_type, inventory, total_units,"
      " allocated_units, active_bookings, currency, is_active, sequence, updated_at)"
      " VALUES ('villa', 'Villa Deluxe', 'counter', 10, 3, 3, 'IDR', 1, 1, '2026-01-01')");
  EXPECT_EQ(database.sql("SELECT id_kamar, tipe_kamar, jumlah_kamar, jumlah_tersedia,"
                         " pemesanan_aktif FROM kamar_villa"),
            "villa\tVilla Deluxe\t10\t7\t3\n");
  EXPECT_EQ(database.sql("SELECT nama_customer, jenis_kelamin, telp_customer, email_customer,"
                         " alamat_customer, studio_id, tanggal_booking, jam_booking"
                         " FROM booking_online ORDER BY id_booking LIMIT 1"),
            "Rina\tPerempuan\tNULL\tNULL\tNULL\tgrooming\t2026-12-05\t13:00:00\n");
  EXPECT_EQ(database.sql("SELECT status_pemesanan, is_checked_in, is_checked_out, actual_checkin,"
                         " actual_checkout FROM pemesanan"),
            "");
  EXPECT_EQ(database.sql("SELECT kode_cs, nama_cs, jenis_kelamin, telp, email, alamat, jenis_cs,"
                         " tanggal_booking FROM master_customer"),
            "");
  EXPECT_EQ(database.sql("SELECT topic FROM read_model_freshness"), "");
}

TEST_F(MysqlSql, TheUpsertsOfAProjectorGoByTheKey) {
  write(2000);
  project(*open(credentials()));
  const std::string plan = database.sql(
      "EXPLAIN FORMAT=TRADITIONAL UPDATE JSON_TABLE('[[\"room-1.1\", 2]]', '$[*]' COLUMNS (v0 "
      "VARCHAR(105)"
      " CHARACTER SET utf8mb4 COLLATE utf8mb4_bin PATH '$[0]', v1 BIGINT PATH '$[1]')) AS v"
      " STRAIGHT_JOIN booking AS t ON t.booking_id = v.v0 SET t.units = v.v1");
  EXPECT_THAT(plan, testing::HasSubstr("eq_ref")) << plan;
}

TEST_F(MysqlSql, EachRoleMayDoItsOwnAndNothingElse) {
  const std::string grants = [] {
    std::ifstream file(PESAN_SOURCE_DIR "/sql/grants.sql", std::ios::binary);
    return std::string{std::istreambuf_iterator<char>(file), {}};
  }();
  database.sql(grants);
  const std::string tag = database.name().substr(std::string_view("pesan_test_").size());
  const bool mariadb = MysqlServer::shared().is_mariadb();
  std::string forget;
  for (const char* role :
       {"engine", "projector", "dashboard", "front_door", "backup", "migrator"}) {
    const std::string account = fmt::format("'t_{}_{}'@'%'", role, tag);
    database.sql(
        fmt::format("CREATE USER {0} IDENTIFIED BY '{1}'; GRANT pesan_{2} TO {0};"
                    " SET DEFAULT ROLE pesan_{2} {3} {0}",
                    account, account_password, role, mariadb ? "FOR" : "TO"));
    forget += fmt::format("DROP USER {}; ", account);
  }
  const auto user = [&](const char* role) { return fmt::format("t_{}_{}", role, tag); };
  const auto connect = [&](const char* role) {
    return must(mysql::Connection::open(as(user(role))));
  };
  const auto may = [&](const char* role, const std::string& statement) {
    return connect(role).execute("try", statement).has_value();
  };

  write(100);
  const auto projector = open(as(user("projector")));
  project(*projector);
  EXPECT_EQ(drift(*projector), 0);
  EXPECT_FALSE(may("projector", "DROP TABLE booking"));
  EXPECT_FALSE(may("projector", "UPDATE schema_migration SET version = 2"));
  {
    // What a killed rebuild left is settled as far as it may: the checkpoints.
    database.sql(
        "CREATE TABLE rebuild_booking LIKE booking;"
        "UPDATE projection_checkpoint SET fold = -fold");
    must(open(as(user("projector")))->settle_rebuild());
    EXPECT_EQ(database.sql("SELECT COUNT(*) FROM projection_checkpoint WHERE fold < 0"), "0\n");
  }
  for (const char* role : {"engine", "projector"}) {
    SnapshotTable snapshots(as(user(role)), role);
    must(snapshots.put({.partition = {}, .serial = 1, .results = {}}, "an image"));
    must(snapshots.prune({}, 0));
  }
  EXPECT_FALSE(may("engine", "DO (SELECT COUNT(*) FROM booking)"));
  EXPECT_TRUE(may("dashboard", "DO (SELECT COUNT(*) FROM kamar_villa)"));
  EXPECT_TRUE(may("dashboard", "DO IsScheduleAvailable('s1')"));
  EXPECT_FALSE(may("dashboard", "DELETE FROM booking"));
  EXPECT_FALSE(may("dashboard", "CALL CreateDatabaseBackup('mine')"));
  EXPECT_TRUE(may("front_door", "DO GetUserBookingCount(1, NULL)"));
  EXPECT_FALSE(may("front_door", "CALL CreateDatabaseBackup('nightly')"));
  EXPECT_TRUE(may("backup", "CALL CreateDatabaseBackup('hourly')"));
  EXPECT_TRUE(may("backup", "CALL DropDatabaseBackup('hourly')"));
  EXPECT_TRUE(may("backup", "CALL CreateDatabaseBackup('nightly')"));
  EXPECT_FALSE(may("backup", "CALL RestoreDatabaseBackup('nightly')"));
  EXPECT_FALSE(may("backup", "DO (SELECT COUNT(*) FROM booking)"));
  EXPECT_FALSE(may("front_door", "CALL RestoreDatabaseBackup('nightly')"));
  EXPECT_FALSE(may("front_door", "DO (SELECT COUNT(*) FROM booking)"));
  {
    const auto store = must(MysqlRebuild::open(as(user("migrator"))));
    const auto live = open(as(user("migrator")));
    must(rebuild(log, *live, *store, Topic::events, {}, [](const Difference&) {}));
    EXPECT_EQ(drift(*live), 0);
  }
  EXPECT_FALSE(may("migrator", "CREATE DATABASE elsewhere_" + tag));
  database.sql(forget);
}

}  // namespace
}  // namespace pesan
