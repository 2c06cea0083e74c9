-- Mail to customers, digests, and who wants no mail.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- the digest that carries a notice; null: it is a mail of its own
ALTER TABLE notice ADD COLUMN digest_id uuid;
CREATE INDEX notice_digest ON notice (tenant_id, digest_id) WHERE digest_id IS NOT NULL;
-- how many single mails somebody had of late
CREATE INDEX notice_recipient ON notice (tenant_id, recipient, created_at) WHERE digest_id IS NULL;

-- What a company wrote in place of the template that comes with the app.
CREATE TABLE mail_template (
    tenant_id uuid NOT NULL,
    event text NOT NULL,
    language text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, event, language)
);

-- What the customer was last told of a backorder by itself.
CREATE TABLE customer_told (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    episode integer NOT NULL,
    expected date NOT NULL,
    PRIMARY KEY (tenant_id, kind, document_id)
);

-- Addresses that want no mail of this kind any more.
CREATE TABLE unsubscribed (
    tenant_id uuid NOT NULL,
    address text NOT NULL,
    since timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, address)
);

-- The link in a mail that ends such mails: the link itself is the permission.
CREATE TABLE unsubscribe_link (
    tenant_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    address text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, token_hash)
);

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['mail_template', 'customer_told', 'unsubscribed', 'unsubscribe_link'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO backorders_app
                USING (tenant_id = current_setting(''app.tenant'')::uuid)
                WITH CHECK (tenant_id = current_setting(''app.tenant'')::uuid)', table_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO backorders_app', table_name);
    END LOOP;
END
$$;
