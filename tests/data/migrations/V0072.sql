INSERT INTO setting_up (tenant_id, host_kind, host_identity, claim_id, lease_until)
VALUES (:tenant, 'odoo', :tenant || '#1', :tenant, '2026-01-01T00:05Z');
