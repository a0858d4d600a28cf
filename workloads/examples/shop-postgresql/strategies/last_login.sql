-- The statement everybody has written: now() is evaluated once, so no row is rewritten, but the lock queue is the same.
ALTER TABLE customers ADD COLUMN last_login TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL;
