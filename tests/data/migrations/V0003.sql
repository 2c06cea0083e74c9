INSERT INTO mail_template (tenant_id, event, language, subject, body, changed_by, changed_at)
VALUES (:tenant, 'backorder', 'de', 'Ihr Auftrag {{ number }}', 'Guten Tag', 'Anna', '2026-11-23T08:00Z');
INSERT INTO customer_told (tenant_id, kind, document_id, episode, expected)
VALUES (:tenant, 'invoice', 'SI-1', 1, '2026-12-03');
INSERT INTO unsubscribed (tenant_id, address, since) VALUES (:tenant, 'customer@example.com', '2026-11-23T08:00Z');
INSERT INTO unsubscribe_link (tenant_id, token_hash, address, created_at)
VALUES (:tenant, '\x03', 'customer@example.com', '2026-11-23T08:00Z');
INSERT INTO notice (tenant_id, notice_id, notice_key, event, recipient, body, state, due_at, created_at, digest_id)
VALUES
    (:tenant, '00000000-0000-0000-0000-0000000000d1', 'digest|a@example.com|1', 'digest', 'a@example.com', '{}', 'due',
     '2026-11-24T08:00Z', '2026-11-23T08:00Z', NULL),
    (:tenant, '00000000-0000-0000-0000-0000000000d2', 'ready/SI-1/1/a', 'ready', 'a@example.com', '{}', 'due',
     'infinity', '2026-11-23T08:00Z', '00000000-0000-0000-0000-0000000000d1');
