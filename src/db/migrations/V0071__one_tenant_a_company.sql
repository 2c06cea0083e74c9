-- A company of a host is one tenant, by whatever address it is reached.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

-- what the host itself calls the company; known since it was last set up, where the host has such a thing
ALTER TABLE connection ADD COLUMN host_identity text;
CREATE UNIQUE INDEX connection_once ON connection (host_kind, host_identity)
    WHERE host_identity IS NOT NULL AND state <> 'disconnected';
GRANT SELECT (host_kind, base_url, host_identity) ON connection TO backorders_queue;
