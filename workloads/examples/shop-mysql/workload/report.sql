-- name: revenue of the last hour
SELECT DATE_FORMAT(created_at, '%H:%i') AS minute, COUNT(*), SUM(total_cents)
  FROM orders WHERE created_at > NOW(6) - INTERVAL 1 HOUR GROUP BY 1;
