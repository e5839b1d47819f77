-- What completed and paid bookings of these days bring, in rupiah; both days count. The day of a
-- booking is that of its appointment, else of its slot, else of its check-in, else (UTC) of its
-- creation. Bookings in another currency are not counted.
--   SELECT GetTotalRevenue('2025-06-01', '2025-06-10')
CREATE FUNCTION GetTotalRevenue(p_start_date DATE, p_end_date DATE)
RETURNS DECIMAL(20, 2)
READS SQL DATA
SQL SECURITY DEFINER
COMMENT 'What completed and paid bookings of these days bring, in rupiah'
RETURN (
  SELECT COALESCE(SUM(booking.total_minor), 0) / 100
  FROM booking
  LEFT JOIN schedule_capacity
    ON schedule_capacity.resource_id = booking.resource_id
   AND schedule_capacity.schedule_id = booking.schedule_id
  WHERE booking.status = 'completed'
    AND booking.payment_status = 'paid'
    AND booking.currency = 'IDR'
    AND COALESCE(DATE(booking.appointment_at), schedule_capacity.date, booking.check_in,
                 DATE(booking.created_at)) BETWEEN p_start_date AND p_end_date)
