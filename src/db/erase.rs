//! A customer is forgotten: what tells who it was goes, what was sold and bought stays, so that no figure changes and
//! nothing is bought twice.
//!
//! Invariants: nothing of a customer goes while something of it is open; what has not been sent yet is left as it is.

use tokio_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::{DbResult, reference};
use crate::domain::ids::{DocumentRef, TenantId};

/// The sales documents of a customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents {
    pub all: Vec<DocumentRef>,
    /// Numbers of those that are not over.
    pub open: Vec<String>,
}

/// The sales documents of a customer, and which of them are not over: open in the host, or with something on its way.
pub async fn documents(tx: &Transaction<'_>, tenant: TenantId, customer: &str) -> DbResult<Documents> {
    const DOCUMENTS: &str = "
        SELECT d.kind, d.document_id, d.number, d.status IN ('open', 'draft')
            OR EXISTS (SELECT FROM backorder b WHERE b.tenant_id = $1 AND b.kind = d.kind
                AND b.document_id = d.document_id AND b.state NOT IN ('delivered', 'cancelled'))
            OR EXISTS (SELECT FROM intent i WHERE i.tenant_id = $1 AND i.kind = d.kind
                AND i.document_id = d.document_id AND i.state IN ('planned', 'sending', 'unknown')) AS open
        FROM sales_document d
        WHERE d.tenant_id = $1 AND d.customer_id = $2
        ORDER BY d.number";
    let mut found = Documents::default();
    for row in tx.query_typed(DOCUMENTS, &[(&tenant.0, Type::UUID), (&customer, Type::TEXT)]).await? {
        found.all.push(reference(&row, "sales_document")?);
        if row.try_get("open")? {
            found.open.push(row.try_get("number")?);
        }
    }
    Ok(found)
}

/// Takes a customer's name, addresses and mails out of everything that is kept of these documents; `stand_in` stands
/// where the name stood.
pub async fn erase(
    tx: &Transaction<'_>,
    tenant: TenantId,
    customer: &str,
    documents: &[DocumentRef],
    stand_in: &str,
) -> DbResult<()> {
    of_contact(tx, tenant, customer, stand_in).await?;
    of_settings(tx, tenant, customer, stand_in).await?;
    of_buying(tx, tenant, customer, stand_in).await?;
    of_telling(tx, tenant, documents).await
}

async fn of_contact(tx: &Transaction<'_>, tenant: TenantId, customer: &str, stand_in: &str) -> DbResult<()> {
    const UNSUBSCRIBED: &str = "
        DELETE FROM unsubscribed u USING contact c
        WHERE c.tenant_id = $1 AND c.contact_id = $2 AND u.tenant_id = $1 AND u.address = lower(c.email)";
    const LINK: &str = "
        DELETE FROM unsubscribe_link u USING contact c
        WHERE c.tenant_id = $1 AND c.contact_id = $2 AND u.tenant_id = $1 AND lower(u.address) = lower(c.email)";
    const CONTACT: &str = "
        UPDATE contact SET name = $3, email = NULL, language = NULL, address = '{}'
        WHERE tenant_id = $1 AND contact_id = $2";
    const DOCUMENT: &str = "
        UPDATE sales_document SET customer_name = $3, ship_to = '{}' WHERE tenant_id = $1 AND customer_id = $2";
    let who: [(&(dyn ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&customer, Type::TEXT), (&stand_in, Type::TEXT)];
    tx.execute_typed(UNSUBSCRIBED, &who[..2]).await?;
    tx.execute_typed(LINK, &who[..2]).await?;
    tx.execute_typed(CONTACT, &who).await?;
    tx.execute_typed(DOCUMENT, &who).await?;
    Ok(())
}

/// Settings in which the scope of the customer `$2` is called `$3`.
macro_rules! with_another_name {
    () => {
        "jsonb_set(settings, '{scopes}', (
            SELECT jsonb_agg(CASE WHEN s ->> 'of' = 'customer' AND s ->> 'id' = $2
                THEN s || jsonb_build_object('name', $3::text) ELSE s END ORDER BY at)
            FROM jsonb_array_elements(settings -> 'scopes') WITH ORDINALITY AS e (s, at)))
        WHERE tenant_id = $1
            AND settings -> 'scopes' @> jsonb_build_array(jsonb_build_object('of', 'customer', 'id', $2::text))"
    };
}

/// What differs for the customer goes on, under no name.
async fn of_settings(tx: &Transaction<'_>, tenant: TenantId, customer: &str, stand_in: &str) -> DbResult<()> {
    const SETTINGS: &str = concat!("UPDATE tenant SET settings = ", with_another_name!());
    let who: [(&(dyn ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&customer, Type::TEXT), (&stand_in, Type::TEXT)];
    tx.execute_typed(SETTINGS, &who).await?;
    Ok(())
}

/// Where a vendor shipped to, and for whom something was asked.
async fn of_buying(tx: &Transaction<'_>, tenant: TenantId, customer: &str, stand_in: &str) -> DbResult<()> {
    const PROPOSAL: &str = "
        UPDATE proposal p SET body = p.body || jsonb_build_object(
            'documents', (SELECT jsonb_agg(CASE WHEN d ->> 'customer_id' = $2
                    THEN d || jsonb_build_object('customer', $3::text) ELSE d END ORDER BY at)
                FROM jsonb_array_elements(p.body -> 'documents') WITH ORDINALITY AS e (d, at)),
            'options', (SELECT jsonb_agg(CASE WHEN jsonb_typeof(o -> 'ship_to') = 'object'
                    THEN o || jsonb_build_object('ship_to', '{}'::jsonb) ELSE o END ORDER BY at)
                FROM jsonb_array_elements(p.body -> 'options') WITH ORDINALITY AS e (o, at)))
        WHERE p.tenant_id = $1 AND p.state NOT IN ('watched', 'asked')
            AND p.body -> 'documents' @> jsonb_build_array(jsonb_build_object('customer_id', $2::text))";
    const INTENT: &str = "
        UPDATE intent i SET payload = i.payload || jsonb_build_object('ship_to', '{}'::jsonb)
        FROM sales_document d
        WHERE i.tenant_id = $1 AND d.tenant_id = $1 AND d.customer_id = $2 AND i.kind = d.kind
            AND i.document_id = d.document_id AND i.state NOT IN ('planned', 'sending', 'unknown')
            AND jsonb_typeof(i.payload -> 'ship_to') = 'object'";
    const PURCHASE_ORDER: &str = "
        UPDATE purchase_order p SET ship_to = '{}'
        FROM intent i
        JOIN sales_document d ON d.tenant_id = $1 AND d.kind = i.kind AND d.document_id = i.document_id
        WHERE p.tenant_id = $1 AND i.tenant_id = $1 AND i.purchase_order_id = p.purchase_order_id
            AND d.customer_id = $2 AND p.ship_to IS NOT NULL";
    let who: [(&(dyn ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&customer, Type::TEXT), (&stand_in, Type::TEXT)];
    tx.execute_typed(PROPOSAL, &who).await?;
    tx.execute_typed(INTENT, &who[..2]).await?;
    tx.execute_typed(PURCHASE_ORDER, &who[..2]).await?;
    Ok(())
}

/// What was mailed about the documents; that it was mailed stays.
async fn of_telling(tx: &Transaction<'_>, tenant: TenantId, documents: &[DocumentRef]) -> DbResult<()> {
    const NOTICE: &str = "
        UPDATE notice n SET body = '{}', recipient = CASE WHEN n.event LIKE 'customer_%' THEN '' ELSE n.recipient END
        FROM unnest($2::text[], $3::text[]) AS erased (kind, document_id)
        WHERE n.tenant_id = $1 AND n.state NOT IN ('due', 'sending', 'unknown')
            AND COALESCE(n.body #>> '{document,reference,kind}', n.body #>> '{document,kind}') = erased.kind
            AND COALESCE(n.body #>> '{document,reference,id}', n.body #>> '{document,id}') = erased.document_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    tx.execute_typed(NOTICE, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

/// Takes out of the history which addresses were written to about these documents, and the customer's name out of former
/// settings, in a transaction that may (`retention::enter`).
pub async fn erase_history(
    tx: &Transaction<'_>,
    tenant: TenantId,
    customer: &str,
    documents: &[DocumentRef],
    stand_in: &str,
) -> DbResult<()> {
    const SETTINGS: &str = concat!("UPDATE settings_change SET settings = ", with_another_name!());
    const AUDIT: &str = "
        DELETE FROM audit a USING unnest($2::text[], $3::text[]) AS erased (kind, document_id)
        WHERE a.tenant_id = $1 AND a.kind = erased.kind AND a.document_id = erased.document_id
            AND a.event = 'mail' AND a.details ->> 'event' LIKE 'customer_%'";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let who: [(&(dyn ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&customer, Type::TEXT), (&stand_in, Type::TEXT)];
    tx.execute_typed(SETTINGS, &who).await?;
    tx.execute_typed(AUDIT, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    Ok(())
}
