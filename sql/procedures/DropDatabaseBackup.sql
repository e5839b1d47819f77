-- Forgets a backup and drops its tables.
--   CALL DropDatabaseBackup(?)
CREATE PROCEDURE DropDatabaseBackup(
  p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
MODIFIES SQL DATA
SQL SECURITY DEFINER
COMMENT 'Forgets a backup and drops its tables'
BEGIN
  DELETE FROM database_backup WHERE name = p_name;
  CALL for_each_read_model(CONCAT('DROP TABLE IF EXISTS ', backup_prefix(p_name), '{table}'));
END
