-- What became of each sales line and each purchase line: the ground of DIFOT, fill rate and vendors' punctuality.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

CREATE TABLE line_record (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    -- domain::fulfilment::Fulfilment
    due_on date,
    ordered numeric NOT NULL,
    deliveries jsonb NOT NULL,
    cancelled_on date,
    for_lack_of_stock boolean NOT NULL,
    ready_on date,
    given_to_others boolean NOT NULL,
    drop_ship boolean NOT NULL,
    -- domain::difot::Verdict: counted from this day on (null: never), and the cause if it is a miss
    counts_from date,
    miss text,
    delivered_by_due numeric NOT NULL,
    -- the rule that it was judged by: another rule judges it again
    rule text NOT NULL,
    PRIMARY KEY (tenant_id, kind, document_id, line_id)
);
CREATE INDEX line_record_due ON line_record (tenant_id, due_on, kind, document_id) WHERE counts_from IS NOT NULL;
CREATE INDEX line_record_rule ON line_record (tenant_id, rule);

CREATE TABLE purchase_record (
    tenant_id uuid NOT NULL,
    purchase_order_id text NOT NULL,
    line_id text NOT NULL,
    item_id text NOT NULL,
    vendor_id text NOT NULL,
    vendor_name text NOT NULL,
    -- the first date that the vendor gave
    due_on date,
    ordered numeric NOT NULL,
    received numeric NOT NULL,
    -- when the last of it was seen to be there
    received_on date,
    PRIMARY KEY (tenant_id, purchase_order_id, line_id)
);
CREATE INDEX purchase_record_due ON purchase_record (tenant_id, due_on, vendor_id) WHERE ordered > 0;

-- What is open of a backorder, in its own currency; null where a price is not known.
ALTER TABLE backorder ADD COLUMN open_value numeric, ADD COLUMN currency text;
CREATE INDEX backorder_since ON backorder (tenant_id, since, kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['line_record', 'purchase_record'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO backorders_app
                USING (tenant_id = current_setting(''app.tenant'')::uuid)
                WITH CHECK (tenant_id = current_setting(''app.tenant'')::uuid)', table_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO backorders_app', table_name);
    END LOOP;
END
$$;
