-- The backups that CreateDatabaseBackup made. The tables of one are named
-- backup_<backup_id>_<table>; its projection_checkpoint is the position in the log.
CREATE TABLE IF NOT EXISTS database_backup (
  name VARCHAR(64) NOT NULL
    COMMENT 'As the caller named it',
  backup_id BIGINT NOT NULL AUTO_INCREMENT
    COMMENT 'Part of the names of its tables',
  schema_version BIGINT NOT NULL
    COMMENT 'Version of the schema that was copied; no other one can be restored into',
  made_at DATETIME(6) NOT NULL
    COMMENT 'When it was complete (UTC)',
  PRIMARY KEY (name),
  UNIQUE KEY database_backup_id (backup_id)
) COLLATE = utf8mb4_bin
  COMMENT = 'Backups of the read models'
