-- The slots of a service on a date that can be booked, in the order of the day.
--   CALL GetAvailableSchedules(?, ?)
CREATE PROCEDURE GetAvailableSchedules(
  p_service_id VARCHAR(63) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  p_date DATE)
READS SQL DATA
SQL SECURITY DEFINER
COMMENT 'The slots of a service on a date that can be booked'
SELECT schedule_capacity.schedule_id,
       schedule_capacity.date,
       schedule_capacity.start_time,
       schedule_capacity.end_time,
       schedule_capacity.capacity AS max_capacity,
       schedule_capacity.booked AS current_bookings,
       schedule_capacity.available
FROM schedule_capacity
JOIN service ON service.resource_id = schedule_capacity.resource_id
WHERE schedule_capacity.resource_id = p_service_id
  AND schedule_capacity.date = p_date
  AND schedule_capacity.is_open
  AND schedule_capacity.available > 0
  AND service.is_active
ORDER BY schedule_capacity.start_time, schedule_capacity.schedule_id
