-- rehearse:strategy phased  engine=mysql
-- rehearse:set lock_timeout=200ms retries=30 backoff=200ms..2s
-- Every ALTER waits at most 200 ms for its lock and tries again; every phase that changes something says how to go back.

-- rehearse:phase expand  kind=ddl hold=2s
ALTER TABLE orders ADD COLUMN customer_tier TINYINT NULL, ALGORITHM=INSTANT;

-- rehearse:phase dual-write  kind=app hold=2s
-- rehearse:app v1=50% v2=50%
-- rehearse:wait 2s
-- rehearse:app v2

-- rehearse:phase backfill  kind=data
-- rehearse:backfill table=orders key=id batch=5000 on_deadlock=retry
UPDATE orders SET customer_tier = CASE tier_code WHEN 'B' THEN 1 WHEN 'S' THEN 2 ELSE 3 END
 WHERE id > :lo AND id <= :hi AND customer_tier IS NULL;

-- rehearse:phase constrain  kind=ddl hold=2s
ALTER TABLE orders MODIFY customer_tier TINYINT NOT NULL, ALGORITHM=INPLACE, LOCK=NONE;

-- rehearse:phase index  kind=ddl hold=2s
ALTER TABLE orders ADD KEY orders_tier_created_idx (customer_tier, created_at), ALGORITHM=INPLACE, LOCK=NONE;

-- rehearse:phase switch-reads  kind=app hold=2s
-- rehearse:app v3

-- rehearse:rollback from=switch-reads
-- rehearse:app v2

-- rehearse:rollback from=index
ALTER TABLE orders DROP KEY orders_tier_created_idx, ALGORITHM=INPLACE, LOCK=NONE;

-- rehearse:rollback from=constrain
-- v1 does not name the column: it must be allowed to be NULL before v1 is live again.
ALTER TABLE orders MODIFY customer_tier TINYINT NULL, ALGORITHM=INPLACE, LOCK=NONE;

-- rehearse:rollback from=dual-write
-- rehearse:app v1

-- rehearse:rollback from=expand
ALTER TABLE orders DROP COLUMN customer_tier;

-- rehearse:check "no NULL in customer_tier"  expect=0 after=backfill
SELECT count(*) FROM orders WHERE customer_tier IS NULL;
-- rehearse:check "column agrees with tier_code"  expect=0 after=index
SELECT count(*) FROM orders
 WHERE NOT customer_tier <=> CASE tier_code WHEN 'B' THEN 1 WHEN 'S' THEN 2 ELSE 3 END;
