-- Whether a slot of this id can be booked: it is open, has room, and its service takes bookings.
-- Where several services use the same id, one that has room is enough.
--   SELECT IsScheduleAvailable(?) AS available
CREATE FUNCTION IsScheduleAvailable(
  p_schedule_id VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin)
RETURNS BOOLEAN
READS SQL DATA
SQL SECURITY DEFINER
COMMENT 'Whether a slot of this id can be booked'
RETURN EXISTS (
  SELECT 1
  FROM schedule_capacity
  JOIN service ON service.resource_id = schedule_capacity.resource_id
  WHERE schedule_capacity.schedule_id = p_schedule_id
    AND schedule_capacity.is_open
    AND schedule_capacity.available > 0
    AND service.is_active)
