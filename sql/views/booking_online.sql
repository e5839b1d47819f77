-- Bookings of slots under the names of the studio's online booking; tanggal_booking and jam_booking
-- are those of the slot.
CREATE VIEW booking_online AS
SELECT booking.number AS id_booking,
       booking.booking_id AS kode_booking,
       booking.customer_name AS nama_customer,
       CASE booking.customer_gender
         WHEN 'male' THEN 'Laki-laki'
         WHEN 'female' THEN 'Perempuan'
       END AS jenis_kelamin,
       booking.customer_phone AS telp_customer,
       booking.customer_email AS email_customer,
       booking.customer_address AS alamat_customer,
       booking.resource_id AS studio_id,
       schedule_capacity.date AS tanggal_booking,
       schedule_capacity.start_time AS jam_booking,
       booking.status,
       booking.payment_status,
       booking.created_at,
       booking.updated_at
FROM booking
JOIN schedule_capacity
  ON schedule_capacity.resource_id = booking.resource_id
 AND schedule_capacity.schedule_id = booking.schedule_id
