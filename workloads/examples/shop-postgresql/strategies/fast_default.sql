-- rehearse:strategy fast-default  engine=postgresql min=11
-- rehearse:set lock_timeout=100ms retries=30 backoff=200ms..2s
-- A constant default is kept in the catalogue (PostgreSQL 11): the column is NOT NULL from its first moment and no row is
-- rewritten. Only the rows that differ from the default are updated afterwards.

-- rehearse:phase expand  kind=ddl hold=4s
ALTER TABLE orders ADD COLUMN customer_tier smallint NOT NULL DEFAULT 1;

-- rehearse:phase dual-write  kind=app hold=3s
CREATE FUNCTION orders_tier_sync() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.customer_tier := tier_of(NEW.tier_code);
  RETURN NEW;
END $$;
CREATE TRIGGER orders_tier_sync BEFORE INSERT OR UPDATE OF tier_code ON orders
  FOR EACH ROW EXECUTE FUNCTION orders_tier_sync();

-- rehearse:phase backfill  kind=data
-- rehearse:backfill table=orders key=id batch=5000 on_deadlock=retry
UPDATE orders SET customer_tier = tier_of(tier_code)
 WHERE id > :lo AND id <= :hi AND customer_tier <> tier_of(tier_code);

-- rehearse:phase index  kind=ddl lock_timeout=0
CREATE INDEX CONCURRENTLY orders_tier_created_idx ON orders (customer_tier, created_at);

-- rehearse:phase switch-reads  kind=app hold=5s
-- rehearse:app v3

-- rehearse:rollback from=switch-reads
-- rehearse:app v1

-- rehearse:rollback from=index
-- rehearse:set lock_timeout=0
DROP INDEX CONCURRENTLY orders_tier_created_idx;

-- rehearse:rollback from=dual-write
-- rehearse:set lock_timeout=100ms
DROP TRIGGER orders_tier_sync ON orders;
DROP FUNCTION orders_tier_sync();

-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN customer_tier;

-- rehearse:check "column agrees with tier_code"  expect=0 after=index
SELECT count(*) FROM orders WHERE customer_tier IS DISTINCT FROM tier_of(tier_code);
