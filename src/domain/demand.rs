//! Demands: what each line of each open document still needs (domain.md section 1).
//!
//! Invariants: open = ordered − fulfilled − short-closed, never below 0; a kit line is the demands of its components;
//! a draft, closed or cancelled document and an untracked line have none; a line with a senseless figure has none and
//! is an exception. Demands stand by item, and inside an item by rank.

use jiff::civil::Date;

use super::grouped::{Grouped, NONE};
use super::kit::{Kits, Part};
use super::name::Name;
use super::numbered::Numbered;
use super::parallel::{in_parallel, joined, share, threads_for};
use super::pieces::Pieces;
use super::plan::{ExceptionKind, PlanException};
use super::quantity::Quantity;
use super::rank::Ranking;
use super::snapshot::{Order, OrderKind, OrderLine, OrderStatus, PerComponent, Snapshot};
use super::unranked::Unranked;

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
    pub(super) open: Quantity,
    /// Received for it and still in the house.
    pub(super) received_for: Quantity,
    /// What a person decided not to buy.
    pub(super) not_bought: Quantity,
    pub(super) need_by: Option<Date>,
    /// Of its document.
    pub(super) kind: OrderKind,
    pub(super) drop_ship: bool,
    /// The line names its vendor.
    pub(super) names_vendor: bool,
}

impl Demand {
    pub(super) fn order<'s>(&self, snapshot: &'s Snapshot) -> &'s Order {
        &snapshot.orders[self.document as usize]
    }

    pub(super) fn line<'s>(&self, snapshot: &'s Snapshot) -> &'s OrderLine {
        &snapshot.orders[self.document as usize].lines[self.line as usize]
    }
}

/// All demands of a snapshot. The place of a demand is its place by item, and inside an item by rank.
#[derive(Debug, Default)]
pub(super) struct Demands<'a> {
    /// They stay where they were found, by document, line and component: a million of them are not worth moving.
    pub(super) rows: Pieces<Demand>,
    /// By item, inside an item by rank.
    pub(super) by_item: Grouped<Ranked>,
    /// Places by rank.
    pub(super) by_rank: Vec<u32>,
    /// Places by document, line and component.
    pub(super) by_document: Grouped<u32>,
    pub(super) kits: Kits<'a>,
    /// Documents with a line that could not be read as a demand: they are never ready.
    pub(super) doubtful: Vec<bool>,
}

/// Where a demand is, and its place among all by rank; the first is 0.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ranked {
    pub(super) row: u32,
    pub(super) rank: u32,
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
    /// Finds every demand; none has a rank yet.
    pub(super) fn find(numbered: &'a Numbered<'a>, exceptions: &mut Vec<PlanException>) -> Unranked<'a> {
        let snapshot = numbered.snapshot;
        let orders = &snapshot.orders;
        let sold = orders.iter().flat_map(|order| &order.lines).map(|line| line.item.as_str());
        let kits = Kits::new(&snapshot.kits, sold);
        let share = share(orders.len(), threads_for(orders.len()));
        let ranking = Ranking::new(&snapshot.policy);
        let parts = in_parallel(orders.chunks(share).zip((0..).step_by(share)), |(orders, first)| {
            let mut found = Found::new(numbered, &ranking, orders.len());
            for (order, document) in orders.iter().zip(first..) {
                found.look_at(order, document, &kits);
            }
            found
        });
        let (mut rows, mut keys, mut doubtful) = (Pieces::default(), Pieces::default(), Vec::new());
        for mut part in parts {
            exceptions.append(&mut part.exceptions);
            rows.add(part.rows);
            keys.add(part.keys);
            doubtful = joined(doubtful, part.doubtful);
        }
        Unranked { rows, kits, doubtful, keys }
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The demand at that place.
    pub(super) fn at(&self, place: u32) -> &Demand {
        self.rows.at(self.by_item.rows()[place as usize].row)
    }

    /// Puts the demands of an item into `demands`, by rank; the place of the first.
    pub(super) fn copy_item(&self, item: u32, demands: &mut Vec<Demand>) -> u32 {
        let places = self.by_item.range(item);
        demands.clear();
        demands.extend(self.by_item.rows()[places.clone()].iter().map(|ranked| *self.rows.at(ranked.row)));
        u32::try_from(places.start).unwrap_or(NONE)
    }

    /// The demands of a document by line and component, each with its place.
    pub(super) fn of_document(&self, document: u32) -> impl Iterator<Item = (u32, &Demand)> + Clone {
        let rows = self.by_document.range(document);
        (0..).skip(rows.start).zip(self.by_document.of(document)).map(|(row, place)| (*place, self.rows.at(row)))
    }

    /// What that demand's document line says about it.
    pub(super) fn wanted(&self, snapshot: &'a Snapshot, demand: &Demand) -> Wanted<'a> {
        let line = demand.line(snapshot);
        let parts = if demand.component == NONE { None } else { self.kits.parts_of(&line.item) };
        Wanted::of(line, parts.and_then(Result::ok).and_then(|parts| parts.get(demand.component as usize)))
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

/// The demands of some documents.
struct Found<'f, 'a> {
    numbered: &'a Numbered<'a>,
    ranking: &'f Ranking<'a>,
    rows: Vec<Demand>,
    /// What decides between the rows before the numbers of their documents do.
    keys: Vec<u128>,
    doubtful: Vec<bool>,
    exceptions: Vec<PlanException>,
    /// The lines of the document at hand.
    lines: Vec<u32>,
}

/// One line of one document.
#[derive(Clone, Copy)]
struct At<'a> {
    order: &'a Order,
    document: u32,
    line: &'a OrderLine,
    index: u32,
}

impl At<'_> {
    fn exception(&self, problem: String) -> PlanException {
        PlanException {
            kind: ExceptionKind::BadQuantity,
            order: Some(self.order.id.clone()),
            line: Some(self.line.id.clone()),
            item: Some(self.line.item.clone()),
            about: None,
            text: problem,
        }
    }
}

impl<'f, 'a> Found<'f, 'a> {
    fn new(numbered: &'a Numbered<'a>, ranking: &'f Ranking<'a>, documents: usize) -> Self {
        Self {
            numbered,
            ranking,
            rows: Vec::with_capacity(documents),
            keys: Vec::with_capacity(documents),
            doubtful: Vec::with_capacity(documents),
            exceptions: Vec::new(),
            lines: Vec::new(),
        }
    }

    fn look_at(&mut self, order: &'a Order, document: u32, kits: &Kits<'a>) {
        self.doubtful.push(false);
        if order.status != OrderStatus::Open {
            return;
        }
        let mut lines = std::mem::take(&mut self.lines);
        sort_lines(order, &mut lines);
        for index in lines.iter().copied() {
            let at = At { order, document, line: &order.lines[index as usize], index };
            if let Err(problem) = self.push_demands(&at, kits) {
                self.exceptions.push(at.exception(problem));
                if let Some(doubtful) = self.doubtful.last_mut() {
                    *doubtful = true;
                }
            }
        }
        self.lines = lines;
    }

    /// Adds the line's demands; an error says which figure is senseless.
    fn push_demands(&mut self, at: &At<'a>, kits: &Kits<'a>) -> Result<(), String> {
        let line = at.line;
        if !line.tracked {
            return Ok(());
        }
        for (name, figure) in [("ordered", line.ordered), ("fulfilled", line.fulfilled), ("closed", line.closed)] {
            if !figure.is_sensible() {
                return Err(format!("{name} is {figure}: no demand is planned for this line"));
            }
        }
        match kits.parts_of(&line.item) {
            None => self.push(at, NONE, None),
            Some(Err(problem)) => return Err(format!("kit {}: {problem}", line.item)),
            Some(Ok(parts)) => {
                let remaining = line.ordered.minus_or_zero(line.closed);
                if parts.iter().any(|part| part.needed(remaining, true).is_none()) {
                    return Err(format!("kit {}: a component's quantity is above 10^12", line.item));
                }
                for (part, component) in parts.iter().zip(0..) {
                    self.push(at, component, Some(part));
                }
            }
        }
        Ok(())
    }

    fn push(&mut self, at: &At<'a>, component: u32, part: Option<&Part<'a>>) {
        let line = at.line;
        let open = Wanted::of(line, part).open;
        if open.is_zero() {
            return;
        }
        let names = self.numbered.lines.of(at.document)[at.index as usize];
        let item = part.map_or(names.item, |part| self.numbered.items.find(part.item).unwrap_or(NONE));
        let mut received_for = figure_for(&line.received_for, line, part);
        if !received_for.is_sensible() {
            let problem = format!("received_for is {received_for}: nothing is held for this line");
            self.exceptions.push(at.exception(problem));
            received_for = Quantity::ZERO;
        }
        let mut not_bought = figure_for(&line.not_bought, line, part);
        if !not_bought.is_sensible() {
            let problem = format!("not_bought is {not_bought}: nothing is bought for this line");
            self.exceptions.push(at.exception(problem));
            not_bought = Quantity::MAX;
        }
        let need_by = line.need_by.or(at.order.need_by);
        self.keys.push(self.ranking.key_before_number(at.order, need_by));
        self.rows.push(Demand {
            document: at.document,
            line: at.index,
            component,
            item,
            warehouse: if line.drop_ship { NONE } else { names.warehouse },
            open,
            received_for,
            not_bought,
            need_by,
            kind: at.order.kind,
            drop_ship: line.drop_ship,
            names_vendor: line.vendor.is_some(),
        });
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

/// A figure of the line for one demand of it. One plain figure on a kit line counts kits.
fn figure_for(figure: &PerComponent, line: &OrderLine, part: Option<&Part<'_>>) -> Quantity {
    match (figure, part) {
        (PerComponent::Line(quantity), None) => *quantity,
        (PerComponent::Line(kits), Some(part)) if kits.is_sensible() => {
            part.needed(*kits, true).unwrap_or(Quantity::MAX)
        }
        (PerComponent::Line(senseless), Some(_)) => *senseless,
        (PerComponent::Components(quantities), _) => {
            let item = part.map_or(&line.item, |part| part.item);
            quantities.get(item).copied().unwrap_or_default()
        }
    }
}
