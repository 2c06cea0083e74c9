-- What Insights counts is read in the order of one index: an order whose lines are due on one day, as nearly all are,
-- stands together there and is counted without sorting; the others are marked and counted apart.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- the lines of its document are due on several days
ALTER TABLE line_record ADD COLUMN several boolean NOT NULL DEFAULT false;
UPDATE line_record r SET several = true
FROM (
    SELECT tenant_id, kind, document_id FROM line_record
    GROUP BY tenant_id, kind, document_id HAVING count(DISTINCT due_on) > 1
) AS s
WHERE r.tenant_id = s.tenant_id AND r.kind = s.kind AND r.document_id = s.document_id;

CREATE INDEX line_record_single ON line_record (tenant_id, due_on, kind, document_id)
    INCLUDE (counts_from, miss, ordered, delivered_by_due) WHERE counts_from IS NOT NULL AND NOT several;
CREATE INDEX line_record_several ON line_record (tenant_id, due_on, kind, document_id)
    WHERE counts_from IS NOT NULL AND several;
