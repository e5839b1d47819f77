-- Bookings of rooms under the names of the villa dashboard; id_pemesanan is its integer id.
CREATE VIEW pemesanan AS
SELECT booking.number AS id_pemesanan,
       booking.booking_id AS kode_pemesanan,
       booking.resource_id AS id_kamar,
       room_availability.room_type AS tipe_kamar,
       booking.customer_name AS nama_pemesan,
       booking.check_in AS tanggal_checkin,
       booking.check_out AS tanggal_checkout,
       booking.units AS jumlah_kamar,
       booking.party_size AS jumlah_tamu,
       booking.status AS status_pemesanan,
       booking.payment_status AS status_pembayaran,
       booking.is_checked_in,
       booking.is_checked_out,
       booking.checked_in_at AS actual_checkin,
       booking.checked_out_at AS actual_checkout,
       booking.created_at,
       booking.updated_at
FROM booking
JOIN room_availability ON room_availability.resource_id = booking.resource_id
