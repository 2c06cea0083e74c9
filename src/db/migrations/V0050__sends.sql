-- How often a purchase order was sent: what the host answers without making it is not sent for ever.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE intent ADD COLUMN sends integer NOT NULL DEFAULT 0;

-- those that are tried again and again: shown to a person
CREATE INDEX intent_failing ON intent (tenant_id, created_at)
    WHERE state IN ('planned', 'sending', 'unknown', 'created') AND last_error IS NOT NULL;
