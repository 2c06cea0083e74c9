//! Pieces that several of Deskera's documents share, between its JSON and ours.
//!
//! Invariants: free text is bounded; a number goes out as exactly the decimal's text; unknown values of an enumeration
//! are read as "other", never refused.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::domain::ids::DocumentKind;
use crate::domain::purchase_order::LinkedDocument;
use crate::domain::sales_document::{Address, Party};
use crate::host::json::{Fields, Misfit, bounded};

/// Characters kept of a name, a description or a line of an address.
pub(super) const MAX_TEXT: usize = 300;

/// Lines of one document that we read.
pub(super) const MAX_LINES: usize = 2000;

/// The label of the custom field that shows the state in words; made once by an administrator.
pub(super) const BACKORDER_FIELD: &str = "Backorder";

/// A decimal as a JSON number with its own text.
pub(super) fn number(value: Decimal) -> Value {
    value.normalize().to_string().parse().map_or(Value::Null, Value::Number)
}

/// `dd-MM-yyyy`.
pub(super) fn date(date: Date) -> String {
    format!("{:02}-{:02}-{:04}", date.day(), date.month(), date.year())
}

pub(super) fn text(fields: &Fields<'_>, key: &str) -> Result<String, Misfit> {
    Ok(fields.text(key)?.map(|text| bounded(text, MAX_TEXT)).unwrap_or_default())
}

/// `DocumentType` of the documents that we know.
pub(super) fn document_type(kind: DocumentKind) -> Option<&'static str> {
    match kind {
        DocumentKind::Quotation => Some("QUOTATION"),
        DocumentKind::SalesOrder => Some("SALES_ORDER"),
        DocumentKind::Invoice => Some("SALES_INVOICE"),
        DocumentKind::PurchaseOrder => Some("PURCHASE_ORDER"),
        DocumentKind::Item | DocumentKind::List => None,
    }
}

/// The kind of a `DocumentType`; `None` for all that do not concern us.
pub(super) fn kind_of(document_type: &str) -> Option<DocumentKind> {
    match document_type {
        "QUOTATION" => Some(DocumentKind::Quotation),
        "SALES_ORDER" => Some(DocumentKind::SalesOrder),
        "SALES_INVOICE" => Some(DocumentKind::Invoice),
        "PURCHASE_ORDER" => Some(DocumentKind::PurchaseOrder),
        _ => None,
    }
}

/// `DocumentInfo` of a document.
pub(super) fn link(document: &LinkedDocument) -> Value {
    json!({
        "documentCode": document.reference.id,
        "documentSequenceCode": document.number,
        "documentType": document_type(document.reference.kind),
    })
}

/// The documents of a list of `DocumentInfo` that are of a kind.
pub(super) fn linked(fields: &Fields<'_>, key: &str, kind: DocumentKind) -> Result<Vec<(String, String)>, Misfit> {
    let mut found = Vec::new();
    for link in fields.objects(key)? {
        if link.text("documentType")?.and_then(kind_of) == Some(kind) {
            found.push((text(&link, "documentCode")?, text(&link, "documentSequenceCode")?));
        }
    }
    Ok(found)
}

/// An address; its two lines become one street.
pub(super) fn read_address(fields: &Fields<'_>) -> Result<Address, Misfit> {
    let part = |key: &str| text(fields, key);
    let lines = [part("address1")?, part("address2")?];
    Ok(Address {
        name: part("contactName")?,
        street: lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", "),
        city: part("city")?,
        state: part("state")?,
        postal_code: part("postalCode")?,
        country: part("country")?,
        host_id: None,
    })
}

pub(super) fn address(address: &Address) -> Value {
    json!({
        "contactName": address.name,
        "address1": address.street,
        "city": address.city,
        "state": address.state,
        "postalCode": address.postal_code,
        "country": address.country,
    })
}

/// A contact by code, named by `contact` or `contactDto`.
pub(super) fn party(fields: &Fields<'_>, code: &str) -> Result<Party, Misfit> {
    let mut name = String::new();
    for key in ["contact", "contactDto"] {
        if let Some(contact) = fields.object(key)?.filter(|_| name.is_empty()) {
            name = text(&contact, "name")?;
        }
    }
    Ok(Party { id: text(fields, code)?, name })
}

/// The text of a custom field by its label, in whichever form the host holds it.
pub(super) fn custom_text(fields: &Fields<'_>, label: &str) -> Result<Option<String>, Misfit> {
    for field in fields.objects("customField")? {
        let own = field.text("label")?.is_some_and(|found| found.eq_ignore_ascii_case(label));
        let value = match field.get("value").filter(|_| own) {
            Some(Value::Object(inner)) => inner.get("value").and_then(Value::as_str),
            Some(Value::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let value = value.map(|text| bounded(text, MAX_TEXT)).filter(|text| !text.is_empty());
        if value.is_some() {
            return Ok(value);
        }
    }
    Ok(None)
}

/// The lines of a document, at most [`MAX_LINES`].
pub(super) fn lines<'a>(fields: &Fields<'a>, key: &str) -> Result<Vec<Fields<'a>>, Misfit> {
    let lines = fields.objects(key)?;
    if lines.len() > MAX_LINES { Err(fields.misfit(key, "more lines than can be read")) } else { Ok(lines) }
}

/// The quantity of a line in the stock unit: `productQuantity`. The document's own unit is never converted here, the
/// host has done it exactly.
pub(super) fn ordered(line: &Fields<'_>) -> Result<Decimal, Misfit> {
    line.quantity("productQuantity")?.ok_or_else(|| line.misfit("productQuantity", "missing"))
}
