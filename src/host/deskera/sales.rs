//! Sales documents of Deskera: four shapes, one reading.
//!
//! Facts: hosts/deskera/notes.md sections 5 to 7. Where they are unproven, the reading taken is the one that neither
//! buys what is not needed nor promises what is not there; each says so below.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::wire;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::sales_document::{Address, DocumentStatus, SalesDocument, SalesLine};
use crate::host::json::{Fields, Misfit, bounded};
use crate::host::marker;

/// Where the parts of a shape are.
#[derive(Debug)]
struct Shape {
    kind: DocumentKind,
    /// The first that is there is the document's id.
    code: &'static [&'static str],
    date: &'static str,
    /// When the customer needs it. The due date is a term of payment and says nothing about delivery: to read it here
    /// would count supply that comes too late, so a document without these has no need-by date.
    need_by: &'static [&'static str],
    lines: &'static str,
    line_id: &'static [&'static str],
    fulfilled: &'static str,
}

const INVOICE: Shape = Shape {
    kind: DocumentKind::Invoice,
    code: &["salesInvoiceCode"],
    date: "salesInvoiceDate",
    need_by: &["shipByDate"],
    lines: "salesInvoiceItems",
    line_id: &["salesInvoiceItemCode", "id", "lineNumber"],
    fulfilled: "quantityFulfilled",
};

const ORDER: Shape = Shape {
    kind: DocumentKind::SalesOrder,
    code: &["salesOrderCode"],
    date: "salesOrderDate",
    need_by: &["shipByDate"],
    lines: "salesOrderItems",
    line_id: &["salesOrderItemCode", "id", "lineNumber"],
    fulfilled: "quantityFulfilled",
};

/// The older shape: no status, no quantities delivered, no address.
const LEGACY_ORDER: Shape = Shape {
    code: &["soCode"],
    date: "documentDate",
    need_by: &["fulfillmentDate"],
    line_id: &["id", "productOrder"],
    ..ORDER
};

/// Its documented model has no code; other calls need one, so it is looked for under the names that they use.
const QUOTATION: Shape = Shape {
    kind: DocumentKind::Quotation,
    code: &["quotationCode", "code", "documentSequenceCode"],
    date: "documentDate",
    need_by: &["shipByDate", "fulfillmentDate"],
    lines: "quotationItemDtoList",
    line_id: &["quotationItemCode", "id", "lineNumber", "productOrder"],
    fulfilled: "fulfilledQuantity",
};

/// A sales document as it reads by itself, and the sales orders that it was made from.
#[derive(Debug)]
pub(super) struct SalesReading {
    pub(super) document: SalesDocument,
    pub(super) made_from_orders: Vec<String>,
}

/// Which shape a sales order has: as the connection says, else by its fields.
fn order_shape(fields: &Fields<'_>, setting: Option<&str>) -> &'static Shape {
    match setting {
        Some("legacy") => &LEGACY_ORDER,
        Some("new") => &ORDER,
        _ if fields.get("salesOrderCode").is_none() && fields.get("soCode").is_some() => &LEGACY_ORDER,
        _ => &ORDER,
    }
}

/// Reads a document of that kind. `setting` is the connection's `sales_order_shape`.
pub(super) fn read(fields: &Fields<'_>, kind: DocumentKind, setting: Option<&str>) -> Result<SalesReading, Misfit> {
    let shape = match kind {
        DocumentKind::Invoice => &INVOICE,
        DocumentKind::Quotation => &QUOTATION,
        _ => order_shape(fields, setting),
    };
    let id = fields.any_text(shape.code)?.ok_or_else(|| fields.misfit(shape.code[0], "missing"))?;
    let number =
        fields.text("documentSequenceCode")?.map_or_else(|| id.to_owned(), |text| bounded(text, wire::MAX_TEXT));
    let date = fields.day_month_year(shape.date)?.ok_or_else(|| fields.misfit(shape.date, "missing"))?;
    let mut need_by = None;
    for key in shape.need_by {
        need_by = need_by.or(fields.day_month_year(key)?);
    }
    let ship_to = fields.object("shipTo")?.map(|address| wire::read_address(&address)).transpose()?;
    let document = SalesDocument {
        reference: DocumentRef::new(shape.kind, id),
        number,
        status: status(fields)?,
        host_status: fields.text("status")?.map(|text| bounded(text, wire::MAX_TEXT)),
        date,
        need_by,
        priority: 0,
        customer: wire::party(fields, "contactCode")?,
        // Only what the document itself holds is frozen: a contact's address of today may be another.
        ship_to: ship_to.unwrap_or_else(Address::default),
        currency: fields.any_text(&["currency", "currencyCode"])?.map(|text| bounded(text, 10)),
        owner_email: None,
        ship_policy: None,
        min_shipment: None,
        backorder_flag: fields.flag("backOrder")?.unwrap_or(false),
        backorder_text: wire::custom_text(fields, wire::BACKORDER_FIELD)?,
        url: None,
        lines: lines(fields, shape)?,
    };
    let orders = wire::linked(fields, "linkedDocuments", DocumentKind::SalesOrder)?;
    let orders = if shape.kind == DocumentKind::Invoice { orders } else { Vec::new() };
    Ok(SalesReading { document, made_from_orders: orders.into_iter().map(|(code, _)| code).collect() })
}

/// Whether its lines carry demand. An unknown status is read as open: what is delivered still bounds the demand, and a
/// sale that is not looked at is worse than one that a person looks at.
fn status(fields: &Fields<'_>) -> Result<DocumentStatus, Misfit> {
    if fields.flag("deleted")?.unwrap_or(false) {
        return Ok(DocumentStatus::Cancelled);
    }
    let waits = matches!(fields.text("approvalStatus")?, Some("PENDING_FOR_APPROVAL" | "REJECTED"));
    if fields.flag("draft")?.unwrap_or(false) || waits {
        return Ok(DocumentStatus::Draft);
    }
    Ok(match fields.text("status")? {
        Some("DRAFT") => DocumentStatus::Draft,
        // PROCESSED: another document was made from it and carries the demand. CLOSED may also mean "paid", which is
        // not proven; to buy for a closed document would do harm.
        Some("CLOSED" | "ARCHIVED" | "PROCESSED") => DocumentStatus::Closed,
        // The older sales order has no status; once billed, its invoice carries the demand.
        None if fields.flag("billed")?.unwrap_or(false) => DocumentStatus::Closed,
        _ => DocumentStatus::Open,
    })
}

fn lines(fields: &Fields<'_>, shape: &Shape) -> Result<Vec<SalesLine>, Misfit> {
    let drop_ship = match fields.flag("dropShip")? {
        Some(flag) => flag,
        None => fields.text("fulfillmentType")?.is_some_and(|kind| kind.eq_ignore_ascii_case("DROP_SHIP")),
    };
    let all_fulfilled =
        fields.flag("fulfilled")?.unwrap_or(false) || fields.text("fulfillmentStatus")? == Some("FULLY_FULFILLED");
    let head = Head {
        drop_ship,
        all_fulfilled,
        all_closed: fields.text("shortClosedStatus")? == Some("FULLY_SHORT_CLOSED"),
        counted_elsewhere: shape.kind == DocumentKind::Quotation && is_converted(fields)?,
        ours: has_our_drop_shipment(fields)?,
        warehouse: fields.text("warehouseCode")?,
    };
    let mut lines = Vec::new();
    let mut ids = BTreeSet::new();
    for (index, line) in wire::lines(fields, shape.lines)?.iter().enumerate() {
        let line = read_line(line, shape, &head, index)?;
        if !ids.insert(line.id.clone()) {
            return Err(fields.misfit(shape.lines, "two lines have the same id"));
        }
        lines.push(line);
    }
    Ok(lines)
}

/// A quotation's demand counts in what was made from it.
fn is_converted(fields: &Fields<'_>) -> Result<bool, Misfit> {
    Ok(!fields.objects("linkedSalesOrders")?.is_empty() || !fields.objects("linkedSalesInvoices")?.is_empty())
}

fn has_our_drop_shipment(fields: &Fields<'_>) -> Result<bool, Misfit> {
    let orders = wire::linked(fields, "linkedDocuments", DocumentKind::PurchaseOrder)?;
    Ok(orders.iter().any(|(_, number)| marker::find(number).is_some()))
}

/// What the document says for all of its lines.
#[expect(clippy::struct_excessive_bools, reason = "each is a field of the document and read on its own")]
struct Head<'a> {
    drop_ship: bool,
    all_fulfilled: bool,
    all_closed: bool,
    counted_elsewhere: bool,
    ours: bool,
    warehouse: Option<&'a str>,
}

fn read_line(line: &Fields<'_>, shape: &Shape, head: &Head<'_>, index: usize) -> Result<SalesLine, Misfit> {
    let ordered = wire::ordered(line)?;
    let part = |key: &str| line.quantity(key).map(Option::unwrap_or_default);
    let by_vendor = part("qtyFulfilledFromToDropShip")?;
    let fulfilled = match line.quantity(shape.fulfilled)? {
        // Whether the first includes the other two is not said: the larger reading never delivers or buys twice.
        Some(fulfilled) => fulfilled.max(by_vendor + part("qtyFulfilledFromPps")?),
        None if head.all_fulfilled => ordered,
        None => {
            line.quantity("pendingQuantity")?.map_or(Decimal::ZERO, |pending| (ordered - pending).max(Decimal::ZERO))
        }
    };
    let rest = (ordered - fulfilled).max(Decimal::ZERO);
    let mut closed = part("shortClosedQuantity")?;
    if head.all_closed || (closed.is_zero() && line.flag("isShortClosed")?.unwrap_or(false)) {
        closed = rest;
    }
    let converted = part("qtyConvertedToDropShip")?;
    if !head.ours {
        // A person has ordered it for this customer already: not to be bought again.
        closed += (converted - by_vendor).max(Decimal::ZERO);
    }
    let product = line.object("product")?;
    let mut description = wire::text(line, "productDescription")?;
    if description.is_empty() {
        description = wire::text(line, "productName")?;
    }
    let item = line.text("productCode")?.unwrap_or_default().to_owned();
    let kind = match line.text("type")? {
        None => product.map(|product| product.text("type")).transpose()?.flatten(),
        kind => kind,
    };
    Ok(SalesLine {
        id: line.any_text(shape.line_id)?.map_or_else(|| (index + 1).to_string(), str::to_owned),
        tracked: !item.is_empty() && kind != Some("NONTRACKED"),
        item,
        description,
        warehouse: line.text("warehouseCode")?.or(head.warehouse).map(str::to_owned),
        ordered,
        fulfilled,
        closed: closed.min(rest),
        need_by: None,
        drop_ship: head.drop_ship || !converted.is_zero(),
        vendor: None,
        counted_elsewhere: head.counted_elsewhere,
        unit_price: line.decimal("unitPrice")?,
    })
}
