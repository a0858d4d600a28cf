-- writes the old column only
-- (The order comes first: an UPDATE of customers locks the definition of orders too, which refers to it. Who asks for more of
-- that lock later is in a deadlock with any ALTER that stands in between.)
\set c random(1, :customers_rows)
\set p random(1, :products_rows)
\set cents random(100, 50000)
BEGIN;
-- name: place order
INSERT INTO orders (customer_id, tier_code, total_cents) VALUES (:c, 'S', :cents);
-- name: first item
INSERT INTO order_items (order_id, line, product_id, quantity) VALUES (LAST_INSERT_ID(), 1, :p, 1);
-- name: touch customer
UPDATE customers SET name = name WHERE id = :c;
COMMIT;
