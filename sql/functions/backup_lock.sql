-- The name of the server's lock that whoever makes, restores or drops a backup here holds.
CREATE FUNCTION backup_lock()
RETURNS VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
NO SQL
SQL SECURITY INVOKER
COMMENT 'The name of the lock that whoever works on backups holds'
RETURN CONCAT('pesan backup ', LEFT(SHA2(DATABASE(), 256), 40))
