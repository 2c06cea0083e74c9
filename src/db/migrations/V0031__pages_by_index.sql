-- Each page of the work list is one range of one index, also behind row security: there only plain columns are
-- compared in an index, not what a function such as COALESCE makes of them.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE backorder
    -- what the list is sorted by; without a date it comes last
    ADD COLUMN expected_on date GENERATED ALWAYS AS (COALESCE(promise, 'infinity')) STORED,
    ADD COLUMN needed_on date GENERATED ALWAYS AS (COALESCE(need_by, 'infinity')) STORED;

DROP INDEX backorder_open, backorder_state, backorder_need_by;
CREATE INDEX backorder_expected ON backorder (tenant_id, expected_on, kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX backorder_state ON backorder (tenant_id, state, expected_on, kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX backorder_owner ON backorder (tenant_id, owner, expected_on, kind, document_id)
    WHERE owner IS NOT NULL AND state NOT IN ('delivered', 'cancelled');
-- IS NULL keeps no order of what comes after it in an index
CREATE INDEX backorder_nobody ON backorder (tenant_id, expected_on, kind, document_id)
    WHERE owner IS NULL AND state NOT IN ('delivered', 'cancelled');
CREATE INDEX backorder_need_by ON backorder (tenant_id, needed_on, kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');

-- the vendors that a page offers
CREATE INDEX contact_vendor ON contact (tenant_id, name, contact_id) WHERE is_vendor AND NOT blocked;
-- what waits for a person, and what cannot be done: few of many
CREATE INDEX proposed_change_open ON proposed_change (tenant_id, purchase_order_id, line_id) WHERE state = 'open';
CREATE INDEX intent_stuck ON intent (tenant_id, changed_at DESC, intent_id) WHERE state IN ('rejected', 'needs_human');
CREATE INDEX changed_document_stuck ON changed_document (tenant_id, changed_at)
    WHERE seen_seq < changed_seq AND last_error IS NOT NULL;
