//! Quantities: exact, in millionths of a unit.
//!
//! Invariants: never a float; arithmetic is checked; a figure from outside that is a decimal but senseless (negative,
//! above 10^12, finer than 6 decimals) is kept as such and never silently changed: [`Quantity::is_sensible`] tells.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal_text::{DecimalError, ExactDecimal, TEXT_BYTES, TextVisitor, push_scaled, write_scaled};

/// An amount of goods, in the unit that its place says (mostly the item's stock unit).
///
/// Inside: millionths in an `i64`, so ±9.2 × 10^12 can be held; up to [`Quantity::MAX`] is sensible.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Quantity(i64);

impl Quantity {
    pub const ZERO: Self = Self(0);
    pub const ONE: Self = Self(Self::SCALE);
    /// 10^12, the bound of plan-format.md.
    pub const MAX: Self = Self(1_000_000_000_000 * Self::SCALE);
    /// A figure that was a decimal but does not fit: too large, or finer than [`Quantity::DECIMALS`].
    pub const OUT_OF_BOUNDS: Self = Self(i64::MIN);
    /// Decimals that are kept.
    pub const DECIMALS: u32 = 6;
    /// Millionths in one unit.
    pub const SCALE: i64 = 1_000_000;

    /// That many whole units, or [`Quantity::OUT_OF_BOUNDS`].
    #[must_use]
    pub const fn units(units: i64) -> Self {
        match units.checked_mul(Self::SCALE) {
            Some(millionths) => Self(millionths),
            None => Self::OUT_OF_BOUNDS,
        }
    }

    #[must_use]
    pub const fn from_millionths(millionths: i64) -> Self {
        Self(millionths)
    }

    #[must_use]
    pub const fn millionths(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// Neither negative nor above 10^12 nor finer than 6 decimals.
    #[must_use]
    pub const fn is_sensible(self) -> bool {
        self.0 >= 0 && self.0 <= Self::MAX.0
    }

    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The sum; it saturates at the largest figure that can be held, which no sum of the planner reaches unseen:
    /// whatever leaves the planner is at most [`Quantity::MAX`].
    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// `self − other`, or 0 where that would be negative.
    #[must_use]
    pub const fn minus_or_zero(self, other: Self) -> Self {
        let rest = self.0.saturating_sub(other.0);
        Self(if rest > 0 { rest } else { 0 })
    }

    /// The figure that a host's decimal stands for; what does not fit is [`Quantity::OUT_OF_BOUNDS`], which the
    /// planner reports as an exception for a person.
    #[must_use]
    pub fn from_decimal(decimal: Decimal) -> Self {
        Self::try_from(decimal).unwrap_or(Self::OUT_OF_BOUNDS)
    }

    /// Appends the figure as it is written.
    ///
    /// # Errors
    /// [`Quantity::OUT_OF_BOUNDS`] is no figure.
    pub fn push_text(self, text: &mut Vec<u8>) -> Result<(), DecimalError> {
        if self == Self::OUT_OF_BOUNDS {
            return Err(DecimalError::OutOfBounds);
        }
        push_scaled(i128::from(self.0), Self::DECIMALS as usize, text);
        Ok(())
    }

    fn from_scaled(millionths: i128) -> Result<Self, DecimalError> {
        match i64::try_from(millionths) {
            Ok(millionths) if millionths != i64::MIN => Ok(Self(millionths)),
            _ => Err(DecimalError::OutOfBounds),
        }
    }
}

impl FromStr for Quantity {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        if let Some(units) = short_whole_number(text) {
            return Ok(Self(units * Self::SCALE));
        }
        ExactDecimal::parse(text)?.scaled(Self::DECIMALS.cast_signed()).and_then(Self::from_scaled)
    }
}

/// Most figures are a few digits and nothing else.
fn short_whole_number(text: &str) -> Option<i64> {
    if text.is_empty() || text.len() > 9 {
        return None;
    }
    text.bytes().try_fold(0, |units, byte| byte.is_ascii_digit().then(|| units * 10 + i64::from(byte - b'0')))
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::OUT_OF_BOUNDS {
            return f.pad("a figure above 10^12 or with more than 6 decimals");
        }
        f.pad(write_scaled(i128::from(self.0), Self::DECIMALS as usize, &mut [0; TEXT_BYTES]))
    }
}

impl fmt::Debug for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<Decimal> for Quantity {
    type Error = DecimalError;

    fn try_from(decimal: Decimal) -> Result<Self, DecimalError> {
        let exact = decimal.normalize();
        let decimals = Self::DECIMALS.checked_sub(exact.scale()).ok_or(DecimalError::OutOfBounds)?;
        exact.mantissa().checked_mul(10_i128.pow(decimals)).ok_or(DecimalError::OutOfBounds).and_then(Self::from_scaled)
    }
}

impl From<Quantity> for Decimal {
    fn from(quantity: Quantity) -> Self {
        Self::from_i128_with_scale(i128::from(quantity.0), Quantity::DECIMALS).normalize()
    }
}

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::OUT_OF_BOUNDS {
            return Err(serde::ser::Error::custom("a figure that is out of bounds cannot be written"));
        }
        serializer.serialize_str(write_scaled(i128::from(self.0), Self::DECIMALS as usize, &mut [0; TEXT_BYTES]))
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(|text: &str| match text.parse() {
            Err(DecimalError::OutOfBounds) => Ok(Self::OUT_OF_BOUNDS),
            other => other,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn text_and_quantity_are_the_same_figure() {
        for text in ["0", "1", "12.5", "-3", "0.000001", "999999999999.999999", "1000000000000"] {
            assert_eq!(quantity(text).to_string(), text);
        }
        assert_eq!(quantity("1.500000000").to_string(), "1.5");
        assert_eq!(quantity("123456789"), Quantity::units(123_456_789));
        assert_eq!(format!("{:?}", quantity("12.5")), "12.5");
        assert!("".parse::<Quantity>().is_err());
        assert_eq!(quantity("1234567890"), Quantity::units(1_234_567_890));
    }

    #[test]
    fn senseless_figures_are_readable_and_known_as_such() {
        let read = |text: &str| serde_json::from_str::<Quantity>(text).unwrap();
        assert!(read("1e12").is_sensible());
        assert!(read("0").is_sensible());
        assert!(!read("-1").is_sensible());
        assert!(!read("1000000000000.000001").is_sensible());
        assert!(!read("0.0000001").is_sensible());
        assert!(!read("1e40").is_sensible());
        assert!(!read("-9223372036854.775808").is_sensible());
        assert_eq!("-9223372036854.775808".parse::<Quantity>(), Err(DecimalError::OutOfBounds));
        assert_eq!("10000000000000".parse::<Quantity>(), Err(DecimalError::OutOfBounds));
    }

    #[test]
    fn json_strings_and_numbers_are_read_from_their_text() {
        assert_eq!(serde_json::from_str::<Quantity>("0.1").unwrap(), quantity("0.1"));
        assert_eq!(serde_json::from_str::<Quantity>("\"0.1\"").unwrap(), quantity("0.1"));
        assert_eq!(
            serde_json::from_str::<Quantity>("100000000000.000001").unwrap().millionths(),
            100_000_000_000_000_001
        );
        let error = serde_json::from_str::<Quantity>("\"5,0\"").unwrap_err().to_string();
        assert!(error.starts_with("not a decimal: \"5,0\""), "{error}");
        assert!(serde_json::from_str::<Quantity>("true").is_err());
        assert!(serde_json::from_str::<Quantity>("{\"a\":1}").is_err());
        assert_eq!(serde_json::from_value::<Quantity>(serde_json::json!(12)).unwrap(), Quantity::units(12));
        assert_eq!(serde_json::to_string(&quantity("2.50")).unwrap(), "\"2.5\"");
        assert!(serde_json::to_string(&Quantity::OUT_OF_BOUNDS).is_err());
    }

    #[test]
    fn a_decimal_of_the_database_is_the_same_figure() {
        let decimal: Decimal = "999999999999.999999".parse().unwrap();
        assert_eq!(Quantity::try_from(decimal).unwrap(), quantity("999999999999.999999"));
        assert_eq!(Decimal::from(quantity("12.50")).to_string(), "12.5");
        assert_eq!(Quantity::from_decimal("1.1234567".parse().unwrap()), Quantity::OUT_OF_BOUNDS);
        assert_eq!(Quantity::from_decimal("1.50000000".parse().unwrap()), quantity("1.5"));
        assert_eq!(Quantity::from_decimal(Decimal::MAX), Quantity::OUT_OF_BOUNDS);
        assert_eq!(Quantity::from_decimal("-4".parse().unwrap()), Quantity::units(-4));
    }

    #[test]
    fn arithmetic_never_wraps() {
        let largest = Quantity::from_millionths(i64::MAX);
        assert_eq!(largest.checked_add(Quantity::ONE), None);
        assert_eq!(Quantity::ONE.checked_add(Quantity::ONE), Some(Quantity::units(2)));
        assert_eq!(Quantity::from_millionths(-i64::MAX).checked_sub(Quantity::ONE), None);
        assert_eq!(Quantity::ONE.checked_sub(Quantity::units(3)), Some(Quantity::units(-2)));
        assert_eq!(Quantity::ONE.minus_or_zero(Quantity::units(2)), Quantity::ZERO);
        assert_eq!(Quantity::units(3).minus_or_zero(Quantity::ONE), Quantity::units(2));
        assert_eq!(Quantity::units(i64::MAX), Quantity::OUT_OF_BOUNDS);
    }
}
