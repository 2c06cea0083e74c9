-- The address of a hook is its secret: it can be renewed, and the former one is let in for a while.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE hook ADD COLUMN previous_token_hash bytea, ADD COLUMN rotated_by text, ADD COLUMN rotated_at timestamptz;
GRANT SELECT (previous_token_hash) ON hook TO backorders_intake;

-- when a hook was last heard of
CREATE INDEX delivery_last ON delivery (tenant_id, event, received_at);
