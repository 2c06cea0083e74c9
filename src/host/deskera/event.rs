//! Which documents a delivery names.
//!
//! Facts: payloads are documented for no event (hosts/deskera/notes.md section 4), so ids are looked for under the
//! names that they have elsewhere in the API. Nothing else of a body is read. A body that names nothing gives the lists
//! that its event can touch: nothing is lost, it only takes longer.

use std::collections::BTreeSet;

use serde_json::Value;

use super::wire::kind_of;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::host::{Unreadable, json};

/// Documents that one delivery may name; one that names more gives the lists.
const MAX_NAMED: usize = 500;

/// Levels of a body that are looked through.
const MAX_DEPTH: u32 = 5;

/// What an event can be about.
struct Subject {
    /// What a bare `code` or `id` in the body is.
    main: DocumentKind,
    /// The kinds that are taken from the body.
    kinds: &'static [DocumentKind],
    /// The lists to look through where the body names nothing.
    lists: &'static [DocumentKind],
}

/// What an event is about; `None` for those that do not concern us.
fn subject(event: &str) -> Option<Subject> {
    use DocumentKind::{Invoice, Item, PurchaseOrder, SalesOrder};
    let (main, kinds, lists): (_, &[_], &[_]) = match event {
        "CREATE_INVOICE" | "UPDATE_INVOICE" | "DELETE_INVOICE" => (Invoice, &[Invoice], &[Invoice]),
        // A bill's own code is of no use to us; what it was made from is.
        "CREATE_BILL" | "UPDATE_BILL" | "DELETE_BILL" => {
            (DocumentKind::List, &[PurchaseOrder, Item], &[PurchaseOrder, Item])
        }
        "STOCK_IN" | "STOCK_OUT" => (DocumentKind::List, &[Item, PurchaseOrder], &[Item, PurchaseOrder]),
        "stock.changed" | "CREATE_PRODUCTS" => (Item, &[Item], &[Item]),
        "sales_order.changed" => (SalesOrder, &[SalesOrder], &[SalesOrder]),
        "purchase_order.changed" => (PurchaseOrder, &[PurchaseOrder], &[PurchaseOrder]),
        // Its own id is the receipt's.
        "goods_receipt.created" => (DocumentKind::List, &[PurchaseOrder, Item], &[PurchaseOrder, Item]),
        _ => return None,
    };
    Some(Subject { main, kinds, lists })
}

/// The kind that a key names, wherever it stands.
fn kind_of_key(key: &str) -> Option<DocumentKind> {
    match key {
        "salesInvoiceCode" | "invoiceCode" => Some(DocumentKind::Invoice),
        "salesOrderCode" | "soCode" => Some(DocumentKind::SalesOrder),
        "quotationCode" | "quoteCode" => Some(DocumentKind::Quotation),
        "poCode" | "purchaseOrderCode" | "purchase_order" => Some(DocumentKind::PurchaseOrder),
        "productCode" | "productCodes" | "productId" | "pid" => Some(DocumentKind::Item),
        _ => None,
    }
}

/// The documents that a delivery of `event` names.
pub(in crate::host) fn changed_documents(event: &str, body: &[u8]) -> Result<Vec<DocumentRef>, Unreadable> {
    let value = json::parse(body).map_err(Unreadable)?;
    // Signed events carry their name in the body as well.
    let inner = value.get("type").and_then(Value::as_str).filter(|_| event.is_empty());
    let Some(subject) = subject(inner.unwrap_or(event)) else { return Ok(Vec::new()) };
    let mut named = BTreeSet::new();
    look(&value, &subject, 0, &mut named);
    if named.is_empty() || named.len() > MAX_NAMED {
        return Ok(subject.lists.iter().map(|kind| DocumentRef::new(DocumentKind::List, kind.as_str())).collect());
    }
    Ok(named.into_iter().collect())
}

fn look(value: &Value, subject: &Subject, depth: u32, named: &mut BTreeSet<DocumentRef>) {
    if depth > MAX_DEPTH || named.len() > MAX_NAMED {
        return;
    }
    match value {
        Value::Array(list) => list.iter().for_each(|one| look(one, subject, depth + 1, named)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let kind = match (key.as_str(), kind_of_key(key)) {
                    (_, Some(kind)) => Some(kind),
                    // `documentCode` is what the type beside it says, else the event's own; so is a plain id, but not
                    // one deeper in the body: that is a line's or a contact's.
                    ("documentCode", _) => {
                        let said = fields.get("documentType").and_then(Value::as_str);
                        said.map_or(Some(subject.main), kind_of)
                    }
                    ("code" | "id", _) if depth <= 1 => Some(subject.main),
                    _ => None,
                };
                match kind.filter(|kind| subject.kinds.contains(kind)) {
                    Some(kind) => ids(value, kind, named),
                    None => look(value, subject, depth + 1, named),
                }
            }
        }
        _ => {}
    }
}

/// One id or a list of them: texts, or whole numbers as their digits.
fn ids(value: &Value, kind: DocumentKind, named: &mut BTreeSet<DocumentRef>) {
    let id = match value {
        Value::Array(list) => return list.iter().for_each(|one| ids(one, kind, named)),
        Value::String(text) => text.as_str(),
        Value::Number(number) if number.as_str().bytes().all(|byte| byte.is_ascii_digit()) => number.as_str(),
        _ => return,
    };
    let fits = !id.is_empty() && id.len() <= DocumentRef::MAX_ID && !id.chars().any(char::is_control);
    if fits && named.len() <= MAX_NAMED {
        named.insert(DocumentRef::new(kind, id));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(event: &str, body: &str) -> Vec<String> {
        changed_documents(event, body.as_bytes()).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn ids_are_found_under_the_names_of_the_api() {
        assert_eq!(
            named("CREATE_INVOICE", r#"{"eventType":"CREATE_INVOICE","salesInvoiceCode":"SI-1"}"#),
            ["invoice:SI-1"]
        );
        assert_eq!(named("UPDATE_INVOICE", r#"{"data":{"code":"SI-2"}}"#), ["invoice:SI-2"]);
        assert_eq!(named("UPDATE_INVOICE", r#"[{"salesInvoiceCode":"SI-1"},{"salesInvoiceCode":"SI-2"}]"#).len(), 2);
        let typed = r#"{"documentType":"SALES_INVOICE","documentCode":"SI-3","items":[{"productCode":"P-1","id":7}]}"#;
        assert_eq!(named("CREATE_INVOICE", typed), ["invoice:SI-3"]);
        assert_eq!(named("STOCK_IN", r#"{"productCodes":["P-1","P-2"]}"#), ["item:P-1", "item:P-2"]);
        assert_eq!(named("STOCK_OUT", r#"{"productCode":"P-1","quantity":4}"#), ["item:P-1"]);
        assert_eq!(named("CREATE_PRODUCTS", r#"{"id":12}"#), ["item:12"]);
        let bill = r#"{"id":9,"linkedDocuments":[{"documentCode":"PO-7","documentType":"PURCHASE_ORDER"}]}"#;
        assert_eq!(named("CREATE_BILL", bill), ["purchase_order:PO-7"]);
    }

    #[test]
    fn signed_events_name_their_document_in_data() {
        let body = |kind: &str| format!(r#"{{"type":"{kind}","data":{{"id":"X-1"}}}}"#);
        assert_eq!(named("sales_order.changed", &body("sales_order.changed")), ["sales_order:X-1"]);
        assert_eq!(named("", &body("stock.changed")), ["item:X-1"]);
        assert_eq!(named("purchase_order.changed", &body("purchase_order.changed")), ["purchase_order:X-1"]);
        let receipt = r#"{"type":"goods_receipt.created","data":{"id":"GR-1","purchaseOrderCode":"PO-3"}}"#;
        assert_eq!(named("goods_receipt.created", receipt), ["purchase_order:PO-3"]);
    }

    #[test]
    fn a_body_that_names_nothing_gives_the_lists_of_its_event() {
        for body in
            ["{}", "[]", "null", "true", "7", "\"x\"", r#"{"salesInvoiceCode":""}"#, r#"{"salesInvoiceCode":{}}"#]
        {
            assert_eq!(named("CREATE_INVOICE", body), ["list:invoice"], "{body}");
        }
        assert_eq!(named("STOCK_IN", "{}"), ["list:item", "list:purchase_order"]);
        assert_eq!(
            named("UPDATE_BILL", r#"{"purchaseInvoiceCode":"B-1","id":3}"#),
            ["list:purchase_order", "list:item"]
        );
        assert_eq!(named("goods_receipt.created", r#"{"data":{"id":"GR-1"}}"#), ["list:purchase_order", "list:item"]);
    }

    #[test]
    fn attack_44_an_event_that_is_not_ours_names_nothing() {
        for event in ["CREATE_CRM_DEAL", "CREATE_CONTACT", "nonsense", ""] {
            assert_eq!(named(event, r#"{"id":"X"}"#), [""; 0], "{event}");
        }
    }

    #[test]
    fn attacks_34_to_43_bodies_that_are_not_strict_json_are_kept_for_a_person() {
        let deep = "[".repeat(100_000);
        for body in [
            "",
            " ",
            "a=b",
            "{",
            "{\"salesInvoiceCode\":\"A\",\"salesInvoiceCode\":\"B\"}",
            "{\"x\":NaN}",
            &deep,
            "{\"salesInvoiceCode\":\"\\u0000\"}",
            "{\"salesInvoiceCode\":\"\\ud800\"}",
            "\u{feff}{}",
            "<xml/>",
        ] {
            assert!(changed_documents("CREATE_INVOICE", body.as_bytes()).is_err(), "{}", &body[..body.len().min(20)]);
        }
        assert!(changed_documents("CREATE_INVOICE", b"\xff\xfe").is_err());
    }

    #[test]
    fn attack_46_ids_are_taken_as_they_are_or_not_at_all() {
        for id in ["1e3", "../../x", "' OR 1=1--", "SI/1", "ä"] {
            assert_eq!(
                named("CREATE_INVOICE", &format!(r#"{{"salesInvoiceCode":"{id}"}}"#)),
                [format!("invoice:{id}")]
            );
        }
        let long = format!(r#"{{"salesInvoiceCode":"{}"}}"#, "x".repeat(4096));
        assert_eq!(named("CREATE_INVOICE", &long), ["list:invoice"]);
        assert_eq!(named("CREATE_INVOICE", r#"{"salesInvoiceCode":"a\nb"}"#), ["list:invoice"]);
        assert_eq!(named("CREATE_INVOICE", r#"{"salesInvoiceCode":1e3}"#), ["list:invoice"]);
        assert_eq!(named("CREATE_INVOICE", r#"{"salesInvoiceCode":-5}"#), ["list:invoice"]);
    }

    #[test]
    fn more_names_than_fit_become_the_list() {
        let codes: Vec<String> = (0..600).map(|index| format!("\"P-{index}\"")).collect();
        assert_eq!(named("STOCK_IN", &format!(r#"{{"productCodes":[{}]}}"#, codes.join(","))).len(), 2);
        let fits = codes[..500].join(",");
        assert_eq!(named("STOCK_IN", &format!(r#"{{"productCodes":[{fits}]}}"#)).len(), 500);
    }
}
