-- name: revenue of the last hour
SELECT date_trunc('minute', created_at), count(*), sum(total_cents)
  FROM orders WHERE created_at > now() - interval '1 hour' GROUP BY 1;
