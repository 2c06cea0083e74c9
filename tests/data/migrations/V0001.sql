-- A company in the middle of its work, as the first schema keeps it. :tenant stands for its id.

INSERT INTO tenant VALUES (:tenant, 'Lim Lighting', 'Asia/Singapore', 'SGD', '2026-11-01T08:00Z', '{"mode": "ask"}', 1);
INSERT INTO settings_change VALUES (:tenant, 1, 'Anna Lim', '2026-11-02T08:00Z', '{"mode": "ask"}');
INSERT INTO person VALUES (:tenant, '7', 'Anna Lim', 'anna@example.com', 'administrator', '2026-11-01T08:00Z');
INSERT INTO session VALUES
    (:tenant, '\x01', '7', '2026-11-23T08:00Z', '2026-11-23T08:10Z', '2026-11-23T16:00Z');
INSERT INTO connection
    (tenant_id, host_kind, base_url, company, state, access_token, refresh_token, token_expires_at, connected_by,
     connected_at, next_poll_at, next_sweep_at)
VALUES
    (:tenant, 'deskera', 'https://api.example.com', '42', 'connected', '\x0102', '\x0304', '2026-11-24T08:00Z',
     'Anna Lim', '2026-11-01T08:00Z', '2026-11-23T08:01Z', '2026-11-23T08:05Z');
INSERT INTO hook (tenant_id, token_hash, event, scheme, path_token, host_hook_id, created_at)
VALUES (:tenant, '\x05', 'CREATE_INVOICE', 'path_token', '\x06', '900', '2026-11-01T08:00Z');
INSERT INTO delivery (tenant_id, delivery_id, received_at, event, source_event_id, outcome)
VALUES
    (:tenant, '00000000-0000-0000-0000-000000000001', '2026-11-23T08:00Z', 'CREATE_INVOICE', NULL, 'accepted'),
    (:tenant, '00000000-0000-0000-0000-000000000002', '2026-11-23T08:01Z', 'stock.changed', 'e-1', 'unreadable');
INSERT INTO changed_document (tenant_id, kind, document_id, changed_seq, changed_at, due_at)
VALUES (:tenant, 'invoice', 'SI-1', 2, '2026-11-23T08:00Z', '2026-11-23T08:00Z');

INSERT INTO warehouse VALUES (:tenant, 'WH-1', 'Main store', 'stock', true, '2026-11-23T08:00Z');
INSERT INTO item VALUES
    (:tenant, 'P-1', 'LAMP-1', 'Desk lamp', 'pcs', true, 10.00, 'SGD', false, '2026-11-23T08:00Z', '2026-11-23T08:00Z'),
    (:tenant, 'P-2', 'SET-1', 'Lamp set', 'pcs', true, NULL, NULL, false, '2026-11-23T08:00Z', '2026-11-23T08:00Z');
INSERT INTO item_component VALUES (:tenant, 'P-2', 'P-1', 2, false);
INSERT INTO stock_level VALUES (:tenant, 'P-1', 'WH-1', 4, 0, '2026-11-23T08:00Z');
INSERT INTO vendor_offer VALUES (:tenant, 'P-1', 0, 'C-2', 0, 7, 1, 6, NULL, 'pack', '6', 'SGD', '[]');
INSERT INTO contact VALUES
    (:tenant, 'C-1', 'Müller & Söhne', 'm@example.com', 'de', false, true, false, 'EUR', '{}', '2026-11-23T08:00Z'),
    (:tenant, 'C-2', 'Lamp Works', NULL, NULL, true, false, false, 'SGD', '{}', '2026-11-23T08:00Z');
INSERT INTO sales_document
    (tenant_id, kind, document_id, number, status, document_date, need_by, priority, customer_id, customer_name, ship_to,
     currency, owner_email, backorder_flag, fingerprint, read_at)
VALUES
    (:tenant, 'invoice', 'SI-1', 'INV-12', 'open', '2026-11-23', '2026-12-03', 0, 'C-1', 'Müller & Söhne', '{}',
     'SGD', 'seller@example.com', false, 'f1', '2026-11-23T08:00Z');
INSERT INTO sales_line VALUES
    (:tenant, 'invoice', 'SI-1', '1', 1, 'P-1', 'Desk lamp', 'WH-1', 12, 0, 0, NULL, false, NULL, true, false, 25.00);
INSERT INTO purchase_order (tenant_id, purchase_order_id, number, state, vendor_id, vendor_name, marker, drop_ship, fingerprint, read_at)
VALUES (:tenant, 'PO-1', 'PO-0001', 'confirmed', 'C-2', 'Lamp Works', 'BO-ABC', false, 'f2', '2026-11-23T08:00Z');
INSERT INTO purchase_line VALUES (:tenant, 'PO-1', '1', 1, 'P-1', 'WH-1', 6, 0, 0, '2026-12-01', 9.50);

INSERT INTO allocation VALUES
    (:tenant, 'invoice', 'SI-1', '1', '', 'P-1', 12, 4, 6, 0, 2, 0, false, '2026-12-01', NULL, '{}', 1, true, 2,
     '2026-11-23T08:00Z');
INSERT INTO backorder (tenant_id, kind, document_id, state, promise, since, episode, changed_at)
VALUES (:tenant, 'invoice', 'SI-1', 'asked', '2026-12-01', '2026-11-23T08:00Z', 1, '2026-11-23T08:00Z');
INSERT INTO not_bought VALUES
    (:tenant, 'invoice', 'SI-1', '1', '', 1, 'customer takes less', 'Anna Lim', '2026-11-23T08:00Z', NULL);
INSERT INTO proposal (tenant_id, proposal_id, group_key, version, state, body, created_at, changed_at)
VALUES
    (:tenant, '00000000-0000-0000-0000-000000000003', 'invoice:SI-1:C-2', 1, 'asked', '{}', '2026-11-23T08:00Z',
     '2026-11-23T08:00Z');
INSERT INTO proposal_demand VALUES
    (:tenant, '00000000-0000-0000-0000-000000000003', 'invoice', 'SI-1', '1', '', 'P-1', 2);
INSERT INTO approval_link VALUES
    (:tenant, '\x07', '00000000-0000-0000-0000-000000000003', 1, 'buyer@example.com', '2026-11-23T08:00Z',
     '2026-11-26T08:00Z', NULL);
INSERT INTO intent
    (tenant_id, intent_id, action, marker, state, payload, payload_hash, issue, kind, document_id, purchase_order_id,
     purchase_order_number, made_by, due_at, created_at, changed_at)
VALUES
    (:tenant, '00000000-0000-0000-0000-000000000004', 'create', 'BO-ABC', 'confirmed', '{}', '\x08', true, 'invoice',
     'SI-1', 'PO-1', 'PO-0001', 'Anna Lim', 'infinity', '2026-11-22T08:00Z', '2026-11-22T08:01Z');
INSERT INTO intent_line VALUES
    (:tenant, '00000000-0000-0000-0000-000000000004', 1, 'P-1', 'WH-1', 6, '2026-12-01', '6 short', '1');
INSERT INTO peg VALUES (:tenant, '00000000-0000-0000-0000-000000000004', 1, 'invoice', 'SI-1', '1', '', 6, 12);
INSERT INTO proposed_change VALUES (:tenant, 'PO-1', '1', 6, 4, 'open', NULL, NULL, '2026-11-23T08:00Z');

INSERT INTO notice (tenant_id, notice_id, notice_key, event, recipient, body, state, due_at, created_at)
VALUES
    (:tenant, '00000000-0000-0000-0000-000000000005', 'shortfall_found/SI-1/1/buyer', 'shortfall_found',
     'buyer@example.com', '{}', 'due', '2026-11-23T08:00Z', '2026-11-23T08:00Z');
INSERT INTO host_mark (tenant_id, kind, document_id, mark, wanted_seq, due_at)
VALUES (:tenant, 'invoice', 'SI-1', '{}', 1, '2026-11-23T08:00Z');
INSERT INTO audit VALUES
    (:tenant, '00000000-0000-0000-0000-000000000006', '2026-11-23T08:00Z', 'backorders', 'shortfall_found', 'invoice',
     'SI-1', '{}');
