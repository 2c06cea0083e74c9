UPDATE proposal SET gathers_until = '2026-11-23T08:30Z' WHERE tenant_id = :tenant;
