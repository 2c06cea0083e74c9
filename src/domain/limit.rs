//! What is too much to be bought without another look: the amount, the day's number and value, a price that is not sure.
//!
//! Invariants: an amount in a currency without a rate is never taken for small; exact, nothing is rounded to fit a limit.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::proposal::PurchaseOption;

/// Why a person must decide although Automatic is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// So many purchase orders were made in a day already.
    DailyOrders(u32),
    /// With this one the day's purchase orders come to more than this, in the base currency.
    DailyValue(Decimal),
    /// Its total is above this, in the base currency.
    Above(Decimal),
    /// Its total, or a rate to compare it by, is not known.
    NoTotal,
    /// A line has no price, or one to be looked at.
    PriceToCheck,
    /// The vendor would ship to the customer, and the settings ask about that.
    DropShipment,
    /// As a version before this one said it.
    #[serde(untagged)]
    Said(String),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DailyOrders(most) => write!(f, "the daily limit of {most} purchase orders is reached"),
            Self::DailyValue(most) => write!(f, "the daily limit of {} would be passed", most.normalize()),
            Self::Above(limit) => write!(f, "its total is above the limit of {}", limit.normalize()),
            Self::NoTotal => f.write_str("its total in your currency is not known"),
            Self::PriceToCheck => f.write_str("a price must be looked at"),
            Self::DropShipment => f.write_str("the vendor would ship to the customer"),
            Self::Said(text) => f.write_str(text),
        }
    }
}

/// An amount in the base currency, as a fraction that no division has rounded: numerator and denominator.
fn in_base(
    policy: &Policy,
    base_currency: Option<&str>,
    currency: Option<&str>,
    amount: Decimal,
) -> Option<(Decimal, Decimal)> {
    let base = policy.base_currency.as_deref().or(base_currency);
    match currency {
        None => Some((amount, Decimal::ONE)),
        Some(currency) if Some(currency) == base => Some((amount, Decimal::ONE)),
        Some(currency) => {
            let rate = policy.rates.get(currency).filter(|rate| rate.is_positive())?;
            Some((amount.checked_mul(rate.numerator().into())?, rate.denominator().into()))
        }
    }
}

/// Whether a way to buy is above the amount that one may approve alone; what cannot be compared is.
#[must_use]
pub fn above(
    policy: &Policy,
    base_currency: Option<&str>,
    limit: Option<Decimal>,
    option: &PurchaseOption,
) -> Option<Limit> {
    let limit = limit?;
    let within = option
        .total
        .and_then(|total| in_base(policy, base_currency, option.currency.as_deref(), total))
        .map(|(total, denominator)| limit.checked_mul(denominator).is_some_and(|limit| total <= limit));
    match within {
        Some(true) => None,
        Some(false) => Some(Limit::Above(limit)),
        None => Some(Limit::NoTotal),
    }
}

/// An amount in the base currency, rounded up to 6 decimals. None: there is no rate.
#[must_use]
pub fn worth(policy: &Policy, base_currency: Option<&str>, currency: Option<&str>, amount: Decimal) -> Option<Decimal> {
    let (amount, denominator) = in_base(policy, base_currency, currency, amount)?;
    let worth = amount.checked_div(denominator)?;
    Some(worth.round_dp_with_strategy(6, rust_decimal::RoundingStrategy::AwayFromZero))
}

/// What a way to buy comes to in the base currency: for the day's sum.
#[must_use]
pub fn value(policy: &Policy, base_currency: Option<&str>, option: &PurchaseOption) -> Option<Decimal> {
    worth(policy, base_currency, option.currency.as_deref(), option.total?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::factor::Factor;
    use crate::domain::name::Name;
    use crate::domain::sales_document::Party;

    fn option(total: Option<&str>, currency: Option<&str>) -> PurchaseOption {
        PurchaseOption {
            vendor: Party { id: "V".to_owned(), name: "Vendor".to_owned() },
            warehouse: None,
            ship_to: None,
            currency: currency.map(str::to_owned),
            total: total.map(|total| total.parse().unwrap()),
            expected: jiff::civil::date(2026, 12, 3),
            lines: Vec::new(),
        }
    }

    #[test]
    fn an_amount_is_compared_in_the_base_currency_and_never_taken_for_small() {
        let third = Policy { rates: [(Name::from("USD"), Factor::ratio(1, 3))].into(), ..Policy::default() };
        let of = |total, currency| above(&third, Some("EUR"), Some(100.into()), &option(total, currency));
        assert_eq!(of(Some("100"), Some("EUR")), None);
        assert_eq!(of(Some("100"), None), None);
        assert_eq!(of(Some("100.01"), Some("EUR")), Some(Limit::Above(100.into())));
        assert_eq!(of(Some("300"), Some("USD")), None);
        assert_eq!(of(Some("300.000001"), Some("USD")), Some(Limit::Above(100.into())));
        assert_eq!(of(Some("1"), Some("GBP")), Some(Limit::NoTotal));
        assert_eq!(of(None, Some("EUR")), Some(Limit::NoTotal));
        assert_eq!(above(&third, Some("EUR"), None, &option(None, None)), None);
        assert_eq!(value(&third, Some("EUR"), &option(Some("1"), Some("USD"))), Some("0.333334".parse().unwrap()));
    }

    #[test]
    fn what_an_older_version_said_is_still_read() {
        let said: Limit = serde_json::from_str("\"its price is not known\"").unwrap();
        assert_eq!(said.to_string(), "its price is not known");
        for limit in [Limit::DailyOrders(50), Limit::Above("0.5".parse().unwrap()), Limit::NoTotal, Limit::DropShipment]
        {
            let text = serde_json::to_string(&limit).unwrap();
            assert_eq!(serde_json::from_str::<Limit>(&text).unwrap(), limit, "{text}");
        }
    }
}
