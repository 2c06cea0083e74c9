//! Demands: what each line of each open document still needs (domain.md section 1).
//!
//! Invariants: open = ordered − fulfilled − short-closed, never below 0; a kit line is the demands of its components;
//! a draft, closed or cancelled document and an untracked line have none; a line with a senseless figure has none and
//! is an exception. Demands stand by item, and inside an item by rank.

use jiff::civil::Date;

use super::grouped::{Grouped, NONE, Names};
use super::kit::{Kits, Part};
use super::name::Name;
use super::plan::{ExceptionKind, PlanException};
use super::quantity::Quantity;
use super::rank::{number_ordinals, rank_key};
use super::snapshot::{Order, OrderLine, OrderStatus, PerComponent, Snapshot};

/// The open quantity of one line, or of one component of a kit line.
#[derive(Debug, Clone, Copy)]
pub(super) struct Demand {
    /// Where its document stands in the snapshot.
    pub(super) document: u32,
    /// Where its line stands in the document.
    pub(super) line: u32,
    /// Where its component stands in the kit; [`NONE`]: the line's own item.
    pub(super) component: u32,
    pub(super) item: u32,
    /// [`NONE`] for a drop shipment.
    pub(super) warehouse: u32,
    /// Its place among all demands, the first is 0.
    pub(super) rank: u32,
    pub(super) need_by: Option<Date>,
    pub(super) open: Quantity,
    /// Received for it and still in the house.
    pub(super) received_for: Quantity,
    /// What a person decided not to buy.
    pub(super) not_bought: Quantity,
    pub(super) drop_ship: bool,
}

impl Demand {
    pub(super) fn order<'s>(&self, snapshot: &'s Snapshot) -> &'s Order {
        &snapshot.orders[self.document as usize]
    }

    pub(super) fn line<'s>(&self, snapshot: &'s Snapshot) -> &'s OrderLine {
        &snapshot.orders[self.document as usize].lines[self.line as usize]
    }
}

/// All demands of a snapshot.
#[derive(Debug, Default)]
pub(super) struct Demands<'a> {
    pub(super) by_item: Grouped<Demand>,
    /// Places in `by_item`, by rank.
    pub(super) by_rank: Vec<u32>,
    pub(super) kits: Kits<'a>,
    /// Documents with a line that could not be read as a demand: they are never ready.
    pub(super) doubtful: Vec<bool>,
    /// Natural order of the document numbers.
    pub(super) numbers: Vec<u32>,
}

/// Demands as their documents hold them: by document, line and component.
#[derive(Debug, Default)]
pub(super) struct Unranked<'a> {
    rows: Vec<Demand>,
    kits: Kits<'a>,
    doubtful: Vec<bool>,
    numbers: Vec<u32>,
}

impl<'a> Unranked<'a> {
    /// Sorts them by item and rank. `items` is the number of items.
    pub(super) fn ranked(self, snapshot: &Snapshot, items: usize) -> Demands<'a> {
        let Self { rows, kits, doubtful, numbers } = self;
        let keys = rows.iter().zip(0_u32..).map(|(demand, index)| {
            let order = demand.order(snapshot);
            (rank_key(&snapshot.policy, order, numbers[demand.document as usize], demand.need_by), index)
        });
        let mut keys: Vec<(u128, u32)> = keys.collect();
        // Demands of one document stand by line and component, so their index decides between equal keys.
        sort_keys(&mut keys);
        let (by_item, by_rank) = Grouped::in_order(&rows, keys.iter().map(|(_, index)| *index), items, |row| row.item);
        let mut demands = Demands { by_item, by_rank, kits, doubtful, numbers };
        for (place, rank) in demands.by_rank.iter().zip(0..) {
            demands.by_item.rows_mut()[*place as usize].rank = rank;
        }
        demands
    }
}

/// Keys from which on a second thread is worth its start.
const MANY_KEYS: usize = 50_000;

/// Sorts in two halves side by side, then merges: the sort finds the two runs by itself.
fn sort_keys(keys: &mut [(u128, u32)]) {
    if keys.len() >= MANY_KEYS {
        let (left, right) = keys.split_at_mut(keys.len() / 2);
        std::thread::scope(|scope| {
            scope.spawn(|| left.sort_unstable());
            right.sort_unstable();
        });
        // two sorted halves: the stable sort finds and merges them
        #[expect(clippy::stable_sort_primitive, reason = "the halves are sorted already, which only it sees")]
        keys.sort();
    } else {
        keys.sort_unstable();
    }
}

/// What a line is about, for the sums: its item or a component.
pub(super) struct Wanted<'a> {
    pub(super) item: &'a Name,
    pub(super) ordered: Quantity,
    /// Ordered − closed: what a peg remembers.
    pub(super) wanted: Quantity,
    pub(super) open: Quantity,
}

impl<'a> Demands<'a> {
    /// Finds every demand; none has a rank yet. `items` and `warehouses` learn the names that occur.
    pub(super) fn find(
        snapshot: &'a Snapshot,
        items: &mut Names<'a>,
        warehouses: &mut Names<'a>,
        exceptions: &mut Vec<PlanException>,
    ) -> Unranked<'a> {
        let kits = Kits::new(&snapshot.kits);
        let numbers = number_ordinals(&snapshot.orders);
        let mut doubtful = vec![false; snapshot.orders.len()];
        let mut rows: Vec<Demand> = Vec::with_capacity(snapshot.orders.len());
        let mut lines: Vec<u32> = Vec::new();
        for (order, document) in snapshot.orders.iter().zip(0..) {
            if order.status != OrderStatus::Open {
                continue;
            }
            sort_lines(order, &mut lines);
            for line in &lines {
                let at = Place { order, document, line: *line };
                if let Err(problem) = at.push_demands(&kits, items, warehouses, &mut rows, exceptions) {
                    doubtful[document as usize] = true;
                    exceptions.push(at.exception(problem));
                }
            }
        }
        Unranked { rows, kits, doubtful, numbers }
    }

    pub(super) fn all(&self) -> &[Demand] {
        self.by_item.rows()
    }

    /// What that demand's document line says about it.
    pub(super) fn wanted(&self, snapshot: &'a Snapshot, demand: &Demand) -> Wanted<'a> {
        let line = &snapshot.orders[demand.document as usize].lines[demand.line as usize];
        let part =
            self.kits.parts_of(&line.item).and_then(Result::ok).and_then(|parts| parts.get(demand.component as usize));
        Wanted::of(line, part)
    }
}

impl<'a> Wanted<'a> {
    pub(super) fn of(line: &'a OrderLine, part: Option<&Part<'a>>) -> Self {
        let remaining = line.ordered.minus_or_zero(line.closed);
        let open = remaining.minus_or_zero(line.fulfilled);
        match part {
            None => Self { item: &line.item, ordered: line.ordered, wanted: remaining, open },
            Some(part) => Self {
                item: part.item,
                ordered: part.needed(line.ordered, true).unwrap_or(Quantity::MAX),
                wanted: part.needed(remaining, true).unwrap_or(Quantity::MAX),
                open: part.needed(open, line.fulfilled.is_zero()).unwrap_or(Quantity::MAX),
            },
        }
    }
}

/// Lines in natural order of their ids.
fn sort_lines(order: &Order, sorted: &mut Vec<u32>) {
    sorted.clear();
    sorted.extend((0..).take(order.lines.len()));
    let at = |index: u32| &order.lines[index as usize];
    sorted.sort_unstable_by(|left, right| {
        at(*left).id.natural_cmp(&at(*right).id).then_with(|| at(*left).cmp(at(*right)))
    });
}

/// One line of one document.
struct Place<'a> {
    order: &'a Order,
    document: u32,
    line: u32,
}

impl<'a> Place<'a> {
    fn line(&self) -> &'a OrderLine {
        &self.order.lines[self.line as usize]
    }

    fn exception(&self, problem: String) -> PlanException {
        PlanException {
            kind: ExceptionKind::BadQuantity,
            order: Some(self.order.id.clone()),
            line: Some(self.line().id.clone()),
            item: Some(self.line().item.clone()),
            text: problem,
        }
    }

    /// Adds the line's demands; an error says which figure is senseless.
    fn push_demands(
        &self,
        kits: &Kits<'a>,
        items: &mut Names<'a>,
        warehouses: &mut Names<'a>,
        rows: &mut Vec<Demand>,
        exceptions: &mut Vec<PlanException>,
    ) -> Result<(), String> {
        let line = self.line();
        if !line.tracked {
            return Ok(());
        }
        for (name, figure) in [("ordered", line.ordered), ("fulfilled", line.fulfilled), ("closed", line.closed)] {
            if !figure.is_sensible() {
                return Err(format!("{name} is {figure}: no demand is planned for this line"));
            }
        }
        let plain = Demand {
            document: self.document,
            line: self.line,
            component: NONE,
            item: 0,
            warehouse: if line.drop_ship { NONE } else { warehouses.number_or_none(line.warehouse.as_ref()) },
            rank: 0,
            need_by: line.need_by.or(self.order.need_by),
            open: Quantity::ZERO,
            received_for: Quantity::ZERO,
            not_bought: Quantity::ZERO,
            drop_ship: line.drop_ship,
        };
        match if kits.is_empty() { None } else { kits.parts_of(&line.item) } {
            None => self.push(plain, &line.item, None, items, rows, exceptions),
            Some(Err(problem)) => return Err(format!("kit {}: {problem}", line.item)),
            Some(Ok(parts)) => {
                let remaining = line.ordered.minus_or_zero(line.closed);
                if parts.iter().any(|part| part.needed(remaining, true).is_none()) {
                    return Err(format!("kit {}: a component's quantity is above 10^12", line.item));
                }
                for (part, component) in parts.iter().zip(0..) {
                    self.push(Demand { component, ..plain }, part.item, Some(part), items, rows, exceptions);
                }
            }
        }
        Ok(())
    }

    fn push(
        &self,
        demand: Demand,
        item: &'a Name,
        part: Option<&Part<'a>>,
        items: &mut Names<'a>,
        rows: &mut Vec<Demand>,
        exceptions: &mut Vec<PlanException>,
    ) {
        let line = self.line();
        let open = Wanted::of(line, part).open;
        if open.is_zero() {
            return;
        }
        let mut received_for = figure_for(&line.received_for, part, item);
        if !received_for.is_sensible() {
            exceptions.push(self.exception(format!("received_for is {received_for}: nothing is held for this line")));
            received_for = Quantity::ZERO;
        }
        let mut not_bought = figure_for(&line.not_bought, part, item);
        if !not_bought.is_sensible() {
            exceptions.push(self.exception(format!("not_bought is {not_bought}: nothing is bought for this line")));
            not_bought = Quantity::MAX;
        }
        rows.push(Demand { item: items.number(item), open, received_for, not_bought, ..demand });
    }
}

/// A figure of the line for one demand of it. One plain figure on a kit line counts kits.
fn figure_for(figure: &PerComponent, part: Option<&Part<'_>>, item: &Name) -> Quantity {
    match (figure, part) {
        (PerComponent::Line(quantity), None) => *quantity,
        (PerComponent::Line(kits), Some(part)) if kits.is_sensible() => {
            part.needed(*kits, true).unwrap_or(Quantity::MAX)
        }
        (PerComponent::Line(senseless), Some(_)) => *senseless,
        (PerComponent::Components(quantities), _) => quantities.get(item).copied().unwrap_or_default(),
    }
}
