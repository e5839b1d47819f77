-- Forgets a backup and drops its tables.
--   CALL DropDatabaseBackup(?)
CREATE PROCEDURE DropDatabaseBackup(
  p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
MODIFIES SQL DATA
SQL SECURITY DEFINER
COMMENT 'Forgets a backup and drops its tables'
BEGIN
  DECLARE v_prefix VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK AND NO CHAIN NO RELEASE;
    DO RELEASE_LOCK(backup_lock());
    RESIGNAL;
  END;
  CALL begin_backup_work(p_name);
  SELECT MAX(table_prefix) INTO v_prefix FROM database_backup WHERE name = p_name;
  IF v_prefix IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no backup of that name';
  END IF;
  DELETE FROM database_backup WHERE name = p_name;
  COMMIT AND NO CHAIN NO RELEASE;
  CALL for_each_read_model(CONCAT('DROP TABLE IF EXISTS ', v_prefix, '{table}'));
  DO RELEASE_LOCK(backup_lock());
END
