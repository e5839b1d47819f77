-- The customer master. A fold of the topic customers.
CREATE TABLE IF NOT EXISTS customer (
  code VARCHAR(24) NOT NULL
    COMMENT 'CS-000001, CS-000002, ...',
  name VARCHAR(200) NOT NULL
    COMMENT 'As first given',
  gender VARCHAR(6)
    COMMENT 'male, female',
  phone VARCHAR(40)
    COMMENT 'As first given',
  email VARCHAR(254)
    COMMENT 'As last given',
  address VARCHAR(2000)
    COMMENT 'As last given',
  preferred_resource_id VARCHAR(63) NOT NULL
    COMMENT 'What the first booking was for',
  first_booking_at DATETIME(6) NOT NULL
    COMMENT 'Local time that the first booking is for',
  last_booking_at DATETIME(6) NOT NULL
    COMMENT 'Local time that the latest made booking is for',
  bookings BIGINT NOT NULL
    COMMENT 'Bookings made, deleted ones too',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (code),
  KEY customer_name (name),
  KEY customer_phone (phone),
  KEY customer_email (email)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'The customer master'
