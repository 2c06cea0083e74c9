//! The pegs of our purchase orders, and what came for each demand (domain.md 2.2). Pure.
//!
//! Invariants: what a line received counts against its pegs by rank, and goods are held for a demand only as long as
//! deliveries have not eaten into them; what a vendor has shipped to the customer is wanted no more, from the moment when
//! the purchase order says so.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::snapshot::{Rows, order_name};
use crate::db::snapshot::PegRow;
use crate::domain::ids::{DocumentRef, IntentId};
use crate::domain::name::{Name, natural_cmp};
use crate::domain::purchase_order::PurchaseState;
use crate::domain::quantity::Quantity;
use crate::domain::sales_document::SalesDocument;
use crate::domain::snapshot::Peg;

/// A demand's key: document, line, component (empty unless a kit).
pub(super) type DemandKey = (DocumentRef, String, String);

/// The pegs of each line of ours.
pub(super) struct Pegs<'a> {
    of_line: HashMap<(IntentId, i32), Vec<&'a PegRow>>,
    names: &'a HashMap<DocumentRef, Name>,
}

impl<'a> Pegs<'a> {
    pub(super) fn new(rows: &'a [PegRow], names: &'a HashMap<DocumentRef, Name>) -> Self {
        let mut of_line: HashMap<_, Vec<_>> = HashMap::new();
        for row in rows {
            of_line.entry((row.intent, row.line_no)).or_default().push(row);
        }
        Self { of_line, names }
    }

    pub(super) fn rows(&self, intent: Option<(IntentId, i32)>) -> &[&'a PegRow] {
        intent.and_then(|key| self.of_line.get(&key)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of(&self, intent: Option<(IntentId, i32)>) -> Vec<Peg> {
        self.rows(intent)
            .iter()
            .map(|row| Peg {
                order: self
                    .names
                    .get(&row.document)
                    // gone from the demand: the planner treats an absent line as a gone demand
                    .map_or_else(|| order_name(&row.document, ""), Name::clone),
                line: Name::from(row.line.as_str()),
                component: (!row.component.is_empty()).then(|| Name::from(row.component.as_str())),
                qty: Quantity::from_decimal(row.quantity),
                wanted: Some(Quantity::from_decimal(row.wanted)),
            })
            .collect()
    }
}

/// What came for each demand, over all lines of ours.
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
        let mut of_line = pegs.rows(line.intent).to_vec();
        of_line.sort_by(|a, b| {
            let key =
                |peg: &PegRow| rank.get(&peg.document).map(|d| (-d.priority, d.need_by.is_none(), d.need_by, d.date));
            let number = |peg: &PegRow| rank.get(&peg.document).map_or("", |document| document.number.as_str());
            key(a)
                .cmp(&key(b))
                .then_with(|| natural_cmp(number(a), number(b)))
                .then_with(|| natural_cmp(&a.line, &b.line))
                .then_with(|| a.component.cmp(&b.component))
        });
        let mut left = line.received;
        for peg in of_line {
            let used = left.min(peg.quantity).max(Decimal::ZERO);
            left -= used;
            let key = (peg.document.clone(), peg.line.clone(), peg.component.clone());
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
