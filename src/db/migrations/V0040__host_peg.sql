-- The sales lines that the host itself ordered a purchase order line for.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

CREATE TABLE host_peg (
    tenant_id uuid NOT NULL,
    purchase_order_id text NOT NULL,
    line_id text NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    sales_line_id text NOT NULL,
    quantity numeric NOT NULL,
    PRIMARY KEY (tenant_id, purchase_order_id, line_id, kind, document_id, sales_line_id),
    FOREIGN KEY (tenant_id, purchase_order_id, line_id) REFERENCES purchase_line ON DELETE CASCADE
);
CREATE INDEX host_peg_document ON host_peg (tenant_id, kind, document_id);

ALTER TABLE host_peg ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON host_peg TO backorders_app
    USING (tenant_id = current_setting('app.tenant')::uuid)
    WITH CHECK (tenant_id = current_setting('app.tenant')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON host_peg TO backorders_app;
