\set id random_zipfian(1, :orders_rows, 1.1)
-- name: order by id
SELECT id, customer_id, total_cents, created_at FROM orders WHERE id = :id;
