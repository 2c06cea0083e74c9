-- The host's own word for a sales document's status, by which a company can leave documents out.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE sales_document ADD COLUMN host_status text;
