-- The name of a customer who is erased also goes out of the settings that were saved before.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

CREATE POLICY keeper ON settings_change TO backorders_keeper
    USING (tenant_id = current_setting('app.tenant')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT, UPDATE (settings) ON settings_change TO backorders_keeper;
