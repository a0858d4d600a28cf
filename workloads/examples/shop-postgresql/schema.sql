-- The sample shop before the change: an order carries a one-letter tier code.
CREATE TABLE customers (
  id         bigserial PRIMARY KEY,
  name       text NOT NULL,
  email      text NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE orders (
  id          bigserial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customers,
  tier_code   char(1) NOT NULL CHECK (tier_code IN ('B', 'S', 'G')),
  total_cents bigint NOT NULL CHECK (total_cents >= 0),
  created_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX orders_customer_idx ON orders (customer_id);
CREATE INDEX orders_tier_code_idx ON orders (tier_code, created_at);
CREATE INDEX orders_created_idx ON orders (created_at);

CREATE TABLE order_items (
  order_id   bigint NOT NULL REFERENCES orders,
  line       smallint NOT NULL,
  product    text NOT NULL,
  quantity   integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, line)
);

CREATE FUNCTION tier_of(code char) RETURNS smallint LANGUAGE sql IMMUTABLE
  AS $$ SELECT CASE code WHEN 'B' THEN 1 WHEN 'S' THEN 2 ELSE 3 END::smallint $$;
