-- A role that may take history away, a company's own: what is old and over is forgotten.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

DO $$
BEGIN
    -- roles belong to the whole cluster: another database that is migrated at the same time may be quicker
    BEGIN
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'backorders_keeper') THEN
            CREATE ROLE backorders_keeper NOLOGIN;
        END IF;
    EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL;
    END;
    BEGIN
        IF NOT pg_has_role(current_user, 'backorders_keeper', 'MEMBER') THEN
            GRANT backorders_keeper TO CURRENT_USER;
        END IF;
    EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL;
    END;
END
$$;

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['delivery', 'changed_document', 'approval_link', 'proposal', 'proposed_change',
        'intent', 'purchase_order', 'notice', 'backorder', 'allocation', 'not_bought', 'host_mark', 'customer_told',
        'sales_document', 'line_record', 'purchase_record', 'unsubscribe_link', 'audit'] LOOP
        EXECUTE format(
            'CREATE POLICY keeper ON %I TO backorders_keeper
                USING (tenant_id = current_setting(''app.tenant'')::uuid)', table_name);
        EXECUTE format('GRANT SELECT, DELETE ON %I TO backorders_keeper', table_name);
    END LOOP;
END
$$;
-- what an intent was for is looked at, and goes with it
CREATE POLICY keeper ON peg TO backorders_keeper USING (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT ON peg TO backorders_keeper;

CREATE INDEX audit_at ON audit (tenant_id, at);
