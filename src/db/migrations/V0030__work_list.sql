-- The work list: what it is filtered, sorted and searched by stands in the row itself, so that a page costs the same
-- whether there are ten backorders or a hundred thousand.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- written with every replan (db::listing); what the host says of the document, and what our purchases say
ALTER TABLE backorder
    ADD COLUMN number text NOT NULL DEFAULT '',
    ADD COLUMN customer text NOT NULL DEFAULT '',
    ADD COLUMN ordered_on date,
    ADD COLUMN need_by date,
    -- whom it was assigned to, else its owner in the host
    ADD COLUMN owner text,
    ADD COLUMN drop_ship boolean NOT NULL DEFAULT false,
    -- something is short that no vendor offers
    ADD COLUMN no_vendor boolean NOT NULL DEFAULT false,
    ADD COLUMN vendors text[] NOT NULL DEFAULT '{}',
    ADD COLUMN warehouses text[] NOT NULL DEFAULT '{}',
    -- in lower case: number, customer, items, vendors, purchase orders
    ADD COLUMN search text NOT NULL DEFAULT '';

CREATE INDEX backorder_state ON backorder (tenant_id, state, COALESCE(promise, 'infinity'), kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX backorder_need_by ON backorder (tenant_id, COALESCE(need_by, 'infinity'), kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX backorder_number ON backorder (tenant_id, number, kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');
CREATE INDEX backorder_customer ON backorder (tenant_id, customer, kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');

-- What is needed of an item over all backorders, for whoever buys by vendor and item.
CREATE TABLE item_need (
    tenant_id uuid NOT NULL,
    item_id text NOT NULL,
    -- the one that would be asked first; empty: none
    vendor_id text NOT NULL,
    vendor text NOT NULL,
    open numeric NOT NULL,
    on_order numeric NOT NULL,
    short numeric NOT NULL,
    orders integer NOT NULL,
    need_by date,
    PRIMARY KEY (tenant_id, item_id)
);
CREATE INDEX item_need_vendor ON item_need (tenant_id, vendor, item_id);

-- How a person wants one line bought, in place of what host and rules say.
CREATE TABLE line_choice (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    vendor_id text,
    drop_ship boolean,
    chosen_by text NOT NULL,
    chosen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, document_id, line_id)
);

-- A person's own filters of the work list, by name.
CREATE TABLE saved_view (
    tenant_id uuid NOT NULL,
    person_id text NOT NULL,
    name text NOT NULL,
    query text NOT NULL,
    PRIMARY KEY (tenant_id, person_id, name),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person ON DELETE CASCADE
);

-- the last orders, for the preview of other settings
CREATE INDEX sales_document_latest ON sales_document (tenant_id, document_date DESC, kind, document_id)
    WHERE status IN ('open', 'closed');

-- what is there already: the next replan of each adds vendors and purchase orders
UPDATE backorder b SET number = d.number, customer = d.customer_name, ordered_on = d.document_date,
    need_by = d.need_by, owner = COALESCE(b.assigned_to, d.owner_email),
    search = lower(d.number || ' ' || d.customer_name)
FROM sales_document d
WHERE d.tenant_id = b.tenant_id AND d.kind = b.kind AND d.document_id = b.document_id;

DO $$
DECLARE
    table_name text;
BEGIN
    FOREACH table_name IN ARRAY ARRAY['item_need', 'line_choice', 'saved_view'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO backorders_app
                USING (tenant_id = current_setting(''app.tenant'')::uuid)
                WITH CHECK (tenant_id = current_setting(''app.tenant'')::uuid)', table_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO backorders_app', table_name);
    END LOOP;
END
$$;
