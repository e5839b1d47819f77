-- Puts the read models back to what they were when the backup was made, in one transaction: readers
-- see the old rows or the restored ones, never something between. The checkpoints go back too, so
-- the projectors go on from there and catch up from the log.
--   CALL RestoreDatabaseBackup(?)
CREATE PROCEDURE RestoreDatabaseBackup(
  p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
MODIFIES SQL DATA
SQL SECURITY INVOKER
COMMENT 'Puts the read models back to what they were when the backup was made'
BEGIN
  DECLARE v_locked BIGINT;
  DECLARE v_version BIGINT;
  DECLARE v_prefix VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  -- Of the caller's session: it would refuse to delete all rows.
  DECLARE v_safe BOOLEAN DEFAULT @@SESSION.sql_safe_updates;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK AND NO CHAIN NO RELEASE;
    DO RELEASE_LOCK(backup_lock());
    SET SESSION sql_safe_updates = v_safe;
    RESIGNAL;
  END;
  SET SESSION sql_safe_updates = 0;
  CALL begin_backup_work(p_name);
  SELECT MAX(schema_version), MAX(table_prefix) INTO v_version, v_prefix
    FROM database_backup WHERE name = p_name;
  IF v_version IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no backup of that name';
  END IF;
  IF v_version <> (SELECT MAX(version) FROM schema_migration) THEN
    SIGNAL SQLSTATE '45000'
      SET MESSAGE_TEXT = 'the backup is of another version of the schema; rebuild from the log';
  END IF;
  -- A caller without autocommit is in a transaction already, since what was read here.
  COMMIT AND NO CHAIN NO RELEASE;
  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT COUNT(*) INTO v_locked FROM projection_checkpoint FOR UPDATE;
  IF EXISTS (SELECT 1 FROM projection_checkpoint WHERE fold < 0) THEN
    SIGNAL SQLSTATE '45000'
      SET MESSAGE_TEXT = 'a rebuild is about to swap the tables; try again when it is over';
  END IF;
  CALL for_each_read_model('DELETE FROM {table}');
  CALL for_each_read_model(CONCAT('INSERT INTO {table} ({columns}) SELECT {columns} FROM ',
                                  v_prefix, '{table}'));
  COMMIT AND NO CHAIN NO RELEASE;
  DO RELEASE_LOCK(backup_lock());
  SET SESSION sql_safe_updates = v_safe;
END
