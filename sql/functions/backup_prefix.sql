-- What the names of a backup's tables begin with.
CREATE FUNCTION backup_prefix(
  p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
RETURNS VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
DETERMINISTIC NO SQL
SQL SECURITY INVOKER
COMMENT 'What the names of the tables of a backup begin with'
RETURN CONCAT('backup_', LEFT(SHA2(p_name, 256), 12), '_')
