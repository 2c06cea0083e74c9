SELECT several FROM line_record WHERE tenant_id = :tenant;
