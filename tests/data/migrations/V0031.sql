SELECT expected_on, needed_on FROM backorder WHERE tenant_id = :tenant;
