-- The way that upstream's systems book: a procedure per command, which checks and writes in one
-- transaction of its own. Four tables: what is free, the bookings, their history, the rooms.
CREATE TABLE peer_room (
  room VARCHAR(100) PRIMARY KEY, units INT NOT NULL
) ENGINE = InnoDB;
CREATE TABLE peer_night (
  room VARCHAR(100), night DATE, booked INT NOT NULL, PRIMARY KEY (room, night)
) ENGINE = InnoDB;
CREATE TABLE peer_booking (
  booking VARCHAR(200) PRIMARY KEY, room VARCHAR(100) NOT NULL, check_in DATE NOT NULL,
  check_out DATE NOT NULL, status VARCHAR(20) NOT NULL, customer_name VARCHAR(200) NOT NULL,
  customer_phone VARCHAR(50), customer_email VARCHAR(200), KEY (room, check_in)
) ENGINE = InnoDB;
CREATE TABLE peer_history (
  booking VARCHAR(200), version INT, old_status VARCHAR(20), new_status VARCHAR(20) NOT NULL,
  at DATETIME(6) NOT NULL, PRIMARY KEY (booking, version)
) ENGINE = InnoDB;

DELIMITER //
CREATE PROCEDURE peer_create(IN the_booking VARCHAR(200), IN the_room VARCHAR(100),
  IN first DATE, IN until DATE, IN name VARCHAR(200), IN phone VARCHAR(50), IN email VARCHAR(200))
BEGIN
  DECLARE most INT;
  DECLARE night DATE DEFAULT first;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT units INTO most FROM peer_room WHERE room = the_room FOR UPDATE;
  WHILE night < until DO
    INSERT INTO peer_night VALUES (the_room, night, 1)
      ON DUPLICATE KEY UPDATE booked = booked + 1;
    IF (SELECT booked FROM peer_night n WHERE n.room = the_room AND n.night = night) > most THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no room';
    END IF;
    SET night = night + INTERVAL 1 DAY;
  END WHILE;
  INSERT INTO peer_booking VALUES
    (the_booking, the_room, first, until, 'pending', name, phone, email);
  INSERT INTO peer_history VALUES (the_booking, 1, NULL, 'pending', NOW(6));
  COMMIT;
END //
CREATE PROCEDURE peer_change(IN the_booking VARCHAR(200), IN the_status VARCHAR(20))
BEGIN
  DECLARE before_status VARCHAR(20);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; RESIGNAL; END;
  START TRANSACTION;
  SELECT status INTO before_status FROM peer_booking WHERE booking = the_booking FOR UPDATE;
  IF before_status IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no such booking';
  END IF;
  IF the_status = 'cancelled' THEN
    UPDATE peer_night n JOIN peer_booking b ON b.room = n.room
        AND n.night >= b.check_in AND n.night < b.check_out
      SET n.booked = n.booked - 1 WHERE b.booking = the_booking;
  END IF;
  UPDATE peer_booking SET status = the_status WHERE booking = the_booking;
  INSERT INTO peer_history
    SELECT the_booking, MAX(version) + 1, before_status, the_status, NOW(6)
      FROM peer_history WHERE booking = the_booking;
  COMMIT;
END //
DELIMITER ;
