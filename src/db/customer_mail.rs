//! What customers were told, in which words, and who of them wants no mail.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::{DbError, DbResult, one, reference};
use crate::domain::customer_mail::{CustomerEvent, Template};
use crate::domain::ids::{DocumentRef, TenantId};
use crate::domain::language::Language;

/// The date that a customer was last told, and in which episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    pub episode: i32,
    pub expected: Date,
}

/// What the customers of these documents were last told by themselves.
pub async fn told(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<HashMap<DocumentRef, Told>> {
    const TOLD: &str = "
        SELECT t.kind, t.document_id, t.episode, t.expected
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN customer_told t ON t.tenant_id = $1 AND t.kind = wanted.kind AND t.document_id = wanted.document_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(TOLD, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            let document = reference(row, "customer_told")?;
            Ok((document, Told { episode: row.try_get("episode")?, expected: row.try_get("expected")? }))
        })
        .collect()
}

/// Keeps what a customer is told now.
pub async fn put_told(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef, told: Told) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO customer_told (tenant_id, kind, document_id, episode, expected) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id, kind, document_id) DO UPDATE SET
            episode = excluded.episode, expected = excluded.expected";
    let rows = tx
        .execute_typed(
            PUT,
            &[
                (&tenant.0, Type::UUID),
                (&document.kind.as_str(), Type::TEXT),
                (&document.id, Type::TEXT),
                (&told.episode, Type::INT4),
                (&told.expected, Type::DATE),
            ],
        )
        .await?;
    one(rows, "what the customer was told")
}

/// A company's own template; None: the one that comes with the app.
pub async fn template(
    tx: &Transaction<'_>,
    tenant: TenantId,
    event: CustomerEvent,
    language: Language,
) -> DbResult<Option<Template>> {
    const FIND: &str = "
        SELECT subject, body FROM mail_template WHERE tenant_id = $1 AND event = $2 AND language = $3";
    let row = tx
        .query_typed_opt(
            FIND,
            &[(&tenant.0, Type::UUID), (&event.as_str(), Type::TEXT), (&language.as_str(), Type::TEXT)],
        )
        .await?;
    row.map(|row| Ok(Template { subject: row.try_get("subject")?, body: row.try_get("body")? })).transpose()
}

/// The templates that a company wrote itself, by event and language.
pub async fn own_templates(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<(CustomerEvent, Language)>> {
    const OWN: &str = "SELECT event, language FROM mail_template WHERE tenant_id = $1 ORDER BY event, language";
    let rows = tx.query_typed(OWN, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter().map(own).collect()
}

fn own(row: &Row) -> DbResult<(CustomerEvent, Language)> {
    let (event, language): (String, String) = (row.try_get("event")?, row.try_get("language")?);
    let inconsistent = |column, detail| DbError::Inconsistent { table: "mail_template", column, detail };
    Ok((
        CustomerEvent::parse(&event).ok_or_else(|| inconsistent("event", event))?,
        Language::of_tag(&language).ok_or_else(|| inconsistent("language", language))?,
    ))
}

/// Keeps a company's own template.
pub async fn put_template(
    tx: &Transaction<'_>,
    tenant: TenantId,
    of: (CustomerEvent, Language),
    template: &Template,
    changed_by: &str,
    now: Timestamp,
) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO mail_template (tenant_id, event, language, subject, body, changed_by, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, event, language) DO UPDATE SET
            subject = excluded.subject, body = excluded.body, changed_by = excluded.changed_by,
            changed_at = excluded.changed_at";
    let rows = tx
        .execute_typed(
            PUT,
            &[
                (&tenant.0, Type::UUID),
                (&of.0.as_str(), Type::TEXT),
                (&of.1.as_str(), Type::TEXT),
                (&template.subject, Type::TEXT),
                (&template.body, Type::TEXT),
                (&changed_by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the template")
}

/// Goes back to the template that comes with the app. False: it was that one.
pub async fn drop_template(tx: &Transaction<'_>, tenant: TenantId, of: (CustomerEvent, Language)) -> DbResult<bool> {
    const DROP: &str = "DELETE FROM mail_template WHERE tenant_id = $1 AND event = $2 AND language = $3";
    let rows = tx
        .execute_typed(DROP, &[(&tenant.0, Type::UUID), (&of.0.as_str(), Type::TEXT), (&of.1.as_str(), Type::TEXT)])
        .await?;
    Ok(rows == 1)
}

/// Since when an address wants no such mail; None: it does.
pub async fn unsubscribed(tx: &Transaction<'_>, tenant: TenantId, address: &str) -> DbResult<Option<Timestamp>> {
    const FIND: &str = "SELECT since FROM unsubscribed WHERE tenant_id = $1 AND address = lower($2)";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&address, Type::TEXT)]).await?;
    row.map(|row| Ok(row.try_get("since")?)).transpose()
}

/// Keeps that an address wants no such mail any more. Doing it twice is harmless.
pub async fn unsubscribe(tx: &Transaction<'_>, tenant: TenantId, address: &str, now: Timestamp) -> DbResult<bool> {
    const PUT: &str = "
        INSERT INTO unsubscribed (tenant_id, address, since) VALUES ($1, lower($2), $3)
        ON CONFLICT (tenant_id, address) DO NOTHING";
    let rows =
        tx.execute_typed(PUT, &[(&tenant.0, Type::UUID), (&address, Type::TEXT), (&now, Type::TIMESTAMPTZ)]).await?;
    Ok(rows == 1)
}

/// The address wants mail again.
pub async fn subscribe_again(tx: &Transaction<'_>, tenant: TenantId, address: &str) -> DbResult<bool> {
    const DROP: &str = "DELETE FROM unsubscribed WHERE tenant_id = $1 AND address = lower($2)";
    let rows = tx.execute_typed(DROP, &[(&tenant.0, Type::UUID), (&address, Type::TEXT)]).await?;
    Ok(rows == 1)
}

/// Keeps the link of a mail by which its recipient ends such mails.
pub async fn put_link(
    tx: &Transaction<'_>,
    tenant: TenantId,
    token_hash: &[u8],
    address: &str,
    now: Timestamp,
) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO unsubscribe_link (tenant_id, token_hash, address, created_at) VALUES ($1, $2, $3, $4)";
    let rows = tx
        .execute_typed(
            PUT,
            &[(&tenant.0, Type::UUID), (&token_hash, Type::BYTEA), (&address, Type::TEXT), (&now, Type::TIMESTAMPTZ)],
        )
        .await?;
    one(rows, "the link")
}

/// The address that a link is of.
pub async fn address_of_link(tx: &Transaction<'_>, tenant: TenantId, token_hash: &[u8]) -> DbResult<Option<String>> {
    const FIND: &str = "SELECT address FROM unsubscribe_link WHERE tenant_id = $1 AND token_hash = $2";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&token_hash, Type::BYTEA)]).await?;
    row.map(|row| Ok(row.try_get("address")?)).transpose()
}
