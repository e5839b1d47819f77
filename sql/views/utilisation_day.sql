-- What there is and what is held, by resource and day: of services the sum over the slots of the
-- day, of nightly rooms the night that begins on it (one that was never held has no row).
CREATE VIEW utilisation_day AS
SELECT schedule_capacity.resource_id,
       schedule_capacity.date AS day,
       SUM(schedule_capacity.capacity) AS capacity,
       SUM(schedule_capacity.booked) AS booked
FROM schedule_capacity
GROUP BY schedule_capacity.resource_id, schedule_capacity.date
UNION ALL
SELECT room_night.resource_id,
       room_night.night,
       room_availability.total_units,
       room_night.booked_units
FROM room_night
JOIN room_availability ON room_availability.resource_id = room_night.resource_id
