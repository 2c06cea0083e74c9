//! Purchase orders: the list, and a page where the warehouse receives and the buyer issues, changes and closes.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::sell::{date, status};
use super::{Fields, Frame, Said, back, field, item_name, money, quantities, shown};
use crate::sandbox::number::plain;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{Company, PurchaseOrder, Receipt, Refusal, Status};

struct Row {
    code: String,
    number: String,
    vendor: String,
    date: String,
    expected: String,
    total: String,
    status: &'static str,
    receipt: String,
    back_order: bool,
    drop_ship: bool,
}

#[derive(Template)]
#[template(path = "sandbox/templates/purchase.html", config = ".askama.toml")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
}

pub(in crate::sandbox) async fn list(shared: Data<Shared>, company: Path<i64>, said: Query<Said>) -> HttpResponse {
    shown(Frame::new(&shared, *company, "purchase", said.said.as_deref()).and_then(|frame| {
        let rows = shared.read(|world| {
            let company = world.company(*company)?;
            Ok::<_, Refusal>(company.purchase_orders.iter().rev().map(|order| row(company, order)).collect())
        })?;
        Ok(List { frame, rows })
    }))
}

fn row(company: &Company, order: &PurchaseOrder) -> Row {
    Row {
        code: order.code.clone(),
        number: order.number.clone(),
        vendor: company.contact(&order.vendor).map_or_else(|_| order.vendor.clone(), |one| one.name.clone()),
        date: date(order.date),
        expected: order.receive_by.map(date).unwrap_or_default(),
        total: format!("{} {}", money(order.total), order.currency),
        status: status(order.status),
        receipt: receipt_state(order),
        back_order: order.back_order,
        drop_ship: order.drop_ship,
    }
}

fn receipt_state(order: &PurchaseOrder) -> String {
    let ordered: rust_decimal::Decimal = order.lines.iter().map(|line| line.quantity).sum();
    let received: rust_decimal::Decimal = order.lines.iter().map(|line| line.received).sum();
    let verb = if order.drop_ship { "shipped" } else { "received" };
    match order.receipt_status() {
        "FULLY_RECEIVED" => verb.to_owned(),
        "PARTIAL_RECEIVED" => format!("{} of {} {verb}", plain(received), plain(ordered)),
        _ => format!("not {verb}"),
    }
}

struct Line {
    code: String,
    name: String,
    sku: String,
    quantity: String,
    received: String,
    pending: String,
    price: String,
    total: String,
}

struct Received {
    code: String,
    date: String,
    warehouse: String,
    what: String,
}

#[derive(Template)]
#[template(path = "sandbox/templates/purchase_order.html", config = ".askama.toml")]
struct Page {
    frame: Frame,
    order: Row,
    draft: bool,
    open: bool,
    pending: bool,
    vendor_email: String,
    place: String,
    memo: String,
    custom: Vec<(String, String)>,
    lines: Vec<Line>,
    receipts: Vec<Received>,
    /// Address, number, what it is.
    linked: Vec<(String, String, String)>,
}

pub(in crate::sandbox) async fn page(
    shared: Data<Shared>,
    path: Path<(i64, String)>,
    said: Query<Said>,
) -> HttpResponse {
    let (company, code) = path.into_inner();
    shown(Frame::new(&shared, company, "purchase", said.said.as_deref()).and_then(|frame| {
        shared.read(|world| {
            let company = world.company(company)?;
            Ok(view(frame, company, company.purchase_order(&code)?))
        })
    }))
}

fn view(frame: Frame, company: &Company, order: &PurchaseOrder) -> Page {
    let place = match (&order.ship_to, order.drop_ship) {
        (Some(address), true) => format!("straight to {}, {}", address.contact, address.line()),
        _ => company.warehouse(&order.warehouse).map(|one| one.name.clone()).unwrap_or_default(),
    };
    let lines = order.lines.iter().map(|line| {
        let (name, sku) = item_name(company, &line.item);
        Line {
            code: line.code.clone(),
            name,
            sku,
            quantity: plain(line.quantity),
            received: plain(line.received),
            pending: plain(order.pending(line)),
            price: money(line.unit_price),
            total: money(line.total),
        }
    });
    let linked = order.links.iter().map(|link| {
        let sale = company.sale(None, &link.code).ok();
        let href = sale.map(|sale| format!("/c/{}/sales/{}", company.id, sale.code)).unwrap_or_default();
        let number = sale.map_or(&link.number, |sale| &sale.number).clone();
        (href, number, link.document_type.replace('_', " ").to_lowercase())
    });
    let receipts = company.receipts.iter().filter(|receipt| receipt.purchase_order == order.code);
    Page {
        draft: order.status == Status::Draft,
        open: matches!(order.status, Status::Open | Status::Processed | Status::PartialProcessed),
        pending: order.lines.iter().any(|line| !order.pending(line).is_zero()),
        vendor_email: company.contact(&order.vendor).map(|one| one.email.clone()).unwrap_or_default(),
        place,
        memo: order.memo.clone(),
        custom: order.custom.iter().map(|one| (one.label.clone(), one.text())).collect(),
        lines: lines.collect(),
        receipts: receipts.map(|receipt| received(company, receipt)).collect(),
        linked: linked.collect(),
        order: row(company, order),
        frame,
    }
}

fn received(company: &Company, receipt: &Receipt) -> Received {
    let what: Vec<String> = receipt
        .lines
        .iter()
        .map(|line| format!("{} × {}", plain(line.quantity), item_name(company, &line.item).0))
        .collect();
    Received {
        code: receipt.code.clone(),
        date: date(receipt.date),
        warehouse: company.warehouse(&receipt.warehouse).map(|one| one.name.clone()).unwrap_or_default(),
        what: what.join(", "),
    }
}

pub(in crate::sandbox) async fn act(
    shared: Data<Shared>,
    path: Path<(i64, String, String)>,
    form: Form<Fields>,
) -> HttpResponse {
    let (company, code, action) = path.into_inner();
    let mut target = format!("/c/{company}/purchase/{code}");
    let done = shared.change_company(company, |company, now| match action.as_str() {
        "issue" | "open" => company.set_purchase_order_status(&code, Status::Open, now),
        "close" => company.set_purchase_order_status(&code, Status::Closed, now),
        "receive" => company.receive(&code, &quantities(&form, "receive-")?, None, now).map(|_| ()),
        "undo" => company.undo_receipt(field(&form, "receipt"), now).map(|_| ()),
        "edit" => {
            for (line, quantity) in quantities(&form, "quantity-")? {
                company.edit_purchase_order_line(&code, &line, quantity, now)?;
            }
            Ok(())
        }
        "delete" => {
            company.delete_purchase_order(&code)?;
            target = format!("/c/{}/purchase", company.id);
            Ok(())
        }
        _ => Err(Refusal::missing(action.clone())),
    });
    back(&target, done)
}
