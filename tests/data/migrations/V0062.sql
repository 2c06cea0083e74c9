UPDATE allocation SET cause = '{"kind": "no_vendor", "named": null}' WHERE tenant_id = :tenant;
UPDATE backorder SET cause = 'no_vendor' WHERE tenant_id = :tenant;
