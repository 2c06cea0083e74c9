-- A company that was disconnected is deleted after a while, with everything that is kept of it.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- for one that is disconnected already, the time begins now
ALTER TABLE connection ADD COLUMN disconnected_at timestamptz DEFAULT now();
ALTER TABLE connection ALTER COLUMN disconnected_at DROP DEFAULT;
CREATE INDEX connection_departed ON connection (disconnected_at) WHERE state = 'disconnected';
CREATE INDEX connection_unswept ON connection (tenant_id) WHERE state <> 'connected';
CREATE INDEX tenant_unswept ON tenant (tenant_id) WHERE paused;
GRANT SELECT (disconnected_at) ON connection TO backorders_queue;

-- what a company is made of beside its history
DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['warehouse', 'item', 'item_component', 'stock_level', 'vendor_offer', 'contact',
        'mail_template', 'unsubscribed', 'item_need', 'line_choice'] LOOP
        EXECUTE format(
            'CREATE POLICY keeper ON %I TO backorders_keeper
                USING (tenant_id = current_setting(''app.tenant'')::uuid)', table_name);
        EXECUTE format('GRANT SELECT, DELETE ON %I TO backorders_keeper', table_name);
    END LOOP;
END
$$;
CREATE POLICY keeper ON connection TO backorders_keeper USING (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT (tenant_id, state, disconnected_at) ON connection TO backorders_keeper;
