-- rehearse:strategy phased  engine=postgresql
-- rehearse:set lock_timeout=100ms retries=30 backoff=200ms..2s
-- In a marked file every statement commits by itself (tx=off): VALIDATE inside the transaction of ADD CONSTRAINT
-- would hold ACCESS EXCLUSIVE through the whole scan. Every phase that changes something says how to go back.

-- rehearse:phase expand  kind=ddl hold=2s
ALTER TABLE orders ADD COLUMN customer_tier smallint;

-- rehearse:phase dual-write  kind=app hold=2s
CREATE FUNCTION orders_tier_sync() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.customer_tier := tier_of(NEW.tier_code);   -- while v1 is still live
  RETURN NEW;
END $$;
CREATE TRIGGER orders_tier_sync BEFORE INSERT OR UPDATE OF tier_code ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_tier_sync();
-- rehearse:app v1=50% v2=50%
-- rehearse:wait 2s
-- rehearse:app v2

-- rehearse:phase backfill  kind=data
-- rehearse:backfill table=orders key=id batch=5000 on_deadlock=retry
UPDATE orders SET customer_tier = tier_of(tier_code)
 WHERE id > :lo AND id <= :hi AND customer_tier IS NULL;

-- rehearse:phase constrain  kind=ddl hold=2s
ALTER TABLE orders ADD CONSTRAINT orders_tier_nn CHECK (customer_tier IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_tier_nn;
ALTER TABLE orders ALTER COLUMN customer_tier SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_tier_nn;

-- rehearse:phase index  kind=ddl lock_timeout=0
CREATE INDEX CONCURRENTLY orders_tier_created_idx ON orders (customer_tier, created_at);

-- rehearse:phase switch-reads  kind=app hold=2s
-- rehearse:app v3

-- rehearse:phase contract  kind=ddl hold=2s
DROP TRIGGER orders_tier_sync ON orders;
DROP FUNCTION orders_tier_sync();
ALTER TABLE orders ALTER COLUMN tier_code DROP NOT NULL;
-- rehearse:app v4
-- rehearse:wait 2s
ALTER TABLE orders DROP COLUMN tier_code;

-- rehearse:rollback from=contract
-- v4 is live and writes only customer_tier: give the old column back, keep it filled, and only then move the code back.
ALTER TABLE orders ADD COLUMN tier_code char(1);
CREATE FUNCTION orders_tier_back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.tier_code := coalesce(NEW.tier_code, (ARRAY['B','S','G'])[NEW.customer_tier]);
  RETURN NEW;
END $$;
CREATE TRIGGER orders_tier_back BEFORE INSERT OR UPDATE OF customer_tier ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_tier_back();
-- rehearse:backfill table=orders key=id batch=5000
UPDATE orders SET tier_code = (ARRAY['B','S','G'])[customer_tier]
 WHERE id > :lo AND id <= :hi AND tier_code IS NULL;
ALTER TABLE orders ADD CONSTRAINT orders_code_nn CHECK (tier_code IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_code_nn;
ALTER TABLE orders ALTER COLUMN tier_code SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_code_nn;
ALTER TABLE orders ADD CONSTRAINT orders_tier_code_check CHECK (tier_code IN ('B', 'S', 'G')) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_tier_code_check;
-- rehearse:set lock_timeout=0
CREATE INDEX CONCURRENTLY orders_tier_code_idx ON orders (tier_code, created_at);   -- went with DROP COLUMN
-- rehearse:set lock_timeout=100ms
-- rehearse:app v3
DROP TRIGGER orders_tier_back ON orders;
DROP FUNCTION orders_tier_back();
CREATE FUNCTION orders_tier_sync() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.customer_tier := tier_of(NEW.tier_code);
  RETURN NEW;
END $$;
CREATE TRIGGER orders_tier_sync BEFORE INSERT OR UPDATE OF tier_code ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_tier_sync();

-- rehearse:rollback from=switch-reads
-- rehearse:app v2

-- rehearse:rollback from=index
-- rehearse:set lock_timeout=0
DROP INDEX CONCURRENTLY IF EXISTS orders_tier_created_idx;

-- rehearse:rollback from=constrain
-- rehearse:set lock_timeout=100ms
ALTER TABLE orders DROP CONSTRAINT IF EXISTS orders_tier_nn;
ALTER TABLE orders ALTER COLUMN customer_tier DROP NOT NULL;

-- rehearse:rollback from=dual-write
-- rehearse:app v1
DROP TRIGGER IF EXISTS orders_tier_sync ON orders;
DROP FUNCTION IF EXISTS orders_tier_sync();

-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN customer_tier;

-- rehearse:check "no NULL in customer_tier"  expect=0 after=backfill
SELECT count(*) FROM orders WHERE customer_tier IS NULL;
-- rehearse:check "column agrees with tier_code"  expect=0 after=index
SELECT count(*) FROM orders WHERE customer_tier IS DISTINCT FROM tier_of(tier_code);
