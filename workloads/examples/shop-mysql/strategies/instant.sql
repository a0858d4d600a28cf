-- rehearse:strategy instant  engine=mysql
-- rehearse:set lock_timeout=200ms retries=30 backoff=200ms..2s
-- (finer than lock_wait_timeout's whole seconds: the harness ends the wait by KILL QUERY)
-- The default is kept in the catalogue: the column is NOT NULL from its first moment and no row is touched. It says 1 for
-- every order: filling it from tier_code is what `phased` does beyond this.

-- rehearse:phase expand  kind=ddl hold=4s
ALTER TABLE orders ADD COLUMN customer_tier TINYINT NOT NULL DEFAULT 1, ALGORITHM=INSTANT;

-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN customer_tier;

-- rehearse:check "orders without a tier"  expect=0 after=expand
SELECT count(*) FROM orders WHERE customer_tier IS NULL;
