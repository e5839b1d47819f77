-- What a desk asks of the tables (docs/tables.md): each question is one statement, with dates of an
-- example to be replaced. Where dialects differ there are two, one for files (SQLite) and one for
-- servers (MySQL and MariaDB). A test runs all of them, and looks at how they are carried out.

-- Utilisation: how full each resource was, by day
SELECT utilisation_day.resource_id,
       utilisation_day.day,
       utilisation_day.capacity,
       utilisation_day.booked,
       100 * utilisation_day.booked / utilisation_day.capacity AS percent
FROM utilisation_day
WHERE utilisation_day.day BETWEEN '2026-12-01' AND '2026-12-07'
  AND utilisation_day.capacity > 0
ORDER BY utilisation_day.resource_id, utilisation_day.day;

-- No-shows: their rate by service and weekday (0 is Sunday), on files
SELECT booking.resource_id,
       CAST(strftime('%w', schedule_capacity.date) AS INTEGER) AS weekday,
       COUNT(*) AS expected,
       SUM(CASE booking.status WHEN 'no_show' THEN 1 ELSE 0 END) AS no_shows
FROM schedule_capacity
JOIN booking
  ON booking.resource_id = schedule_capacity.resource_id
 AND booking.schedule_id = schedule_capacity.schedule_id
WHERE schedule_capacity.date BETWEEN '2026-12-01' AND '2026-12-07'
  AND booking.status NOT IN ('pending', 'cancelled', 'expired')
GROUP BY booking.resource_id, weekday
ORDER BY booking.resource_id, weekday;

-- No-shows: their rate by service and weekday (0 is Sunday), on servers
SELECT booking.resource_id,
       DAYOFWEEK(schedule_capacity.date) - 1 AS weekday,
       COUNT(*) AS expected,
       SUM(CASE booking.status WHEN 'no_show' THEN 1 ELSE 0 END) AS no_shows
FROM schedule_capacity
JOIN booking
  ON booking.resource_id = schedule_capacity.resource_id
 AND booking.schedule_id = schedule_capacity.schedule_id
WHERE schedule_capacity.date BETWEEN '2026-12-01' AND '2026-12-07'
  AND booking.status NOT IN ('pending', 'cancelled', 'expired')
GROUP BY booking.resource_id, weekday
ORDER BY booking.resource_id, weekday;

-- Returning customers: of those who had an appointment, how many had booked for an earlier day
SELECT COUNT(DISTINCT customer.code) AS customers,
       COUNT(DISTINCT CASE WHEN customer.first_booking_at < '2026-12-01' THEN customer.code END)
         AS returning_customers
FROM schedule_capacity
JOIN booking
  ON booking.resource_id = schedule_capacity.resource_id
 AND booking.schedule_id = schedule_capacity.schedule_id
JOIN customer_booking ON customer_booking.booking_id = booking.booking_id
JOIN customer ON customer.code = customer_booking.customer_code
WHERE schedule_capacity.date BETWEEN '2026-12-01' AND '2026-12-07'
  AND booking.status NOT IN ('cancelled', 'expired');

-- Today: who is expected, and how often each was missed before
SELECT day_sheet.at,
       day_sheet.kind,
       day_sheet.booking_id,
       day_sheet.status,
       day_sheet.customer_name,
       day_sheet.customer_phone,
       day_sheet.missed_before
FROM day_sheet
WHERE day_sheet.day = '2026-12-01'
ORDER BY day_sheet.at, day_sheet.booking_id;

-- Late cancellations: less than a day before the appointment, in local time, on files. SQLite knows
-- no time zones: say how far each of yours is ahead of UTC
WITH zone AS (
  SELECT 'Asia/Jakarta' AS timezone, '+7 hours' AS ahead
  UNION ALL SELECT 'Asia/Makassar', '+8 hours'
)
SELECT booking.booking_id,
       booking.customer_name,
       booking.starts_at,
       datetime(booking.cancelled_at, zone.ahead) AS cancelled_at
FROM booking
JOIN service ON service.resource_id = booking.resource_id
JOIN zone ON zone.timezone = service.timezone
WHERE booking.status = 'cancelled'
  AND booking.starts_at BETWEEN '2026-12-01' AND '2026-12-08'
  AND datetime(booking.cancelled_at, zone.ahead) > datetime(booking.starts_at, '-1 day')
ORDER BY booking.starts_at, booking.booking_id;

-- Late cancellations: less than a day before the appointment, in local time, on servers. CONVERT_TZ
-- knows zones by name only where somebody loaded them; these offsets need nothing
WITH zone AS (
  SELECT 'Asia/Jakarta' AS timezone, 7 AS ahead
  UNION ALL SELECT 'Asia/Makassar', 8
)
SELECT booking.booking_id,
       booking.customer_name,
       booking.starts_at,
       booking.cancelled_at + INTERVAL zone.ahead HOUR AS cancelled_at
FROM booking
JOIN service ON service.resource_id = booking.resource_id
JOIN zone ON zone.timezone = service.timezone
WHERE booking.status = 'cancelled'
  AND booking.starts_at BETWEEN '2026-12-01' AND '2026-12-08'
  AND booking.cancelled_at + INTERVAL zone.ahead HOUR > booking.starts_at - INTERVAL 1 DAY
ORDER BY booking.starts_at, booking.booking_id;

-- Takings: what each member of staff brought, by who served when it was paid, also of bookings that
-- were deleted since: history says who served
SELECT taken.staff_id,
       SUM(CASE taken.status WHEN 'refunded' THEN -taken.amount_minor ELSE taken.amount_minor END)
         AS taken_minor
FROM (SELECT payment.status,
             payment.amount_minor,
             (SELECT REPLACE(JSON_EXTRACT(booking_history.details, '$.staff_id'), '"', '')
                FROM booking_history
               WHERE booking_history.booking_id = payment.booking_id
                 AND booking_history.version <= payment.version
                 AND JSON_EXTRACT(booking_history.details, '$.staff_id') IS NOT NULL
               ORDER BY booking_history.version DESC
               LIMIT 1) AS staff_id
        FROM payment
       WHERE payment.at >= '2026-11-30' AND payment.at < '2026-12-08') AS taken
GROUP BY taken.staff_id
ORDER BY taken.staff_id;

-- A customer: what became of their bookings
SELECT customer_summary.name,
       customer_summary.bookings,
       customer_summary.visits,
       customer_summary.no_shows,
       customer_summary.cancellations,
       customer_summary.last_visit_at,
       customer_summary.paid
FROM customer_summary
WHERE customer_summary.code = 'CS-000001';
