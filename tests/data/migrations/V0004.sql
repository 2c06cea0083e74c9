-- What was decided because of a delivery carries its trace.

UPDATE intent SET traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' WHERE tenant_id = :tenant;
UPDATE host_mark SET traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' WHERE tenant_id = :tenant;
