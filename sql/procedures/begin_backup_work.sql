-- Before anything is done about the backup of a name: refuses what cannot be one, and keeps
-- everybody else from backups until its caller releases the lock. A name that ends in a blank is
-- refused, as the table that remembers them takes it for the one without.
CREATE PROCEDURE begin_backup_work(
  p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
READS SQL DATA
SQL SECURITY INVOKER
COMMENT 'Refuses what is no name of a backup, and takes the lock of backups'
BEGIN
  DECLARE v_text VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  IF p_name IS NULL OR p_name = '' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a backup needs a name';
  END IF;
  IF p_name LIKE '% ' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the name of a backup does not end in a blank';
  END IF;
  IF COALESCE(GET_LOCK(backup_lock(), 60), 0) <> 1 THEN
    SET v_text = CONCAT('connection ', COALESCE(IS_USED_LOCK(backup_lock()), '?'),
                        ' works on a backup here; try again when that is over');
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_text;
  END IF;
END
