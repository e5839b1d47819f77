-- Copies the tables of the read models and, with the checkpoints, the position in the log that they
-- are the fold of: one moment of all of them. Projectors wait while it copies; readers do not.
-- RestoreDatabaseBackup is its reverse.
--   CALL CreateDatabaseBackup(?)
CREATE PROCEDURE CreateDatabaseBackup(
  p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
MODIFIES SQL DATA
SQL SECURITY DEFINER
COMMENT 'Copies the read models and their position in the log'
BEGIN
  DECLARE v_locked BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK AND NO CHAIN NO RELEASE;
    DO RELEASE_LOCK(backup_lock());
    RESIGNAL;
  END;
  CALL begin_backup_work(p_name);
  IF EXISTS (SELECT 1 FROM database_backup WHERE name = p_name) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is a backup of that name already';
  END IF;
  -- What a backup of that name left that was interrupted goes first.
  CALL for_each_read_model(CONCAT('DROP TABLE IF EXISTS ', backup_prefix(p_name), '{table}'));
  CALL for_each_read_model(CONCAT('CREATE TABLE ', backup_prefix(p_name), '{table} LIKE {table}'));
  -- Holding all checkpoints keeps every projector out, so the tables stand still without a lock on
  -- any row of theirs. A caller without autocommit is in a transaction already.
  COMMIT AND NO CHAIN NO RELEASE;
  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT COUNT(*) INTO v_locked FROM projection_checkpoint FOR UPDATE;
  IF EXISTS (SELECT 1 FROM projection_checkpoint WHERE fold < 0) THEN
    SIGNAL SQLSTATE '45000'
      SET MESSAGE_TEXT = 'a rebuild is about to swap the tables; try again when it is over';
  END IF;
  CALL for_each_read_model(CONCAT('INSERT INTO ', backup_prefix(p_name),
                                  '{table} ({columns}) SELECT {columns} FROM {table}'));
  INSERT INTO database_backup (name, table_prefix, schema_version, made_at)
    SELECT p_name, backup_prefix(p_name), MAX(version), UTC_TIMESTAMP(6) FROM schema_migration;
  COMMIT AND NO CHAIN NO RELEASE;
  DO RELEASE_LOCK(backup_lock());
END
