UPDATE proposal SET escalated_at = '2026-11-23T12:00Z' WHERE tenant_id = :tenant;
