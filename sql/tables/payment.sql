-- Payments, of deleted bookings too. A fold of the topic events.
CREATE TABLE IF NOT EXISTS payment (
  booking_id VARCHAR(104) NOT NULL
    COMMENT '<resource>.<suffix>: the id alone says where it lives',
  version BIGINT NOT NULL
    COMMENT 'Version of the event within its resource',
  status VARCHAR(8) NOT NULL
    COMMENT 'Payment status after it',
  amount_minor BIGINT
    COMMENT 'Amount in minor units',
  method VARCHAR(8)
    COMMENT 'cash, transfer, card, ewallet',
  transaction_id VARCHAR(200)
    COMMENT 'The payer''s reference',
  at DATETIME(6) NOT NULL
    COMMENT 'When it was recorded (UTC)',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (booking_id, version)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Payments, of deleted bookings too'
