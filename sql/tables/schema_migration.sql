-- Which steps have brought this schema to where it is: `pesan migrate` writes it, and every program
-- looks at it before it believes anything else.
CREATE TABLE IF NOT EXISTS schema_migration (
  version BIGINT NOT NULL
    COMMENT 'Number of the step; 0 stands for the views and routines, which are replaced',
  name VARCHAR(64) NOT NULL
    COMMENT 'What the step is called',
  checksum VARCHAR(32) NOT NULL
    COMMENT 'Digest of its text as it was carried out',
  applied_at DATETIME(6) NOT NULL
    COMMENT 'When it was carried out (UTC)',
  PRIMARY KEY (version)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Steps of the schema that were carried out'
