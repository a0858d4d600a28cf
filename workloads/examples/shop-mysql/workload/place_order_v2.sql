-- writes both columns
\set c random(1, :customers_rows)
\set p random(1, :products_rows)
\set cents random(100, 50000)
BEGIN;
-- name: place order
INSERT INTO orders (customer_id, tier_code, customer_tier, total_cents) VALUES (:c, 'S', 2, :cents);
-- name: first item
INSERT INTO order_items (order_id, line, product_id, quantity) VALUES (LAST_INSERT_ID(), 1, :p, 1);
-- name: touch customer
UPDATE customers SET name = name WHERE id = :c;
COMMIT;
