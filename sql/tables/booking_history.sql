-- Every event of every booking, deleted ones too. A fold of the topic events.
CREATE TABLE IF NOT EXISTS booking_history (
  booking_id VARCHAR(104) NOT NULL
    COMMENT '<resource>.<suffix>: the id alone says where it lives',
  version BIGINT NOT NULL
    COMMENT 'Version of the event within its resource',
  event_type VARCHAR(40) NOT NULL
    COMMENT 'Type of the event',
  old_status VARCHAR(11)
    COMMENT 'Status before it; null before creation',
  new_status VARCHAR(11)
    COMMENT 'Status after it; null after deletion',
  old_payment VARCHAR(8)
    COMMENT 'Payment status before it',
  new_payment VARCHAR(8)
    COMMENT 'Payment status after it',
  actor_type VARCHAR(6) NOT NULL
    COMMENT 'user, admin, system',
  actor_id VARCHAR(200) NOT NULL
    COMMENT 'Who asked for it',
  reason VARCHAR(200)
    COMMENT 'Why, in the actor''s words',
  details TEXT
    COMMENT 'What the event says beyond these columns',
  at DATETIME(6) NOT NULL
    COMMENT 'When it was decided (UTC)',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (booking_id, version),
  KEY booking_history_actor (actor_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Every event of every booking, deleted ones too'
