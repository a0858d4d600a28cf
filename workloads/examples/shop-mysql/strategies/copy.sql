-- No marks at all: what a migration tool sends when nobody has thought about it. The table is copied; while that lasts nobody
-- may write it, and at its end nobody may read it either.
ALTER TABLE orders ADD COLUMN customer_tier TINYINT NOT NULL DEFAULT 1, ALGORITHM=COPY;
