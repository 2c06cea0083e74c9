//! A disk that is full.

/// Makes PostgreSQL answer what it answers when the disk is full (`disk_full`, 53100) to such a write of a table; ended
/// by `DROP TRIGGER full_disk ON` the table.
pub fn full_disk(table: &str, on: &str, when: &str) -> String {
    format!(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
        END $$;
        CREATE TRIGGER full_disk BEFORE {on} ON {table} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION full_disk()"
    )
}
