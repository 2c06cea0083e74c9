SELECT settings FROM settings_change WHERE tenant_id = :tenant;
