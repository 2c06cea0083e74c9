SELECT disconnected_at FROM connection WHERE tenant_id = :tenant;
