SELECT previous_token_hash, rotated_by, rotated_at FROM hook WHERE tenant_id = :tenant;
