//! What was written in an Odoo since a moment: what its rules have not told is found so, long before everything is
//! looked through.
//!
//! Facts: hosts/odoo/notes.md. `write_date` is when the transaction began, and is read in whole seconds though compared
//! in finer ones, so the caller looks further back than it must; what it has seen already is told apart by the mirror,
//! and a move or a transfer by being as it was. What is delivered or received is written on the lines, not on their order;
//! what befalls a transfer (it is cancelled, put off, led elsewhere) may be written on it alone.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::facts::Facts;
use super::{Odoo, wire};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::host::{HostError, ListedDocument, fingerprint};

/// Orders that one call asks for.
const PAGE: u32 = 50;

/// More than so much is written by an import or the like, and left to the look through everything.
const MOST_PAGES: u32 = 10;
const NEWEST: Option<(u32, u32)> = Some((1000, 0));

/// An order of sales is of one of these kinds by its state.
const SALES: [DocumentKind; 2] = [DocumentKind::Quotation, DocumentKind::SalesOrder];

pub(super) async fn list(odoo: &Odoo, since: Timestamp) -> Result<Vec<ListedDocument>, HostError> {
    let since = since.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string();
    let written = json!(["|", ["write_date", ">=", since], ["order_line.write_date", ">=", since]]);
    let mut listed: Vec<ListedDocument> = Vec::new();
    for page in 0..MOST_PAGES {
        let found = odoo.sales(written.clone(), |_| SALES.to_vec(), Some((PAGE, page * PAGE))).await?;
        // Each comes as both of its kinds, which is one unless it is cancelled.
        let is_last = found.len() < 2 * PAGE as usize;
        for one in found {
            let row = ListedDocument { fingerprint: fingerprint(&one), reference: one.reference };
            if !listed.contains(&row) {
                listed.push(row);
            }
        }
        if is_last {
            break;
        }
    }
    // What it was before it was confirmed, or set back.
    for row in listed.clone() {
        for kind in SALES {
            let reference = DocumentRef::new(kind, row.reference.id.clone());
            if listed.iter().all(|known| known.reference != reference) {
                listed.push(ListedDocument { reference, fingerprint: String::new() });
            }
        }
    }
    for page in 0..MOST_PAGES {
        let found = odoo.purchases(written.clone(), Some((PAGE, page * PAGE))).await?;
        let is_last = found.len() < PAGE as usize;
        listed.extend(found.into_iter().map(|order| ListedDocument {
            fingerprint: fingerprint(&order),
            reference: DocumentRef::new(DocumentKind::PurchaseOrder, order.id),
        }));
        if is_last {
            break;
        }
    }
    listed.extend(moved_goods(odoo, &since).await?);
    for reference in transfers(odoo, &since).await? {
        if listed.iter().all(|known| known.reference != reference) {
            listed.push(ListedDocument { reference, fingerprint: String::new() });
        }
    }
    Ok(listed)
}

/// The products of which goods have moved, whatever the reason was, or no longer will: a receipt was cancelled.
async fn moved_goods(odoo: &Odoo, since: &str) -> Result<Vec<ListedDocument>, HostError> {
    let moved = odoo.of_company(json!([["write_date", ">=", since], ["state", "in", ["done", "cancel"]]]));
    let moved = odoo.client.search("stock.move", moved, &["product_id", "write_date"], "id desc", NEWEST).await?;
    let moved: Vec<(i64, Option<i64>, String)> = odoo
        .each(&moved, |row| Ok((wire::id(row)?, wire::one_id(row, "product_id")?, wire::text(row, "write_date")?)))?;
    let seen = moved.iter().map(|(id, _, at)| (*id, at.clone())).collect();
    let news = Facts::news(&odoo.client.facts.moves, seen);
    let items: BTreeSet<i64> =
        moved.into_iter().filter(|(id, ..)| news.contains(id)).filter_map(|(_, item, _)| item).collect();
    let row = |item: i64| ListedDocument {
        reference: DocumentRef::new(DocumentKind::Item, item.to_string()),
        fingerprint: String::new(),
    };
    Ok(items.into_iter().map(row).collect())
}

/// The orders whose transfers were written: cancelled, put off, sent elsewhere. A drop shipment names its sale on 19
/// only, and its purchase order everywhere.
async fn transfers(odoo: &Odoo, since: &str) -> Result<Vec<DocumentRef>, HostError> {
    let written = odoo.of_company(json!([["write_date", ">=", since]]));
    let fields = ["sale_id", "purchase_id", "write_date"];
    let written = odoo.client.search("stock.picking", written, &fields, "id desc", NEWEST).await?;
    let written: Vec<(i64, Option<i64>, Option<i64>, String)> = odoo.each(&written, |row| {
        let (sale, purchase) = (wire::one_id(row, "sale_id")?, wire::one_id(row, "purchase_id")?);
        Ok((wire::id(row)?, sale, purchase, wire::text(row, "write_date")?))
    })?;
    let seen = written.iter().map(|(id, .., at)| (*id, at.clone())).collect();
    let news = Facts::news(&odoo.client.facts.transfers, seen);
    let mut orders = BTreeSet::new();
    for (_, sale, purchase, _) in written.into_iter().filter(|(id, ..)| news.contains(id)) {
        let of = |kind: DocumentKind, id: i64| DocumentRef::new(kind, id.to_string());
        orders.extend(sale.into_iter().flat_map(|id| SALES.map(|kind| of(kind, id))));
        orders.extend(purchase.map(|id| of(DocumentKind::PurchaseOrder, id)));
    }
    Ok(orders.into_iter().collect())
}
