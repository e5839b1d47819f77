-- Runs a statement for each table of the read models, the checkpoints first: {table} in it stands
-- for the table's name, {columns} for the columns that are stored. For the procedures of backups.
CREATE PROCEDURE for_each_read_model(
  p_statement VARCHAR(1000) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
MODIFIES SQL DATA
SQL SECURITY INVOKER
COMMENT 'Runs a statement for each table of the read models'
BEGIN
  DECLARE v_rest VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT CONCAT_WS(',',
    'projection_checkpoint', 'room_availability', 'room_night', 'service', 'schedule_capacity',
    'booking', 'booking_history', 'payment', 'customer', 'customer_booking');
  DECLARE v_table VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_columns TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
  DECLARE v_longest BIGINT UNSIGNED DEFAULT @@SESSION.group_concat_max_len;
  SET SESSION group_concat_max_len = 100000;
  WHILE v_rest <> '' DO
    SET v_table = SUBSTRING_INDEX(v_rest, ',', 1);
    SET v_rest = SUBSTRING(v_rest, CHAR_LENGTH(v_table) + 2);
    SELECT GROUP_CONCAT(CONCAT('`', column_name, '`') ORDER BY ordinal_position)
      INTO v_columns
      FROM information_schema.columns
      WHERE table_schema = DATABASE() AND table_name = v_table
        AND extra NOT LIKE '%VIRTUAL GENERATED%';
    SET @pesan_statement =
      REPLACE(REPLACE(p_statement, '{table}', v_table), '{columns}', v_columns);
    PREPARE pesan_statement FROM @pesan_statement;
    EXECUTE pesan_statement;
    DEALLOCATE PREPARE pesan_statement;
  END WHILE;
  SET SESSION group_concat_max_len = v_longest;
END
