-- Which delivery an intent or a mark goes back to; what a gauge may know of connections.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- W3C trace context
ALTER TABLE intent ADD COLUMN traceparent text;
ALTER TABLE host_mark ADD COLUMN traceparent text;

GRANT SELECT (token_expires_at, last_checked_at) ON connection TO backorders_queue;
