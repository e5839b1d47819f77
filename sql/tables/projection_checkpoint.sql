-- How far the read models are: one row for each partition of each source topic.
-- The row of projection gate stands for partitions without one (docs/tables.md#checkpoints).
CREATE TABLE IF NOT EXISTS projection_checkpoint (
  projection VARCHAR(40) NOT NULL
    COMMENT 'Who folds',
  topic VARCHAR(16) NOT NULL
    COMMENT 'events or customers',
  `partition` BIGINT NOT NULL
    COMMENT 'Of that topic',
  next_offset BIGINT NOT NULL
    COMMENT 'Offset after the last applied record',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence of the last applied record',
  last_digest VARCHAR(32) NOT NULL
    COMMENT 'Digest of the last applied record',
  log_id VARCHAR(200) NOT NULL
    COMMENT 'Which log it was read from',
  fold BIGINT NOT NULL
    COMMENT 'Version of the fold; negative while a rebuild holds it frozen',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When the last applied event was decided (UTC)',
  PRIMARY KEY (projection, topic, `partition`)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'How far the read models are'
