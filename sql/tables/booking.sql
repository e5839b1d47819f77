-- Bookings as they stand. A fold of the topic events.
CREATE TABLE IF NOT EXISTS booking (
  booking_id VARCHAR(104) NOT NULL
    COMMENT '<resource>.<suffix>: the id alone says where it lives',
  number BIGINT NOT NULL
    COMMENT 'Its integer name, for callers that need one',
  resource_id VARCHAR(63) NOT NULL
    COMMENT 'The room type or service; its events have one partition',
  schedule_id VARCHAR(40)
    COMMENT 'The slot of a service booking',
  appointment_at DATETIME
    COMMENT 'Local time within the slot',
  check_in DATE
    COMMENT 'First night of a stay',
  check_out DATE
    COMMENT 'Day of departure',
  nights BIGINT
    COMMENT 'Nights of a stay',
  units BIGINT NOT NULL
    COMMENT 'Units booked',
  party_size BIGINT
    COMMENT 'Guests',
  status VARCHAR(11) NOT NULL
    COMMENT 'pending, confirmed, in_progress, completed, cancelled, no_show, expired',
  payment_status VARCHAR(8) NOT NULL
    COMMENT 'unpaid, partial, paid, refunded',
  customer_name VARCHAR(200) NOT NULL
    COMMENT 'As given with the booking',
  customer_gender VARCHAR(6)
    COMMENT 'male, female',
  customer_phone VARCHAR(40)
    COMMENT 'As given',
  customer_email VARCHAR(254)
    COMMENT 'As given',
  customer_address VARCHAR(2000)
    COMMENT 'As given',
  customer_ref VARCHAR(200)
    COMMENT 'The caller''s own id of the customer',
  subject_type VARCHAR(200)
    COMMENT 'Kind of what the service is given to, e.g. dog',
  subject_id VARCHAR(200)
    COMMENT 'The caller''s id of it',
  subject_name VARCHAR(200)
    COMMENT 'Its name',
  staff_id VARCHAR(200)
    COMMENT 'Who serves',
  price_minor BIGINT
    COMMENT 'Price of one unit (and night) when it was created',
  total_minor BIGINT
    COMMENT 'price x units (x nights)',
  currency VARCHAR(3)
    COMMENT 'ISO 4217 code',
  checked_in_at DATETIME(6)
    COMMENT 'Check-in of the current episode (UTC)',
  checked_out_at DATETIME(6)
    COMMENT 'Check-out of the current episode (UTC)',
  is_checked_in BOOLEAN
    GENERATED ALWAYS AS (checked_in_at IS NOT NULL) VIRTUAL
    COMMENT 'Whether checked_in_at is there',
  is_checked_out BOOLEAN
    GENERATED ALWAYS AS (checked_out_at IS NOT NULL) VIRTUAL
    COMMENT 'Whether checked_out_at is there',
  notes VARCHAR(2000)
    COMMENT 'As given',
  created_at DATETIME(6) NOT NULL
    COMMENT 'When it was created (UTC)',
  version BIGINT NOT NULL
    COMMENT 'Version, within its resource, of the last event that touched it',
  starts_at DATETIME
    COMMENT 'Local time at which its stay or its slot begins',
  ends_at DATETIME
    COMMENT 'Local time at which its stay or its slot ends',
  cancelled_at DATETIME(6)
    COMMENT 'When it was cancelled (UTC); null in every other status',
  hold_until DATETIME(6)
    COMMENT 'Until when it is on hold (UTC); null where it is not',
  sequence BIGINT NOT NULL
    COMMENT 'Sequence, within its partition, of the last event that touched the row',
  updated_at DATETIME(6) NOT NULL
    COMMENT 'When that event was decided (UTC)',
  PRIMARY KEY (booking_id),
  UNIQUE KEY booking_number (number),
  KEY booking_resource_check_in (resource_id, check_in),
  KEY booking_check_in (check_in),
  KEY booking_check_out (check_out),
  KEY booking_schedule (resource_id, schedule_id),
  KEY booking_status (status, created_at),
  KEY booking_customer_ref (customer_ref)
) ENGINE = InnoDB ROW_FORMAT = DYNAMIC COLLATE = utf8mb4_bin
  COMMENT = 'Bookings as they stand'
