-- Units held of nightly rooms, night by night. A fold of the topic events.
CREATE TABLE IF NOT EXISTS room_night (
  resource_id VARCHAR(63) NOT NULL
    COMMENT 'The room type or service; its events have one partition',
  night DATE NOT NULL
    COMMENT 'The night that begins on this local date',
  booked_units BIGINT NOT NULL
    COMMENT 'Units held; a night without a row, or with 0, is free',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (resource_id, night),
  KEY room_night_night (night)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Units held of nightly rooms, night by night'
