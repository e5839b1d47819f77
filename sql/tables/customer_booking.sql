-- Whose booking it is. A fold of the topic customers.
CREATE TABLE IF NOT EXISTS customer_booking (
  booking_id VARCHAR(104) NOT NULL
    COMMENT '<resource>.<suffix>: the id alone says where it lives',
  customer_code VARCHAR(24) NOT NULL
    COMMENT 'The customer whose booking it is',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (booking_id),
  KEY customer_booking_customer (customer_code)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Whose booking it is'
