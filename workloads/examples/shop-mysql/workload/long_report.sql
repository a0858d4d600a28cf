-- Reads orders and leaves its transaction open: its metadata lock stands in every ALTER's way until COMMIT.
BEGIN;
SELECT max(id) FROM orders;
\sleep :hold_ms ms
COMMIT;
