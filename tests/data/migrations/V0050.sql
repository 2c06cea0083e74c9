SELECT sends FROM intent WHERE tenant_id = :tenant;
