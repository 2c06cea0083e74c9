UPDATE sales_document SET host_status = 'OPEN' WHERE tenant_id = :tenant;
