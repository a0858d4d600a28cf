-- A shop as it stands in production after three years, to be profiled by scripts/profile-shop: schema.sql, and rows that are as
-- uneven as a shop's. Sales grow and have their hours, a few customers place most orders, some prices are much more common than
-- others, and order lines are kept of the newest orders only. The same rows every time: what looks random is a hash.
CREATE FUNCTION pg_temp.h(i bigint, what int) RETURNS float8 LANGUAGE sql IMMUTABLE
  AS $$ SELECT (hashint8extended(i, what) & 4294967295) / 4294967296.0 $$;
-- The i-th of n: more of them in later years, and more in the evening than at night.
CREATE FUNCTION pg_temp.moment(i bigint, n bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
  SELECT timestamptz '2023-10-05 06:00:00+00' + interval '1 day' * (d + .11 * sin(2 * pi() * d)) FROM
    (SELECT 1141 * power((i - pg_temp.h(i, 1)) / n, .62) AS d) x $$;

INSERT INTO customers (name, email, created_at)
SELECT first || ' ' || last, lower(first || '.' || last) || i || '@' || (ARRAY['mail', 'post', 'web', 'office'])[
         1 + floor(4 * pg_temp.h(i, 2) ^ 2)::int] || '.example', pg_temp.moment(i, 100000)
  FROM (SELECT i, (ARRAY['Ada', 'Edsger', 'Grace', 'Donald', 'Barbara', 'Niklaus', 'Frances', 'Tony', 'Jim', 'Michael', 'Kathleen',
          'Ole-Johan', 'Radia', 'Adele', 'Ken', 'Mary'])[1 + floor(16 * pg_temp.h(i, 3) ^ 1.6)::int] AS first,
          (ARRAY['Lovelace', 'Dijkstra', 'Hopper', 'Knuth', 'Liskov', 'Wirth', 'Allen', 'Hoare', 'Gray', 'Stonebraker', 'Booth',
          'Dahl', 'Perlman', 'Goldberg', 'Thompson', 'Shaw', 'Bachman', 'Codd', 'Boyce', 'Chamberlin', 'Astrahan', 'Selinger',
          'Lorie', 'Blasgen'])[1 + floor(24 * pg_temp.h(i, 4) ^ 1.4)::int] AS last
          FROM generate_series(1, 100000) i) x ORDER BY i;

-- Who orders is a customer by then; the oldest customers order most, and are of the better tiers.
INSERT INTO orders (customer_id, tier_code, total_cents, created_at)
SELECT c, CASE WHEN pg_temp.h(c, 5) < .04 + 400.0 / (c + 1000) THEN 'G' WHEN pg_temp.h(c, 5) < .3 THEN 'S' ELSE 'B' END,
       CASE WHEN pg_temp.h(i, 6) < .22 THEN (ARRAY[999, 1999, 2499, 4999, 9900])[1 + floor(5 * pg_temp.h(i, 7) ^ 2)::int]
            ELSE 150 + round(exp(7.9 + 1.1 * sqrt(-2 * ln(1 - pg_temp.h(i, 8))) * cos(2 * pi() * pg_temp.h(i, 9)))) END,
       pg_temp.moment(i, 1000000)
  FROM (SELECT i, 1 + floor((8000 + .092 * i) * pg_temp.h(i, 10) ^ 2.2)::bigint AS c FROM generate_series(1, 1000000) i) x
 ORDER BY i;

INSERT INTO order_items (order_id, line, product, quantity)
SELECT o, line, 'product ' || 1 + floor(2000 * pg_temp.h(o * 16 + line, 11) ^ 3),
       1 + floor(-.6 * ln(1 - pg_temp.h(o * 16 + line, 12)))
  FROM (SELECT o, generate_series(1, 1 + floor(8 * pg_temp.h(o, 13) ^ 2.2)::int) AS line FROM generate_series(900001, 1000000) o) x
 ORDER BY o, line;
VACUUM ANALYZE;
