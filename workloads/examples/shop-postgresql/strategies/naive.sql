-- no marks at all: one phase, one transaction, exactly as a migration tool would run it
ALTER TABLE orders ADD COLUMN customer_tier smallint;
UPDATE orders SET customer_tier = tier_of(tier_code);
ALTER TABLE orders ALTER COLUMN customer_tier SET NOT NULL;
CREATE INDEX orders_tier_created_idx ON orders (customer_tier, created_at);
