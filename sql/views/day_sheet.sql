-- What a desk expects on a day: arrivals, departures and appointments, whoever cancelled among them
-- left out, and how often the customer was missed before. A slot that was moved once nobody held it
-- is on no sheet of those who had it. Asked for by `day`.
CREATE VIEW day_sheet AS
SELECT expected.day,
       expected.kind,
       expected.at,
       booking.resource_id,
       booking.booking_id,
       booking.schedule_id,
       booking.status,
       booking.payment_status,
       booking.units,
       booking.party_size,
       booking.customer_name,
       booking.customer_phone,
       booking.subject_name,
       booking.staff_id,
       booking.is_checked_in,
       booking.is_checked_out,
       booking.hold_until,
       (SELECT COUNT(*)
          FROM customer_booking AS mine
          JOIN customer_booking AS theirs ON theirs.customer_code = mine.customer_code
          JOIN booking AS missed ON missed.booking_id = theirs.booking_id
         WHERE mine.booking_id = booking.booking_id
           AND missed.status = 'no_show'
           AND COALESCE(missed.starts_at < booking.starts_at,
                        missed.created_at < booking.created_at)) AS missed_before
FROM (SELECT check_in AS day, 'arrival' AS kind, starts_at AS at, booking_id
        FROM booking
       WHERE check_in IS NOT NULL
      UNION ALL
      SELECT check_out, 'departure', ends_at, booking_id
        FROM booking
       WHERE check_out IS NOT NULL
      UNION ALL
      SELECT schedule_capacity.date,
             'appointment',
             COALESCE(booking.appointment_at, booking.starts_at),
             booking.booking_id
        FROM schedule_capacity
        JOIN booking ON booking.resource_id = schedule_capacity.resource_id
                    AND booking.schedule_id = schedule_capacity.schedule_id
                    AND DATE(booking.starts_at) = schedule_capacity.date) AS expected
JOIN booking ON booking.booking_id = expected.booking_id
WHERE booking.status NOT IN ('cancelled', 'expired')
