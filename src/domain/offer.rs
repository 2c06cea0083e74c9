//! What vendors offer, and which of them is chosen (domain.md section 3, step 1).
//!
//! Invariants: the choice is made per demand on its own rounded shortfall and not reopened; blocked vendors are passed
//! over; an offer that cannot be counted with (no factor, senseless figures) is never guessed at: if it would be
//! chosen, that is an exception for a person.

use std::cmp::Ordering;

use jiff::civil::Date;

use super::calendar::Calendar;
use super::factor::Factor;
use super::grouped::{Grouped, NONE};
use super::name::Name;
use super::numbered::{Numbered, OfferNames};
use super::overrides::Concerned;
use super::plan::ExceptionKind;
use super::policy::{MinQtyMeans, Policy, VendorChoice};
use super::price::Price;
use super::quantity::Quantity;
use super::rounding::{OrderTerms, Parts, RoundingError};
use super::snapshot::{PriceTier, Snapshot, VendorOffer};

/// An offer with everything that its choice needs.
#[derive(Debug, Clone)]
pub(super) struct Offer<'a> {
    pub(super) row: &'a VendorOffer,
    pub(super) item: u32,
    pub(super) vendor: u32,
    /// [`NONE`]: the base currency.
    pub(super) currency: u32,
    pub(super) terms: OrderTerms,
    /// The threshold below which the vendor is passed over; 0 where the minimum is a floor.
    threshold: Quantity,
    /// Of an order placed today.
    pub(super) expected: Date,
    /// None of its prices is valid today, though it has some.
    expired: bool,
    /// Why it cannot be ordered from.
    pub(super) problem: Option<(ExceptionKind, String)>,
}

/// The offers of a snapshot by item, in the order of preference.
pub(super) fn offers<'a>(names: &Numbered<'a>) -> Grouped<Offer<'a>> {
    let snapshot = names.snapshot;
    let mut calendar = Calendar::new(&snapshot.policy, snapshot.today);
    let mut rows: Vec<Offer<'a>> = Vec::new();
    for (row, names) in snapshot.vendors.iter().zip(&names.offers) {
        // An offer for an item that no line names is not looked at.
        if !row.blocked && names.item != NONE {
            rows.push(Offer::new(row, snapshot, calendar.expected(row.lead_days), *names));
        }
    }
    let mut offers = Grouped::new(rows, names.items.len(), |offer| offer.item);
    for item in (0..).take(offers.groups()) {
        offers.of_mut(item).sort_by(|left, right| preference(left.row, right.row));
    }
    offers
}

/// The host's rank (none last), then the name; then whatever tells two offers of one vendor apart.
fn preference(left: &VendorOffer, right: &VendorOffer) -> Ordering {
    let rank = |row: &VendorOffer| row.rank.map_or(i64::MAX, i64::from);
    rank(left).cmp(&rank(right)).then_with(|| left.vendor.cmp(&right.vendor)).then_with(|| left.cmp(right))
}

impl<'a> Offer<'a> {
    fn new(row: &'a VendorOffer, snapshot: &Snapshot, expected: Option<Date>, names: OfferNames) -> Self {
        let OfferNames { item, vendor, currency } = names;
        let policy = &snapshot.policy;
        let factor = match (row.unit_factor, &row.unit) {
            (Some(factor), _) => factor,
            (None, None) => Factor::ONE,
            (None, Some(_)) => Factor::ZERO,
        };
        let concerned = Concerned { vendor: Some(&row.vendor), item: Some(&row.item), ..Concerned::default() };
        let min_qty_means = policy.particular(concerned, |rule| rule.min_qty_means).unwrap_or(policy.min_qty_means);
        let fractional =
            policy.particular(concerned, |rule| rule.fractional_vendor_units).unwrap_or(policy.fractional_vendor_units);
        let is_threshold = min_qty_means == MinQtyMeans::PriceThreshold;
        let whole = factor != Factor::ONE && row.multiple.is_zero() && !fractional;
        let terms = OrderTerms {
            factor,
            min_qty: if is_threshold { Quantity::ZERO } else { row.min_qty },
            multiple: if whole { Quantity::ONE } else { row.multiple },
            max_qty: row.max_qty,
        };
        let problem = problem_of(row, factor, expected);
        Self {
            row,
            item,
            vendor,
            currency,
            terms,
            threshold: if is_threshold { row.min_qty } else { Quantity::ZERO },
            expected: expected.unwrap_or(snapshot.today),
            expired: !row.prices.is_empty() && !row.prices.iter().any(|tier| is_valid(tier, snapshot.today)),
            problem,
        }
    }

    /// Whether it may be chosen for that many stock units.
    fn admits(&self, needed: Quantity, drop_ship: bool) -> bool {
        if self.problem.is_some() {
            return true;
        }
        if drop_ship {
            return self.terms.exact_parts(needed).and_then(Parts::total).is_some_and(|total| total >= self.threshold);
        }
        // Terms that cannot be met are for a person whatever is needed: else that would hang on others' surplus.
        self.threshold.is_zero()
            || self.terms.parts(needed).ok().and_then(Parts::total).is_none_or(|total| total >= self.threshold)
    }

    /// The price of one vendor's unit for that quantity in the vendor's unit, today.
    pub(super) fn price(&self, quantity: Quantity, today: Date) -> Option<Price> {
        let reached = self.row.prices.iter().filter(|tier| is_valid(tier, today) && tier.from_qty <= quantity);
        // The highest tier; of equal ones the latest from-date, then the lowest price.
        reached
            .max_by_key(|tier| (tier.from_qty, tier.valid_from, std::cmp::Reverse(tier.price)))
            .map(|tier| tier.price)
    }
}

fn is_valid(tier: &PriceTier, today: Date) -> bool {
    tier.valid_from.is_none_or(|first| first <= today) && tier.valid_to.is_none_or(|last| today <= last)
}

fn problem_of(row: &VendorOffer, factor: Factor, expected: Option<Date>) -> Option<(ExceptionKind, String)> {
    let bad = |text: String| Some((ExceptionKind::BadVendor, text));
    let vendor = &row.vendor;
    if factor.is_zero() {
        let unit = row.unit.as_ref().map_or("the stock unit", Name::as_str);
        return Some((
            ExceptionKind::NoUnitFactor,
            format!("{vendor} sells in {unit}, which has no usable unit factor"),
        ));
    }
    if !factor.is_positive() {
        return bad(format!("{vendor}: the unit factor is {factor}"));
    }
    if expected.is_none() {
        return bad(format!("{vendor}: the lead time is {} days", row.lead_days));
    }
    let figures = [("min_qty", row.min_qty), ("multiple", row.multiple), ("max_qty", row.max_qty.unwrap_or_default())];
    for (name, figure) in figures.into_iter().chain(row.prices.iter().map(|tier| ("from_qty", tier.from_qty))) {
        if !figure.is_sensible() {
            return bad(format!("{vendor}: {name} is {figure}"));
        }
    }
    row.prices
        .iter()
        .find(|tier| !tier.price.is_sensible())
        .and_then(|tier| bad(format!("{vendor}: a price is {}", tier.price)))
}

/// For whom a vendor is chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Request<'a> {
    pub(super) needed: Quantity,
    pub(super) need_by: Option<Date>,
    pub(super) drop_ship: bool,
    /// The vendor that the line names.
    pub(super) named: Option<&'a Name>,
    pub(super) choice: VendorChoice,
    pub(super) today: Date,
}

/// What came of a choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// Where the offer stands among the item's.
    Offer(usize),
    NoVendor,
    /// There are vendors, but none that admits exactly the quantity of a drop shipment.
    NoExactQuantity,
}

/// Chooses among an item's offers, which stand in the order of preference.
pub(super) fn choose(policy: &Policy, offers: &[Offer<'_>], request: &Request<'_>) -> Chosen {
    let asked = |offer: &&Offer<'_>| request.named.is_none_or(|named| *named == offer.row.vendor);
    // A vendor whose every price has run out is not valid today; it is taken only if there is no other.
    let has_valid = offers.iter().filter(asked).any(|offer| !offer.expired);
    let mut candidates = offers
        .iter()
        .enumerate()
        .filter(|(_, offer)| asked(offer) && !(has_valid && offer.expired))
        .filter(|(_, offer)| offer.admits(request.needed, request.drop_ship));
    let best = match request.choice {
        VendorChoice::Preferred => candidates.next(),
        VendorChoice::Earliest => candidates.min_by_key(|(_, offer)| offer.expected),
        VendorChoice::OnTimeElseEarliest => {
            let mut on_time =
                candidates.clone().filter(|(_, offer)| request.need_by.is_none_or(|day| offer.expected <= day));
            on_time.next().or_else(|| candidates.min_by_key(|(_, offer)| offer.expected))
        }
        VendorChoice::Cheapest => cheapest(policy, candidates, request),
    };
    match best {
        Some((index, _)) => Chosen::Offer(index),
        None if request.drop_ship && offers.iter().any(|offer| asked(&offer)) => Chosen::NoExactQuantity,
        None => Chosen::NoVendor,
    }
}

/// By the price of one stock unit in the base currency; without a rate or a price last, by preference.
fn cheapest<'o, 'a>(
    policy: &Policy,
    candidates: impl Iterator<Item = (usize, &'o Offer<'a>)> + Clone,
    request: &Request<'_>,
) -> Option<(usize, &'o Offer<'a>)>
where
    'a: 'o,
{
    let one_currency = is_one_currency(candidates.clone().map(|(_, offer)| offer));
    candidates.min_by(|(_, left), (_, right)| {
        let cost = |offer: &Offer<'_>| UnitCost::of(policy, offer, request, one_currency);
        match (cost(left), cost(right)) {
            (Some(left), Some(right)) => left.cmp(&right),
            (left, right) => left.is_none().cmp(&right.is_none()),
        }
    })
}

fn is_one_currency<'o, 'a: 'o>(mut offers: impl Iterator<Item = &'o Offer<'a>>) -> bool {
    offers.next().is_none_or(|first| offers.all(|offer| offer.currency == first.currency))
}

/// Vendors whose currency has no rate, where the cheapest is looked for among several currencies.
pub(super) fn without_rate<'o>(policy: &Policy, offers: &'o [Offer<'_>], request: &Request<'_>) -> Option<&'o Name> {
    if request.choice != VendorChoice::Cheapest || request.named.is_some() || is_one_currency(offers.iter()) {
        return None;
    }
    offers.iter().find(|offer| rate(policy, offer).is_none()).map(|offer| &offer.row.vendor)
}

fn rate(policy: &Policy, offer: &Offer<'_>) -> Option<Factor> {
    let currency = offer.row.currency.as_ref().or(policy.base_currency.as_ref());
    if offer.currency == NONE || currency == policy.base_currency.as_ref() {
        return Some(Factor::ONE);
    }
    policy.rates.get(currency?.as_str()).copied().filter(|rate| rate.is_positive())
}

/// `price × rate ÷ factor` as products to compare crosswise, because no fixed number of bits holds the quotient.
struct UnitCost {
    above: [u128; 3],
    below: [u128; 2],
}

impl UnitCost {
    fn of(policy: &Policy, offer: &Offer<'_>, request: &Request<'_>, one_currency: bool) -> Option<Self> {
        let quantity = offer.terms.parts(request.needed).ok()?.each().next()?;
        let price = offer.price(quantity, request.today)?;
        let rate = if one_currency { Factor::ONE } else { rate(policy, offer)? };
        let wide = |number: i64| u128::from(number.unsigned_abs());
        let factor = offer.terms.factor;
        Some(Self {
            above: [price.trillionths().unsigned_abs(), wide(rate.numerator()), wide(factor.denominator())],
            below: [wide(rate.denominator()), wide(factor.numerator())],
        })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let left = wide_product(self.above.iter().chain(&other.below));
        let right = wide_product(other.above.iter().chain(&self.below));
        left.cmp(&right)
    }
}

/// The product in base 2^32, most significant digit first: at most 384 bits of five factors and room to spare.
fn wide_product<'n>(factors: impl Iterator<Item = &'n u128>) -> [u32; 20] {
    let mut digits = [0_u32; 20];
    digits[19] = 1;
    for factor in factors {
        let mut product = [0_u32; 20];
        for place in 0..4 {
            let digit = (factor >> (32 * place)) & u128::from(u32::MAX);
            let mut carry = 0_u128;
            for at in (place..20).rev() {
                // Digit `at` of the product takes digit `at + place` of what was there.
                let sum = u128::from(digits[at]) * digit + carry;
                let Some(target) = at.checked_sub(place) else { continue };
                let total = u128::from(product[target]) + (sum & u128::from(u32::MAX));
                product[target] = u32::try_from(total & u128::from(u32::MAX)).unwrap_or(u32::MAX);
                carry = (sum >> 32) + (total >> 32);
            }
        }
        digits = product;
    }
    digits
}

/// Why a need cannot be ordered from a chosen vendor.
pub(super) fn rounding_exception(offer: &Offer<'_>, error: RoundingError) -> (ExceptionKind, String) {
    let kind = match error {
        RoundingError::CapBelowMinimum | RoundingError::TooManyParts => ExceptionKind::BadVendor,
        RoundingError::TooLarge => ExceptionKind::BadQuantity,
    };
    (kind, format!("{}: {error}", offer.row.vendor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_product_is_exact_with_all_its_carries() {
        let (small, large) = (u128::from(u32::MAX), u128::from(u64::MAX));
        for factors in [[1, 2, 3], [small, small, small], [large, small + 2, 7], [large, large, 1], [1 << 95, 3, 5]] {
            let digits = wide_product(factors.iter());
            let found = digits[16..].iter().fold(0_u128, |sum, digit| (sum << 32) | u128::from(*digit));
            assert_eq!(found, factors.iter().product::<u128>());
            assert_eq!(digits[..16], [0; 16]);
        }
        // (2^96 − 1)² = 2^192 − 2^97 + 1
        let widest = (1_u128 << 96) - 1;
        let digits = wide_product([widest, widest].iter());
        assert_eq!(digits[14..], [u32::MAX, u32::MAX, u32::MAX - 1, 0, 0, 1]);
    }
}
