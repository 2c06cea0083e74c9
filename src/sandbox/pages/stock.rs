//! Stock by warehouse, and the form to adjust it.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;

use super::{Fields, Frame, Said, back, field, quantity, shown};
use crate::sandbox::number::plain;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{Adjustment, Company, Item, ItemKind, Refusal};

struct Row {
    code: String,
    sku: String,
    name: String,
    on_hand: Vec<String>,
    reserved: String,
    incoming: String,
    outgoing: String,
    vendor: String,
}

#[derive(Template)]
#[template(path = "sandbox/templates/stock.html", config = ".askama.toml")]
struct Page {
    frame: Frame,
    warehouses: Vec<(String, String)>,
    rows: Vec<Row>,
}

pub(in crate::sandbox) async fn page(shared: Data<Shared>, company: Path<i64>, said: Query<Said>) -> HttpResponse {
    shown(Frame::new(&shared, *company, "stock", said.said.as_deref()).and_then(|frame| {
        shared.read(|world| {
            let company = world.company(*company)?;
            let tracked = company.items.iter().filter(|item| item.kind == ItemKind::Tracked);
            Ok(Page {
                frame,
                warehouses: company.warehouses.iter().map(|one| (one.code.clone(), one.name.clone())).collect(),
                rows: tracked.map(|item| row(company, item)).collect(),
            })
        })
    }))
}

fn row(company: &Company, item: &Item) -> Row {
    let vendor = item.vendor.as_deref().and_then(|code| company.contact(code).ok());
    let lead = item.lead_days.map(|days| format!(", {days} days")).unwrap_or_default();
    Row {
        code: item.code.clone(),
        sku: item.sku.clone(),
        name: item.name.clone(),
        on_hand: company.warehouses.iter().map(|one| plain(company.on_hand(&one.code, &item.code))).collect(),
        reserved: plain(company.reserved_everywhere(&item.code)),
        incoming: plain(company.incoming(&item.code)),
        outgoing: plain(company.outgoing(&item.code)),
        vendor: vendor.map(|vendor| format!("{}{lead}", vendor.name)).unwrap_or_default(),
    }
}

pub(in crate::sandbox) async fn adjust(shared: Data<Shared>, company: Path<i64>, form: Form<Fields>) -> HttpResponse {
    let done = shared.change_company(*company, |company, _| {
        let count = quantity(field(&form, "quantity"))?.ok_or_else(|| Refusal::invalid("say how many"))?;
        let adjustment = match field(&form, "how") {
            "by" => Adjustment::By(count),
            "to" => Adjustment::To(count),
            _ => return Err(Refusal::invalid("choose how to adjust")),
        };
        company.adjust_stock(field(&form, "warehouse"), field(&form, "item"), adjustment).map(|_| ())
    });
    back(&format!("/c/{company}/stock"), done)
}
