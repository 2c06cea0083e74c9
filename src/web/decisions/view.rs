//! A decision as its pages show it.
//!
//! Invariant: what is shown is what is stored; nothing is computed again.

use jiff::tz::TimeZone;

use crate::db::proposal::StoredProposal;
use crate::db::work_list::OpenChange;
use crate::domain::proposal::{OptionLine, PurchaseOption};
use crate::web::text;
use crate::wording::Words;

pub(super) struct LineView {
    pub(super) sku: String,
    pub(super) name: String,
    pub(super) quantity: String,
    pub(super) price: String,
    pub(super) expected: String,
    pub(super) why: String,
    pub(super) surplus: Option<String>,
    pub(super) note: Option<String>,
}

pub(super) struct OptionView {
    pub(super) index: usize,
    pub(super) vendor: String,
    pub(super) place: String,
    pub(super) drop_ship: bool,
    pub(super) total: String,
    pub(super) expected: String,
    pub(super) lines: Vec<LineView>,
}

pub(super) struct DocumentView {
    pub(super) path: String,
    pub(super) kind: String,
    pub(super) number: String,
    pub(super) customer: String,
}

/// One decision, ready to be shown.
pub(super) struct View {
    pub(super) id: String,
    pub(super) version: i32,
    pub(super) documents: Vec<DocumentView>,
    pub(super) options: Vec<OptionView>,
    pub(super) limit: Option<String>,
    pub(super) watched: bool,
    pub(super) since: String,
}

impl View {
    pub(super) fn of(stored: &StoredProposal, zone: &TimeZone) -> Self {
        Self {
            id: stored.id.to_string(),
            version: stored.version,
            documents: stored
                .body
                .documents
                .iter()
                .map(|document| DocumentView {
                    path: text::path(&document.reference),
                    kind: text::kind(Words::default(), document.reference.kind),
                    number: document.number.clone(),
                    customer: document.customer.clone(),
                })
                .collect(),
            options: stored.body.options.iter().enumerate().map(|(index, option)| option_view(index, option)).collect(),
            limit: stored.body.limit.clone(),
            watched: stored.state == "watched",
            since: text::time(stored.created_at, zone),
        }
    }
}

fn option_view(index: usize, option: &PurchaseOption) -> OptionView {
    let currency = option.currency.as_deref();
    OptionView {
        index,
        vendor: option.vendor.name.clone(),
        place: match (&option.ship_to, &option.warehouse) {
            (Some(to), _) => format!("shipped by the vendor to {}", to.one_line()),
            (None, Some(warehouse)) => format!("to {warehouse}"),
            (None, None) => "to stock".to_owned(),
        },
        drop_ship: option.is_drop_ship(),
        total: text::money(option.total, currency),
        expected: text::date(Some(option.expected)),
        lines: option.lines.iter().map(|line| line_view(line, currency)).collect(),
    }
}

fn line_view(line: &OptionLine, currency: Option<&str>) -> LineView {
    let unit = line.unit.as_deref().map(|unit| format!(" {unit} = {}", text::quantity(line.stock_quantity)));
    LineView {
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: format!("{}{}", text::quantity(line.quantity), unit.unwrap_or_default()),
        price: text::money(line.price, currency),
        expected: text::date(Some(line.expected)),
        why: line.why.clone(),
        surplus: (!line.surplus.is_zero()).then(|| text::quantity(line.surplus)),
        note: line.price_note.clone(),
    }
}

pub(super) struct ChangeView {
    pub(super) path: String,
    pub(super) number: String,
    pub(super) vendor: String,
    pub(super) item: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) url: Option<String>,
    pub(super) since: String,
}

pub(super) fn change_view(change: &OpenChange, zone: &TimeZone) -> ChangeView {
    let escaped =
        |id: &str| url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20");
    ChangeView {
        path: format!("/changes/{}/{}", escaped(&change.purchase_order), escaped(&change.line)),
        number: change.number.clone(),
        vendor: change.vendor.clone(),
        item: change.item.clone(),
        from: text::quantity(change.from),
        to: text::quantity(change.to),
        url: change.url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        since: text::time(change.since, zone),
    }
}
