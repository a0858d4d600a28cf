-- A shop as it stands in production after three years, to be profiled by scripts/profile-shop: schema.sql, and rows that are as
-- uneven as a shop's. Sales grow and have their hours, a few customers place most orders, some prices are much more common than
-- others, and order lines are kept of the newest orders only. The same rows every time: what looks random is a hash.
CREATE TEMPORARY TABLE chance (PRIMARY KEY (i)) ENGINE=Aria AS
SELECT i, CONV(SUBSTR(s, 1, 8), 16, 10) / 4294967296e0 AS a, CONV(SUBSTR(s, 9, 8), 16, 10) / 4294967296e0 AS b,
       CONV(SUBSTR(s, 17, 8), 16, 10) / 4294967296e0 AS c, CONV(SUBSTR(s, 25, 8), 16, 10) / 4294967296e0 AS d,
       CONV(SUBSTR(s, 33, 8), 16, 10) / 4294967296e0 AS e, CONV(SUBSTR(s, 41, 8), 16, 10) / 4294967296e0 AS f
  FROM (SELECT seq AS i, SHA2(seq, 256) AS s FROM seq_1_to_600000) x;

-- Days since the opening: more customers and orders in later years, and more in the evening than at night.
INSERT INTO customers (name, email, created_at)
SELECT CONCAT(first, ' ', last), LOWER(CONCAT(first, '.', last, i, '@', ELT(1 + FLOOR(4 * b * b), 'mail', 'post', 'web', 'office'),
         '.example')), TIMESTAMPADD(MICROSECOND, 86400e6 * (days + .11 * SIN(2 * PI() * days)), '2023-10-05 06:00:00')
  FROM (SELECT i, b, 1141 * POW((i - a) / 100000, .62) AS days,
          ELT(1 + FLOOR(16 * POW(c, 1.6)), 'Ada', 'Edsger', 'Grace', 'Donald', 'Barbara', 'Niklaus', 'Frances', 'Tony', 'Jim',
          'Michael', 'Kathleen', 'Ole-Johan', 'Radia', 'Adele', 'Ken', 'Mary') AS first,
          ELT(1 + FLOOR(24 * POW(d, 1.4)), 'Lovelace', 'Dijkstra', 'Hopper', 'Knuth', 'Liskov', 'Wirth', 'Allen', 'Hoare', 'Gray',
          'Stonebraker', 'Booth', 'Dahl', 'Perlman', 'Goldberg', 'Thompson', 'Shaw', 'Bachman', 'Codd', 'Boyce', 'Chamberlin',
          'Astrahan', 'Selinger', 'Lorie', 'Blasgen') AS last
          FROM chance WHERE i <= 100000) x ORDER BY i;

INSERT INTO products (title, price_cents)
SELECT CONCAT('product ', i), ELT(1 + FLOOR(5 * a * a), 999, 1999, 2499, 4999, 9900) + 1000 * FLOOR(20 * POW(b, 4))
  FROM chance WHERE i <= 2000 ORDER BY i;

-- Who orders is a customer by then; the oldest customers order most, and are of the better tiers.
INSERT INTO orders (customer_id, tier_code, total_cents, created_at)
SELECT customer, CASE WHEN tier < .04 + 400 / (customer + 1000) THEN 'G' WHEN tier < .3 THEN 'S' ELSE 'B' END, cents,
       TIMESTAMPADD(MICROSECOND, 86400e6 * (days + .11 * SIN(2 * PI() * days)), '2023-10-05 06:00:00')
  FROM (SELECT i, customer, CRC32(customer) / 4294967296 AS tier, 1141 * POW((i - a) / 600000, .62) AS days,
          CASE WHEN c < .22 THEN ELT(1 + FLOOR(5 * d * d), 999, 1999, 2499, 4999, 9900)
               ELSE 150 + ROUND(EXP(7.9 + 1.1 * SQRT(-2 * LN(1 - e)) * COS(2 * PI() * f))) END AS cents
          FROM (SELECT i, a, c, d, e, f, 1 + FLOOR((8000 + .153 * i) * POW(b, 2.2)) AS customer FROM chance) y) x ORDER BY i;

INSERT INTO order_items (order_id, line, product_id, quantity)
SELECT 500000 + o.i, line.seq, 1 + FLOOR(2000 * POW(p.b, 3)), 1 + FLOOR(-.6 * LN(1 - p.c))
  FROM (SELECT seq AS i, 1 + FLOOR(8 * POW(CRC32(CONCAT('lines of ', seq)) / 4294967296, 2.2)) AS line_count FROM seq_1_to_100000) o
  JOIN seq_1_to_8 line ON line.seq <= o.line_count JOIN chance p ON p.i = (o.i * 8 + line.seq) MOD 599999 + 1
 ORDER BY o.i, line.seq;

SET SESSION histogram_type = 'JSON_HB', histogram_size = 100;
ANALYZE TABLE customers, products, orders, order_items PERSISTENT FOR ALL;
