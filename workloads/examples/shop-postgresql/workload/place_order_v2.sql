-- writes both columns
\set c random(1, :customers_rows)
\set cents random(100, 50000)
BEGIN;
-- name: place order
INSERT INTO orders (customer_id, tier_code, customer_tier, total_cents) VALUES (:c, 'S', 2, :cents);
-- name: touch customer
UPDATE customers SET name = name WHERE id = :c;
COMMIT;
