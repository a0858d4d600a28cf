-- name: orders of a customer tier, newest first
SELECT id, total_cents FROM orders WHERE customer_tier = 3 ORDER BY created_at DESC LIMIT 50;
