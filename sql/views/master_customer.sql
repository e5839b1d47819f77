-- The customer master under the names of the studio. It is not called customer, as the table is.
CREATE VIEW master_customer AS
SELECT customer.code AS kode_cs,
       customer.name AS nama_cs,
       CASE customer.gender
         WHEN 'male' THEN 'Laki-laki'
         WHEN 'female' THEN 'Perempuan'
       END AS jenis_kelamin,
       customer.phone AS telp,
       customer.email,
       customer.address AS alamat,
       customer.preferred_resource_id AS jenis_cs,
       customer.last_booking_at AS tanggal_booking,
       customer.bookings AS jumlah_booking,
       customer.updated_at
FROM customer
