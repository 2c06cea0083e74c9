//! What a vendor lets us order (domain.md section 3, step 3): minimum, multiple, maximum, whole units.
//!
//! Invariants: never less than needed; the least that is allowed where there is no maximum; every part alike.

use super::factor::Factor;
use super::quantity::Quantity;

/// Parts of one need at most; more is an exception for a person.
pub(super) const MAX_PARTS: i64 = 1_000;

/// A vendor's terms of quantity, in the vendor's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderTerms {
    /// Stock units in one vendor's unit.
    pub(super) factor: Factor,
    /// 0: none, also where the minimum is only a price threshold.
    pub(super) min_qty: Quantity,
    /// 0: any quantity.
    pub(super) multiple: Quantity,
    pub(super) max_qty: Option<Quantity>,
}

/// A need split into parts that a vendor admits: `full` times the cap, then `last`. In the vendor's unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) full: i64,
    pub(super) cap: Quantity,
    pub(super) last: Quantity,
}

/// Why a need cannot be rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum RoundingError {
    #[error("the vendor's maximum is below its minimum or its multiple")]
    CapBelowMinimum,
    #[error("the vendor's maximum would split it into more than 1000 parts")]
    TooManyParts,
    #[error("the quantity in the vendor's unit is above 10^12")]
    TooLarge,
}

impl Parts {
    pub(super) fn total(self) -> Option<Quantity> {
        let full = i128::from(self.cap.millionths()) * i128::from(self.full);
        let total = Quantity::from_millionths(i64::try_from(full + i128::from(self.last.millionths())).ok()?);
        total.is_sensible().then_some(total)
    }

    pub(super) fn each(self) -> impl Iterator<Item = Quantity> {
        (0..self.full).map(move |_| self.cap).chain(self.last.is_positive().then_some(self.last))
    }
}

impl OrderTerms {
    /// The parts to order for `needed` stock units (above 0).
    pub(super) fn parts(&self, needed: Quantity) -> Result<Parts, RoundingError> {
        let parts = self.split(self.factor.inverse().times_up(needed).ok_or(RoundingError::TooLarge)?)?;
        // What comes must be countable in stock units too.
        parts.total().and_then(|total| self.stock_quantity(total)).ok_or(RoundingError::TooLarge)?;
        Ok(parts)
    }

    /// The parts for that much in the vendor's unit.
    fn split(&self, needed: Quantity) -> Result<Parts, RoundingError> {
        let Some(cap) = self.cap()? else {
            return Ok(Parts { full: 0, cap: Quantity::ZERO, last: self.round(needed)? });
        };
        // Full parts as long as more than the cap is left, so that the last is never empty.
        let full = (needed.millionths() - 1) / cap.millionths();
        if full >= MAX_PARTS {
            return Err(RoundingError::TooManyParts);
        }
        let rest = Quantity::from_millionths(needed.millionths() - full * cap.millionths());
        Ok(Parts { full, cap, last: self.round(rest)? })
    }

    /// The parts that are exactly `needed` stock units, if the vendor admits that: a drop shipment is never raised.
    pub(super) fn exact_parts(&self, needed: Quantity) -> Option<Parts> {
        let parts = self.parts(needed).ok()?;
        let total = parts.total()?;
        (self.factor.is_exact_for(total) && self.factor.times_down(total) == Some(needed)).then_some(parts)
    }

    /// Stock units in that many of the vendor's; a fraction beyond 6 decimals is not counted on.
    pub(super) fn stock_quantity(&self, quantity: Quantity) -> Option<Quantity> {
        self.factor.times_down(quantity)
    }

    /// The largest part: the maximum rounded down to the multiple.
    fn cap(&self) -> Result<Option<Quantity>, RoundingError> {
        let Some(maximum) = self.max_qty.filter(|maximum| maximum.is_positive()) else {
            return Ok(None);
        };
        let beyond = if self.multiple.is_positive() { maximum.millionths() % self.multiple.millionths() } else { 0 };
        let cap = Quantity::from_millionths(maximum.millionths() - beyond);
        if !cap.is_positive() || cap < self.min_qty {
            return Err(RoundingError::CapBelowMinimum);
        }
        Ok(Some(cap))
    }

    /// Up: to the minimum, then to a multiple.
    fn round(&self, needed: Quantity) -> Result<Quantity, RoundingError> {
        let at_least = needed.max(self.min_qty);
        let beyond = if self.multiple.is_positive() { at_least.millionths() % self.multiple.millionths() } else { 0 };
        let rounded = if beyond == 0 {
            at_least
        } else {
            Quantity::from_millionths(at_least.millionths() - beyond).plus(self.multiple)
        };
        if rounded.is_sensible() { Ok(rounded) } else { Err(RoundingError::TooLarge) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn q(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    fn terms(factor: &str, min: &str, multiple: &str, max: Option<&str>) -> OrderTerms {
        OrderTerms { factor: factor.parse().unwrap(), min_qty: q(min), multiple: q(multiple), max_qty: max.map(q) }
    }

    fn each(terms: &OrderTerms, needed: &str) -> Vec<String> {
        terms.parts(q(needed)).unwrap().each().map(|part| part.to_string()).collect()
    }

    #[test]
    fn above_the_maximum_it_is_split_into_parts_that_are_rounded_alike() {
        let terms = terms("1", "10", "5", Some("25"));
        assert_eq!(each(&terms, "28"), ["25", "10"]);
        assert_eq!(each(&terms, "3"), ["10"]);
        assert_eq!(each(&terms, "18"), ["20"]);
        assert_eq!(each(&terms, "25"), ["25"]);
        assert_eq!(each(&terms, "50"), ["25", "25"]);
        assert_eq!(each(&terms, "50.000001"), ["25", "25", "10"]);
    }

    #[test]
    fn the_cap_is_the_maximum_rounded_down_to_the_multiple() {
        assert_eq!(each(&terms("1", "0", "4", Some("11")), "9"), ["8", "4"]);
        assert_eq!(each(&terms("1", "8", "4", Some("11")), "9"), ["8", "8"]);
        assert_eq!(terms("1", "9", "4", Some("11")).parts(q("1")), Err(RoundingError::CapBelowMinimum));
        assert_eq!(terms("1", "0", "12", Some("11")).parts(q("1")), Err(RoundingError::CapBelowMinimum));
        assert_eq!(each(&terms("1", "0", "0", Some("0")), "9"), ["9"]);
    }

    #[test]
    fn a_thousand_parts_are_allowed_and_no_more() {
        let terms = terms("1", "0", "0", Some("1"));
        assert_eq!(terms.parts(q("1000")).unwrap().each().count(), 1000);
        assert_eq!(terms.parts(q("1000.000001")), Err(RoundingError::TooManyParts));
    }

    #[test]
    fn the_need_is_counted_in_the_vendors_unit_and_rounded_up() {
        assert_eq!(each(&terms("6", "0", "1", None), "7"), ["2"]);
        assert_eq!(each(&terms("1/3", "0", "0", None), "1"), ["3"]);
        assert_eq!(each(&terms("3", "0", "0", None), "1"), ["0.333334"]);
        assert_eq!(terms("0.000001", "0", "0", None).parts(Quantity::MAX), Err(RoundingError::TooLarge));
        assert_eq!(terms("1", "0", "7", None).parts(Quantity::MAX), Err(RoundingError::TooLarge));
    }

    #[test]
    fn what_would_come_to_more_than_the_bound_in_stock_units_is_refused() {
        assert_eq!(terms("1000000", "1000001", "0", None).parts(q("5")), Err(RoundingError::TooLarge));
        assert!(terms("1000000", "1000000", "0", None).parts(q("5")).is_ok());
    }

    #[test]
    fn a_drop_shipment_is_exact_or_not_at_all() {
        assert!(terms("1", "10", "0", None).exact_parts(q("9")).is_none());
        assert!(terms("1", "10", "0", None).exact_parts(q("10")).is_some());
        assert!(terms("6", "0", "1", None).exact_parts(q("12")).is_some());
        assert!(terms("6", "0", "1", None).exact_parts(q("13")).is_none());
        assert!(terms("3", "0", "0", None).exact_parts(q("1")).is_none());
        assert!(terms("1", "10", "0", Some("25")).exact_parts(q("28")).is_none());
        assert_eq!(terms("1", "3", "0", Some("25")).exact_parts(q("28")).unwrap().each().count(), 2);
    }
}
