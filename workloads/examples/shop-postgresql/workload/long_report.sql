-- Reads orders and leaves its transaction open: its ACCESS SHARE lock stands in every ALTER's way until COMMIT.
BEGIN;
SELECT max(id) FROM orders;
\sleep :hold_ms ms
COMMIT;
