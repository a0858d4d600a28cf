-- A web shop after three years, about 1.1 M rows: few customers buy most, articles have their season, what belongs to an order
-- is written when the order is. psql -v size=1; the same rows each time.
SET client_min_messages = warning;
SET max_parallel_workers_per_gather = 0;
SET work_mem = '128MB';
SELECT setseed(0.271828);

CREATE TYPE order_status AS ENUM ('new', 'paid', 'picking', 'shipped', 'delivered', 'returned', 'cancelled');

CREATE TABLE categories (
    category_id serial PRIMARY KEY,
    parent_id integer REFERENCES categories,
    slug varchar(60) NOT NULL UNIQUE,
    title varchar(80) NOT NULL,
    position smallint NOT NULL DEFAULT 0);

CREATE TABLE customers (
    customer_id bigserial PRIMARY KEY,
    email varchar(120) NOT NULL,
    first_name varchar(40),
    last_name varchar(40) NOT NULL,
    gender char(1),
    birthday date,
    phone varchar(24),
    locale char(5) NOT NULL DEFAULT 'de_DE',
    newsletter boolean NOT NULL DEFAULT false,
    loyalty_points integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_login_at timestamptz,
    blocked_reason text);

CREATE TABLE addresses (
    address_id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    kind varchar(10) NOT NULL,
    street varchar(90) NOT NULL,
    zip varchar(10) NOT NULL,
    city varchar(50) NOT NULL,
    country char(2) NOT NULL,
    is_default boolean NOT NULL);

CREATE TABLE products (
    product_id serial PRIMARY KEY,
    category_id integer NOT NULL REFERENCES categories,
    sku varchar(20) NOT NULL UNIQUE,
    name varchar(120) NOT NULL,
    price numeric(10,2) NOT NULL CHECK (price > 0),
    vat_rate numeric(4,2) NOT NULL,
    weight_g integer,
    stock integer NOT NULL DEFAULT 0,
    attributes jsonb NOT NULL DEFAULT '{}',
    active boolean NOT NULL DEFAULT true,
    introduced date NOT NULL);

CREATE TABLE orders (
    order_id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL,
    address_id bigint,
    status order_status NOT NULL,
    channel varchar(12) NOT NULL,
    currency char(3) NOT NULL DEFAULT 'EUR',
    total numeric(12,2) NOT NULL,
    coupon varchar(16),
    placed_at timestamptz NOT NULL,
    paid_at timestamptz,
    shipped_at timestamptz,
    comment text);

CREATE TABLE order_items (
    order_id bigint NOT NULL,
    line_no smallint NOT NULL,
    product_id integer NOT NULL,
    quantity smallint NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    discount numeric(5,2),
    gift_wrap boolean NOT NULL DEFAULT false);

CREATE TABLE payments (
    payment_id bigserial PRIMARY KEY,
    order_id bigint NOT NULL,
    method varchar(16) NOT NULL,
    provider_ref varchar(40),
    amount numeric(12,2) NOT NULL,
    state smallint NOT NULL,
    captured_at timestamptz);

CREATE TABLE reviews (
    review_id bigserial PRIMARY KEY,
    product_id integer NOT NULL,
    customer_id bigint,
    rating smallint NOT NULL CHECK (rating BETWEEN 1 AND 5),
    title varchar(100),
    body text,
    helpful integer NOT NULL DEFAULT 0,
    written_on date NOT NULL);

INSERT INTO categories (parent_id, slug, title, position)
SELECT CASE WHEN i > 12 THEN CASE WHEN i <= 90 THEN 1 + i % 12 ELSE 13 + (random() * 77)::int END END,
    'category-' || i, initcap(substr(md5(i::text), 1, 4 + i % 9)) || ' & more', i % 20
FROM generate_series(1, 380) i;

CREATE TEMP TABLE town AS
SELECT i, (ARRAY['DE', 'DE', 'DE', 'DE', 'DE', 'AT', 'CH', 'FR', 'NL', 'PL'])[1 + (random() * random() * 10)::int % 10] country,
    initcap(substr(translate(md5('town' || i), '0123456789', 'aeioulnrst'), 1, 4 + i % 8)) city, 1000 + (random() * 89000)::int zip
FROM generate_series(1, 2400) i;
CREATE INDEX ON town (i);

INSERT INTO customers (email, first_name, last_name, gender, birthday, phone, locale, newsletter, loyalty_points, created_at,
    last_login_at, blocked_reason)
SELECT lower(f) || '.' || lower(l) || i || '@' || (ARRAY['gmail.com', 'gmx.de', 'web.de', 'outlook.com', 'proton.me', 'firma-'
        || i % 900 || '.de'])[1 + (r1 * r1 * 6)::int % 6], CASE WHEN r2 < .93 THEN f END, l,
    CASE WHEN r2 < .4 THEN 'f' WHEN r2 < .78 THEN 'm' WHEN r2 < .8 THEN 'd' END,
    CASE WHEN r3 < .55 THEN date '1945-01-01' + (random() * 11000 + random() * 12000)::int END,
    CASE WHEN r4 < .35 THEN '+49 ' || (ARRAY['151', '160', '170', '171', '175', '30', '40', '89'])[1 + (r2 * 7.99)::int % 8] || ' '
        || (1000000 + random() * 8999999)::int END,
    CASE WHEN r5 < .8 THEN 'de_DE' WHEN r5 < .9 THEN 'de_AT' WHEN r5 < .95 THEN 'fr_FR' ELSE 'en_GB' END, r3 < .3,
    CASE WHEN r1 < .5 THEN 0 ELSE (25 * floor(exp(random() * 6)))::int END,
    timestamptz '2021-01-01 00:00+01' + (i / (56000.0 * :size)) ^ 0.8 * interval '1150 days' + random() * interval '2 hours',
    CASE WHEN r4 < .8 THEN timestamptz '2024-03-01 00:00+01' - random() ^ 3 * interval '900 days' END,
    CASE WHEN r5 < .004 THEN 'chargeback ' || (random() * 90000)::int END
FROM (SELECT i, random() r1, random() r2, random() r3, random() r4, random() r5,
        (ARRAY['Anna', 'Ben', 'Clara', 'David', 'Emma', 'Finn', 'Greta', 'Hannah', 'Ida', 'Jonas', 'Karl', 'Lena', 'Mia', 'Noah',
            'Oskar', 'Paul', 'Rosa', 'Sophie', 'Theo', 'Uwe'])[1 + (random() ^ 1.5 * 20)::int % 20] f,
        (ARRAY['Müller', 'Schmidt', 'Schneider', 'Fischer', 'Weber', 'Meyer', 'Wagner', 'Becker', 'Hoffmann', 'Koch'])
            [1 + (random() * 10)::int % 10] || CASE WHEN random() < .7 THEN '' ELSE '-' || initcap(substr(translate(md5(
            (random() * 4000)::int::text), '0123456789', 'aeioulnrst'), 1, 6)) END l
    FROM generate_series(1, (56000 * :size)::int) i) x;

INSERT INTO addresses (customer_id, kind, street, zip, city, country, is_default)
SELECT c, CASE WHEN n = 1 THEN 'billing' ELSE 'shipping' END, initcap(substr(translate(md5((random() * 9000)::int::text),
    '0123456789', 'aeioulnrst'), 1, 5 + (random() * 6)::int)) || 'straße ' || 1 + (random() ^ 2 * 140)::int, lpad(zip::text, 5, '0'),
    city, country, n = 1
FROM (SELECT c, generate_series(1, 1 + (random() ^ 4 * 3.4)::int) n, 1 + (random() ^ 2.5 * 2399)::int t
      FROM generate_series(1, (56000 * :size)::int) c) x JOIN town ON i = t ORDER BY c, n;

INSERT INTO products (category_id, sku, name, price, vat_rate, weight_g, stock, attributes, active, introduced)
SELECT 13 + (random() ^ 1.6 * 367)::int, upper(substr(md5('sku' || i), 1, 3)) || '-' || lpad((i * 37 % 100000)::text, 5, '0'),
    (ARRAY['Classic', 'Basic', 'Pro', 'Kids', 'Eco', 'Urban', 'Outdoor'])[1 + (random() * 7)::int % 7] || ' ' || initcap(substr(
    translate(md5((i / 3)::text), '0123456789', 'aeioulnrst'), 1, 7)) || ' ' || i % 50, p,
    CASE WHEN random() < .85 THEN 19 WHEN random() < .9 THEN 7 ELSE 0 END, CASE WHEN random() < .9 THEN
    (10 * floor(exp(random() * 6)))::int END, CASE WHEN random() < .2 THEN 0 ELSE (random() ^ 3 * 900)::int END,
    jsonb_build_object('color', (ARRAY['black', 'white', 'red', 'blue', 'green', 'grey'])[1 + (random() ^ 2 * 6)::int % 6], 'size',
    (ARRAY['XS', 'S', 'M', 'L', 'XL'])[1 + (random() * 5)::int % 5]) || CASE WHEN random() < .3 THEN jsonb_build_object('season',
    1 + i % 12, 'organic', random() < .2) ELSE '{}' END, random() < .82, date '2018-05-01' + (i * 2000.0 / (11000 * :size))::int
FROM (SELECT i, (floor(exp(1 + random() * 4)) + (ARRAY[.99, .95, .49, .00])[1 + (random() * 4)::int % 4])::numeric(10,2) p
      FROM generate_series(1, (11000 * :size)::int) i) x;

-- Who orders: a tenth of the customers half of the time. When: growing, more before Christmas.
CREATE TEMP TABLE basket AS
SELECT o, t, 1 + (c * 7919) % (56000 * :size)::bigint customer, extract(month FROM t)::int season, random() r1, random() r2,
    random() r3, least(12, floor(1 + exp(random() * random() * 2.9)))::int - 1 lines
FROM (SELECT row_number() OVER (ORDER BY t) o, t, floor(exp(random() * ln(56000 * :size)) * (CASE WHEN random() < .6 THEN 1 ELSE 0
            END) + (random() * 56000 * :size) * (CASE WHEN random() < .5 THEN 1 ELSE .3 END))::bigint c
      FROM (SELECT timestamptz '2021-03-01 00:00+01' + (d + (CASE WHEN random() < .8 THEN .35 + random() * .6 ELSE random() END))
            * interval '1 day' t FROM (SELECT floor(random() ^ .7 * 1095) d FROM generate_series(1, (250000 * :size)::int)) x
            WHERE random() < CASE WHEN d::int % 365 BETWEEN 260 AND 300 THEN 1 ELSE .72 END) y) z;

INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price, discount, gift_wrap)
SELECT o, n, product_id, CASE WHEN q < .78 THEN 1 WHEN q < .92 THEN 2 ELSE 3 + (random() ^ 3 * 20)::int END,
    CASE WHEN random() < .85 THEN price ELSE round(price * .9, 2) END, CASE WHEN random() < .12 THEN (ARRAY[5, 10, 15, 20, 50])
    [1 + (random() ^ 2 * 5)::int % 5] END, season IN (11, 12) AND random() < .2
FROM (SELECT o, season, n, random() q, CASE WHEN random() < .4 THEN ((floor(random() ^ 2 * 900 * :size) * 12 + season)::int
            % (11000 * :size)::int) + 1 ELSE least((11000 * :size)::int, floor(exp(random() * ln(11000 * :size)))::int) END p
      FROM (SELECT o, season, generate_series(1, lines) n FROM basket) x) y
JOIN products ON product_id = p ORDER BY o, n;

INSERT INTO orders (order_id, customer_id, address_id, status, channel, currency, total, coupon, placed_at, paid_at, shipped_at,
    comment)
SELECT b.o, b.customer, CASE WHEN r1 < .96 THEN b.customer END, s::order_status, CASE WHEN r2 < .5 THEN 'web' WHEN r2 < .85
        THEN 'app' WHEN r2 < .97 THEN 'marketplace' ELSE 'phone' END, CASE WHEN r3 < .93 THEN 'EUR' ELSE 'CHF' END,
    coalesce(sum, 0) + CASE WHEN coalesce(sum, 0) < 50 THEN 4.95 ELSE 0 END, CASE WHEN r1 < .07 THEN upper(substr(md5(
    (random() ^ 3 * 300)::int::text), 1, 8)) END, t, CASE WHEN s NOT IN ('new', 'cancelled') THEN t + random() ^ 6 * interval '6 days'
    END, CASE WHEN s IN ('shipped', 'delivered', 'returned') THEN t + interval '8 hours' + random() * interval '3 days' END,
    CASE WHEN r3 < .06 THEN 'Please ' || (ARRAY['leave at the door', 'ring twice', 'call ' || (r2 * 1e6)::int, 'deliver after '
    || (r2 * 12)::int || ' h'])[1 + (r1 * 4)::int % 4] END
FROM (SELECT *, CASE WHEN t < '2024-02-20' THEN CASE WHEN r2 < .86 THEN 'delivered' WHEN r2 < .94 THEN 'returned' ELSE 'cancelled' END
        ELSE (ARRAY['new', 'paid', 'picking', 'shipped', 'shipped', 'delivered'])[1 + (r2 * 6)::int % 6] END s FROM basket) b
LEFT JOIN (SELECT order_id, sum(unit_price * quantity) FROM order_items GROUP BY 1) i ON order_id = b.o ORDER BY b.o;
UPDATE orders SET address_id = a FROM (SELECT customer_id c, max(address_id) a FROM addresses GROUP BY 1) x
WHERE c = customer_id AND address_id IS NOT NULL;
CREATE TEMP TABLE sorted AS SELECT * FROM orders ORDER BY order_id;
TRUNCATE orders;
INSERT INTO orders SELECT * FROM sorted ORDER BY order_id;
SELECT setval('orders_order_id_seq', max(order_id)) FROM orders \g /dev/null

INSERT INTO payments (order_id, method, provider_ref, amount, state, captured_at)
SELECT order_id, m, CASE WHEN m <> 'invoice' THEN substr(m, 1, 2) || '_' || md5(order_id::text || try) END, total,
    CASE WHEN try < tries THEN 9 WHEN paid_at IS NULL THEN 0 ELSE 3 END, CASE WHEN try = tries THEN paid_at END
FROM (SELECT order_id, total, paid_at, tries, generate_series(1, tries) try,
        (ARRAY['paypal', 'paypal', 'card', 'card', 'invoice', 'sepa', 'gift_card'])[1 + (random() * 7)::int % 7] m
      FROM (SELECT *, CASE WHEN random() < .93 THEN 1 ELSE 2 + (random() ^ 3 * 2)::int END tries FROM orders
            WHERE status <> 'new') x) y ORDER BY order_id, try;

INSERT INTO reviews (product_id, customer_id, rating, title, body, helpful, written_on)
SELECT product_id, CASE WHEN random() < .9 THEN customer_id END, (ARRAY[5, 5, 5, 4, 4, 3, 2, 1, 1])[1 + (random() * 9)::int % 9],
    CASE WHEN r < .7 THEN (ARRAY['Great', 'Good value', 'Disappointed', 'As described', 'Would buy again', 'Broke after '
    || (random() * 30)::int || ' days'])[1 + (random() * 6)::int % 6] END,
    CASE WHEN r < .6 THEN rtrim(repeat('really nice and soft ', (random() ^ 3 * 20)::int) || substr(md5(order_id::text), 1, (random() * 20)::int))
    END, (random() ^ 8 * 60)::int, placed_at::date + 5 + (random() ^ 2 * 60)::int
FROM (SELECT o.order_id, o.customer_id, o.placed_at, i.product_id, random() r FROM orders o JOIN order_items i USING (order_id)
      WHERE random() < .12) x ORDER BY placed_at;

ALTER TABLE addresses ADD FOREIGN KEY (customer_id) REFERENCES customers;
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers, ADD FOREIGN KEY (address_id) REFERENCES addresses;
ALTER TABLE order_items ADD PRIMARY KEY (order_id, line_no), ADD FOREIGN KEY (order_id) REFERENCES orders ON DELETE CASCADE,
    ADD FOREIGN KEY (product_id) REFERENCES products;
ALTER TABLE payments ADD FOREIGN KEY (order_id) REFERENCES orders;
ALTER TABLE reviews ADD FOREIGN KEY (product_id) REFERENCES products, ADD FOREIGN KEY (customer_id) REFERENCES customers;
CREATE UNIQUE INDEX customers_email ON customers (lower(email));
CREATE INDEX customers_name ON customers (last_name, first_name);
CREATE INDEX addresses_customer ON addresses (customer_id);
CREATE INDEX addresses_zip ON addresses (country, zip);
CREATE INDEX products_category ON products (category_id);
CREATE INDEX products_attributes ON products USING gin (attributes);
CREATE INDEX orders_customer ON orders (customer_id, placed_at);
CREATE INDEX orders_placed ON orders (placed_at);
CREATE INDEX orders_open ON orders (status) WHERE status IN ('new', 'paid', 'picking');
CREATE INDEX order_items_product ON order_items (product_id);
CREATE INDEX payments_order ON payments (order_id);
CREATE INDEX payments_ref ON payments (provider_ref);
CREATE INDEX reviews_product ON reviews (product_id, rating);
VACUUM ANALYZE;
