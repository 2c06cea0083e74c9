-- The language that a person chose; null: none yet, the company's holds.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '30s';

ALTER TABLE person ADD COLUMN language text
    CHECK (language IN ('en', 'de', 'fr', 'es', 'ms', 'zh'));
