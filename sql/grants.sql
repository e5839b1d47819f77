-- The rights of each role, and no more. Run it as an administrator in the database of the read
-- models, after `pesan migrate`, and again whenever that says that it made routines (MySQL forgets
-- rights on a routine that is made anew):
--   mysql pesan < sql/grants.sql
-- Then give each account its role, e.g.
--   CREATE USER projector@'10.0.0.%' IDENTIFIED BY '…' REQUIRE SSL;
--   GRANT pesan_projector TO projector@'10.0.0.%';
--   SET DEFAULT ROLE pesan_projector TO projector@'10.0.0.%';   -- MariaDB: … FOR projector@…
CREATE ROLE IF NOT EXISTS
  pesan_engine, pesan_projector, pesan_dashboard, pesan_front_door, pesan_backup, pesan_migrator;

-- pesan engine alone, where its snapshots are in this database: no rows.
GRANT SELECT, INSERT, DELETE ON engine_snapshot TO pesan_engine;

-- pesan projector, serve, apply; show and verify: rows, never tables.
GRANT SELECT ON * TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON projection_checkpoint TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON room_availability TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON room_night TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON service TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON schedule_capacity TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON booking TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON booking_history TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON payment TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON customer TO pesan_projector;
GRANT INSERT, UPDATE, DELETE ON customer_booking TO pesan_projector;
GRANT INSERT, DELETE ON engine_snapshot TO pesan_projector;

-- Dashboards: tables, views and what reads them.
GRANT SELECT ON * TO pesan_dashboard;
GRANT EXECUTE ON PROCEDURE GetAvailableSchedules TO pesan_dashboard;
GRANT EXECUTE ON FUNCTION IsScheduleAvailable TO pesan_dashboard;
GRANT EXECUTE ON FUNCTION GetTotalRevenue TO pesan_dashboard;
GRANT EXECUTE ON FUNCTION GetUserBookingCount TO pesan_dashboard;

-- Callers through SQL: the routines, which read with the rights of who made them, and no table.
GRANT EXECUTE ON PROCEDURE GetAvailableSchedules TO pesan_front_door;
GRANT EXECUTE ON FUNCTION IsScheduleAvailable TO pesan_front_door;
GRANT EXECUTE ON FUNCTION GetTotalRevenue TO pesan_front_door;
GRANT EXECUTE ON FUNCTION GetUserBookingCount TO pesan_front_door;

-- Backups: as long as one is made every projector waits, so that right is nobody's in passing, and
-- is taken from callers, who had it once (given first, as what was not given cannot be taken).
GRANT EXECUTE ON PROCEDURE CreateDatabaseBackup TO pesan_front_door;
REVOKE EXECUTE ON PROCEDURE CreateDatabaseBackup FROM pesan_front_door;
GRANT SELECT ON database_backup TO pesan_backup;
GRANT EXECUTE ON PROCEDURE CreateDatabaseBackup TO pesan_backup;
GRANT EXECUTE ON PROCEDURE DropDatabaseBackup TO pesan_backup;

-- pesan migrate and rebuild, and restoring backups: everything in this database and nothing
-- outside of it. Where the server writes a binary log it also needs
-- log_bin_trust_function_creators = 1 to make functions.
GRANT ALL PRIVILEGES ON * TO pesan_migrator;
