-- The backups that CreateDatabaseBackup made. What it copied of projection_checkpoint is the
-- position in the log.
CREATE TABLE IF NOT EXISTS database_backup (
  name VARCHAR(64) NOT NULL
    COMMENT 'As the caller named it',
  table_prefix VARCHAR(20) NOT NULL
    COMMENT 'What the names of its tables begin with',
  schema_version BIGINT NOT NULL
    COMMENT 'Version of the schema that was copied; no other one can be restored into',
  made_at DATETIME(6) NOT NULL
    COMMENT 'When it was complete (UTC)',
  PRIMARY KEY (name)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Backups of the read models'
