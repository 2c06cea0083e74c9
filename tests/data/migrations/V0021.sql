-- Nothing new is kept: from now on what is old goes.
SELECT count(*) FROM audit WHERE tenant_id = :tenant;
