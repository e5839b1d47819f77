-- Room types and what is free. A fold of the topic events.
CREATE TABLE IF NOT EXISTS room_availability (
  resource_id VARCHAR(63) NOT NULL
    COMMENT 'The room type or service; its events have one partition',
  room_type VARCHAR(200) NOT NULL
    COMMENT 'Name of the room type',
  inventory VARCHAR(7) NOT NULL
    COMMENT 'counter: counted whatever the date; nightly: night by night',
  total_units BIGINT NOT NULL
    COMMENT 'Units that there are',
  allocated_units BIGINT
    COMMENT 'Units held by bookings; null for nightly rooms (see room_night)',
  available_units BIGINT
    GENERATED ALWAYS AS (total_units - allocated_units) VIRTUAL
    COMMENT 'total_units - allocated_units; null for nightly rooms',
  active_bookings BIGINT NOT NULL
    COMMENT 'Bookings that occupy',
  nightly_price_minor BIGINT
    COMMENT 'Price of a night in minor units',
  currency VARCHAR(3) NOT NULL
    COMMENT 'ISO 4217 code',
  is_active BOOLEAN NOT NULL
    COMMENT 'Whether new bookings are accepted',
  max_party BIGINT
    COMMENT 'Guests that a unit takes at most',
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
  COMMENT = 'Room types and what is free'
