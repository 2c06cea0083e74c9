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
use crate::domain::remark::Remark;
use crate::domain::sales_document::SalesDocument;
use crate::web::happened;
use crate::web::page::{Frame, Ground};
use crate::web::text;
use crate::wording::Words;

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
    late: Option<String>,
    /// The bar in words.
    says: String,
    /// Hundredths of the line that are from stock, on our orders, on others' orders, short; they add up to 100.
    bar: [u32; 4],
    /// In pieces, each with what it is in full.
    why: Vec<(String, String)>,
    /// Why it is short and nobody is asked.
    cause: Option<String>,
}

struct Order {
    number: (String, String),
    url: Option<String>,
    vendor: String,
    state: String,
    quantity: String,
    expected: String,
    drop_ship: bool,
    made_by: String,
    at: String,
    error: Option<String>,
    /// Each in pieces.
    why: Vec<Vec<(String, String)>>,
}

struct Decision {
    id: String,
    /// How many from whom.
    title: String,
    total: String,
    expected: Option<String>,
    /// With its reason, if somebody gave one.
    state: String,
    open: bool,
}

struct Happened {
    at: String,
    actor: String,
    /// In pieces, each with what it is in full.
    what: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "web/templates/backorder.html", config = ".askama.toml")]
pub(super) struct OnePage {
    frame: Frame,
    path: String,
    number: String,
    title: String,
    url: Option<String>,
    customer: String,
    ship_to: String,
    ordered_on: String,
    need_by: String,
    expected: String,
    late: bool,
    class: &'static str,
    word: String,
    /// What the state means, with its reason.
    help: String,
    since: Option<String>,
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
    let (words, zone) = (ground.frame.words, &ground.zone);
    let state = backorder.as_ref().map(|backorder| backorder.state);
    let promise = backorder.as_ref().and_then(|backorder| backorder.promise);
    let ready = state == Some(BackorderState::Ready);
    let kind = text::kind(words, sale.reference.kind);
    let said = cause_said(backorder.as_ref(), &allocations);
    OnePage {
        path: text::path(&sale.reference),
        title: words.say("backorder-title").with("kind", kind).with("number", &sale.number).to_string(),
        url: text::link(sale.url.clone()),
        customer: sale.customer.name.clone(),
        ship_to: sale.ship_to.one_line(),
        ordered_on: words.date(sale.date),
        need_by: words.date(sale.need_by),
        expected: if ready { words.say("term-now").to_string() } else { words.date(promise) },
        late: matches!((promise, sale.need_by), (Some(promise), Some(need_by)) if promise > need_by),
        class: state.map_or("none", BackorderState::as_str),
        word: state.map_or_else(|| words.say("backorder-none").to_string(), |state| text::state(words, state)),
        since: backorder.as_ref().map(|found| since(words, words.time(found.since, zone))),
        owner: sale.owner_email.clone().unwrap_or_default(),
        can_undo: allocations.iter().any(|row| row.not_bought > Decimal::ZERO),
        lines: allocations.iter().map(|row| line(words, row, &names, said)).collect(),
        help: help(words, backorder.as_ref(), said),
        orders: orders.into_iter().map(|order| shown_order(words, order, zone)).collect(),
        decisions: proposals.iter().filter(|s| s.state != "replaced").map(|s| decision(words, s)).collect(),
        timeline: timeline
            .iter()
            .rev()
            .map(|entry| Happened {
                at: words.time(entry.at, zone),
                actor: happened::actor(entry),
                what: text::with_short_marks(&happened::what(words, entry)),
            })
            .collect(),
        number: sale.number,
        frame: ground.frame,
    }
}

fn since(words: Words, time: String) -> String {
    words.say("backorder-since").with("time", time).to_string()
}

/// The cause that the page's head says: the one of the largest shortfall, where nobody gave a reason.
fn cause_said<'a>(found: Option<&Backorder>, allocations: &'a [Allocation]) -> Option<&'a Remark> {
    let found = found.filter(|found| found.reason.is_none())?;
    if !matches!(found.state, BackorderState::Declined | BackorderState::Short) {
        return None;
    }
    let most = allocations.iter().filter(|row| row.cause.is_some()).max_by_key(|row| row.shortfall);
    most.and_then(|row| row.cause.as_ref())
}

/// What a state means, and why it is so: in a person's own words, else as it was found.
fn help(words: Words, found: Option<&Backorder>, cause: Option<&Remark>) -> String {
    let Some(found) = found else { return words.say("backorder-none-help").to_string() };
    let help = text::state_help(words, found.state);
    let because = |reason: &str| words.say("backorder-because").with("state", &help).with("reason", reason).to_string();
    match (&found.reason, cause.map(|cause| words.remark(cause))) {
        (Some(reason), _) => because(reason),
        // the planner's own cause says more than that somebody decided so
        (None, Some(cause)) if found.state == BackorderState::Declined => cause,
        (None, Some(cause)) => because(&cause),
        (None, None) => help,
    }
}

/// A line; its cause stands with it unless the page's head has `said` the same.
fn line(words: Words, row: &Allocation, names: &[ItemName], said: Option<&Remark>) -> Line {
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
        open: words.quantity(row.open),
        from_stock: words.quantity(row.from_stock),
        own: words.quantity(row.from_own),
        incoming: words.quantity(row.from_incoming),
        short: words.quantity(row.shortfall),
        expected: words.date(row.promise),
        late: row
            .late_days
            .filter(|days| *days > 0)
            .map(|days| words.say("backorder-days-late").with("days", days).to_string()),
        says: words
            .say("backorder-cover-says")
            .with("stock", row.from_stock)
            .with("own", row.from_own)
            .with("others", row.from_incoming)
            .with("short", row.shortfall)
            .to_string(),
        bar: bar([row.from_stock, row.from_own, row.from_incoming, row.shortfall]),
        why: text::with_short_marks(&words.why(&explain::sum_of(&plan))),
        cause: row.cause.as_ref().filter(|cause| said != Some(cause)).map(|cause| words.remark(cause)),
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

fn shown_order(words: Words, order: OrderFor, zone: &jiff::tz::TimeZone) -> Order {
    Order {
        state: text::order_state(words, &order.state, order.host_state.as_deref()),
        number: order.number.map_or_else(
            || text::order_number(&words.say("backorder-no-number").to_string()),
            |number| text::order_number(&number),
        ),
        url: text::link(order.url),
        vendor: order.vendor,
        quantity: words.quantity(order.quantity),
        expected: words.date(order.expected),
        drop_ship: order.drop_ship,
        made_by: match order.created_at {
            Some(_) if order.made_by == "backorders" => "Backorders".to_owned(),
            Some(_) => order.made_by,
            None => words.say("backorder-by-erp").to_string(),
        },
        at: order.created_at.map(|at| words.time(at, zone)).unwrap_or_default(),
        error: order.error.map(|error| words.problem(&error)),
        why: order.why.iter().map(|why| text::with_short_marks(&words.why(why))).collect(),
    }
}

fn decision(words: Words, stored: &StoredProposal) -> Decision {
    let option = stored.body.options.first();
    let quantity: Decimal = option.iter().flat_map(|option| &option.lines).map(|line| line.stock_quantity).sum();
    let vendor = option.map_or_else(String::new, |option| option.vendor.name.clone());
    let state = words.say(match stored.state.as_str() {
        "watched" => "backorder-decision-watched",
        "asked" => "backorder-decision-asked",
        "approved" => "backorder-decision-approved",
        "declined" => "backorder-decision-declined",
        "snoozed" => "backorder-decision-snoozed",
        _ => "backorder-decision-gone",
    });
    Decision {
        id: stored.id.to_string(),
        title: words.say("backorder-from-vendor").with("quantity", quantity).with("vendor", vendor).to_string(),
        total: option.map_or_else(String::new, |option| words.money(option.total, option.currency.as_deref())),
        expected: option.map(|option| words.say("backorder-expected-on").with("date", option.expected).to_string()),
        state: match &stored.reason {
            Some(reason) => words.say("backorder-because").with("state", state).with("reason", reason).to_string(),
            None => state.to_string(),
        },
        open: stored.is_open(),
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
