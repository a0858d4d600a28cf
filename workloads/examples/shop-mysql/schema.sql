-- The sample shop before the change: an order carries a one-letter tier code.
CREATE TABLE customers (
  id         BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name       VARCHAR(80) NOT NULL,
  email      VARCHAR(120) NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  UNIQUE KEY customers_email_idx (email)
) ENGINE=InnoDB;

CREATE TABLE products (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  title       VARCHAR(80) NOT NULL,
  price_cents BIGINT NOT NULL CHECK (price_cents >= 0)
) ENGINE=InnoDB;

CREATE TABLE orders (
  id          BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id BIGINT UNSIGNED NOT NULL,
  tier_code   CHAR(1) NOT NULL CHECK (tier_code IN ('B', 'S', 'G')),
  total_cents BIGINT NOT NULL CHECK (total_cents >= 0),
  created_at  DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  KEY orders_customer_idx (customer_id),
  KEY orders_tier_code_idx (tier_code, created_at),
  KEY orders_created_idx (created_at),
  CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id)
) ENGINE=InnoDB;

-- (No foreign key to orders: every tool that copies orders would have to rebuild this table's key after its cut-over.)
CREATE TABLE order_items (
  order_id   BIGINT UNSIGNED NOT NULL,
  line       SMALLINT NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  quantity   INT NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (order_id, line),
  KEY order_items_product_idx (product_id),
  CONSTRAINT order_items_product_fk FOREIGN KEY (product_id) REFERENCES products (id)
) ENGINE=InnoDB;
