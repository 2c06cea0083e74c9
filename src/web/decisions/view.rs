//! A decision as its pages show it.
//!
//! Invariants: what is shown is what is stored, in the reader's words; nothing is computed again. What a person has
//! entered stands in the fields again when it could not be done.

use askama::Template;
use jiff::tz::TimeZone;

use super::act::title;
use crate::db::open_order::OpenOrder;
use crate::db::proposal::StoredProposal;
use crate::db::settings::StoredSettings;
use crate::decision;
use crate::domain::limit;
use crate::domain::proposal::{OptionLine, PurchaseOption};
use crate::domain::stock::Warehouse;
use crate::web::form::Fields;
use crate::web::text;
use crate::wording::Words;

/// Open purchase orders that are named beside one line.
const MOST_ON_ORDER: usize = 3;

/// What the pages of decisions know beside the proposals.
pub(super) struct Around<'a> {
    pub(super) words: Words,
    pub(super) zone: &'a TimeZone,
    pub(super) settings: &'a StoredSettings,
    pub(super) warehouses: &'a [Warehouse],
    pub(super) on_order: &'a [OpenOrder],
    /// Whoever reads the page.
    pub(super) email: Option<&'a str>,
    /// What was entered and could not be done.
    pub(super) entered: Option<&'a Fields>,
    /// Stands before the names of the fields where a page has several decisions.
    pub(super) several: bool,
}

pub(super) struct LineView {
    pub(super) sku: String,
    pub(super) name: String,
    /// As it was proposed, with its unit.
    pub(super) quantity: String,
    pub(super) unit: Option<String>,
    pub(super) why: String,
    pub(super) surplus: Option<String>,
    pub(super) note: Option<String>,
    pub(super) on_order: Vec<String>,
    /// The fields, each with its name and what stands in it.
    pub(super) quantity_field: (String, String),
    pub(super) price_field: (String, String),
    pub(super) expected_field: (String, String),
}

pub(super) struct OptionView {
    pub(super) index: usize,
    pub(super) vendor: String,
    pub(super) place: String,
    pub(super) drop_ship: bool,
    pub(super) total: String,
    pub(super) currency: String,
    pub(super) expected: String,
    /// The limit that its total is held against.
    pub(super) limit: Option<String>,
    pub(super) chosen: bool,
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
    /// Several can be told apart by it.
    pub(super) label: String,
    pub(super) version: i32,
    pub(super) documents: Vec<DocumentView>,
    pub(super) options: Vec<OptionView>,
    pub(super) limit: Option<String>,
    /// None of the ways is within what this person may approve.
    pub(super) needs_approver: bool,
    pub(super) escalated: Option<String>,
    pub(super) watched: bool,
    /// Until when it waits for more of its vendor.
    pub(super) gathers: Option<String>,
    pub(super) since: String,
    /// Where the fields of this decision begin: empty where the page has only one.
    pub(super) prefix: String,
}

/// What stands before the names of a proposal's fields.
pub(super) fn prefix(stored: &StoredProposal, several: bool) -> String {
    if several { format!("{}.", stored.id) } else { String::new() }
}

impl View {
    pub(super) fn of(stored: &StoredProposal, around: &Around<'_>) -> Self {
        let words = around.words;
        let prefix = prefix(stored, around.several);
        let chosen = around.entered.and_then(|fields| fields.get(&format!("{prefix}option")));
        let chosen = chosen.and_then(|option| option.parse().ok()).unwrap_or(0);
        let documents = stored.body.documents.iter().map(|document| DocumentView {
            path: text::path(&document.reference),
            kind: text::kind(words, document.reference.kind),
            number: document.number.clone(),
            customer: document.customer.clone(),
        });
        let options = stored.body.options.iter().enumerate();
        let beyond = |option| decision::beyond(around.settings, &stored.body, option, None, around.email).is_some();
        Self {
            id: stored.id.to_string(),
            label: title(words, stored),
            version: stored.version,
            documents: documents.collect(),
            options: options
                .map(|(index, option)| option_view(index, option, chosen, &prefix, stored, around))
                .collect(),
            limit: stored.body.limit.as_ref().map(|limit| words.limit(limit)),
            needs_approver: (0..stored.body.options.len()).all(beyond),
            escalated: stored.escalated_at.map(|at| words.time(at, around.zone)),
            watched: stored.state == "watched" && stored.gathers_until.is_none(),
            gathers: stored.gathers_until.map(|until| words.time(until, around.zone)),
            since: words.time(stored.created_at, around.zone),
            prefix,
        }
    }
}

/// One decision's content, for the page of one and the page of several.
#[derive(Template)]
#[template(path = "web/templates/purchase.html", config = ".askama.toml")]
pub(super) struct Purchase<'a> {
    pub(super) words: Words,
    pub(super) view: &'a View,
}

fn option_view(
    index: usize,
    option: &PurchaseOption,
    chosen: usize,
    prefix: &str,
    stored: &StoredProposal,
    around: &Around<'_>,
) -> OptionView {
    let words = around.words;
    let currency = option.currency.as_deref();
    let rules = &around.settings.settings;
    let base = around.settings.base_currency.as_deref();
    let place = match (&option.ship_to, &option.warehouse) {
        (Some(to), _) => words.say("decision-to-customer").with("address", to.one_line()),
        (None, Some(id)) => {
            let name = around.warehouses.iter().find(|known| known.id == *id).map_or(id, |known| &known.name);
            words.say("decision-to-warehouse").with("warehouse", name)
        }
        (None, None) => words.say("decision-to-stock"),
    };
    let most = |most| words.money(Some(most), rules.policy.base_currency.as_deref().or(base));
    let limit = rules.holds(&stored.body, index).ask_above.map(|limit| {
        match limit::above(&rules.policy, base, Some(limit), option) {
            None => words.say("decision-within-limit").with("limit", most(limit)),
            Some(_) if rules.approvers(&option.vendor.id).is_empty() => {
                words.say("decision-beyond-limit").with("limit", most(limit))
            }
            Some(_) => words.say("decision-approver-limit").with("limit", most(limit)),
        }
    });
    OptionView {
        index,
        vendor: option.vendor.name.clone(),
        place: place.into(),
        drop_ship: option.is_drop_ship(),
        total: words.money(option.total, currency),
        currency: currency.unwrap_or_default().to_owned(),
        expected: words.date(option.expected),
        limit: limit.map(String::from),
        chosen: index == chosen,
        lines: option
            .lines
            .iter()
            .enumerate()
            .map(|(line, shown)| line_view(shown, currency, &format!("{index}.{line}"), prefix, around))
            .collect(),
    }
}

fn line_view(line: &OptionLine, currency: Option<&str>, place: &str, prefix: &str, around: &Around<'_>) -> LineView {
    let words = around.words;
    let in_stock = || words.quantity(line.stock_quantity);
    let field = |what: &str, now: String| {
        let name = format!("{prefix}{what}.{place}");
        let entered = around.entered.and_then(|fields| fields.sent(&name)).map(str::to_owned);
        (name, entered.unwrap_or(now))
    };
    let on_order = around.on_order.iter().filter(|order| order.item == line.item).take(MOST_ON_ORDER);
    LineView {
        sku: line.sku.clone(),
        name: line.name.clone(),
        quantity: match &line.unit {
            Some(unit) => format!("{} {unit}", words.quantity(line.quantity)),
            None => words.quantity(line.quantity),
        },
        unit: line
            .unit
            .as_ref()
            .map(|unit| words.say("decision-unit").with("unit", unit).with("quantity", in_stock()).into()),
        why: words.why(&line.why),
        surplus: (!line.surplus.is_zero()).then(|| words.quantity(line.surplus)),
        note: line.price_note.clone(),
        on_order: on_order
            .map(|order| {
                words
                    .say("decision-on-its-way")
                    .with("quantity", order.open)
                    .with("number", &order.number)
                    .with("vendor", &order.vendor)
                    .with("date", words.date(order.due))
                    .into()
            })
            .collect(),
        quantity_field: field("quantity", words.quantity(line.quantity)),
        price_field: field("price", line.price.map_or_else(String::new, |price| words.form.amount(price, currency))),
        expected_field: field("expected", line.expected.to_string()),
    }
}
