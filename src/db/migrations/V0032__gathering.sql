-- Until when a purchase order waits for more of its vendor before it is asked or made.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE proposal ADD COLUMN gathers_until timestamptz;
CREATE INDEX proposal_gathering ON proposal (tenant_id, gathers_until)
    WHERE state = 'watched' AND gathers_until IS NOT NULL;
