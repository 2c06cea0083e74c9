INSERT INTO item_need VALUES (:tenant, 'I-1', 'V-1', 'Vendor', 8, 0, 8, 1, '2026-12-03');
INSERT INTO line_choice VALUES (:tenant, 'invoice', 'SI-1', '1', 'V-1', NULL, 'Anna', '2026-11-23T08:00Z');
INSERT INTO saved_view SELECT tenant_id, person_id, 'Mine', 'state=asked' FROM person WHERE tenant_id = :tenant LIMIT 1;
