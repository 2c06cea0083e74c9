-- What Insights shows of a period is read from sums that are kept with the lines, so that a year of a large company costs
-- what a quiet month of a small one does.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

CREATE TABLE due_sum (
    tenant_id uuid NOT NULL,
    -- Monday of the week in which the lines are due
    week date NOT NULL,
    -- all, missed, or the cause of a miss (db::due_sum)
    what text NOT NULL,
    -- from this day on they count
    counts_from date NOT NULL,
    -- orders that count in the week from this day on, not from an earlier one
    orders bigint NOT NULL,
    lines bigint NOT NULL,
    units_due numeric NOT NULL,
    units_delivered numeric NOT NULL,
    PRIMARY KEY (tenant_id, week, what, counts_from)
);
ALTER TABLE due_sum ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON due_sum TO backorders_app
    USING (tenant_id = current_setting('app.tenant')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON due_sum TO backorders_app;
-- what is forgotten is taken out of the sums
CREATE POLICY keeper ON due_sum TO backorders_keeper
    USING (tenant_id = current_setting('app.tenant')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON due_sum TO backorders_keeper;

INSERT INTO due_sum (tenant_id, week, what, counts_from, orders, lines, units_due, units_delivered)
SELECT tenant_id, week, what, counts_from, count(*) FILTER (WHERE place = 1), count(*), sum(ordered), sum(delivered_by_due)
FROM (
    SELECT l.tenant_id, l.week, w.what, l.counts_from, l.ordered, l.delivered_by_due,
        row_number() OVER (PARTITION BY l.tenant_id, l.week, w.what, l.kind, l.document_id ORDER BY l.counts_from) AS place
    FROM (
        SELECT *, date_trunc('week', due_on::timestamp)::date AS week FROM line_record
        WHERE due_on IS NOT NULL AND counts_from IS NOT NULL
    ) AS l
    CROSS JOIN LATERAL unnest(CASE WHEN l.miss IS NULL THEN ARRAY['all'] ELSE ARRAY['all', 'missed', l.miss] END) AS w (what)
) AS counted
GROUP BY tenant_id, week, what, counts_from;

-- only an order whose lines are due in several weeks must still be looked at: in a period it counts once
UPDATE line_record r SET several = s.several
FROM (
    SELECT tenant_id, kind, document_id, count(DISTINCT date_trunc('week', due_on::timestamp)) > 1 AS several
    FROM line_record GROUP BY tenant_id, kind, document_id
) AS s
WHERE r.tenant_id = s.tenant_id AND r.kind = s.kind AND r.document_id = s.document_id AND r.several <> s.several;
DROP INDEX line_record_single, line_record_several;
CREATE INDEX line_record_several ON line_record (tenant_id, due_on, kind, document_id) INCLUDE (counts_from, miss)
    WHERE counts_from IS NOT NULL AND several;

-- the other sums of the page are counted in an index alone
DROP INDEX backorder_since, purchase_record_due;
CREATE INDEX backorder_since ON backorder (tenant_id, since, kind, document_id) INCLUDE (currency, open_value)
    WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX purchase_record_due ON purchase_record (tenant_id, due_on, vendor_id) INCLUDE (received_on, vendor_name)
    WHERE ordered > 0;
