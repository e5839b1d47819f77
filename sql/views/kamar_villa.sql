-- Room types under the names of the villa dashboard. jumlah_tersedia is null for rooms that are
-- counted night by night: there it depends on the night (room_night_availability).
CREATE VIEW kamar_villa AS
SELECT room_availability.resource_id AS id_kamar,
       room_availability.room_type AS tipe_kamar,
       room_availability.total_units AS jumlah_kamar,
       room_availability.available_units AS jumlah_tersedia,
       room_availability.active_bookings AS pemesanan_aktif,
       room_availability.updated_at
FROM room_availability
