//! What Deskera shows on its own sales documents: the back-order flag, the state in words, the links, a drop shipment.
//!
//! Facts: hosts/deskera/notes.md section 6. There is a call for each kind of document; sales orders have none but a
//! PATCH of a free map. The state in words needs a custom text field with the label "Backorder", which only an
//! administrator can make: without it there is the flag alone. Invariant: doing it twice changes nothing.

use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::client::{INVOICES, QUOTATIONS, SALES_ORDERS};
use super::{Deskera, wire};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::purchase_order::LinkedDocument;
use crate::domain::sales_document::SalesDocument;
use crate::host::BackorderMark;
use crate::host::error::HostError;
use crate::host::json::Fields;

fn refused(detail: &str) -> HostError {
    HostError::Rejected { code: "document".to_owned(), detail: detail.to_owned() }
}

/// The name under which a kind's updates carry the code.
fn code_key(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Invoice => "salesInvoiceCode",
        DocumentKind::Quotation => "quotationCode",
        _ => "salesOrderCode",
    }
}

pub(super) async fn backorder(deskera: &Deskera, mark: &BackorderMark) -> Result<(), HostError> {
    let reference = &mark.document.reference;
    let Some((raw, document)) = deskera.raw_sales_document(reference).await? else {
        // A document that is gone shows nothing any more.
        return Ok(());
    };
    let client = &deskera.client;
    let fields = client.fields(&raw, "document")?;
    let custom = custom_fields(deskera, &fields, &document, mark.text.as_deref()).await?;
    let links = missing_links(&fields, mark).map_err(|misfit| client.misfit(&misfit))?;
    let flag = (document.backorder_flag != mark.backorder).then_some(mark.backorder);
    let mut body = Map::new();
    match flag {
        // Its own call is the surer one; the others take the flag along with the rest.
        Some(flag) if reference.kind == DocumentKind::Quotation => flag_quotation(deskera, &reference.id, flag).await?,
        Some(flag) => drop(body.insert("backOrder".to_owned(), json!(flag))),
        None => {}
    }
    body.extend(custom.map(|custom| ("customField".to_owned(), custom)));
    if reference.kind == DocumentKind::SalesOrder && !links.is_empty() {
        // The list is replaced as a whole, so what is there goes along.
        let mut all = fields.get("linkedDocuments").and_then(Value::as_array).cloned().unwrap_or_default();
        all.extend(links.iter().map(wire::link));
        body.insert("linkedDocuments".to_owned(), Value::Array(all));
    }
    if !body.is_empty() {
        patch(deskera, reference, Value::Object(body)).await?;
    }
    if reference.kind == DocumentKind::SalesOrder {
        return Ok(());
    }
    for link in &links {
        link_back_order(deskera, reference, link).await?;
    }
    Ok(())
}

/// The purchase orders that the sale is not yet tied to.
fn missing_links(fields: &Fields<'_>, mark: &BackorderMark) -> Result<Vec<LinkedDocument>, crate::host::json::Misfit> {
    let known = wire::linked(fields, "linkedDocuments", DocumentKind::PurchaseOrder)?;
    let is_missing = |order: &&LinkedDocument| known.iter().all(|(code, _)| *code != order.reference.id);
    Ok(mark.purchase_orders.iter().filter(is_missing).cloned().collect())
}

/// All custom fields of the document with ours changed; `None` where there is nothing to change.
async fn custom_fields(
    deskera: &Deskera,
    fields: &Fields<'_>,
    document: &SalesDocument,
    text: Option<&str>,
) -> Result<Option<Value>, HostError> {
    if document.backorder_text.as_deref() == text {
        return Ok(None);
    }
    let module = match document.reference.kind {
        DocumentKind::Invoice => "INVOICE",
        DocumentKind::Quotation => "QUOTATION",
        _ => "ORDER",
    };
    let Some(id) = deskera.backorder_field(module).await? else { return Ok(None) };
    let mut all = fields.get("customField").and_then(Value::as_array).cloned().unwrap_or_default();
    all.retain(|field| field.get("label").and_then(Value::as_str) != Some(wire::BACKORDER_FIELD));
    all.push(json!({
        "id": id,
        "label": wire::BACKORDER_FIELD,
        "module": module,
        "value": { "value": text.unwrap_or_default() },
    }));
    Ok(Some(Value::Array(all)))
}

async fn flag_quotation(deskera: &Deskera, code: &str, flag: bool) -> Result<(), HostError> {
    let client = &deskera.client;
    let body = json!([{ "quotationCode": code, "backOrder": flag }]);
    client.write(Method::PUT, client.url(QUOTATIONS, &["batch"], &[])?, Some(&body)).await.map(drop)
}

/// Sets fields of a document, by code.
async fn patch(deskera: &Deskera, reference: &DocumentRef, body: Value) -> Result<(), HostError> {
    let client = &deskera.client;
    let id = reference.id.as_str();
    let (method, url) = match reference.kind {
        DocumentKind::Invoice => (Method::PATCH, client.url(INVOICES, &["code", id], &[])?),
        DocumentKind::Quotation => (Method::POST, client.url(QUOTATIONS, &["status"], &[("quotationCode", id)])?),
        DocumentKind::SalesOrder => (Method::PATCH, client.url(SALES_ORDERS, &[], &[("code", id)])?),
        _ => return Err(refused("not a sales document")),
    };
    client.write(method, url, Some(&body)).await.map(drop)
}

/// Ties the sale to a purchase order. Which of the two `documentInfo` means is ambiguous; the description says the
/// purchase order.
async fn link_back_order(deskera: &Deskera, reference: &DocumentRef, order: &LinkedDocument) -> Result<(), HostError> {
    let client = &deskera.client;
    let body = json!({
        "documentInfo": wire::link(order),
        "salesDocumentCode": reference.id,
        "salesDocumentType": wire::document_type(reference.kind),
    });
    let prefix = if reference.kind == DocumentKind::Invoice { INVOICES } else { QUOTATIONS };
    let url = client.url(prefix, &["update", "linkedBackOrder"], &[])?;
    client.write(Method::POST, url, Some(&body)).await.map(drop)
}

/// Says on the sale that the vendor has shipped: totals per line, so that a repetition changes nothing. Whether the host
/// takes the figure as a total is not documented; nothing is sent where the sale shows as much already.
pub(super) async fn drop_shipped(
    deskera: &Deskera,
    document: &LinkedDocument,
    purchase_order: &LinkedDocument,
    delivered: &[(String, Decimal)],
) -> Result<(), HostError> {
    let reference = &document.reference;
    let Some((raw, sale)) = deskera.raw_sales_document(reference).await? else { return Ok(()) };
    let client = &deskera.client;
    let total =
        |line: &str| delivered.iter().filter(|(id, _)| id == line).map(|(_, quantity)| *quantity).sum::<Decimal>();
    let mut map = Map::new();
    for line in sale.lines.iter().filter(|line| total(&line.id) > line.fulfilled) {
        map.insert(line.id.clone(), wire::number(total(&line.id).min(line.ordered)));
    }
    if map.is_empty() {
        return Ok(());
    }
    let tracked = || sale.lines.iter().filter(|line| line.tracked);
    let whole = tracked().all(|line| line.fulfilled.max(total(&line.id)) + line.closed >= line.ordered);
    let mut body = Map::new();
    body.insert(code_key(reference.kind).to_owned(), json!(reference.id));
    body.insert("fulfillmentStatus".to_owned(), json!(if whole { "FULLY_FULFILLED" } else { "PARTIAL_FULFILLED" }));
    if tracked().all(|line| total(&line.id) > Decimal::ZERO) {
        // On a document of which a part goes from stock, the type would turn that part into a drop shipment too.
        body.insert("fulfillmentType".to_owned(), json!("DROP_SHIP"));
    }
    let fields = client.fields(&raw, "document")?;
    let mut links = fields.get("linkedDocuments").and_then(Value::as_array).cloned().unwrap_or_default();
    let is_order =
        |link: &Value| link.get("documentCode").and_then(Value::as_str) == Some(&purchase_order.reference.id);
    if !links.iter().any(is_order) {
        links.push(wire::link(purchase_order));
    }
    body.insert("linkedDocuments".to_owned(), Value::Array(links));
    body.insert("itemToFulfilledQtyMap".to_owned(), Value::Object(map));
    let body = Value::Object(body);
    let (prefix, call) = match reference.kind {
        DocumentKind::Invoice => (INVOICES, "dropshipupdateinvoice"),
        DocumentKind::Quotation => (QUOTATIONS, "dropshipupdatequotation"),
        _ => return patch(deskera, reference, body).await,
    };
    client.write(Method::PUT, client.url(prefix, &[call], &[])?, Some(&json!([body]))).await.map(drop)
}

impl Deskera {
    /// The id of our custom field in a module, looked up once; `None` where nobody has made it.
    async fn backorder_field(&self, module: &str) -> Result<Option<i64>, HostError> {
        let ask = async {
            let rows = self.client.all(&["v1", "dimension"], "id", &[]).await?;
            let mut found = Vec::new();
            for row in &rows {
                let own = row
                    .get("label")
                    .and_then(Value::as_str)
                    .is_some_and(|l| l.eq_ignore_ascii_case(wire::BACKORDER_FIELD));
                let active = row.get("status").and_then(Value::as_str) != Some("INACTIVE");
                let modules = row.get("modules").and_then(Value::as_array).cloned().unwrap_or_default();
                if let Some(id) = row.get("id").and_then(Value::as_i64).filter(|_| own && active) {
                    found.extend(modules.iter().filter_map(Value::as_str).map(|module| (module.to_owned(), id)));
                }
            }
            Ok::<_, HostError>(found)
        };
        let known = self.fields.get_or_try_init(|| ask).await?;
        Ok(known.iter().find(|(of, _)| of == module).map(|(_, id)| *id))
    }
}
