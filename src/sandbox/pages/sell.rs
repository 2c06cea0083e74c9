//! Sell records: the list of quotations, orders and invoices, and the form for a new one.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;
use serde::Deserialize;

use super::icon::{Package, package};
use super::{Fields, Frame, back, field, money, quantity, shown};
use crate::sandbox::number::plain;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{
    Address, Company, ItemKind, NewSale, NewSaleLine, Refusal, Sale, SaleKind, Status, WarehouseKind,
};

/// Sales on the page, the newest first.
const SHOWN: usize = 200;

/// Line rows of the form for a new sale.
const FORM_LINES: usize = 5;

#[derive(Deserialize)]
pub(in crate::sandbox) struct Filter {
    kind: Option<SaleKind>,
    said: Option<String>,
}

struct Row {
    code: String,
    number: String,
    kind: &'static str,
    customer: String,
    date: String,
    need_by: String,
    total: String,
    status: &'static str,
    fulfilment: String,
    package: Option<Package>,
}

#[derive(Template)]
#[template(path = "sandbox/templates/sell.html", config = ".askama.toml")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    /// How many older ones are not shown.
    older: usize,
    /// Value, label, chosen.
    kinds: Vec<(&'static str, &'static str, bool)>,
}

pub(in crate::sandbox) async fn start(shared: Data<Shared>) -> HttpResponse {
    match shared.read(|world| world.companies.first().map(|company| company.id)) {
        Some(company) => super::consent::to(&format!("/c/{company}/sell")),
        None => HttpResponse::NotFound().finish(),
    }
}

pub(in crate::sandbox) async fn list(shared: Data<Shared>, company: Path<i64>, filter: Query<Filter>) -> HttpResponse {
    shown(list_page(&shared, *company, &filter))
}

fn list_page(shared: &Shared, company: i64, filter: &Filter) -> Result<List, Refusal> {
    let frame = Frame::new(shared, company, "sell", filter.said.as_deref())?;
    let (rows, older) = shared.read(|world| {
        let company = world.company(company)?;
        let wanted = company.sales.iter().rev().filter(|sale| filter.kind.is_none_or(|kind| sale.kind == kind));
        let older = wanted.clone().count().saturating_sub(SHOWN);
        Ok::<_, Refusal>((wanted.take(SHOWN).map(|sale| row(company, sale)).collect(), older))
    })?;
    let mut kinds = vec![("", "All", filter.kind.is_none())];
    for kind in SaleKind::ALL {
        let (value, label) = match kind {
            SaleKind::Quotation => ("?kind=quotation", "Quotations"),
            SaleKind::SalesOrder => ("?kind=sales_order", "Sales orders"),
            SaleKind::Invoice => ("?kind=invoice", "Invoices"),
        };
        kinds.push((value, label, filter.kind == Some(kind)));
    }
    Ok(List { frame, rows, older, kinds })
}

fn row(company: &Company, sale: &Sale) -> Row {
    Row {
        code: sale.code.clone(),
        number: sale.number.clone(),
        kind: sale.kind.as_str(),
        customer: company.contact(&sale.customer).map_or_else(|_| sale.customer.clone(), |one| one.name.clone()),
        date: date(sale.date),
        need_by: sale.need_by.map(date).unwrap_or_default(),
        total: format!("{} {}", money(sale.total()), sale.currency),
        status: status(sale.status),
        fulfilment: fulfilment(sale),
        package: package(company, sale),
    }
}

pub(super) fn date(date: jiff::civil::Date) -> String {
    date.strftime("%-d %b %Y").to_string()
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Draft => "draft",
        Status::Open => "open",
        Status::Closed => "closed",
        Status::Archived => "archived",
        Status::Processed => "processed",
        Status::PartialProcessed => "part processed",
    }
}

/// `delivered 4 of 12`, in units over all lines.
pub(super) fn fulfilment(sale: &Sale) -> String {
    let ordered: rust_decimal::Decimal = sale.lines.iter().map(|line| line.quantity - line.short_closed).sum();
    let delivered: rust_decimal::Decimal = sale.lines.iter().map(crate::sandbox::state::SaleLine::delivered).sum();
    match sale.fulfilment_status() {
        "FULLY_FULFILLED" => "delivered".to_owned(),
        "PARTIAL_FULFILLED" => format!("{} of {} delivered", plain(delivered), plain(ordered)),
        _ => "not delivered".to_owned(),
    }
}

struct ItemChoice {
    code: String,
    label: String,
}

#[derive(Template)]
#[template(path = "sandbox/templates/new_sale.html", config = ".askama.toml")]
struct New {
    frame: Frame,
    customers: Vec<(String, String)>,
    warehouses: Vec<(String, String)>,
    items: Vec<ItemChoice>,
    rows: std::ops::Range<usize>,
}

pub(in crate::sandbox) async fn new(shared: Data<Shared>, company: Path<i64>, filter: Query<Filter>) -> HttpResponse {
    shown(new_page(&shared, *company, filter.said.as_deref()))
}

fn new_page(shared: &Shared, company: i64, said: Option<&str>) -> Result<New, Refusal> {
    let frame = Frame::new(shared, company, "sell", said)?;
    shared.read(|world| {
        let company = world.company(company)?;
        let choice = |code: &String, name: &String| (code.clone(), name.clone());
        let customers = company.contacts.iter().filter(|one| one.customer && one.active);
        let warehouses = company.warehouses.iter().filter(|one| one.kind != WarehouseKind::Rejected);
        let item = |item: &crate::sandbox::state::Item| ItemChoice {
            code: item.code.clone(),
            label: match item.kind {
                ItemKind::Tracked => {
                    format!("{} · {} in stock", item.name, plain(company.available_everywhere(&item.code)))
                }
                ItemKind::Nontracked => format!("{} · service", item.name),
                ItemKind::BillOfMaterials => format!("{} · kit", item.name),
            },
        };
        Ok(New {
            frame,
            customers: customers.map(|one| choice(&one.code, &one.name)).collect(),
            warehouses: warehouses.map(|one| choice(&one.code, &one.name)).collect(),
            items: company.items.iter().filter(|item| item.active).map(item).collect(),
            rows: 0..FORM_LINES,
        })
    })
}

pub(in crate::sandbox) async fn make(shared: Data<Shared>, company: Path<i64>, form: Form<Fields>) -> HttpResponse {
    let made =
        new_sale(&form).and_then(|new| shared.change_company(*company, |company, now| company.create_sale(new, now)));
    match made {
        Ok(code) => super::consent::to(&format!("/c/{company}/sales/{code}")),
        Err(refusal) => back(&format!("/c/{company}/sell/new"), Err(refusal)),
    }
}

fn new_sale(form: &Fields) -> Result<NewSale, Refusal> {
    let kind = serde_json::from_value(field(form, "kind").into());
    let need_by = match field(form, "need_by") {
        "" => None,
        text => Some(text.parse().map_err(|_| Refusal::invalid(format!("{text} is not a date")))?),
    };
    let mut lines = Vec::new();
    for row in 0..FORM_LINES {
        let item = field(form, &format!("item{row}"));
        if let Some(quantity) = quantity(field(form, &format!("quantity{row}")))?
            && !item.is_empty()
        {
            let unit_price = super::quantity(field(form, &format!("price{row}")))?;
            lines.push(NewSaleLine { item: item.to_owned(), quantity, unit_price, packing: None, from_line: None });
        }
    }
    let ship_to = Address {
        contact: field(form, "ship_contact").to_owned(),
        address1: field(form, "ship_street").to_owned(),
        city: field(form, "ship_city").to_owned(),
        postal_code: field(form, "ship_postal_code").to_owned(),
        country: field(form, "ship_country").to_owned(),
        ..Address::default()
    };
    Ok(NewSale {
        kind: kind.map_err(|_| Refusal::invalid("choose quotation, sales order or invoice"))?,
        customer: field(form, "customer").to_owned(),
        warehouse: Some(field(form, "warehouse").to_owned()),
        date: None,
        need_by,
        ship_to: (!ship_to.address1.is_empty()).then_some(ship_to),
        memo: field(form, "memo").to_owned(),
        draft: field(form, "draft") == "on",
        drop_ship: field(form, "drop_ship") == "on",
        from: None,
        lines,
    })
}
