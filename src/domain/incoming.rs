//! Incoming goods: the open purchase order lines, and the pegs that tie ours to their demands (domain.md sections 1, 2).
//!
//! Invariants: open = ordered − received − closed, never below 0; what was received uses up pegs first, by rank; no
//! peg holds more than is open; a drop shipment is incoming for its own demand only. A line that is not ours is pegged
//! where the host itself ordered it for a demand: that demand is *tied* to it, the host will give it nothing else.

use std::collections::HashSet;

use jiff::civil::Date;

use super::demand::{Demands, Wanted};
use super::grouped::{Grouped, NONE, QuickMap};
use super::numbered::Numbered;
use super::overrides::Concerned;
use super::plan::{ExceptionKind, PlanException};
use super::policy::{CountIncoming, StockScope};
use super::quantity::Quantity;
use super::rank::Ranking;
use super::snapshot::{Order, OrderStatus, Peg, Snapshot, SupplyLine, SupplyState};

/// One purchase order line that may still bring something, or whose pegs still mean something.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own about the line")]
pub(super) struct Supply {
    /// Where it stands in the snapshot.
    pub(super) row: u32,
    pub(super) item: u32,
    /// [`NONE`] for a drop shipment.
    pub(super) warehouse: u32,
    /// When it comes, today if that has passed.
    pub(super) due: Option<Date>,
    pub(super) late: bool,
    pub(super) open: Quantity,
    pub(super) ours: bool,
    /// Ordered by the host itself, for the demands of its pegs.
    pub(super) tied: bool,
    pub(super) drop_ship: bool,
    /// It counts as incoming for demands that it is not pegged to.
    pub(super) counts: bool,
    /// It does so at any date, and without one.
    pub(super) any_day: bool,
    /// Its place by po and line, in natural order.
    pub(super) ordinal: u32,
}

/// A peg, and what it holds now.
#[derive(Debug, Clone, Copy)]
pub(super) struct PegState {
    /// Where the line stands in the snapshot.
    pub(super) row: u32,
    /// Where the peg stands in the line.
    pub(super) peg: u32,
    /// Its demand's place; [`NONE`]: gone, or nothing open.
    pub(super) demand: u32,
    /// Its document's place in the snapshot; [`NONE`]: gone.
    pub(super) document: u32,
    /// What was received for it.
    pub(super) received: Quantity,
    /// What is still to come for it.
    pub(super) holds: Quantity,
    /// What its document wants now; `None`: unknown, never cut.
    pub(super) wanted: Option<Quantity>,
    /// What a person took away: the line was cancelled or lowered by hand.
    pub(super) withdrawn: Quantity,
}

/// All incoming goods of a snapshot.
#[derive(Debug, Default)]
pub(super) struct IncomingGoods {
    pub(super) by_item: Grouped<Supply>,
    /// By the row of their line, in a line by rank.
    pub(super) pegs: Grouped<PegState>,
    /// What the host itself has on order for a demand, by the demand's place.
    tied: QuickMap<u32, Quantity>,
    /// Place by po and line, and row, of each line of ours.
    pub(super) ours: Vec<(u32, u32)>,
}

impl IncomingGoods {
    pub(super) fn new<'a>(numbered: &Numbered<'a>, demands: &Demands<'a>, exceptions: &mut Vec<PlanException>) -> Self {
        let snapshot = numbered.snapshot;
        let ordinals = line_ordinals(&snapshot.supply);
        let lookup = Lookup::new(numbered, demands);
        let mut lines: Vec<Supply> = Vec::new();
        let mut pegs: Vec<PegState> = Vec::new();
        let mut ours = Vec::new();
        for (((row, names), ordinal), index) in snapshot.supply.iter().zip(&numbered.supply).zip(&ordinals).zip(0..) {
            let figures = [("ordered", row.ordered), ("received", row.received), ("closed", row.closed)];
            let senseless = figures.into_iter().find(|(_, figure)| !figure.is_sensible());
            if let Some((name, figure)) = senseless {
                exceptions.push(bad_supply(row, &format!("{name} is {figure}: the line counts as nothing")));
            }
            let is_sensible = senseless.is_none();
            let open = if is_sensible { open_quantity(row) } else { Quantity::ZERO };
            if row.ours {
                ours.push((*ordinal, index));
            }
            if row.ours || is_tied(row) {
                push_pegs(row, index, open, &lookup, &mut pegs, exceptions);
            }
            let count_incoming = count_incoming(snapshot, row);
            let late = row.due.is_some_and(|due| due < snapshot.today);
            lines.push(Supply {
                row: index,
                item: names.item,
                warehouse: if row.drop_ship { NONE } else { names.warehouse },
                due: if late { Some(snapshot.today) } else { row.due },
                late,
                open,
                ours: row.ours,
                tied: is_tied(row),
                drop_ship: row.drop_ship,
                counts: counts(snapshot, row, count_incoming),
                any_day: row.ours || count_incoming == CountIncoming::Any,
                ordinal: *ordinal,
            });
        }
        let mut tied: QuickMap<u32, Quantity> = QuickMap::default();
        for peg in pegs.iter().filter(|peg| peg.demand != NONE && is_tied(&snapshot.supply[peg.row as usize])) {
            let sum = tied.entry(peg.demand).or_default();
            *sum = sum.plus(peg.holds);
        }
        Self {
            by_item: Grouped::new(lines, numbered.items.len(), |line| line.item),
            pegs: Grouped::new(pegs, snapshot.supply.len(), |peg| peg.row),
            tied,
            ours,
        }
    }

    /// What of a demand the host itself has on order: stock is not for that.
    pub(super) fn tied(&self, demand: u32) -> Quantity {
        if self.tied.is_empty() { Quantity::ZERO } else { self.tied.get(&demand).copied().unwrap_or_default() }
    }
}

fn is_tied(row: &SupplyLine) -> bool {
    row.tied && !row.ours && !row.pegs.is_empty()
}

/// Ordered − received − closed, never below 0; nothing where nothing more comes.
pub(super) fn open_quantity(row: &SupplyLine) -> Quantity {
    match row.state {
        SupplyState::Draft | SupplyState::Confirmed => {
            row.ordered.minus_or_zero(row.received).minus_or_zero(row.closed)
        }
        SupplyState::Received | SupplyState::Cancelled => Quantity::ZERO,
    }
}

/// Whom the goods of a line concern, whoever will get them.
fn concerned(row: &SupplyLine) -> Concerned<'_> {
    Concerned { vendor: row.vendor.as_ref(), item: Some(&row.item), ..Concerned::default() }
}

fn count_incoming(snapshot: &Snapshot, row: &SupplyLine) -> CountIncoming {
    let own = snapshot.policy.particular(concerned(row), |rule| rule.count_incoming);
    own.unwrap_or(snapshot.policy.count_incoming)
}

fn counts(snapshot: &Snapshot, row: &SupplyLine, count_incoming: CountIncoming) -> bool {
    if row.drop_ship {
        return false;
    }
    let drafts_count = || {
        let own = snapshot.policy.particular(concerned(row), |rule| rule.count_foreign_drafts);
        own.unwrap_or(snapshot.policy.count_foreign_drafts)
    };
    row.ours
        || match count_incoming {
            CountIncoming::None => false,
            CountIncoming::Any | CountIncoming::InTime => row.state != SupplyState::Draft || drafts_count(),
        }
}

fn bad_supply(row: &SupplyLine, problem: &str) -> PlanException {
    PlanException {
        kind: ExceptionKind::BadQuantity,
        order: None,
        line: None,
        item: Some(row.item.clone()),
        about: Some(row.po.clone()),
        text: format!("purchase order {} line {}: {problem}", row.po, row.line),
    }
}

/// Where each line stands by po and line, in natural order; what is equal in both goes by its content.
fn line_ordinals(rows: &[SupplyLine]) -> Vec<u32> {
    let mut sorted: Vec<u32> = (0..).take(rows.len()).collect();
    sorted.sort_unstable_by(|left, right| {
        let (left, right) = (&rows[*left as usize], &rows[*right as usize]);
        left.po.natural_cmp(&right.po).then_with(|| left.line.natural_cmp(&right.line)).then_with(|| left.cmp(right))
    });
    let mut ordinals = vec![0; rows.len()];
    for (index, ordinal) in sorted.into_iter().zip(0..) {
        ordinals[index as usize] = ordinal;
    }
    ordinals
}

/// Adds what the pegs of a line hold: what was received uses them up by rank, and so does what is not open.
fn push_pegs(
    row: &SupplyLine,
    index: u32,
    open: Quantity,
    lookup: &Lookup<'_, '_>,
    pegs: &mut Vec<PegState>,
    exceptions: &mut Vec<PlanException>,
) {
    let mut ranked: Vec<(Target, u32)> =
        row.pegs.iter().zip(0..).map(|(peg, place)| (lookup.target(row, peg), place)).collect();
    ranked.sort_by(|(left, left_place), (right, right_place)| {
        let (a, b) = (&row.pegs[*left_place as usize], &row.pegs[*right_place as usize]);
        left.rank
            .cmp(&right.rank)
            .then_with(|| a.order.natural_cmp(&b.order))
            .then_with(|| a.line.natural_cmp(&b.line))
            .then_with(|| a.cmp(b))
    });
    let (mut received, mut open, mut ordered) = (row.received, open, row.ordered);
    let is_sensible = [row.ordered, row.received, row.closed].into_iter().all(Quantity::is_sensible);
    if !is_sensible {
        // Nobody knows what comes, so nothing is bought again by itself.
        (received, ordered) = (Quantity::ZERO, Quantity::ZERO);
    }
    let first = pegs.len();
    for (target, place) in ranked {
        let peg = &row.pegs[place as usize];
        let mut qty = peg.qty;
        let figures = [("qty", Some(qty)), ("wanted", peg.wanted)];
        let senseless =
            figures.into_iter().find_map(|(name, figure)| Some((name, figure.filter(|f| !f.is_sensible())?)));
        if let Some((name, figure)) = senseless {
            let problem = format!("{name} of its peg to {} line {} is {figure}: it ties nothing", peg.order, peg.line);
            exceptions.push(bad_supply(row, &problem));
            qty = Quantity::ZERO;
        }
        let received = take(&mut received, qty);
        let in_order = take(&mut ordered, qty);
        let left = qty.minus_or_zero(received);
        let by_hand = if row.edited || !is_sensible { qty.minus_or_zero(in_order) } else { Quantity::ZERO };
        pegs.push(PegState {
            row: index,
            peg: place,
            demand: target.demand,
            document: target.document,
            received,
            holds: left,
            wanted: target.wanted,
            withdrawn: match row.state {
                // What becomes of other people's orders is no decision about ours.
                _ if !row.ours => Quantity::ZERO,
                SupplyState::Cancelled => left,
                _ => by_hand,
            },
        });
    }
    // More may be pegged than is open; what somebody still needs is held first.
    for needed in [true, false] {
        for peg in pegs[first..].iter_mut().filter(|peg| (peg.demand != NONE) == needed) {
            peg.holds = take(&mut open, peg.holds);
        }
    }
}

/// Takes up to `amount` out of `from`.
pub(super) fn take(from: &mut Quantity, amount: Quantity) -> Quantity {
    let taken = amount.min(*from).max(Quantity::ZERO);
    *from = from.minus_or_zero(taken);
    taken
}

/// What a peg points at now.
struct Target {
    /// Whether it is gone, then its rank.
    rank: (bool, u128),
    demand: u32,
    document: u32,
    wanted: Option<Quantity>,
}

impl Target {
    const GONE: Self = Self { rank: (true, 0), demand: NONE, document: NONE, wanted: Some(Quantity::ZERO) };
}

/// Finds the demands that pegs name. Empty where nothing is pegged.
struct Lookup<'s, 'a> {
    snapshot: &'a Snapshot,
    /// Where each document stands by its number.
    documents: &'s [u32],
    demands: &'s Demands<'a>,
    ranking: Ranking<'a>,
    /// By order and line.
    lines: QuickMap<(&'a str, &'a str), (u32, u32)>,
    /// By document, line and component.
    places: QuickMap<(u32, u32, u32), u32>,
}

impl<'s, 'a> Lookup<'s, 'a> {
    fn new(numbered: &'s Numbered<'a>, demands: &'s Demands<'a>) -> Self {
        let snapshot = numbered.snapshot;
        let mut lookup = Self {
            snapshot,
            documents: &numbered.documents,
            demands,
            ranking: Ranking::new(&snapshot.policy),
            lines: QuickMap::default(),
            places: QuickMap::default(),
        };
        let wanted: HashSet<&str> = snapshot
            .supply
            .iter()
            .filter(|row| row.ours || row.tied)
            .flat_map(|row| row.pegs.iter().map(|peg| peg.order.as_str()))
            .collect();
        if wanted.is_empty() {
            return lookup;
        }
        let mut documents: Vec<(u32, &Order)> =
            (0..).zip(&snapshot.orders).filter(|(_, order)| wanted.contains(order.id.as_str())).collect();
        // Of two documents of one number the first by rank is meant, whatever the order of the rows.
        documents.sort_by_key(|(document, _)| std::cmp::Reverse(lookup.documents[*document as usize]));
        for (document, order) in documents {
            for (line, index) in order.lines.iter().zip(0..) {
                lookup.lines.insert((order.id.as_str(), line.id.as_str()), (document, index));
            }
            for (place, demand) in demands.of_document(document) {
                lookup.places.insert((demand.document, demand.line, demand.component), place);
            }
        }
        lookup
    }

    fn target(&self, row: &SupplyLine, peg: &Peg) -> Target {
        let Some((document, line_index)) = self.lines.get(&(peg.order.as_str(), peg.line.as_str())).copied() else {
            return Target::GONE;
        };
        let order = &self.snapshot.orders[document as usize];
        let line = &order.lines[line_index as usize];
        let kit = self.demands.kits.parts_of(&line.item);
        let component = match (&kit, peg.component.as_ref()) {
            (None, component) if component.is_none_or(|item| *item == line.item) => NONE,
            (Some(Ok(parts)), Some(item)) => match parts.iter().zip(0..).find(|(part, _)| part.item == item) {
                Some((_, place)) => place,
                None => return Target::GONE,
            },
            (Some(Err(_)), _) => return Target { wanted: None, ..Target::GONE },
            _ => return Target::GONE,
        };
        let part = kit.and_then(Result::ok).and_then(|parts| parts.get(component as usize));
        let wanted = Wanted::of(line, part);
        if *wanted.item != row.item || !self.fits(row, line.drop_ship, line.warehouse.as_deref()) {
            return Target::GONE;
        }
        let need_by = line.need_by.or(order.need_by);
        let rank = self.ranking.key(order, self.documents[document as usize], need_by);
        let is_known = [line.ordered, line.fulfilled, line.closed].into_iter().all(Quantity::is_sensible);
        let wanted_now = match order.status {
            _ if !is_known => None,
            OrderStatus::Open => Some(wanted.wanted),
            // What a closed document was given is all that it still wants.
            OrderStatus::Closed => Some(wanted.wanted.minus_or_zero(wanted.open)),
            OrderStatus::Draft | OrderStatus::Cancelled => Some(Quantity::ZERO),
        };
        let is_gone = matches!(order.status, OrderStatus::Draft | OrderStatus::Cancelled);
        Target {
            rank: (is_gone, rank),
            demand: self.places.get(&(document, line_index, component)).copied().unwrap_or(NONE),
            document,
            wanted: wanted_now,
        }
    }

    /// Whether the goods go where the demand draws from. Goods that a vendor already sends to the customer still
    /// reach the demand when its line was turned into one from stock; an untouched draft of ours follows instead. What
    /// the host tied together fits.
    fn fits(&self, row: &SupplyLine, drop_ship: bool, warehouse: Option<&str>) -> bool {
        if is_tied(row) {
            return true;
        }
        match (row.drop_ship, drop_ship) {
            (true, true) => true,
            (true, false) => row.state != SupplyState::Draft || row.edited,
            (false, true) => false,
            (false, false) => {
                let to = row.warehouse.as_deref();
                to == warehouse
                    || match &self.snapshot.policy.stock_scope {
                        StockScope::OrderWarehouse => false,
                        StockScope::All => true,
                        StockScope::Listed(listed) => listed.iter().any(|name| Some(name.as_str()) == to),
                    }
            }
        }
    }
}
