//! The pegs of purchase orders, ours and the host's own, and what came for each demand (domain.md 2.2). Pure.
//!
//! Invariants: what a line received counts against its pegs by rank, and goods are held for a demand only as long as
//! deliveries have not eaten into them; what a vendor has shipped to the customer is wanted no more, from the moment when
//! the purchase order says so.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::snapshot::{Rows, order_name};
use crate::db::snapshot::{HostPegRow, PegRow, SupplyRow};
use crate::domain::ids::{DocumentRef, IntentId};
use crate::domain::name::{Name, natural_cmp};
use crate::domain::purchase_order::PurchaseState;
use crate::domain::quantity::Quantity;
use crate::domain::sales_document::SalesDocument;
use crate::domain::snapshot::Peg;

/// A demand's key: document, line, component (empty unless a kit).
pub(super) type DemandKey = (DocumentRef, String, String);

/// What a line was ordered for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pegged<'a> {
    document: &'a DocumentRef,
    line: &'a str,
    /// The component of a kit's line; empty of any other.
    component: &'a str,
    quantity: Decimal,
    /// What the line wanted then; the host keeps no such record.
    wanted: Option<Decimal>,
}

/// The pegs of each line.
pub(super) struct Pegs<'a> {
    ours: HashMap<(IntentId, i32), Vec<Pegged<'a>>>,
    /// By purchase order and line.
    of_host: HashMap<(&'a str, &'a str), Vec<Pegged<'a>>>,
    names: &'a HashMap<DocumentRef, Name>,
}

impl<'a> Pegs<'a> {
    pub(super) fn new(rows: &'a Rows, names: &'a HashMap<DocumentRef, Name>) -> Self {
        let mut ours: HashMap<_, Vec<_>> = HashMap::new();
        for row in &rows.pegs {
            let PegRow { document, line, component, quantity, wanted, .. } = row;
            let wanted = Some(*wanted);
            ours.entry((row.intent, row.line_no)).or_default().push(Pegged {
                document,
                line,
                component,
                quantity: *quantity,
                wanted,
            });
        }
        let mut of_host: HashMap<_, Vec<_>> = HashMap::new();
        if !rows.host_pegs.is_empty() {
            let sold = rows.demand.iter().flat_map(|row| row.document.lines.iter().map(|line| (&row.document, line)));
            let sold: HashMap<_, &str> =
                sold.map(|(document, line)| ((&document.reference, line.id.as_str()), line.item.as_str())).collect();
            let ordered = rows.supply.iter().map(|row| ((row.purchase_order.as_str(), row.line.as_str()), &row.item));
            let ordered: HashMap<_, &String> = ordered.collect();
            for HostPegRow { purchase_order, line, document, sales_line, quantity } in &rows.host_pegs {
                let key = (purchase_order.as_str(), line.as_str());
                let item = ordered.get(&key).map_or("", |item| item.as_str());
                let is_part = sold.get(&(document, sales_line.as_str())).is_some_and(|sold| *sold != item);
                of_host.entry(key).or_default().push(Pegged {
                    document,
                    line: sales_line,
                    component: if is_part { item } else { "" },
                    quantity: *quantity,
                    wanted: None,
                });
            }
        }
        Self { ours, of_host, names }
    }

    /// Of a line of ours.
    pub(super) fn ours(&self, line: (IntentId, i32)) -> &[Pegged<'a>] {
        self.ours.get(&line).map_or(&[], Vec::as_slice)
    }

    /// Of a line that the host has, whoever ordered it.
    pub(super) fn in_host(&self, row: &'a SupplyRow) -> &[Pegged<'a>] {
        match row.intent {
            Some(line) => self.ours(line),
            // One that carries our mark is ours, though we have forgotten what it was for.
            None if row.marked => &[],
            None => {
                let key: (&str, &str) = (&row.purchase_order, &row.line);
                self.of_host.get(&key).map_or(&[], Vec::as_slice)
            }
        }
    }

    /// As the planner reads them.
    pub(super) fn of(&self, pegged: &[Pegged<'_>]) -> Vec<Peg> {
        pegged
            .iter()
            .map(|peg| Peg {
                order: self
                    .names
                    .get(peg.document)
                    // gone from the demand: the planner treats an absent line as a gone demand
                    .map_or_else(|| order_name(peg.document, ""), Name::clone),
                line: Name::from(peg.line),
                component: (!peg.component.is_empty()).then(|| Name::from(peg.component)),
                qty: Quantity::from_decimal(peg.quantity),
                wanted: peg.wanted.map(Quantity::from_decimal),
            })
            .collect()
    }
}

/// What came for each demand, over all lines that are pegged.
#[derive(Debug, Default)]
pub(super) struct Came {
    /// Into the house (domain.md 2.2), and how much was pegged to it.
    pub(super) received: HashMap<DemandKey, (Decimal, Decimal)>,
    /// Straight to the customer: it is delivered, whether or not the host counts it yet.
    pub(super) shipped: HashMap<DemandKey, Decimal>,
}

/// What came for each demand. What a line received counts against its pegs by rank.
pub(super) fn came_for(rows: &Rows, pegs: &Pegs<'_>) -> Came {
    let rank: HashMap<&DocumentRef, &SalesDocument> =
        rows.demand.iter().map(|row| (&row.document.reference, &row.document)).collect();
    let mut came = Came::default();
    for line in &rows.supply {
        let mut of_line = pegs.in_host(line).to_vec();
        of_line.sort_by(|a, b| {
            let key = |peg: &Pegged<'_>| {
                rank.get(peg.document).map(|d| (-d.priority, d.need_by.is_none(), d.need_by, d.date))
            };
            let number = |peg: &Pegged<'_>| rank.get(peg.document).map_or("", |document| document.number.as_str());
            key(a)
                .cmp(&key(b))
                .then_with(|| natural_cmp(number(a), number(b)))
                .then_with(|| natural_cmp(a.line, b.line))
                .then_with(|| a.component.cmp(b.component))
        });
        let mut left = line.received;
        for peg in of_line {
            let used = left.min(peg.quantity).max(Decimal::ZERO);
            left -= used;
            let key = (peg.document.clone(), peg.line.to_owned(), peg.component.to_owned());
            if line.drop_ship {
                *came.shipped.entry(key).or_default() += used;
                continue;
            }
            let entry = came.received.entry(key).or_default();
            entry.0 += used;
            if !line.gone && line.state != PurchaseState::Cancelled {
                entry.1 += peg.quantity;
            }
        }
    }
    came
}

/// Received for it and still in the house: received − max(0, fulfilled − (ordered − pegged)), never below 0.
pub(super) fn still_held(received: Decimal, pegged: Decimal, ordered: Decimal, fulfilled: Decimal) -> Decimal {
    let taken = (fulfilled - (ordered - pegged)).max(Decimal::ZERO);
    (received - taken).max(Decimal::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn d(number: i64) -> Decimal {
        Decimal::from(number)
    }

    #[test]
    fn goods_received_for_a_line_are_held_until_deliveries_eat_into_its_pegs() {
        // 12 ordered, 8 of them pegged, all 8 received: the first 4 delivered came from stock
        assert_eq!(still_held(d(8), d(8), d(12), d(0)), d(8));
        assert_eq!(still_held(d(8), d(8), d(12), d(4)), d(8));
        assert_eq!(still_held(d(8), d(8), d(12), d(7)), d(5));
        assert_eq!(still_held(d(8), d(8), d(12), d(12)), d(0));
        // an amended order may have less ordered than pegged
        assert_eq!(still_held(d(8), d(8), d(5), d(0)), d(5));
    }
}
