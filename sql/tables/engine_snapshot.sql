-- What the engines made of their partitions' logs up to some place, so that the machine that takes
-- a partition over reads only what came after. Never trusted over the log, and may be emptied at
-- any time. A snapshot's chunks come and go in one transaction.
CREATE TABLE IF NOT EXISTS engine_snapshot (
  log_id VARCHAR(64) NOT NULL
    COMMENT 'Identity of the log',
  `partition` BIGINT NOT NULL
    COMMENT 'Partition of the log',
  serial BIGINT NOT NULL
    COMMENT 'The one made later has the higher number',
  results BIGINT NOT NULL
    COMMENT 'It is of the results before this offset',
  chunk BIGINT NOT NULL
    COMMENT 'Place of these bytes in the image, from 0',
  bytes MEDIUMBLOB NOT NULL
    COMMENT 'The chunk of the image; the image ends with a digest of itself',
  PRIMARY KEY (log_id, `partition`, serial, results, chunk)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Snapshots of the engines'' state'
