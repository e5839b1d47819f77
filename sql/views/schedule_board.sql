-- schedule_capacity with name, price, duration and time zone of its service, for a booking board.
CREATE VIEW schedule_board AS
SELECT schedule_capacity.resource_id,
       schedule_capacity.schedule_id,
       service.name AS service_name,
       service.price_minor,
       service.currency,
       service.duration_minutes,
       service.timezone,
       schedule_capacity.date,
       schedule_capacity.start_time,
       schedule_capacity.end_time,
       schedule_capacity.capacity,
       schedule_capacity.booked,
       schedule_capacity.available,
       schedule_capacity.is_open,
       schedule_capacity.sequence,
       schedule_capacity.updated_at
FROM schedule_capacity
JOIN service ON service.resource_id = schedule_capacity.resource_id
