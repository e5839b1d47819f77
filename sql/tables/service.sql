-- Services. A fold of the topic events.
CREATE TABLE IF NOT EXISTS service (
  resource_id VARCHAR(63) NOT NULL
    COMMENT 'The room type or service; its events have one partition',
  name VARCHAR(200) NOT NULL
    COMMENT 'Name of the service',
  price_minor BIGINT NOT NULL
    COMMENT 'Price in minor units',
  currency VARCHAR(3) NOT NULL
    COMMENT 'ISO 4217 code',
  duration_minutes BIGINT NOT NULL
    COMMENT 'How long it takes',
  is_active BOOLEAN NOT NULL
    COMMENT 'Whether new bookings are accepted',
  hold_minutes BIGINT
    COMMENT 'Minutes that a pending booking holds its place; null: it does not',
  no_show_minutes BIGINT
    COMMENT 'Minutes after its time until a confirmed booking is a no_show; null: never',
  timezone VARCHAR(200)
    COMMENT 'IANA name of the zone that local dates and times are in',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (resource_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Services'
