-- "Online": the table is rebuilt while writes go on (FORCE: left alone, MariaDB would make this an instant change). An exclusive
-- lock is still taken at the beginning and at the end; without a lock_timeout it queues behind whoever reads, and everybody
-- queues behind it.
ALTER TABLE orders ADD COLUMN customer_tier TINYINT NOT NULL DEFAULT 1, FORCE, ALGORITHM=INPLACE, LOCK=NONE;
