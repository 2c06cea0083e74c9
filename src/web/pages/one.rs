//! One backorder: how it stands, how each line is covered and why, what was ordered, what happened.

use askama::Template;
use rust_decimal::Decimal;

use super::asked::{Asked, asked};
use super::frame::Frame;
use super::list;
use super::text::{self, Here};
use super::words::{self, Chip};
use crate::db::audit::Entry;
use crate::db::backorder::Backorder;
use crate::db::proposal::StoredProposal;
use crate::db::sale_view::{Head, Line, LineCover, OpenChange, RaisedOrder};
use crate::domain::explain;
use crate::domain::ids::DocumentRef;
use crate::domain::plan::PlanLine;
use crate::domain::quantity::Quantity;

/// The bar's own units: its whole length.
const BAR: i64 = 1000;

#[derive(Debug, Template)]
#[template(path = "web/templates/one.html", config = ".askama.toml")]
pub(super) struct OneBackorder {
    frame: Frame,
    path: String,
    number: String,
    kind: &'static str,
    chip: Option<Chip>,
    customer: String,
    ordered_on: String,
    need_by: String,
    promise: String,
    promise_note: String,
    promise_late: bool,
    reason: String,
    read_at: String,
    url: Option<String>,
    can_undo: bool,
    proposals: Vec<Asked>,
    lines: Vec<LineRow>,
    orders: Vec<OrderRow>,
    changes: Vec<ChangeRow>,
    timeline: Vec<Event>,
}

#[derive(Debug)]
struct LineRow {
    item: String,
    sku: String,
    warehouse: String,
    drop_ship: bool,
    ordered: String,
    unit: String,
    bar: Option<Bar>,
    why: String,
}

#[derive(Debug)]
struct Bar {
    label: String,
    parts: Vec<Part>,
}

#[derive(Debug, PartialEq, Eq)]
struct Part {
    class: &'static str,
    x: String,
    width: String,
    text: String,
}

#[derive(Debug)]
struct OrderRow {
    number: String,
    url: Option<String>,
    vendor: String,
    drop_ship: bool,
    state: String,
    error: String,
    quantity: String,
    expected: String,
    made_by: String,
    made_at: String,
}

#[derive(Debug)]
struct ChangeRow {
    title: String,
    text: String,
    purchase_order: String,
    line: String,
}

#[derive(Debug)]
struct Event {
    at: String,
    what: String,
    who: String,
}

/// What the page is made from.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) document: &'a DocumentRef,
    pub(super) head: &'a Head,
    /// None: it never was a backorder.
    pub(super) backorder: Option<&'a Backorder>,
    pub(super) lines: &'a [Line],
    pub(super) orders: &'a [RaisedOrder],
    pub(super) changes: &'a [OpenChange],
    pub(super) proposals: &'a [StoredProposal],
    /// Newest first.
    pub(super) audit: &'a [Entry],
}

pub(super) fn one(frame: Frame, found: &Found<'_>, here: &Here) -> OneBackorder {
    let head = found.head;
    let promise = found.backorder.and_then(|backorder| backorder.promise);
    let waits = found.backorder.is_some_and(|backorder| backorder.state.is_open());
    let (promise_note, promise_late) = holds(promise, head, waits);
    OneBackorder {
        frame,
        path: list::link(found.document),
        number: head.number.clone(),
        kind: words::kind(found.document.kind),
        chip: found.backorder.map(words::chip),
        customer: head.customer.clone(),
        ordered_on: text::date(head.date),
        need_by: head.need_by.map_or_else(|| "no date given".to_owned(), text::date),
        promise: promise.map_or_else(|| "no date yet".to_owned(), text::date),
        promise_note,
        promise_late,
        reason: found.backorder.and_then(|backorder| backorder.reason.clone()).unwrap_or_default(),
        read_at: here.time(head.read_at),
        url: text::web_address(head.url.as_deref()),
        can_undo: found
            .lines
            .iter()
            .any(|line| line.cover.as_ref().is_some_and(|cover| cover.not_bought > Decimal::ZERO)),
        proposals: found.proposals.iter().filter(|proposal| proposal.is_open()).map(asked).collect(),
        lines: found.lines.iter().map(line).collect(),
        orders: found.orders.iter().map(|order| order_row(order, here)).collect(),
        changes: found.changes.iter().map(change).collect(),
        timeline: found.audit.iter().map(|entry| event(entry, here)).collect(),
    }
}

/// Whether the promise holds, in words.
fn holds(promise: Option<jiff::civil::Date>, head: &Head, waits: bool) -> (String, bool) {
    match (promise, head.need_by) {
        _ if !waits => (String::new(), false),
        (Some(promise), Some(need_by)) if promise > need_by => {
            let days = promise.since(need_by).map_or(0, |span| span.get_days());
            (format!("{} after it is needed", text::count(usize::try_from(days).unwrap_or(0), "day", "days")), true)
        }
        (Some(_), Some(_)) => ("in time".to_owned(), false),
        _ => (String::new(), false),
    }
}

fn line(line: &Line) -> LineRow {
    let name = if line.item.is_empty() { line.description.clone() } else { line.item.clone() };
    LineRow {
        item: name,
        sku: line.sku.clone(),
        warehouse: line.warehouse.clone().unwrap_or_default(),
        drop_ship: line.cover.as_ref().is_some_and(|cover| cover.drop_ship),
        ordered: text::quantity(line.ordered),
        unit: line.unit.clone(),
        bar: line.cover.as_ref().and_then(bar),
        why: line.cover.as_ref().map_or_else(|| settled(line), why),
    }
}

/// A line that draws on nothing any more.
fn settled(line: &Line) -> String {
    if line.fulfilled + line.closed >= line.ordered {
        format!("{} delivered", text::quantity(line.fulfilled))
    } else {
        "Not planned yet".to_owned()
    }
}

fn why(cover: &LineCover) -> String {
    // steps that an older version wrote otherwise are left out rather than guessed at
    let steps = serde_json::from_value(cover.why.clone()).unwrap_or_default();
    let shortfall = Quantity::from_decimal(cover.shortfall);
    let sum = explain::sum_of(&PlanLine { why: steps, shortfall, ..PlanLine::default() });
    match cover.promise {
        Some(promise) => format!("{sum}; the rest on {}", text::date(promise)),
        None => sum,
    }
}

fn bar(cover: &LineCover) -> Option<Bar> {
    if cover.open <= Decimal::ZERO {
        return None;
    }
    let undecided = (cover.shortfall - cover.not_bought).max(Decimal::ZERO);
    let parts = [
        ("stock", cover.from_stock, "from stock"),
        ("own", cover.from_own, "on our purchase orders"),
        ("incoming", cover.from_incoming, "on other incoming goods"),
        ("short", undecided, "short"),
        ("declined", cover.not_bought, "not to be bought"),
    ];
    let length = |quantity: Decimal| (quantity * Decimal::from(BAR) / cover.open).round();
    let mut x = Decimal::ZERO;
    let mut shown = Vec::new();
    for (class, quantity, words) in parts {
        if quantity > Decimal::ZERO {
            let width = length(quantity);
            let text = format!("{} {words}", text::quantity(quantity));
            shown.push(Part { class, x: x.to_string(), width: width.to_string(), text });
            x += width;
        }
    }
    let label = shown.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join(", ");
    Some(Bar { label: format!("Of {}: {label}", text::quantity(cover.open)), parts: shown })
}

fn order_row(order: &RaisedOrder, here: &Here) -> OrderRow {
    OrderRow {
        number: order.number.clone().unwrap_or_else(|| "not made yet".to_owned()),
        url: text::web_address(order.url.as_deref()),
        vendor: order.vendor.clone(),
        drop_ship: order.drop_ship,
        state: words::purchase_order(order, here),
        error: order.last_error.clone().unwrap_or_default(),
        quantity: text::quantity(order.quantity),
        expected: text::date_or_none(order.expected),
        made_by: if order.made_by == "backorders" {
            "Backorders (automatic)".to_owned()
        } else {
            order.made_by.clone()
        },
        made_at: here.time(order.created_at),
    }
}

fn change(change: &OpenChange) -> ChangeRow {
    let (from, to) = (text::quantity(change.from), text::quantity(change.to));
    ChangeRow {
        title: format!("{} orders more than is needed", change.number),
        text: format!(
            "{} is on order from {}: {from} {}; only {to} are still needed for sales. What shall happen with the rest?",
            change.item, change.vendor, change.unit
        ),
        purchase_order: change.purchase_order.clone(),
        line: change.line.clone(),
    }
}

fn event(entry: &Entry, here: &Here) -> Event {
    let who = if entry.actor == "backorders" { String::new() } else { entry.actor.clone() };
    Event { at: here.time(entry.at), what: words::entry(entry), who }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::backorder::BackorderState;
    use crate::domain::ids::DocumentKind;
    use crate::web::pages::list::tests::{frame, here};
    use serde_json::json;

    fn cover() -> LineCover {
        LineCover {
            open: 12.into(),
            from_stock: 4.into(),
            from_own: 0.into(),
            from_incoming: 0.into(),
            shortfall: 8.into(),
            not_bought: 0.into(),
            drop_ship: false,
            promise: None,
            late_days: None,
            why: json!([{ "step": "ordered", "qty": "12" }, { "step": "from_stock", "qty": "4" }, { "step": "short", "qty": "8" }]),
        }
    }

    fn page(cover: LineCover, promise: Option<&str>) -> String {
        let document = DocumentRef::new(DocumentKind::Invoice, "a/<b>");
        let at = "2026-12-03T08:00:00Z".parse().unwrap();
        let head = Head {
            number: "INV-<7>".into(),
            status: "open".into(),
            customer: "<script>x</script>".into(),
            date: "2026-12-01".parse().unwrap(),
            need_by: Some("2026-12-05".parse().unwrap()),
            url: Some("javascript:alert(1)".into()),
            owner_email: None,
            read_at: at,
        };
        let backorder = Backorder {
            document: document.clone(),
            state: BackorderState::Short,
            promise: promise.map(|date| date.parse().unwrap()),
            first_promised: None,
            since: at,
            episode: 1,
            late_told: false,
            reason: None,
            assigned_to: None,
            changed_at: at,
        };
        let line = Line {
            description: String::new(),
            sku: "GR-1".into(),
            item: "Burr grinder".into(),
            unit: "pc".into(),
            ordered: 12.into(),
            fulfilled: 0.into(),
            closed: 0.into(),
            warehouse: Some("Main".into()),
            cover: Some(cover),
        };
        let found = Found {
            document: &document,
            head: &head,
            backorder: Some(&backorder),
            lines: &[line],
            orders: &[],
            changes: &[],
            proposals: &[],
            audit: &[],
        };
        one(frame(), &found, &here()).render().unwrap()
    }

    #[test]
    fn a_line_shows_its_cover_as_a_bar_and_its_why_as_a_sum() {
        let page = page(cover(), None);
        assert!(page.contains("<rect class=\"stock\" x=\"0\" y=\"0\" width=\"333\""), "{page}");
        assert!(page.contains("<rect class=\"short\" x=\"333\" y=\"0\" width=\"667\""), "{page}");
        assert!(page.contains("12 ordered − 4 from stock = 8 short"), "{page}");
        assert!(!page.contains("style="), "the content security policy forbids it");
    }

    #[test]
    fn hostile_names_and_addresses_are_text() {
        let page = page(cover(), None);
        assert!(!page.contains("<script") && !page.contains("javascript:") && !page.contains("INV-<7>"), "{page}");
        assert!(page.contains("/backorders/invoice/a%2F%3Cb%3E/check"), "{page}");
    }

    #[test]
    fn the_promise_says_whether_it_holds() {
        assert!(page(cover(), Some("2026-12-08")).contains("3 days after it is needed"));
        assert!(page(cover(), Some("2026-12-05")).contains("in time"));
    }

    #[test]
    fn undo_is_offered_only_where_something_was_declined() {
        assert!(!page(cover(), None).contains("Undo not buying"));
        let declined = page(LineCover { not_bought: 8.into(), ..cover() }, None);
        assert!(declined.contains("Undo not buying") && declined.contains("8 not to be bought"));
    }
}
