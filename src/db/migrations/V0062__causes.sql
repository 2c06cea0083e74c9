-- Why something is short and nobody is asked about it.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE allocation ADD COLUMN cause jsonb;      -- domain::remark::Remark
ALTER TABLE backorder ADD COLUMN cause text;        -- its kind, of the line that lacks the most
CREATE INDEX backorder_cause ON backorder (tenant_id, cause, expected_on, kind, document_id)
    WHERE cause IS NOT NULL AND state NOT IN ('delivered', 'cancelled');
