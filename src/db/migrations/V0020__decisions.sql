-- When an undecided purchase order was put to the approvers.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE proposal ADD COLUMN escalated_at timestamptz;
-- what waits, oldest first: the page of decisions, and what has waited for too long
CREATE INDEX proposal_waiting ON proposal (tenant_id, created_at, proposal_id) WHERE state IN ('watched', 'asked');
