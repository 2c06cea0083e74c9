-- The language that a person chose; null: none yet, the company's holds.
ALTER TABLE person ADD COLUMN language text
    CHECK (language IN ('en', 'de', 'fr', 'es', 'ms', 'zh'));
