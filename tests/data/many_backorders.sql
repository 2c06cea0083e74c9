-- A company with many backorders, made in one go: :count of them (a multiple of 100), :tenant is its id.
-- What the pages read is there as the worker writes it: three in ten asked with a proposal, four in ten on order with a
-- purchase order of ours, and as many delivered orders of the last weeks as there are open ones.

INSERT INTO tenant (tenant_id, name, time_zone, base_currency, created_at, settings, settings_version)
VALUES (:tenant, 'Fairlight Trading', 'Europe/Dublin', 'EUR', now(), '{"mode": "ask"}', 1);
INSERT INTO connection (tenant_id, host_kind, base_url, company, state, connected_by, connected_at, next_poll_at,
    next_sweep_at, last_checked_at)
VALUES (:tenant, 'deskera', 'http://127.0.0.1:9', 'many', 'connected', 'Anna', now(), 'infinity', 'infinity', now());

INSERT INTO warehouse (tenant_id, warehouse_id, name, use_as, is_primary, read_at)
SELECT :tenant, 'W-' || w, (ARRAY['Dublin', 'Cork', 'Galway', 'Limerick'])[w], 'stock', w = 1, now()
FROM generate_series(1, 4) AS w;
INSERT INTO contact (tenant_id, contact_id, name, is_vendor, is_customer, blocked, address, read_at)
SELECT :tenant, 'V-' || v, 'Vendor ' || v || ' Ltd', true, false, false, '{}'::jsonb, now() FROM generate_series(1, 400) AS v
UNION ALL
SELECT :tenant, 'C-' || c, 'Customer ' || c || ' and Sons', false, true, false, '{}'::jsonb, now()
FROM generate_series(1, :count / 20) AS c;
INSERT INTO item (tenant_id, item_id, sku, name, unit, tracked, cost, cost_currency, drop_ship, read_at, stock_changed_at)
SELECT :tenant, 'I-' || i, 'SKU-' || lpad(i::text, 6, '0'),
    (ARRAY['Desk lamp', 'Burr grinder', 'Gooseneck kettle', 'Office chair', 'Filter paper'])[i % 5 + 1] || ', size ' || i % 90,
    'pcs', true, 10, 'EUR', false, now(), now()
FROM generate_series(0, :count / 10 - 1) AS i;
INSERT INTO vendor_offer (tenant_id, item_id, position, vendor_id, rank, lead_days, min_qty, multiple, currency, prices)
SELECT :tenant, item_id, 0, 'V-' || row_number() OVER (ORDER BY item_id) % 400 + 1, 0, 7, 1, 1, 'EUR', '[]'
FROM item WHERE tenant_id = :tenant;

-- the open ones, then as many that are over
INSERT INTO sales_document (tenant_id, kind, document_id, number, status, document_date, need_by, priority, customer_id,
    customer_name, ship_to, currency, owner_email, backorder_flag, fingerprint, read_at)
SELECT :tenant, 'invoice', 'D-' || n, 'INV-' || lpad(n::text, 7, '0'), CASE WHEN n < :count THEN 'open' ELSE 'closed' END,
    current_date - 1 - (n % 40), current_date - 10 + (n * 7 % 50), 0, 'C-' || n * 31 % (:count / 20) + 1,
    'Customer ' || n * 31 % (:count / 20) + 1 || ' and Sons', '{}', 'EUR',
    CASE WHEN n % 5 > 0 THEN 'seller' || n % 30 || '@fairlight.test' END, n < :count, 'f', now()
FROM generate_series(0, 2 * :count - 1) AS n;
INSERT INTO sales_line (tenant_id, kind, document_id, line_id, position, item_id, description, warehouse_id, ordered,
    fulfilled, closed, drop_ship, tracked, counted_elsewhere, unit_price)
SELECT :tenant, 'invoice', 'D-' || n, l::text, l, 'I-' || (n * 13 + l) % (:count / 10), 'as named', 'W-' || n % 4 + 1,
    12 + l, CASE WHEN n < :count THEN 0 ELSE 12 + l END, 0, false, true, false, 25
FROM generate_series(0, 2 * :count - 1) AS n CROSS JOIN generate_series(1, 2) AS l
WHERE l = 1 OR n % 3 = 0;
INSERT INTO allocation (tenant_id, kind, document_id, line_id, component, item_id, open, from_stock, from_own,
    from_incoming, shortfall, not_bought, drop_ship, promise, why, episode, in_episode, asked, planned_at)
SELECT :tenant, 'invoice', l.document_id, l.line_id, '', l.item_id, l.ordered, 4,
    CASE WHEN d.n % 10 < 4 THEN l.ordered - 4 ELSE 0 END, 0, CASE WHEN d.n % 10 < 4 THEN 0 ELSE l.ordered - 4 END, 0,
    false, CASE WHEN d.n % 10 < 4 THEN current_date + d.n % 60 END, '{}', 1, true, 8, now()
FROM sales_line l
CROSS JOIN LATERAL (SELECT substr(l.document_id, 3)::int AS n) AS d
WHERE l.tenant_id = :tenant AND d.n < :count;
INSERT INTO backorder (tenant_id, kind, document_id, state, promise, first_promised, since, episode, changed_at, open_value,
    currency, number, customer, ordered_on, need_by, owner, no_vendor, vendors, warehouses, search)
SELECT :tenant, 'invoice', document_id,
    (ARRAY['on_order', 'on_order', 'on_order', 'on_order', 'asked', 'asked', 'asked', 'short', 'part_ready', 'ready'])[n % 10 + 1],
    CASE WHEN n % 10 < 4 OR n % 10 > 7 THEN current_date + n % 60 END, current_date + n % 30,
    now() - make_interval(mins => n % 40000), 1, now(), 300, 'EUR', number, customer_name, document_date, need_by,
    owner_email, n % 10 = 7, ARRAY['Vendor ' || n % 400 + 1 || ' Ltd'],
    ARRAY[(ARRAY['Dublin', 'Cork', 'Galway', 'Limerick'])[n % 4 + 1]],
    lower(number || ' ' || customer_name || ' ' || names.items || ' Vendor ' || n % 400 + 1 || ' Ltd')
FROM (SELECT *, substr(document_id, 3)::int AS n FROM sales_document WHERE tenant_id = :tenant) AS d
CROSS JOIN LATERAL (
    SELECT string_agg(i.sku || ' ' || i.name, ' ') AS items FROM sales_line l
    JOIN item i ON i.tenant_id = l.tenant_id AND i.item_id = l.item_id
    WHERE l.tenant_id = :tenant AND l.kind = 'invoice' AND l.document_id = d.document_id
) AS names
WHERE n < :count;

-- what we ordered for four in ten
INSERT INTO intent (tenant_id, intent_id, action, marker, state, payload, payload_hash, issue, kind, document_id,
    purchase_order_id, purchase_order_number, made_by, due_at, created_at, changed_at)
SELECT :tenant, md5('intent' || n)::uuid, 'create', 'BO-' || n, 'confirmed',
    jsonb_build_object('vendor', jsonb_build_object('id', 'V-' || n % 400 + 1, 'name', 'Vendor ' || n % 400 + 1 || ' Ltd')),
    '\x00', true, 'invoice', 'D-' || n, 'P-' || n, 'PO-' || lpad(n::text, 7, '0'), 'Anna', 'infinity', now(), now()
FROM generate_series(0, :count - 1) AS n WHERE n % 10 < 4;
INSERT INTO intent_line (tenant_id, intent_id, line_no, item_id, stock_quantity, expected, why)
SELECT l.tenant_id, md5('intent' || substr(l.document_id, 3))::uuid, l.position, l.item_id, l.ordered - 4, current_date + 9,
    l.ordered || ' ordered − 4 from stock = ' || l.ordered - 4 || ' short'
FROM sales_line l
WHERE l.tenant_id = :tenant AND substr(l.document_id, 3)::int < :count AND substr(l.document_id, 3)::int % 10 < 4;
INSERT INTO peg (tenant_id, intent_id, line_no, kind, document_id, line_id, component, quantity, wanted)
SELECT l.tenant_id, md5('intent' || substr(l.document_id, 3))::uuid, l.position, l.kind, l.document_id, l.line_id, '',
    l.ordered - 4, l.ordered
FROM sales_line l
WHERE l.tenant_id = :tenant AND substr(l.document_id, 3)::int < :count AND substr(l.document_id, 3)::int % 10 < 4;
INSERT INTO purchase_record (tenant_id, purchase_order_id, line_id, item_id, vendor_id, vendor_name, due_on, ordered,
    received, received_on)
SELECT :tenant, 'P-' || n, '1', 'I-' || n * 13 % (:count / 10), 'V-' || n % 400 + 1, 'Vendor ' || n % 400 + 1 || ' Ltd',
    current_date - n % 90, 8, 8, current_date - n % 85
FROM generate_series(0, :count - 1) AS n;

-- what is asked for three in ten
INSERT INTO proposal (tenant_id, proposal_id, group_key, version, state, body, created_at, changed_at)
SELECT :tenant, md5('proposal' || n)::uuid, 'group ' || n, 1, 'asked', jsonb_build_object(
        'documents', jsonb_build_array(jsonb_build_object('reference', reference, 'number', d.number,
            'customer', d.customer_name, 'customer_id', d.customer_id)),
        'options', jsonb_build_array(jsonb_build_object(
            'vendor', jsonb_build_object('id', 'V-' || n % 400 + 1, 'name', 'Vendor ' || n % 400 + 1 || ' Ltd'),
            'warehouse', 'W-' || n % 4 + 1, 'ship_to', null, 'currency', 'EUR', 'total', '80.00',
            'expected', current_date + 9, 'lines', jsonb_build_array(jsonb_build_object(
                'item', l.item_id, 'sku', i.sku, 'name', i.name, 'quantity', (l.ordered - 4)::text, 'unit', null,
                'stock_quantity', (l.ordered - 4)::text, 'price', '10.00', 'price_note', null, 'expected', current_date + 9,
                'surplus', '0', 'why', l.ordered || ' ordered − 4 from stock = ' || l.ordered - 4 || ' short',
                'pegs', jsonb_build_array(jsonb_build_object('document', reference, 'line', l.line_id,
                    'component', '', 'quantity', (l.ordered - 4)::text, 'wanted', l.ordered::text)))))),
        'basis', '', 'limit', null),
    now() - make_interval(mins => n % 4000), now()
FROM (SELECT *, substr(document_id, 3)::int AS n, jsonb_build_object('kind', kind, 'id', document_id) AS reference
    FROM sales_document WHERE tenant_id = :tenant) AS d
JOIN sales_line l ON l.tenant_id = :tenant AND l.kind = d.kind AND l.document_id = d.document_id AND l.line_id = '1'
JOIN item i ON i.tenant_id = :tenant AND i.item_id = l.item_id
WHERE n < :count AND n % 10 BETWEEN 4 AND 6;
INSERT INTO proposal_demand (tenant_id, proposal_id, kind, document_id, line_id, component, item_id, quantity)
SELECT :tenant, md5('proposal' || n)::uuid, 'invoice', 'D-' || n, '1', '', 'I-' || (n * 13 + 1) % (:count / 10), 9
FROM generate_series(0, :count - 1) AS n WHERE n % 10 BETWEEN 4 AND 6;

-- what became of the lines, what happened and what came in
INSERT INTO line_record (tenant_id, kind, document_id, line_id, due_on, ordered, deliveries, for_lack_of_stock,
    given_to_others, drop_ship, counts_from, miss, delivered_by_due, rule)
SELECT :tenant, l.kind, l.document_id, l.line_id, d.need_by, l.ordered, '[]', false, false, false, d.need_by,
    CASE WHEN d.status = 'open' THEN 'vendor_late' WHEN hashtext(d.number) % 9 = 0 THEN 'ordered_too_late' END,
    l.fulfilled, '{}'
FROM sales_line l
JOIN sales_document d ON d.tenant_id = :tenant AND d.kind = l.kind AND d.document_id = l.document_id
WHERE l.tenant_id = :tenant;
INSERT INTO due_sum (tenant_id, week, what, counts_from, orders, lines, units_due, units_delivered)
SELECT :tenant, date_trunc('week', due_on::timestamp)::date, what, counts_from, count(DISTINCT document_id), count(*),
    sum(ordered), sum(delivered_by_due)
FROM line_record
CROSS JOIN LATERAL unnest(CASE WHEN miss IS NULL THEN ARRAY['all'] ELSE ARRAY['all', 'missed', miss] END) AS what
WHERE tenant_id = :tenant
GROUP BY 2, 3, 4;
INSERT INTO audit (tenant_id, audit_id, at, actor, event, kind, document_id, details)
SELECT :tenant, md5('audit' || n)::uuid, now() - make_interval(mins => n), 'backorders', 'state_changed', 'invoice', 'D-' || n,
    '{"state": "short"}'
FROM generate_series(0, :count - 1) AS n;
INSERT INTO delivery (tenant_id, delivery_id, received_at, event, outcome, documents)
SELECT :tenant, md5('delivery' || n)::uuid, now() - make_interval(mins => n), 'INVOICE_CREATED', 'accepted',
    jsonb_build_array(jsonb_build_object('kind', 'invoice', 'id', 'D-' || n))
FROM generate_series(0, :count - 1) AS n;
INSERT INTO item_need (tenant_id, item_id, vendor_id, vendor, open, on_order, short, orders, need_by)
SELECT :tenant, a.item_id, COALESCE(max(o.vendor_id), ''), COALESCE(max(c.name), ''), sum(a.open - a.from_stock),
    sum(a.from_own), sum(a.shortfall), count(*)::int, min(a.promise)
FROM allocation a
LEFT JOIN vendor_offer o ON o.tenant_id = :tenant AND o.item_id = a.item_id
LEFT JOIN contact c ON c.tenant_id = :tenant AND c.contact_id = o.vendor_id
WHERE a.tenant_id = :tenant
GROUP BY a.item_id;
