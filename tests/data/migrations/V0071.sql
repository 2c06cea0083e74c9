UPDATE connection SET host_identity = :tenant || '#1' WHERE tenant_id = :tenant;
