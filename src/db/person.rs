//! People who have signed in, and their sessions.
//!
//! Invariant: a session's token is stored hashed; it ends by idleness, by age, and when its company disconnects.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbResult, json, one};
use crate::domain::ids::TenantId;
use crate::domain::language::Language;
use crate::domain::settings::Settings;

/// Somebody of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The host's user id.
    pub id: String,
    pub name: String,
    pub email: Option<String>,
    pub administrator: bool,
    /// The language that the person chose.
    pub language: Option<Language>,
}

/// Keeps a person who signed in. The first of a company is its administrator; a role once given stays.
pub async fn upsert(tx: &Transaction<'_>, tenant: TenantId, person: &Person, now: Timestamp) -> DbResult<Person> {
    const UPSERT: &str = "
        INSERT INTO person AS p (tenant_id, person_id, name, email, role, first_seen_at)
        VALUES ($1, $2, $3, $4,
            CASE WHEN EXISTS (SELECT FROM person WHERE tenant_id = $1 AND role = 'administrator')
                THEN 'member' ELSE 'administrator' END, $5)
        ON CONFLICT (tenant_id, person_id) DO UPDATE SET name = excluded.name, email = excluded.email
        RETURNING p.role, p.language";
    let row = tx
        .query_typed_one(
            UPSERT,
            &[
                (&tenant.0, Type::UUID),
                (&person.id, Type::TEXT),
                (&person.name, Type::TEXT),
                (&person.email, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    let role: String = row.try_get("role")?;
    Ok(Person { administrator: role == "administrator", language: language(&row)?, ..person.clone() })
}

/// Whether this person, who may have to be seen first, is an administrator of the company.
pub async fn is_administrator(tx: &Transaction<'_>, tenant: TenantId, id: &str) -> DbResult<bool> {
    const FIND: &str = "SELECT role FROM person WHERE tenant_id = $1 AND person_id = $2";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&id, Type::TEXT)]).await?;
    Ok(row.map(|row| row.try_get::<_, String>("role")).transpose()?.as_deref() == Some("administrator"))
}

/// Opens a session.
pub async fn open_session(
    tx: &Transaction<'_>,
    tenant: TenantId,
    token_hash: &[u8],
    person: &str,
    now: Timestamp,
    expires_at: Timestamp,
) -> DbResult<()> {
    const OPEN: &str = "
        INSERT INTO session (tenant_id, token_hash, person_id, created_at, last_seen_at, expires_at)
        VALUES ($1, $2, $3, $4, $4, $5)";
    const CLEAN: &str = "DELETE FROM session WHERE tenant_id = $1 AND expires_at < $2";
    tx.execute_typed(CLEAN, &[(&tenant.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    let rows = tx
        .execute_typed(
            OPEN,
            &[
                (&tenant.0, Type::UUID),
                (&token_hash, Type::BYTEA),
                (&person, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the session")
}

/// The language that a row's person chose.
fn language(row: &tokio_postgres::Row) -> DbResult<Option<Language>> {
    Ok(row.try_get::<_, Option<&str>>("language")?.and_then(Language::parse))
}

/// Keeps the language that a person chose.
pub async fn set_language(tx: &Transaction<'_>, tenant: TenantId, person: &str, language: Language) -> DbResult<()> {
    const SET: &str = "UPDATE person SET language = $3 WHERE tenant_id = $1 AND person_id = $2";
    let rows = tx
        .execute_typed(SET, &[(&tenant.0, Type::UUID), (&person, Type::TEXT), (&language.as_str(), Type::TEXT)])
        .await?;
    one(rows, "the person")
}

/// The language that whoever reads mails at this address chose; None where nobody with it has signed in or chosen.
pub async fn language_of(tx: &Transaction<'_>, tenant: TenantId, email: &str) -> DbResult<Option<Language>> {
    const FIND: &str = "
        SELECT language FROM person
        WHERE tenant_id = $1 AND lower(email) = lower($2) AND language IS NOT NULL
        ORDER BY person_id LIMIT 1";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&email, Type::TEXT)]).await?;
    row.as_ref().map_or(Ok(None), language)
}

/// Somebody with a living session, and what their company set.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub person: Person,
    pub settings: Settings,
}

/// Who a session belongs to, if it is alive: not older than it may be and used since `idle_since`. Touches it.
pub async fn find_session(
    tx: &Transaction<'_>,
    tenant: TenantId,
    token_hash: &[u8],
    now: Timestamp,
    idle_since: Timestamp,
) -> DbResult<Option<SignedIn>> {
    const FIND: &str = "
        UPDATE session s SET last_seen_at = $3
        FROM person p, tenant t
        WHERE s.tenant_id = $1 AND s.token_hash = $2 AND s.expires_at > $3 AND s.last_seen_at > $4
            AND p.tenant_id = s.tenant_id AND p.person_id = s.person_id
            AND t.tenant_id = s.tenant_id
        RETURNING p.person_id, p.name, p.email, p.role, p.language, t.settings";
    let row = tx
        .query_typed_opt(
            FIND,
            &[
                (&tenant.0, Type::UUID),
                (&token_hash, Type::BYTEA),
                (&now, Type::TIMESTAMPTZ),
                (&idle_since, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    row.map(|row| {
        let person = Person {
            id: row.try_get("person_id")?,
            name: row.try_get("name")?,
            email: row.try_get("email")?,
            administrator: row.try_get::<_, String>("role")? == "administrator",
            language: language(&row)?,
        };
        Ok(SignedIn { person, settings: json(row.try_get::<_, Value>("settings")?, "tenant", "settings")? })
    })
    .transpose()
}

/// Ends one session (sign out).
pub async fn close_session(tx: &Transaction<'_>, tenant: TenantId, token_hash: &[u8]) -> DbResult<()> {
    const CLOSE: &str = "DELETE FROM session WHERE tenant_id = $1 AND token_hash = $2";
    tx.execute_typed(CLOSE, &[(&tenant.0, Type::UUID), (&token_hash, Type::BYTEA)]).await?;
    Ok(())
}

/// Ends every session of the company (disconnect).
pub async fn close_all_sessions(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<()> {
    const CLOSE: &str = "DELETE FROM session WHERE tenant_id = $1";
    tx.execute_typed(CLOSE, &[(&tenant.0, Type::UUID)]).await?;
    Ok(())
}

/// The addresses of the administrators, for news that nobody else is set to get.
pub async fn administrator_emails(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<String>> {
    const EMAILS: &str = "
        SELECT email FROM person
        WHERE tenant_id = $1 AND role = 'administrator' AND email IS NOT NULL ORDER BY email";
    let rows = tx.query_typed(EMAILS, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter().map(|row| Ok(row.try_get("email")?)).collect()
}

/// The addresses of the company's people, in order.
pub async fn emails(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<String>> {
    const EMAILS: &str = "
        SELECT DISTINCT email FROM person WHERE tenant_id = $1 AND email IS NOT NULL ORDER BY email LIMIT $2";
    let rows = tx.query_typed(EMAILS, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter().map(|row| Ok(row.try_get("email")?)).collect()
}
