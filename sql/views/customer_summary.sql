-- A customer and what became of their bookings. A visit is a booking whose guest came: checked in,
-- in progress or completed. Paid is the sum over payment, what was refunded taken away; payments of
-- deleted bookings count, as the customer made them. last_visit_at is local, and of bookings with
-- dates or a slot. Asked for by `code`.
CREATE VIEW customer_summary AS
SELECT customer.code,
       customer.name,
       customer.phone,
       customer.email,
       customer.preferred_resource_id,
       customer.bookings,
       (SELECT COUNT(*)
          FROM customer_booking
          JOIN booking ON booking.booking_id = customer_booking.booking_id
         WHERE customer_booking.customer_code = customer.code
           AND (booking.checked_in_at IS NOT NULL
                OR booking.status IN ('in_progress', 'completed'))) AS visits,
       (SELECT COUNT(*)
          FROM customer_booking
          JOIN booking ON booking.booking_id = customer_booking.booking_id
         WHERE customer_booking.customer_code = customer.code
           AND booking.status = 'no_show') AS no_shows,
       (SELECT COUNT(*)
          FROM customer_booking
          JOIN booking ON booking.booking_id = customer_booking.booking_id
         WHERE customer_booking.customer_code = customer.code
           AND booking.status = 'cancelled') AS cancellations,
       (SELECT MAX(booking.starts_at)
          FROM customer_booking
          JOIN booking ON booking.booking_id = customer_booking.booking_id
         WHERE customer_booking.customer_code = customer.code
           AND (booking.checked_in_at IS NOT NULL
                OR booking.status IN ('in_progress', 'completed'))) AS last_visit_at,
       (SELECT COALESCE(SUM(CASE payment.status WHEN 'refunded' THEN -payment.amount_minor
                                                ELSE payment.amount_minor END), 0)
          FROM customer_booking
          JOIN payment ON payment.booking_id = customer_booking.booking_id
         WHERE customer_booking.customer_code = customer.code) AS paid
FROM customer
