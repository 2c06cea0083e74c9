-- A company of a host is set up by one at a time, by whatever addresses they come.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- not tied to the tenant, which there is not before it is set up for the first time
CREATE TABLE setting_up (
    tenant_id uuid NOT NULL,
    host_kind text NOT NULL,
    host_identity text NOT NULL,                -- as of connection
    claim_id uuid NOT NULL,
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (tenant_id)
);
CREATE UNIQUE INDEX setting_up_alone ON setting_up (host_kind, host_identity);
CREATE INDEX setting_up_ended ON setting_up (lease_until);

ALTER TABLE setting_up ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON setting_up TO backorders_app
    USING (tenant_id = current_setting('app.tenant')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT, DELETE ON setting_up TO backorders_app;
CREATE POLICY keeper ON setting_up TO backorders_keeper
    USING (tenant_id = current_setting('app.tenant')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT, DELETE ON setting_up TO backorders_keeper;
CREATE POLICY queue ON setting_up TO backorders_queue USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON setting_up TO backorders_queue;
