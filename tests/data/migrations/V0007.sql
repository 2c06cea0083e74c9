UPDATE person SET language = 'de' WHERE tenant_id = :tenant;
