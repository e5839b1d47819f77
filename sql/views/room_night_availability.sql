-- room_night with what a reader wants beside it: how many units there are, and how many are left.
-- A night without a row is free. available_units may be negative in nights before today.
CREATE VIEW room_night_availability AS
SELECT room_night.resource_id,
       room_availability.room_type,
       room_night.night,
       room_availability.total_units,
       room_night.booked_units,
       room_availability.total_units - room_night.booked_units AS available_units,
       room_night.sequence,
       room_night.updated_at
FROM room_night
JOIN room_availability ON room_availability.resource_id = room_night.resource_id
