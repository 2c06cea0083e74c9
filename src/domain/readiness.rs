//! Whether a sales document can go: all of it, or a part (domain.md section 2, Ready).
//!
//! Invariants: only stock on hand counts; drop-ship lines neither hold a document up nor make it ready; kits are never
//! sold as loose parts.

use super::policy::ShipPolicy;
use super::quantity::Quantity;

/// One line of a document with something open, as stock on hand covers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineStock {
    pub drop_ship: bool,
    /// The host's for the document, else the setting that holds for the line.
    pub ship_policy: ShipPolicy,
    /// Stock covers all of it; of a kit, every component.
    pub is_covered: bool,
    /// How many units of the line may go now, as stock covers it; of a kit, whole kits; of a drop shipment, and of what
    /// goes with the whole order or not, none.
    pub can_go: Quantity,
}

/// What can go now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readiness {
    pub ready: bool,
    pub part_ready: bool,
}

/// Judges a document by all its lines that have something open.
///
/// `min_shipment`: stock units over the document that a part must reach.
#[must_use]
pub fn readiness(lines: &[LineStock], min_shipment: Option<Quantity>) -> Readiness {
    let mut from_stock = lines.iter().filter(|line| !line.drop_ship).peekable();
    let ready = from_stock.peek().is_some() && from_stock.clone().all(|line| line.is_covered);
    let part = from_stock.map(part_of).fold(Quantity::ZERO, Quantity::plus);
    let part_ready =
        !ready && part.is_positive() && min_shipment.is_none_or(|least| least <= part && !least.is_negative());
    Readiness { ready, part_ready }
}

/// How much of a line its policy lets go before the rest.
fn part_of(line: &LineStock) -> Quantity {
    match line.ship_policy {
        ShipPolicy::WholeOrder => Quantity::ZERO,
        ShipPolicy::EachLine if !line.is_covered => Quantity::ZERO,
        ShipPolicy::EachLine | ShipPolicy::AnyPart => line.can_go,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(ship_policy: ShipPolicy, open: i64, from_stock: i64) -> LineStock {
        let can_go = Quantity::units(from_stock);
        LineStock { drop_ship: false, ship_policy, is_covered: open == from_stock, can_go }
    }

    fn judge(lines: &[LineStock], min_shipment: Option<i64>) -> (bool, bool) {
        let judged = readiness(lines, min_shipment.map(Quantity::units));
        (judged.ready, judged.part_ready)
    }

    #[test]
    fn a_document_is_ready_when_stock_covers_every_line_that_draws_on_it() {
        let whole = |open, stock| line(ShipPolicy::WholeOrder, open, stock);
        let dropped = LineStock { drop_ship: true, ..whole(5, 0) };
        assert_eq!(judge(&[whole(2, 2), whole(3, 3)], None), (true, false));
        assert_eq!(judge(&[whole(2, 2), dropped], None), (true, false));
        assert_eq!(judge(&[dropped], None), (false, false));
        assert_eq!(judge(&[], None), (false, false));
        assert_eq!(judge(&[whole(2, 2), whole(3, 2)], None), (false, false));
    }

    #[test]
    fn the_ship_policy_says_what_part_may_go() {
        let (any, each) = (ShipPolicy::AnyPart, ShipPolicy::EachLine);
        assert_eq!(judge(&[line(any, 5, 1)], None), (false, true));
        assert_eq!(judge(&[line(any, 5, 0)], None), (false, false));
        assert_eq!(judge(&[line(each, 5, 4), line(each, 2, 1)], None), (false, false));
        assert_eq!(judge(&[line(each, 5, 4), line(each, 2, 2)], None), (false, true));
    }

    #[test]
    fn a_part_must_reach_the_minimum_shipment() {
        let any = ShipPolicy::AnyPart;
        assert_eq!(judge(&[line(any, 5, 2), line(any, 5, 2)], Some(4)), (false, true));
        assert_eq!(judge(&[line(any, 5, 2), line(any, 5, 2)], Some(5)), (false, false));
        assert_eq!(
            judge(&[line(ShipPolicy::EachLine, 5, 4), line(ShipPolicy::EachLine, 2, 2)], Some(3)),
            (false, false)
        );
        assert_eq!(judge(&[line(any, 5, 5)], Some(9)), (true, false));
        assert_eq!(judge(&[line(any, 5, 2)], Some(-1)), (false, false));
    }
}
