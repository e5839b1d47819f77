-- How many bookings a user has, in one status or, with NULL, in any. A booking is the user's who
-- made it, or whose id it carries as the customer's.
--   SELECT GetUserBookingCount(?, 'completed') AS booking_count
CREATE FUNCTION GetUserBookingCount(
  p_user_id VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_status VARCHAR(11) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
RETURNS BIGINT
READS SQL DATA
SQL SECURITY DEFINER
COMMENT 'How many bookings a user has, in one status or in any'
RETURN (
  SELECT COUNT(*)
  FROM (
    SELECT booking.booking_id
    FROM booking
    WHERE booking.customer_ref = p_user_id
      AND (p_status IS NULL OR booking.status = p_status)
    UNION
    SELECT booking.booking_id
    FROM booking_history
    JOIN booking ON booking.booking_id = booking_history.booking_id
    WHERE booking_history.actor_id = p_user_id
      AND booking_history.actor_type = 'user'
      AND booking_history.event_type = 'BookingCreated'
      AND (p_status IS NULL OR booking.status = p_status)) AS theirs)
