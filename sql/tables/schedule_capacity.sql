-- Slots of services and what is free. A fold of the topic events.
CREATE TABLE IF NOT EXISTS schedule_capacity (
  resource_id VARCHAR(63) NOT NULL
    COMMENT 'The room type or service; its events have one partition',
  schedule_id VARCHAR(40) NOT NULL
    COMMENT 'The slot, within its service',
  date DATE NOT NULL
    COMMENT 'Local date',
  start_time TIME NOT NULL
    COMMENT 'Local time of its start',
  end_time TIME NOT NULL
    COMMENT 'Local time of its end, up to 24:00',
  capacity BIGINT NOT NULL
    COMMENT 'Units that it takes',
  booked BIGINT NOT NULL
    COMMENT 'Units held by bookings',
  available BIGINT
    GENERATED ALWAYS AS (capacity - booked) VIRTUAL
    COMMENT 'capacity - booked',
  is_open BOOLEAN NOT NULL
    COMMENT 'Whether it may be booked',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (resource_id, schedule_id),
  KEY schedule_capacity_date (resource_id, date, start_time),
  KEY schedule_capacity_day (date, start_time),
  KEY schedule_capacity_schedule (schedule_id)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Slots of services and what is free'
