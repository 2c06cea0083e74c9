-- The first schema. The tenant leads every key; nothing crosses tenants; ids come from the application.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- Who a company is -------------------------------------------------------------------------------------------------

CREATE TABLE tenant (
    tenant_id uuid PRIMARY KEY,
    name text NOT NULL,
    time_zone text NOT NULL,
    base_currency text,
    created_at timestamptz NOT NULL,
    -- domain::settings::Settings as JSON; only what differs from the defaults
    settings jsonb NOT NULL DEFAULT '{}',
    settings_version bigint NOT NULL DEFAULT 0,
    -- what a claim may know of the settings: nothing of this tenant is due
    paused boolean NOT NULL GENERATED ALWAYS AS (settings @> '{"paused": true}') STORED
);

CREATE TABLE settings_change (
    tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
    version bigint NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    settings jsonb NOT NULL,
    PRIMARY KEY (tenant_id, version)
);

CREATE TABLE person (
    tenant_id uuid NOT NULL REFERENCES tenant ON DELETE CASCADE,
    person_id text NOT NULL,                    -- the host's user id
    name text NOT NULL,
    email text,
    role text NOT NULL CHECK (role IN ('administrator', 'member')),
    first_seen_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id)
);

CREATE TABLE session (
    tenant_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    person_id text NOT NULL,
    created_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person ON DELETE CASCADE
);

-- How the host is reached ------------------------------------------------------------------------------------------

CREATE TABLE connection (
    tenant_id uuid PRIMARY KEY REFERENCES tenant ON DELETE CASCADE,
    host_kind text NOT NULL,
    base_url text NOT NULL,
    company text NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('connected', 'paused', 'revoked', 'disconnected')),
    state_reason text,
    -- encrypted by secret::Keyring; the field names are part of the AAD
    access_token bytea,
    refresh_token bytea,
    token_expires_at timestamptz,
    token_version bigint NOT NULL DEFAULT 0,
    -- one refresh at a time, whoever runs it
    refresh_lease_until timestamptz,
    connected_by text NOT NULL,
    connected_at timestamptz NOT NULL,
    next_poll_at timestamptz NOT NULL,
    next_sweep_at timestamptz NOT NULL,
    sweep_lease_until timestamptz,
    sweep_fence bigint NOT NULL DEFAULT 0,
    last_checked_at timestamptz,
    last_missed integer NOT NULL DEFAULT 0,
    last_repaired integer NOT NULL DEFAULT 0,
    last_sweep_error text
);
CREATE INDEX connection_due_poll ON connection (next_poll_at) WHERE state = 'connected';
CREATE INDEX connection_due_sweep ON connection (next_sweep_at) WHERE state = 'connected';

CREATE TABLE hook (
    tenant_id uuid NOT NULL REFERENCES connection ON DELETE CASCADE,
    token_hash bytea NOT NULL,                  -- SHA-256 of the whole path token
    event text NOT NULL,
    scheme text NOT NULL CHECK (scheme IN ('path_token', 'standard_webhooks', 'frappe')),
    path_token bytea NOT NULL,                  -- encrypted: the sweep registers the hook again from it
    secret bytea,
    previous_secret bytea,
    previous_valid_until timestamptz,
    host_hook_id text,
    created_at timestamptz NOT NULL,
    last_delivery_at timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    UNIQUE (tenant_id, event)
);

CREATE TABLE delivery (
    tenant_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    received_at timestamptz NOT NULL,
    event text NOT NULL,
    source_event_id text,                       -- the sender's own id, where the scheme has one
    outcome text NOT NULL CHECK (outcome IN ('accepted', 'ignored', 'unreadable')),
    documents jsonb NOT NULL DEFAULT '[]',
    detail text,
    body bytea,                                 -- kept for unreadable ones only
    traceparent text,
    PRIMARY KEY (tenant_id, delivery_id)
);
CREATE UNIQUE INDEX delivery_once ON delivery (tenant_id, source_event_id) WHERE source_event_id IS NOT NULL;
CREATE INDEX delivery_newest ON delivery (tenant_id, received_at DESC);

-- What must be looked at again -------------------------------------------------------------------------------------

CREATE TABLE changed_document (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    changed_seq bigint NOT NULL,
    seen_seq bigint NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    last_error text,
    traceparent text,
    PRIMARY KEY (tenant_id, kind, document_id)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
CREATE INDEX changed_document_due ON changed_document (due_at, tenant_id) WHERE seen_seq < changed_seq;

-- The mirror: what the host said last ------------------------------------------------------------------------------

CREATE TABLE warehouse (
    tenant_id uuid NOT NULL,
    warehouse_id text NOT NULL,
    name text NOT NULL,
    use_as text NOT NULL,
    is_primary boolean NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, warehouse_id)
);

CREATE TABLE item (
    tenant_id uuid NOT NULL,
    item_id text NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    tracked boolean NOT NULL,
    cost numeric,
    cost_currency text,
    drop_ship boolean NOT NULL,
    read_at timestamptz NOT NULL,
    -- when what is on hand (anywhere) was last seen to differ: sales documents read before it may be stale
    stock_changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, item_id)
);

CREATE TABLE item_component (
    tenant_id uuid NOT NULL,
    item_id text NOT NULL,
    component_id text NOT NULL,
    quantity numeric NOT NULL,
    fixed boolean NOT NULL,
    PRIMARY KEY (tenant_id, item_id, component_id, fixed)
);
CREATE INDEX item_component_of ON item_component (tenant_id, component_id);

CREATE TABLE stock_level (
    tenant_id uuid NOT NULL,
    item_id text NOT NULL,
    warehouse_id text NOT NULL,
    on_hand numeric NOT NULL,
    held numeric NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, item_id, warehouse_id)
);

CREATE TABLE vendor_offer (
    tenant_id uuid NOT NULL,
    item_id text NOT NULL,
    position integer NOT NULL,
    vendor_id text NOT NULL,
    rank integer NOT NULL,
    lead_days integer NOT NULL,
    min_qty numeric NOT NULL,
    multiple numeric NOT NULL,
    max_qty numeric,
    unit text,
    unit_factor text,
    currency text,
    prices jsonb NOT NULL,
    PRIMARY KEY (tenant_id, item_id, position)
);

CREATE TABLE contact (
    tenant_id uuid NOT NULL,
    contact_id text NOT NULL,
    name text NOT NULL,
    email text,
    language text,
    is_vendor boolean NOT NULL,
    is_customer boolean NOT NULL,
    blocked boolean NOT NULL,
    currency text,
    address jsonb NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, contact_id)
);

CREATE TABLE sales_document (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    number text NOT NULL,
    status text NOT NULL,
    document_date date NOT NULL,
    need_by date,
    priority integer NOT NULL,
    customer_id text NOT NULL,
    customer_name text NOT NULL,
    ship_to jsonb NOT NULL,
    currency text,
    owner_email text,
    ship_policy text,
    min_shipment numeric,
    backorder_flag boolean NOT NULL,
    backorder_text text,
    url text,
    fingerprint text NOT NULL,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, document_id)
);
CREATE INDEX sales_document_open ON sales_document (tenant_id, kind) WHERE status IN ('open', 'draft');

CREATE TABLE sales_line (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    position integer NOT NULL,
    item_id text NOT NULL,
    description text NOT NULL,
    warehouse_id text,
    ordered numeric NOT NULL,
    fulfilled numeric NOT NULL,
    closed numeric NOT NULL,
    need_by date,
    drop_ship boolean NOT NULL,
    vendor_id text,
    tracked boolean NOT NULL,
    counted_elsewhere boolean NOT NULL,
    unit_price numeric,
    PRIMARY KEY (tenant_id, kind, document_id, line_id),
    FOREIGN KEY (tenant_id, kind, document_id) REFERENCES sales_document ON DELETE CASCADE
);
CREATE INDEX sales_line_item ON sales_line (tenant_id, item_id);

CREATE TABLE purchase_order (
    tenant_id uuid NOT NULL,
    purchase_order_id text NOT NULL,
    number text NOT NULL,
    state text NOT NULL,
    vendor_id text NOT NULL,
    vendor_name text NOT NULL,
    marker text,
    drop_ship boolean NOT NULL,
    ship_to jsonb,
    currency text,
    expected date,
    url text,
    fingerprint text NOT NULL,
    -- the host no longer has it: counts as cancelled
    gone boolean NOT NULL DEFAULT false,
    read_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, purchase_order_id)
);
CREATE INDEX purchase_order_open ON purchase_order (tenant_id, purchase_order_id)
    WHERE NOT gone AND state IN ('draft', 'confirmed');

CREATE TABLE purchase_line (
    tenant_id uuid NOT NULL,
    purchase_order_id text NOT NULL,
    line_id text NOT NULL,
    position integer NOT NULL,
    item_id text NOT NULL,
    warehouse_id text,
    ordered numeric NOT NULL,
    received numeric NOT NULL,
    closed numeric NOT NULL,
    due date,
    unit_price numeric,
    PRIMARY KEY (tenant_id, purchase_order_id, line_id),
    FOREIGN KEY (tenant_id, purchase_order_id) REFERENCES purchase_order ON DELETE CASCADE
);
CREATE INDEX purchase_line_item ON purchase_line (tenant_id, item_id);

-- What we decided --------------------------------------------------------------------------------------------------

-- How each demand is covered now. component is '' unless the line is a kit.
CREATE TABLE allocation (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    component text NOT NULL,
    item_id text NOT NULL,
    open numeric NOT NULL,
    from_stock numeric NOT NULL,
    from_own numeric NOT NULL,
    from_incoming numeric NOT NULL,
    shortfall numeric NOT NULL,
    not_bought numeric NOT NULL,
    drop_ship boolean NOT NULL,
    promise date,
    late_days integer,
    why jsonb NOT NULL,
    -- counts the times that stock stopped covering it (domain.md section 5)
    episode integer NOT NULL,
    in_episode boolean NOT NULL,
    -- the most that was asked for in this episode: asked again only when it grows
    asked numeric NOT NULL,
    planned_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, document_id, line_id, component)
);
CREATE INDEX allocation_item ON allocation (tenant_id, item_id);

CREATE TABLE backorder (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('short', 'asked', 'on_order', 'part_ready', 'ready', 'declined', 'delivered', 'cancelled')),
    promise date,
    -- frozen when first known: the due date of DIFOT
    first_promised date,
    since timestamptz NOT NULL,
    -- counts the times that the document became a backorder, or stopped being ready
    episode integer NOT NULL,
    late_told boolean NOT NULL DEFAULT false,
    reason text,
    assigned_to text,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, kind, document_id)
);
CREATE INDEX backorder_open ON backorder (tenant_id, COALESCE(promise, 'infinity'), kind, document_id)
    WHERE state NOT IN ('delivered', 'cancelled');

-- The part of a shortfall that a person decided not to buy.
CREATE TABLE not_bought (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    component text NOT NULL,
    quantity numeric NOT NULL,
    reason text NOT NULL,
    decided_by text NOT NULL,
    decided_at timestamptz NOT NULL,
    snoozed_until timestamptz,                  -- null: declined for good
    PRIMARY KEY (tenant_id, kind, document_id, line_id, component)
);

-- A purchase order that waits for a person (or, in Watch, is only told).
CREATE TABLE proposal (
    tenant_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    group_key text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL CHECK (state IN ('watched', 'asked', 'approved', 'declined', 'snoozed', 'replaced')),
    body jsonb NOT NULL,                        -- domain::proposal::Proposal
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    decided_by text,
    decided_at timestamptz,
    reason text,
    intent_id uuid,
    PRIMARY KEY (tenant_id, proposal_id)
);
CREATE UNIQUE INDEX proposal_open ON proposal (tenant_id, group_key) WHERE state IN ('watched', 'asked');

CREATE TABLE proposal_demand (
    tenant_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    component text NOT NULL,
    item_id text NOT NULL,
    quantity numeric NOT NULL,
    PRIMARY KEY (tenant_id, proposal_id, kind, document_id, line_id, component),
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES proposal ON DELETE CASCADE
);
CREATE INDEX proposal_demand_document ON proposal_demand (tenant_id, kind, document_id);
CREATE INDEX proposal_demand_item ON proposal_demand (tenant_id, item_id);

-- A link in a mail: GET shows, POST acts, once.
CREATE TABLE approval_link (
    tenant_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    proposal_id uuid NOT NULL,
    version integer NOT NULL,
    recipient text NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    PRIMARY KEY (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES proposal ON DELETE CASCADE
);
CREATE INDEX approval_link_proposal ON approval_link (tenant_id, proposal_id);

-- One write to the host that must happen exactly once (trust.md section 3).
CREATE TABLE intent (
    tenant_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    action text NOT NULL CHECK (action IN ('create', 'change')),
    marker text NOT NULL,
    state text NOT NULL CHECK (state IN
        ('planned', 'sending', 'unknown', 'created', 'confirmed', 'rejected', 'needs_human', 'cancelled')),
    payload jsonb NOT NULL,                     -- frozen: NewPurchaseOrder or PurchaseOrderChange
    payload_hash bytea NOT NULL,
    -- confirm after the draft was found exactly once
    issue boolean NOT NULL,
    -- one write in flight per sales document
    kind text NOT NULL,
    document_id text NOT NULL,
    purchase_order_id text,
    purchase_order_number text,
    -- of the purchase order when we last wrote it: differs = edited by a person
    made_fingerprint text,
    made_by text NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    due_at timestamptz NOT NULL,
    sent_at timestamptz,
    quarantine_until timestamptz,
    last_error text,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, intent_id)
);
CREATE UNIQUE INDEX intent_marker ON intent (tenant_id, marker) WHERE action = 'create';
-- 'created' waits for its confirmation only when it must be issued; else due_at is infinity
CREATE INDEX intent_due ON intent (due_at, tenant_id) WHERE state IN ('planned', 'sending', 'unknown', 'created');
CREATE INDEX intent_document ON intent (tenant_id, kind, document_id);
CREATE INDEX intent_purchase_order ON intent (tenant_id, purchase_order_id);

CREATE TABLE intent_line (
    tenant_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    line_no integer NOT NULL,
    item_id text NOT NULL,
    warehouse_id text,
    stock_quantity numeric NOT NULL,
    expected date,
    why text NOT NULL,
    host_line_id text,
    PRIMARY KEY (tenant_id, intent_id, line_no),
    FOREIGN KEY (tenant_id, intent_id) REFERENCES intent ON DELETE CASCADE
);
CREATE INDEX intent_line_item ON intent_line (tenant_id, item_id);

-- The tie from a purchase order line of ours to the demand that it was raised for.
CREATE TABLE peg (
    tenant_id uuid NOT NULL,
    intent_id uuid NOT NULL,
    line_no integer NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    line_id text NOT NULL,
    component text NOT NULL,
    quantity numeric NOT NULL,
    -- ordered − closed of the sales line when the peg was made (domain.md section 4)
    wanted numeric NOT NULL,
    PRIMARY KEY (tenant_id, intent_id, line_no, kind, document_id, line_id, component),
    FOREIGN KEY (tenant_id, intent_id, line_no) REFERENCES intent_line ON DELETE CASCADE
);
CREATE INDEX peg_document ON peg (tenant_id, kind, document_id);

-- A change to what we ordered that only a person may decide (domain.md section 4).
CREATE TABLE proposed_change (
    tenant_id uuid NOT NULL,
    purchase_order_id text NOT NULL,
    line_id text NOT NULL,
    from_quantity numeric NOT NULL,
    to_quantity numeric NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'kept', 'asked_vendor', 'cancelled', 'gone')),
    decided_by text,
    decided_at timestamptz,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, purchase_order_id, line_id)
);

-- What must be told ------------------------------------------------------------------------------------------------

CREATE TABLE notice (
    tenant_id uuid NOT NULL,
    notice_id uuid NOT NULL,
    -- rule, subject, episode and recipient: the same news is told once
    notice_key text NOT NULL,
    event text NOT NULL,
    recipient text NOT NULL,
    body jsonb NOT NULL,                        -- domain::notice::Notice
    state text NOT NULL CHECK (state IN ('due', 'sending', 'sent', 'unknown', 'refused', 'given_up')),
    attempt integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    due_at timestamptz NOT NULL,
    last_error text,
    created_at timestamptz NOT NULL,
    sent_at timestamptz,
    PRIMARY KEY (tenant_id, notice_id),
    UNIQUE (tenant_id, notice_key)
);
CREATE INDEX notice_due ON notice (due_at, tenant_id) WHERE state IN ('due', 'sending', 'unknown');

-- How a sales document must be shown in the host: level-triggered, the newest state only.
CREATE TABLE host_mark (
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    document_id text NOT NULL,
    mark jsonb NOT NULL,                        -- host::BackorderMark
    wanted_seq bigint NOT NULL,
    shown_seq bigint NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    attempt integer NOT NULL DEFAULT 0,
    fence bigint NOT NULL DEFAULT 0,
    lease_until timestamptz,
    last_error text,
    PRIMARY KEY (tenant_id, kind, document_id)
);
CREATE INDEX host_mark_due ON host_mark (due_at, tenant_id) WHERE shown_seq < wanted_seq;

-- Append-only: every event and decision, with the sum at that time.
CREATE TABLE audit (
    tenant_id uuid NOT NULL,
    audit_id uuid NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,                        -- a person's name, or 'backorders'
    event text NOT NULL,
    kind text,
    document_id text,
    details jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, audit_id)
);
CREATE INDEX audit_document ON audit (tenant_id, kind, document_id, at);

-- Roles and row security (trust.md section 6) ----------------------------------------------------------------------
-- Each transaction takes a role and a tenant for itself only: set_config('role', …, true), set_config('app.tenant', …, true).

DO $$
DECLARE
    role_name text;
BEGIN
    -- roles belong to the whole cluster: another database that is migrated at the same time may be quicker, and
    -- advisory locks end at the database
    FOREACH role_name IN ARRAY ARRAY['backorders_app', 'backorders_intake', 'backorders_queue'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', role_name);
            END IF;
        EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL;
        END;
        BEGIN
            IF NOT pg_has_role(current_user, role_name, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
            END IF;
        EXCEPTION WHEN unique_violation OR duplicate_object THEN NULL;
        END;
    END LOOP;
END
$$;

DO $$
DECLARE
    table_name text;
BEGIN
    FOR table_name IN
        SELECT c.relname
        FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', table_name);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO backorders_app
                USING (tenant_id = current_setting(''app.tenant'')::uuid)
                WITH CHECK (tenant_id = current_setting(''app.tenant'')::uuid)', table_name);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO backorders_app', table_name);
    END LOOP;
END
$$;
-- history is written once
REVOKE UPDATE, DELETE ON audit, settings_change FROM backorders_app;

-- Intake: keeps deliveries and marks documents of several tenants in one commit, and can do nothing else.
CREATE POLICY intake ON delivery TO backorders_intake USING (true) WITH CHECK (true);
CREATE POLICY intake ON changed_document TO backorders_intake USING (true) WITH CHECK (true);
CREATE POLICY intake ON hook TO backorders_intake USING (true);
CREATE POLICY intake ON connection TO backorders_intake USING (true);
GRANT SELECT, INSERT ON delivery TO backorders_intake;
GRANT SELECT, INSERT, UPDATE ON changed_document TO backorders_intake;
GRANT SELECT (tenant_id, token_hash, event, scheme, secret, previous_secret, previous_valid_until) ON hook TO backorders_intake;
GRANT UPDATE (last_delivery_at) ON hook TO backorders_intake;
GRANT SELECT (tenant_id, host_kind, state) ON connection TO backorders_intake;

-- Queue: claims what is due, whosever it is, and sees no content.
CREATE POLICY queue ON changed_document TO backorders_queue USING (true) WITH CHECK (true);
CREATE POLICY queue ON intent TO backorders_queue USING (true) WITH CHECK (true);
CREATE POLICY queue ON notice TO backorders_queue USING (true) WITH CHECK (true);
CREATE POLICY queue ON host_mark TO backorders_queue USING (true) WITH CHECK (true);
CREATE POLICY queue ON connection TO backorders_queue USING (true) WITH CHECK (true);
CREATE POLICY queue ON tenant TO backorders_queue USING (true);
GRANT SELECT (tenant_id, paused) ON tenant TO backorders_queue;
GRANT SELECT ON changed_document TO backorders_queue;
GRANT UPDATE (lease_until, fence, attempt) ON changed_document TO backorders_queue;
GRANT SELECT (tenant_id, intent_id, kind, document_id, state, due_at, lease_until, fence, attempt) ON intent TO backorders_queue;
GRANT UPDATE (lease_until, fence, attempt) ON intent TO backorders_queue;
GRANT SELECT (tenant_id, notice_id, state, due_at, lease_until, fence, attempt) ON notice TO backorders_queue;
GRANT UPDATE (lease_until, fence, attempt) ON notice TO backorders_queue;
GRANT SELECT (tenant_id, kind, document_id, wanted_seq, shown_seq, due_at, lease_until, fence, attempt) ON host_mark TO backorders_queue;
GRANT UPDATE (lease_until, fence, attempt) ON host_mark TO backorders_queue;
GRANT SELECT (tenant_id, state, next_poll_at, next_sweep_at, sweep_lease_until, sweep_fence) ON connection TO backorders_queue;
GRANT UPDATE (sweep_lease_until, sweep_fence, next_poll_at, next_sweep_at) ON connection TO backorders_queue;
