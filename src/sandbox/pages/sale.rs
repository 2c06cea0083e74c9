//! A sale's page: its lines, what is open, its purchase orders, and what a person can do about it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::icon::{Package, package};
use super::sell::{date, fulfilment, status};
use super::{Fields, Frame, Said, back, field, item_name, money, quantities, shown};
use crate::sandbox::number::plain;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{Company, NewSale, Refusal, Sale, SaleEdit, SaleKind, SaleLine, Status};

struct Line {
    code: String,
    name: String,
    sku: String,
    quantity: String,
    in_stock: String,
    delivered: String,
    short_closed: String,
    open: String,
    price: String,
}

struct Linked {
    /// The address of its page; empty where it is not ours to show.
    href: String,
    number: String,
    what: String,
}

#[derive(Template)]
#[template(path = "sandbox/templates/sale.html", config = ".askama.toml")]
struct Page {
    frame: Frame,
    code: String,
    number: String,
    kind: &'static str,
    status: &'static str,
    open: bool,
    customer: String,
    customer_email: String,
    ship_to: String,
    warehouse: String,
    date: String,
    need_by: String,
    need_by_iso: String,
    total: String,
    memo: String,
    drop_ship: bool,
    fulfilment: String,
    package: Option<Package>,
    custom: Vec<(String, String)>,
    lines: Vec<Line>,
    linked: Vec<Linked>,
    can_become: Vec<(&'static str, &'static str)>,
}

pub(in crate::sandbox) async fn page(
    shared: Data<Shared>,
    path: Path<(i64, String)>,
    said: Query<Said>,
) -> HttpResponse {
    let (company, code) = path.into_inner();
    shown(Frame::new(&shared, company, "sell", said.said.as_deref()).and_then(|frame| {
        shared.read(|world| {
            let company = world.company(company)?;
            Ok(view(frame, company, company.sale(None, &code)?))
        })
    }))
}

fn view(frame: Frame, company: &Company, sale: &Sale) -> Page {
    let customer = company.contact(&sale.customer).ok();
    let can_become = match sale.kind {
        SaleKind::Quotation => vec![("sales_order", "Make sales order"), ("invoice", "Make invoice")],
        SaleKind::SalesOrder => vec![("invoice", "Make invoice")],
        SaleKind::Invoice => Vec::new(),
    };
    Page {
        code: sale.code.clone(),
        number: sale.number.clone(),
        kind: sale.kind.as_str(),
        status: status(sale.status),
        open: sale.status == Status::Open && sale.lines.iter().any(|line| !line.open().is_zero()),
        customer: customer.map_or_else(|| sale.customer.clone(), |one| one.name.clone()),
        customer_email: customer.map(|one| one.email.clone()).unwrap_or_default(),
        ship_to: sale.ship_to.line(),
        warehouse: company.warehouse(&sale.warehouse).map(|one| one.name.clone()).unwrap_or_default(),
        date: date(sale.date),
        need_by: sale.need_by.map(date).unwrap_or_default(),
        need_by_iso: sale.need_by.map(|day| day.to_string()).unwrap_or_default(),
        total: format!("{} {}", money(sale.total()), sale.currency),
        memo: sale.memo.clone(),
        drop_ship: sale.drop_ship,
        fulfilment: fulfilment(sale),
        package: package(company, sale),
        custom: sale.custom.iter().map(|one| (one.label.clone(), one.text())).collect(),
        lines: sale.lines.iter().map(|one| line(company, sale, one)).collect(),
        linked: sale.links.iter().map(|link| linked(frame.company, company, link)).collect(),
        can_become: if sale.status == Status::Open { can_become } else { Vec::new() },
        frame,
    }
}

fn line(company: &Company, sale: &Sale, line: &SaleLine) -> Line {
    let (name, sku) = item_name(company, &line.item);
    Line {
        code: line.code.clone(),
        name,
        sku,
        quantity: plain(line.quantity),
        in_stock: plain(company.on_hand(&sale.warehouse, &line.item)),
        delivered: plain(line.delivered()),
        short_closed: plain(line.short_closed),
        open: plain(line.open()),
        price: money(line.unit_price),
    }
}

fn linked(id: i64, company: &Company, link: &crate::sandbox::state::Link) -> Linked {
    let order = company.purchase_order(&link.code).ok();
    let href = match (order, company.sale(None, &link.code)) {
        (Some(_), _) => format!("/c/{id}/purchase/{}", link.code),
        (None, Ok(_)) => format!("/c/{id}/sales/{}", link.code),
        (None, Err(_)) => String::new(),
    };
    let what = link.document_type.replace('_', " ").to_lowercase();
    let what = match order {
        Some(order) => {
            let from = company.contact(&order.vendor).map_or(order.vendor.as_str(), |vendor| &vendor.name);
            let expected = order.receive_by.map(|day| format!(", expected {}", date(day))).unwrap_or_default();
            format!("{what} from {from}, {}{expected}", status(order.status))
        }
        None if href.is_empty() => format!("{what}, deleted"),
        None => what,
    };
    Linked { href, number: order.map_or_else(|| link.number.clone(), |order| order.number.clone()), what }
}

pub(in crate::sandbox) async fn act(
    shared: Data<Shared>,
    path: Path<(i64, String, String)>,
    form: Form<Fields>,
) -> HttpResponse {
    let (company, code, action) = path.into_inner();
    let mut target = format!("/c/{company}/sales/{code}");
    let done = shared.change_company(company, |company, now| {
        let set = |company: &mut Company, status| {
            company.edit_sale(&code, SaleEdit { status: Some(status), ..SaleEdit::default() }, now)
        };
        match action.as_str() {
            "edit" => {
                let need_by = match field(&form, "need_by") {
                    "" => None,
                    text => Some(text.parse().map_err(|_| Refusal::invalid(format!("{text} is not a date")))?),
                };
                let quantities = quantities(&form, "quantity-")?;
                company.edit_sale(&code, SaleEdit { quantities, need_by, ..SaleEdit::default() }, now)
            }
            "fulfil" => company.fulfil(&code, &quantities(&form, "deliver-")?, now).map(|_| ()),
            "cancel" => set(company, Status::Closed),
            "open" => set(company, Status::Open),
            "delete" => {
                company.delete_sale(&code)?;
                target = format!("/c/{}/sell", company.id);
                Ok(())
            }
            "become" => {
                let made = company.create_sale(made_of(company.sale(None, &code)?, field(&form, "kind"))?, now)?;
                target = format!("/c/{}/sales/{made}", company.id);
                Ok(())
            }
            _ => Err(Refusal::missing(action.clone())),
        }
    });
    back(&target, done)
}

/// The next document of a sale: its open lines, for the same customer and place.
fn made_of(sale: &Sale, kind: &str) -> Result<NewSale, Refusal> {
    Ok(NewSale {
        kind: serde_json::from_value(kind.into()).map_err(|_| Refusal::invalid("choose what to make"))?,
        customer: sale.customer.clone(),
        warehouse: Some(sale.warehouse.clone()),
        date: None,
        need_by: sale.need_by,
        ship_to: Some(sale.ship_to.clone()),
        memo: sale.memo.clone(),
        draft: false,
        drop_ship: sale.drop_ship,
        from: Some(sale.code.clone()),
        lines: Vec::new(),
    })
}
