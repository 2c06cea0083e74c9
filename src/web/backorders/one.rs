//! One backorder: what is read of it, as the page shows it.

use askama::Template;
use rust_decimal::Decimal;

use crate::db::audit::Entry;
use crate::db::backorder::{Allocation, Backorder};
use crate::db::proposal::StoredProposal;
use crate::db::work_list::{ItemName, OrderFor};
use crate::domain::backorder::BackorderState;
use crate::domain::explain;
use crate::domain::plan::PlanLine;
use crate::domain::quantity::Quantity;
use crate::domain::sales_document::SalesDocument;
use crate::web::page::{Frame, Ground};
use crate::web::text;

/// Everything that is known of a document.
pub(super) struct Found {
    pub(super) sale: SalesDocument,
    pub(super) backorder: Option<Backorder>,
    pub(super) allocations: Vec<Allocation>,
    pub(super) names: Vec<ItemName>,
    pub(super) orders: Vec<OrderFor>,
    pub(super) proposals: Vec<StoredProposal>,
    pub(super) timeline: Vec<Entry>,
}

struct Line {
    sku: String,
    name: String,
    unit: String,
    component: bool,
    drop_ship: bool,
    open: String,
    from_stock: String,
    own: String,
    incoming: String,
    short: String,
    expected: String,
    late_days: i32,
    /// Hundredths of the line that are from stock, on our orders, on others' orders, short; they add up to 100.
    bar: [u32; 4],
    why: String,
}

struct Order {
    number: String,
    url: Option<String>,
    vendor: String,
    state: &'static str,
    quantity: String,
    expected: String,
    drop_ship: bool,
    made_by: String,
    at: String,
    error: Option<String>,
    why: Vec<String>,
}

struct Decision {
    id: String,
    vendor: String,
    total: String,
    quantity: String,
    expected: String,
    state: &'static str,
    open: bool,
    reason: Option<String>,
}

struct Happened {
    at: String,
    actor: String,
    what: String,
}

#[derive(Template)]
#[template(path = "web/templates/backorder.html", config = ".askama.toml")]
pub(super) struct OnePage {
    frame: Frame,
    path: String,
    number: String,
    kind: &'static str,
    url: Option<String>,
    customer: String,
    ship_to: String,
    ordered_on: String,
    need_by: String,
    expected: String,
    late: bool,
    class: &'static str,
    word: &'static str,
    help: &'static str,
    reason: Option<String>,
    since: String,
    owner: String,
    lines: Vec<Line>,
    orders: Vec<Order>,
    decisions: Vec<Decision>,
    timeline: Vec<Happened>,
    /// Something was declined or put off, and can be asked again.
    can_undo: bool,
}

pub(super) fn page(found: Found, ground: Ground) -> OnePage {
    let Found { sale, backorder, allocations, names, orders, proposals, timeline } = found;
    let state = backorder.as_ref().map(|backorder| backorder.state);
    let promise = backorder.as_ref().and_then(|backorder| backorder.promise);
    let ready = state == Some(BackorderState::Ready);
    let zone = &ground.zone;
    OnePage {
        path: text::path(&sale.reference),
        kind: text::kind(sale.reference.kind),
        url: sale.url.clone().filter(|url| is_link(url)),
        customer: sale.customer.name.clone(),
        ship_to: sale.ship_to.one_line(),
        ordered_on: text::date(Some(sale.date)),
        need_by: text::date(sale.need_by),
        expected: if ready { "now".to_owned() } else { text::date(promise) },
        late: matches!((promise, sale.need_by), (Some(promise), Some(need_by)) if promise > need_by),
        class: state.map_or("none", BackorderState::as_str),
        word: state
            .map_or("Not a backorder", |state| if state.is_open() { state.word() } else { text::state_help(state) }),
        help: state.map_or("Stock covered it from the start", text::state_help),
        reason: backorder.as_ref().and_then(|backorder| backorder.reason.clone()),
        since: backorder.as_ref().map_or_else(String::new, |backorder| text::time(backorder.since, zone)),
        owner: sale.owner_email.clone().unwrap_or_default(),
        can_undo: allocations.iter().any(|row| row.not_bought > Decimal::ZERO),
        lines: allocations.iter().map(|row| line(row, &names)).collect(),
        orders: orders.into_iter().map(|order| shown_order(order, zone)).collect(),
        decisions: proposals.iter().filter(|stored| stored.state != "replaced").map(decision).collect(),
        timeline: timeline
            .iter()
            .rev()
            .map(|entry| Happened {
                at: text::time(entry.at, zone),
                actor: entry.actor.clone(),
                what: text::event(entry),
            })
            .collect(),
        number: sale.number,
        frame: ground.frame,
    }
}

/// Only what a browser opens as a page: a host's text is never a script.
fn is_link(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://")
}

fn line(row: &Allocation, names: &[ItemName]) -> Line {
    let name = names.iter().find(|name| name.id == row.item_id);
    let plan = PlanLine {
        shortfall: Quantity::from_decimal(row.shortfall),
        not_bought: Quantity::from_decimal(row.not_bought),
        why: serde_json::from_value(row.why.clone()).unwrap_or_default(),
        ..PlanLine::default()
    };
    Line {
        sku: name.map_or_else(|| row.item_id.clone(), |name| name.sku.clone()),
        name: name.map_or_else(String::new, |name| name.name.clone()),
        unit: name.map_or_else(String::new, |name| name.unit.clone()),
        component: !row.component.is_empty(),
        drop_ship: row.drop_ship,
        open: text::quantity(row.open),
        from_stock: text::quantity(row.from_stock),
        own: text::quantity(row.from_own),
        incoming: text::quantity(row.from_incoming),
        short: text::quantity(row.shortfall),
        expected: text::date(row.promise),
        late_days: row.late_days.unwrap_or(0),
        bar: bar([row.from_stock, row.from_own, row.from_incoming, row.shortfall]),
        why: explain::sum_of(&plan),
    }
}

/// Parts as whole hundredths that add up to 100; what is there at all is seen.
fn bar(parts: [Decimal; 4]) -> [u32; 4] {
    let sum: Decimal = parts.iter().sum();
    if sum <= Decimal::ZERO {
        return [0; 4];
    }
    let mut widths = parts.map(|part| {
        let exact = (part * Decimal::ONE_HUNDRED).checked_div(sum).unwrap_or_default();
        u32::try_from(exact.round()).unwrap_or(0).max(u32::from(part > Decimal::ZERO))
    });
    // what rounding gave or took is the widest part's
    let (total, widest) = (widths.iter().sum::<u32>(), (0..4).max_by_key(|index| widths[*index]).unwrap_or(0));
    widths[widest] = (widths[widest] + 100).saturating_sub(total);
    widths
}

fn shown_order(order: OrderFor, zone: &jiff::tz::TimeZone) -> Order {
    Order {
        state: text::order_state(&order.state, order.host_state.as_deref()),
        number: order.number.unwrap_or_else(|| "not yet in the ERP".to_owned()),
        url: order.url.filter(|url| is_link(url)),
        vendor: order.vendor,
        quantity: text::quantity(order.quantity),
        expected: text::date(order.expected),
        drop_ship: order.drop_ship,
        made_by: order.made_by,
        at: text::time(order.created_at, zone),
        error: order.error,
        why: order.why,
    }
}

fn decision(stored: &StoredProposal) -> Decision {
    let option = stored.body.options.first();
    let quantity: Decimal = option.iter().flat_map(|option| &option.lines).map(|line| line.stock_quantity).sum();
    Decision {
        id: stored.id.to_string(),
        vendor: option.map_or_else(String::new, |option| option.vendor.name.clone()),
        total: option.map_or_else(String::new, |option| text::money(option.total, option.currency.as_deref())),
        quantity: text::quantity(quantity),
        expected: text::date(option.map(|option| option.expected)),
        state: match stored.state.as_str() {
            "watched" => "Would be asked (Watch)",
            "asked" => "Waits for a decision",
            "approved" => "Approved",
            "declined" => "Declined",
            "snoozed" => "Put off",
            _ => "No longer needed",
        },
        open: stored.is_open(),
        reason: stored.reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_always_full_and_shows_the_smallest_part() {
        let of = |parts: [i64; 4]| bar(parts.map(Decimal::from));
        assert_eq!(of([4, 0, 0, 8]), [33, 0, 0, 67]);
        assert_eq!(of([1, 0, 0, 100_000]), [1, 0, 0, 99]);
        assert_eq!(of([1, 1, 1, 0]).iter().sum::<u32>(), 100);
        assert_eq!(of([0, 0, 0, 0]), [0; 4]);
    }
}
