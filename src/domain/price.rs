//! Prices and sums of money: exact, in no currency of their own.
//!
//! Invariants: a price has at most 12 decimals and is at most 10^12; price times quantity is exact and cannot
//! overflow for sensible figures; nothing is rounded.

use std::fmt;
use std::ops::AddAssign;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal_text::{DecimalError, ExactDecimal, TEXT_BYTES, TextVisitor, push_scaled, write_scaled};
use super::factor::Factor;
use super::quantity::Quantity;

/// Money for one unit (of the vendor, where a vendor asks it).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Price(i128);

impl Price {
    /// A figure that was a decimal but does not fit.
    pub const OUT_OF_BOUNDS: Self = Self(i128::MIN);
    /// Decimals that are kept.
    pub const DECIMALS: u32 = 12;
    const SCALE: i128 = 1_000_000_000_000;
    const MAX: i128 = Self::SCALE * Self::SCALE;

    /// Not negative, not above 10^12, no more than 12 decimals.
    #[must_use]
    pub const fn is_sensible(self) -> bool {
        self.0 >= 0 && self.0 <= Self::MAX
    }

    /// In units of 10^-12.
    #[must_use]
    pub const fn trillionths(self) -> i128 {
        self.0
    }

    /// The price of one larger unit that holds `factor` of this one's, rounded half up at 12 decimals: the only
    /// rounding of money, and only for a price that a person is asked to review. `None` above 10^12.
    #[must_use]
    pub(super) fn for_units(self, factor: Factor) -> Option<Self> {
        let below = i128::from(factor.denominator());
        if !self.is_sensible() || !factor.is_positive() {
            return None;
        }
        let above = i128::from(factor.numerator());
        // In two steps, because price times factor may exceed 128 bits while the result does not.
        let (whole, rest) = (self.0 / below, self.0 % below);
        let fraction = (rest.checked_mul(above)?.checked_mul(2)?.checked_add(below)?) / (below.checked_mul(2)?);
        let scaled = whole.checked_mul(above)?.checked_add(fraction)?;
        (scaled <= Self::MAX).then_some(Self(scaled))
    }

    /// Appends the figure as it is written.
    ///
    /// # Errors
    /// [`Price::OUT_OF_BOUNDS`] is no figure.
    pub fn push_text(self, text: &mut Vec<u8>) -> Result<(), DecimalError> {
        if self == Self::OUT_OF_BOUNDS {
            return Err(DecimalError::OutOfBounds);
        }
        push_scaled(self.0, Self::DECIMALS as usize, text);
        Ok(())
    }

    /// The price that a host's decimal stands for; what does not fit is [`Price::OUT_OF_BOUNDS`].
    #[must_use]
    pub fn from_decimal(decimal: Decimal) -> Self {
        let exact = decimal.normalize();
        Self::DECIMALS
            .checked_sub(exact.scale())
            .and_then(|decimals| exact.mantissa().checked_mul(10_i128.pow(decimals)))
            .filter(|scaled| scaled.abs() <= Self::MAX)
            .map_or(Self::OUT_OF_BOUNDS, Self)
    }
}

impl FromStr for Price {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let scaled = ExactDecimal::parse(text)?.scaled(Self::DECIMALS.cast_signed())?;
        if scaled.abs() <= Self::MAX { Ok(Self(scaled)) } else { Err(DecimalError::OutOfBounds) }
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::OUT_OF_BOUNDS {
            return f.pad("a figure above 10^12 or with more than 12 decimals");
        }
        f.pad(write_scaled(self.0, Self::DECIMALS as usize, &mut [0; TEXT_BYTES]))
    }
}

impl fmt::Debug for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Price {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::OUT_OF_BOUNDS {
            return Err(serde::ser::Error::custom("a price that is out of bounds cannot be written"));
        }
        serializer.serialize_str(write_scaled(self.0, Self::DECIMALS as usize, &mut [0; TEXT_BYTES]))
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(|text: &str| match text.parse() {
            Err(DecimalError::OutOfBounds) => Ok(Self::OUT_OF_BOUNDS),
            other => other,
        }))
    }
}

/// A sum of prices times quantities, unrounded: up to 18 decimals.
///
/// Whole millionths and the rest of 10^-18 stand apart, because one number of both would not fit an `i128`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount {
    millionths: i128,
    /// In 10^-18, below [`Price::SCALE`].
    rest: i128,
}

impl Amount {
    /// `price × quantity`, both sensible.
    #[must_use]
    pub fn of(price: Price, quantity: Quantity) -> Self {
        let count = i128::from(quantity.millionths());
        let (whole, fraction) = (price.0 / Price::SCALE, price.0 % Price::SCALE);
        let small = fraction * count;
        Self { millionths: whole * count + small / Price::SCALE, rest: small % Price::SCALE }
    }

    /// Appends the figure as it is written.
    pub fn push_text(self, text: &mut Vec<u8>) {
        if self.rest == 0 {
            push_scaled(self.millionths, Quantity::DECIMALS as usize, text);
        } else {
            text.extend_from_slice(self.to_string().as_bytes());
        }
    }

    /// As the database holds it; `None` where 28 digits do not hold it.
    #[must_use]
    pub fn to_decimal(self) -> Option<Decimal> {
        Decimal::from_str_exact(&self.to_string()).ok()
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        let rest = self.rest + other.rest;
        self.millionths = self.millionths.saturating_add(other.millionths).saturating_add(rest / Price::SCALE);
        self.rest = rest % Price::SCALE;
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut buffer = [0; TEXT_BYTES];
        if self.rest == 0 {
            return f.pad(write_scaled(self.millionths, Quantity::DECIMALS as usize, &mut buffer));
        }
        let scale = i128::from(Quantity::SCALE);
        let fraction = (self.millionths % scale) * Price::SCALE + self.rest;
        let digits = format!("{fraction:018}");
        write!(f, "{}.{}", self.millionths / scale, digits.trim_end_matches('0'))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Amount {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let exact = ExactDecimal::parse(text)?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if exact.mantissa < 0 || fraction.len() > 18 || text.contains(['e', 'E']) {
            return Err(DecimalError::OutOfBounds);
        }
        let fraction = format!("{fraction:0<18}");
        let figure = |digits: &str| digits.parse::<i128>().map_err(|_| DecimalError::OutOfBounds);
        let whole = figure(whole)?.checked_mul(Quantity::SCALE.into()).ok_or(DecimalError::OutOfBounds)?;
        Ok(Self { millionths: whole + figure(&fraction[..6])?, rest: figure(&fraction[6..])? })
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor(|text: &str| text.parse()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(price: &str, quantity: &str) -> Amount {
        Amount::of(price.parse().unwrap(), quantity.parse().unwrap())
    }

    #[test]
    fn price_times_quantity_is_exact_to_the_last_decimal() {
        assert_eq!(amount("10", "2").to_string(), "20");
        assert_eq!(amount("0.1", "0.2").to_string(), "0.02");
        assert_eq!(amount("0.000000000001", "0.000001").to_string(), "0.000000000000000001");
        for (price, written) in [("10", "20"), ("0.0000001", "0.0000002"), ("1.0000001", "2.0000002")] {
            let mut text = Vec::new();
            amount(price, "2").push_text(&mut text);
            assert_eq!(text, written.as_bytes());
        }
        assert_eq!(
            amount("999999999999.999999999999", "999999999999.999999").to_string(),
            "999999999999999998999999.000000000000000001"
        );
        assert_eq!(amount("1000000000000", "1000000000000").to_string(), "1000000000000000000000000");
    }

    #[test]
    fn sums_carry_and_never_wrap() {
        let mut sum = amount("0.000000000001", "999999.999999");
        sum += amount("0.000000000001", "0.000001");
        assert_eq!(sum.to_string(), "0.000001");
        assert_eq!("0.000001".parse::<Amount>(), Ok(sum));
        assert_eq!("1.000000000000000001".parse::<Amount>().unwrap().to_string(), "1.000000000000000001");
        assert!("1.0000000000000000001".parse::<Amount>().is_err());
        assert_eq!(sum.to_decimal().unwrap().to_string(), "0.000001");
    }

    #[test]
    fn prices_are_read_exactly_and_bounded() {
        assert_eq!("0.000012345678".parse::<Price>().unwrap().to_string(), "0.000012345678");
        assert!(!serde_json::from_str::<Price>("-1").unwrap().is_sensible());
        assert!(!serde_json::from_str::<Price>("1e13").unwrap().is_sensible());
        assert!(serde_json::from_str::<Price>("1e12").unwrap().is_sensible());
        assert_eq!(Price::from_decimal("10.50".parse().unwrap()).to_string(), "10.5");
        assert_eq!(Price::from_decimal(Decimal::MAX), Price::OUT_OF_BOUNDS);
        assert_eq!(serde_json::to_string(&"2.50".parse::<Price>().unwrap()).unwrap(), "\"2.5\"");
    }

    #[test]
    fn the_price_of_a_larger_unit_is_rounded_half_up_at_the_last_decimal() {
        let for_units = |price: &str, factor: &str| {
            let price: Price = price.parse().unwrap();
            price.for_units(factor.parse().unwrap()).map(|price| price.to_string())
        };
        assert_eq!(for_units("2.5", "6").as_deref(), Some("15"));
        assert_eq!(for_units("1", "1/3").as_deref(), Some("0.333333333333"));
        assert_eq!(for_units("2", "1/3").as_deref(), Some("0.666666666667"));
        assert_eq!(for_units("0.000000000001", "1/2").as_deref(), Some("0.000000000001"));
        assert_eq!(for_units("0.000000000003", "5/2").as_deref(), Some("0.000000000008"));
        assert_eq!(for_units("7", "10/3").as_deref(), Some("23.333333333333"));
        assert_eq!(for_units("1000000000000", "1").as_deref(), Some("1000000000000"));
        assert_eq!(for_units("1000000000000", "1.000001"), None);
        assert_eq!(for_units("-1", "2"), None);
        assert_eq!(for_units("1", "0"), None);
        assert_eq!(for_units("0", "2").as_deref(), Some("0"));
    }

    #[test]
    fn the_bounds_of_prices_are_the_same_from_text_and_from_the_database() {
        for (text, fits) in [("1000000000000", true), ("-1000000000000", true), ("1000000000000.01", false)] {
            assert_eq!(text.parse::<Price>().is_ok(), fits, "{text}");
            assert_eq!(Price::from_decimal(text.parse().unwrap()) != Price::OUT_OF_BOUNDS, fits, "{text}");
        }
        assert_eq!(Price::from_decimal("-3.5".parse().unwrap()).to_string(), "-3.5");
        assert!(!Price::from_decimal("-3.5".parse().unwrap()).is_sensible());
        assert!("0".parse::<Price>().unwrap().is_sensible());
        assert_eq!(Price::OUT_OF_BOUNDS.to_string(), "a figure above 10^12 or with more than 12 decimals");
        assert!(serde_json::to_string(&Price::OUT_OF_BOUNDS).is_err());
        assert_eq!(format!("{:?}", "1.5".parse::<Price>().unwrap()), "1.5");
        assert_eq!("1.5".parse::<Price>().unwrap().trillionths(), 1_500_000_000_000);
        assert!(serde_json::from_str::<Price>("\"x\"").unwrap_err().to_string().contains("not a decimal"));
    }

    #[test]
    fn an_amount_is_read_to_its_last_decimal_and_no_further() {
        for text in ["0", "12", "12.5", "0.000000000000000001", "7.000001000000000001"] {
            let read: Amount = text.parse().unwrap();
            assert_eq!(read.to_string(), text);
            assert_eq!(format!("{read:?}"), text);
            assert_eq!(serde_json::from_str::<Amount>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
        }
        for text in ["-1", "1e3", "1E3", "0.0000000000000000001"] {
            assert_eq!(text.parse::<Amount>(), Err(DecimalError::OutOfBounds), "{text}");
        }
        assert_eq!("1,5".parse::<Amount>(), Err(DecimalError::NotADecimal));
        assert_eq!(amount("999999999999.999999999999", "999999999999.999999").to_decimal(), None);
    }
}
