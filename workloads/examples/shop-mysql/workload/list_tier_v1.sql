-- name: orders of a tier, newest first
SELECT id, total_cents FROM orders WHERE tier_code = 'G' ORDER BY created_at DESC LIMIT 50;
