//! The rules of allocation once more, slow and plain: unit by unit of the smallest amount, one loop per step.
//!
//! It knows nothing of the planner's code. Amounts are whole numbers of tenths, demands are few.

use backorders::domain::name::natural_cmp;
use backorders::domain::policy::{CountIncoming, StockScope, SupplyRule};
use backorders::domain::quantity::Quantity;
use backorders::domain::snapshot::{Order, OrderLine, OrderStatus, Peg, Snapshot, SupplyState};
use jiff::civil::Date;

/// The smallest amount in the random snapshots: a tenth.
pub(crate) const UNIT: i64 = 100_000;

/// What a demand was given, in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Given {
    pub(crate) open: i64,
    pub(crate) stock: i64,
    pub(crate) own: i64,
    pub(crate) incoming: i64,
}

struct Wish<'s> {
    order: &'s Order,
    line: &'s OrderLine,
    given: Given,
}

impl Wish<'_> {
    fn left(&self) -> i64 {
        self.given.open - self.given.stock - self.given.own - self.given.incoming
    }

    fn reaches(&self, snapshot: &Snapshot, warehouse: &str) -> bool {
        reaches(snapshot, self.line, warehouse)
    }
}

fn reaches(snapshot: &Snapshot, line: &OrderLine, warehouse: &str) -> bool {
    let own = line.warehouse.as_deref() == Some(warehouse);
    match &snapshot.policy.stock_scope {
        StockScope::OrderWarehouse => own,
        StockScope::All => true,
        StockScope::Listed(listed) => own || listed.iter().any(|name| name == warehouse),
    }
}

pub(crate) fn units(quantity: Quantity) -> i64 {
    assert_eq!(quantity.millionths() % UNIT, 0, "{quantity} is no whole number of units");
    quantity.millionths() / UNIT
}

/// order, line → given, by rank. For snapshots without kits, overrides and senseless figures; `last_in_time` says
/// which day is the last in time for a demand whose stock does not cover that many units.
pub(crate) fn allocate(
    snapshot: &Snapshot,
    last_in_time: &dyn Fn(&Order, &OrderLine, i64) -> Option<Date>,
) -> Vec<(String, String, Given)> {
    let mut wishes = ranked(snapshot);
    let mut stock: Vec<(String, String, i64)> = Vec::new();
    for row in &snapshot.stock {
        let free = units(row.on_hand) - units(row.held);
        match stock
            .iter_mut()
            .find(|(item, warehouse, _)| row.item == *item.as_str() && row.warehouse == *warehouse.as_str())
        {
            Some((_, _, sum)) => *sum += free,
            None => stock.push((row.item.to_string(), row.warehouse.to_string(), free)),
        }
    }
    if snapshot.policy.hold_for_order {
        for own_only in [true, false] {
            for wish in wishes.iter_mut().filter(|wish| !wish.line.drop_ship) {
                let received = match &wish.line.received_for {
                    backorders::domain::snapshot::PerComponent::Line(quantity) => units(*quantity),
                    backorders::domain::snapshot::PerComponent::Components(_) => 0,
                };
                while wish.given.stock < received && wish.left() > 0 && take_stock(snapshot, wish, &mut stock, own_only)
                {
                }
            }
        }
    }
    for wish in wishes.iter_mut().filter(|wish| !wish.line.drop_ship) {
        while wish.left() > 0 && take_stock(snapshot, wish, &mut stock, false) {}
    }
    let mut lines = Incoming::all(snapshot, &wishes);
    for (rank, wish) in wishes.iter_mut().enumerate() {
        for line in &mut lines {
            while wish.left() > 0 && line.pegs[rank] > 0 && line.open > 0 {
                line.pegs[rank] -= 1;
                line.open -= 1;
                wish.given.own += 1;
            }
        }
    }
    for wish in wishes.iter_mut().filter(|wish| !wish.line.drop_ship) {
        let last = last_in_time(wish.order, wish.line, wish.given.open - wish.given.stock);
        while wish.left() > 0 {
            let usable = lines.iter_mut().filter(|line| line.open > 0 && line.counts(snapshot, wish, last));
            let own = wish.line.warehouse.as_deref();
            let earliest = usable
                .min_by_key(|line| (line.due.is_none(), line.due, Some(line.warehouse.as_str()) != own, line.place));
            let Some(line) = earliest else { break };
            line.open -= 1;
            wish.given.incoming += 1;
        }
    }
    wishes.iter().map(|wish| (wish.order.id.to_string(), wish.line.id.to_string(), wish.given)).collect()
}

/// One unit from the demand's own warehouse, else from another of its pool.
fn take_stock(snapshot: &Snapshot, wish: &mut Wish<'_>, stock: &mut [(String, String, i64)], own_only: bool) -> bool {
    let own = wish.line.warehouse.as_deref();
    let place_in_pool = |warehouse: &str| match &snapshot.policy.stock_scope {
        StockScope::Listed(listed) => listed.iter().position(|name| name == warehouse),
        _ => None,
    };
    let found = stock
        .iter_mut()
        .filter(|(item, warehouse, left)| {
            wish.line.item == *item.as_str() && *left > 0 && wish.reaches(snapshot, warehouse)
        })
        .filter(|(_, warehouse, _)| !own_only || Some(warehouse.as_str()) == own)
        .min_by_key(|(_, warehouse, _)| (Some(warehouse.as_str()) != own, place_in_pool(warehouse), warehouse.clone()));
    let Some((_, _, left)) = found else { return false };
    *left -= 1;
    wish.given.stock += 1;
    true
}

fn ranked(snapshot: &Snapshot) -> Vec<Wish<'_>> {
    let open = |order: &Order, line: &OrderLine| match order.status {
        OrderStatus::Open if line.tracked => (units(line.ordered) - units(line.fulfilled) - units(line.closed)).max(0),
        _ => 0,
    };
    ranked_lines(snapshot)
        .into_iter()
        .map(|(order, line)| Wish { order, line, given: Given { open: open(order, line), ..Given::default() } })
        .filter(|wish| wish.given.open > 0)
        .collect()
}

/// The lines of all documents by rank; those of drafts and cancelled ones want nothing and come last.
fn ranked_lines(snapshot: &Snapshot) -> Vec<(&Order, &OrderLine)> {
    let mut lines: Vec<(&Order, &OrderLine)> =
        snapshot.orders.iter().flat_map(|order| order.lines.iter().map(move |line| (order, line))).collect();
    lines.sort_by(|(a, a_line), (b, b_line)| {
        let is_gone = |order: &Order| matches!(order.status, OrderStatus::Draft | OrderStatus::Cancelled);
        let not_bought = |order: &Order| !snapshot.policy.demand_kinds.contains(&order.kind);
        let (a_day, b_day) = (a_line.need_by.or(a.need_by), b_line.need_by.or(b.need_by));
        is_gone(a)
            .cmp(&is_gone(b))
            .then(not_bought(a).cmp(&not_bought(b)))
            .then(b.priority.cmp(&a.priority))
            .then(a_day.is_none().cmp(&b_day.is_none()))
            .then(a_day.cmp(&b_day))
            .then(a.date.cmp(&b.date))
            .then(natural_cmp(&a.id, &b.id))
            .then(natural_cmp(&a_line.id, &b_line.id))
    });
    lines
}

/// One purchase order line with what it still brings, and for which rank.
struct Incoming {
    item: String,
    warehouse: String,
    due: Option<Date>,
    open: i64,
    pegs: Vec<i64>,
    ours: bool,
    draft: bool,
    drop_ship: bool,
    place: usize,
}

impl Incoming {
    fn all(snapshot: &Snapshot, wishes: &[Wish<'_>]) -> Vec<Self> {
        let mut rows: Vec<_> = snapshot.supply.iter().collect();
        rows.sort_by(|a, b| natural_cmp(&a.po, &b.po).then(natural_cmp(&a.line, &b.line)));
        let mut lines: Vec<Self> = Vec::new();
        for (place, row) in rows.into_iter().enumerate() {
            let is_open = matches!(row.state, SupplyState::Draft | SupplyState::Confirmed);
            let open = if is_open { (units(row.ordered) - units(row.received) - units(row.closed)).max(0) } else { 0 };
            let mut received = units(row.received);
            let mut to_peg = open;
            let mut pegs = vec![0; wishes.len()];
            let mut held: Vec<(usize, i64)> = Vec::new();
            for (order, line) in ranked_lines(snapshot) {
                let reaches = match (row.drop_ship, line.drop_ship) {
                    (true, true) => true,
                    // Goods already on their way to the customer still serve a line that was turned into one from stock.
                    (true, false) => row.state != SupplyState::Draft || row.edited,
                    (false, true) => false,
                    (false, false) => {
                        row.warehouse.as_deref().is_some_and(|warehouse| reaches(snapshot, line, warehouse))
                    }
                };
                let is_own = |peg: &&Peg| peg.order == order.id && peg.line == line.id;
                let mut own: Vec<&Peg> =
                    row.pegs.iter().filter(is_own).filter(|_| row.ours && reaches && line.item == row.item).collect();
                own.sort();
                for peg in own {
                    let used = received.min(units(peg.qty));
                    received -= used;
                    let wish = wishes.iter().position(|wish| wish.order.id == order.id && wish.line.id == line.id);
                    held.extend(wish.map(|rank| (rank, units(peg.qty) - used)));
                }
            }
            for (rank, wanted) in held {
                let holds = to_peg.min(wanted);
                to_peg -= holds;
                pegs[rank] += holds;
            }
            if snapshot.policy.supply == SupplyRule::Pooled && !row.drop_ship {
                pegs.fill(0);
            }
            lines.push(Self {
                item: row.item.to_string(),
                warehouse: row.warehouse.as_deref().unwrap_or_default().to_owned(),
                due: row.due.map(|due| due.max(snapshot.today)),
                open,
                pegs,
                ours: row.ours,
                draft: row.state == SupplyState::Draft,
                drop_ship: row.drop_ship,
                place,
            });
        }
        // A demand's own comes by date.
        lines.sort_by_key(|line| (line.due.is_none(), line.due, line.place));
        lines
    }

    fn counts(&self, snapshot: &Snapshot, wish: &Wish<'_>, last: Option<Date>) -> bool {
        let policy = &snapshot.policy;
        let is_there =
            wish.line.item == *self.item.as_str() && !self.drop_ship && wish.reaches(snapshot, &self.warehouse);
        let counts = self.ours
            || (!self.draft || policy.count_foreign_drafts)
                && match policy.count_incoming {
                    CountIncoming::None => false,
                    CountIncoming::Any => true,
                    CountIncoming::InTime => self.due.is_some_and(|due| last.is_none_or(|last| due <= last)),
                };
        is_there && counts
    }
}
