//! Exact rational factors: stock units in a vendor's unit, components in a kit, rates of exchange.
//!
//! Invariants: reduced to lowest terms; numerator and denominator below 10^18, so that a sensible quantity times
//! either stays inside an `i128`; zero and what does not fit are kept and reported, never replaced.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::decimal_text::{DecimalError, ExactDecimal, TEXT_BYTES, TextVisitor, write_scaled};
use super::quantity::Quantity;

/// `numerator / denominator`. Reads `6`, `0.25` and `1/3`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Factor {
    numerator: i64,
    denominator: i64,
}

impl Factor {
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };
    pub const ONE: Self = Self { numerator: 1, denominator: 1 };
    /// A figure that does not fit, or a fraction with the denominator 0.
    pub const OUT_OF_BOUNDS: Self = Self { numerator: 0, denominator: 0 };

    const BOUND: u128 = 1_000_000_000_000_000_000;

    /// `numerator / denominator` in lowest terms; [`Factor::OUT_OF_BOUNDS`] where that does not fit.
    #[must_use]
    pub fn ratio(numerator: i128, denominator: i128) -> Self {
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs());
        if denominator == 0 || divisor == 0 {
            return Self::OUT_OF_BOUNDS;
        }
        let (above, below) = (numerator.unsigned_abs() / divisor, denominator.unsigned_abs() / divisor);
        match (i64::try_from(above), i64::try_from(below)) {
            (Ok(above_signed), Ok(below_signed)) if above <= Self::BOUND && below <= Self::BOUND => {
                let negative = (numerator < 0) != (denominator < 0);
                Self { numerator: if negative { -above_signed } else { above_signed }, denominator: below_signed }
            }
            _ => Self::OUT_OF_BOUNDS,
        }
    }

    #[must_use]
    pub const fn numerator(self) -> i64 {
        self.numerator
    }

    #[must_use]
    pub const fn denominator(self) -> i64 {
        self.denominator
    }

    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// Above zero and inside the bounds: goods can be counted with it.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.numerator > 0 && self.denominator > 0
    }

    /// `quantity × self`, rounded up at 6 decimals; `None` above 10^12 or where either is senseless.
    #[must_use]
    pub fn times_up(self, quantity: Quantity) -> Option<Quantity> {
        self.scale(quantity, true)
    }

    /// `quantity × self`, rounded down at 6 decimals; `None` above 10^12 or where either is senseless.
    #[must_use]
    pub fn times_down(self, quantity: Quantity) -> Option<Quantity> {
        self.scale(quantity, false)
    }

    /// `self × other`; [`Factor::OUT_OF_BOUNDS`] where that does not fit.
    #[must_use]
    pub fn times(self, other: Self) -> Self {
        // Crosswise first, so that the products stay small.
        let (a, b) = (
            Self::ratio(self.numerator.into(), other.denominator.into()),
            Self::ratio(other.numerator.into(), self.denominator.into()),
        );
        Self::ratio(
            i128::from(a.numerator) * i128::from(b.numerator),
            i128::from(a.denominator) * i128::from(b.denominator),
        )
    }

    /// `self + other`; [`Factor::OUT_OF_BOUNDS`] where that does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        let (a, b) = (self, other);
        Self::ratio(
            i128::from(a.numerator) * i128::from(b.denominator) + i128::from(b.numerator) * i128::from(a.denominator),
            i128::from(a.denominator) * i128::from(b.denominator),
        )
    }

    /// `1 / self`.
    #[must_use]
    pub fn inverse(self) -> Self {
        // In lowest terms already.
        match self.numerator {
            0 => Self::OUT_OF_BOUNDS,
            above if above < 0 => Self { numerator: -self.denominator, denominator: -above },
            above => Self { numerator: self.denominator, denominator: above },
        }
    }

    /// Whether `quantity × self` has no more than 6 decimals.
    #[must_use]
    pub fn is_exact_for(self, quantity: Quantity) -> bool {
        self.is_positive()
            && (i128::from(quantity.millionths()) * i128::from(self.numerator)) % i128::from(self.denominator) == 0
    }

    fn scale(self, quantity: Quantity, up: bool) -> Option<Quantity> {
        if !quantity.is_sensible() || self.numerator < 0 || self.denominator <= 0 {
            return None;
        }
        if self == Self::ONE {
            return Some(quantity);
        }
        let product = i128::from(quantity.millionths()) * i128::from(self.numerator);
        let below = i128::from(self.denominator);
        let millionths = product / below + i128::from(up && product % below != 0);
        let scaled = Quantity::from_millionths(i64::try_from(millionths).ok()?);
        scaled.is_sensible().then_some(scaled)
    }
}

impl Default for Factor {
    fn default() -> Self {
        Self::ONE
    }
}

impl From<Quantity> for Factor {
    fn from(quantity: Quantity) -> Self {
        if quantity == Quantity::OUT_OF_BOUNDS {
            return Self::OUT_OF_BOUNDS;
        }
        Self::ratio(quantity.millionths().into(), Quantity::SCALE.into())
    }
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl FromStr for Factor {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        let (above, below) = (ExactDecimal::parse(above)?, ExactDecimal::parse(below)?);
        let exponent = above.exponent.saturating_sub(below.exponent);
        let power = 10_i128.checked_pow(exponent.unsigned_abs()).ok_or(DecimalError::OutOfBounds)?;
        let (numerator, denominator) = if exponent >= 0 {
            (above.mantissa.checked_mul(power), Some(below.mantissa))
        } else {
            (Some(above.mantissa), below.mantissa.checked_mul(power))
        };
        match (numerator, denominator) {
            (Some(numerator), Some(denominator)) => match Self::ratio(numerator, denominator) {
                Self::OUT_OF_BOUNDS => Err(DecimalError::OutOfBounds),
                factor => Ok(factor),
            },
            _ => Err(DecimalError::OutOfBounds),
        }
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == 0 {
            return f.pad("a figure that is no factor of at most 12 digits");
        }
        // At most 18 decimals end; everything else is written as the fraction that it is.
        for decimals in 0..=18_u32 {
            let power = 10_i128.pow(decimals);
            if power % i128::from(self.denominator) == 0 {
                let scaled = i128::from(self.numerator) * (power / i128::from(self.denominator));
                return f.pad(write_scaled(scaled, decimals as usize, &mut [0; TEXT_BYTES]));
            }
        }
        write!(f, "{}/{}", self.numerator, self.denominator)
    }
}

impl fmt::Debug for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Factor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Factor {
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

    fn factor(text: &str) -> Factor {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_and_fractions_are_the_same_exact_number() {
        assert_eq!(factor("0.25"), factor("1/4"));
        assert_eq!(factor("6"), factor("12/2"));
        assert_eq!(factor("0.5/1.5"), factor("1/3"));
        assert_eq!(factor("1/3").to_string(), "1/3");
        assert_eq!(factor("0.250").to_string(), "0.25");
        assert_eq!(factor("1e3").to_string(), "1000");
        assert_eq!(factor("-2/4").to_string(), "-0.5");
    }

    #[test]
    fn a_third_three_times_is_one() {
        let thirds = factor("1/3");
        assert_eq!(thirds.times_up(Quantity::units(3)), Some(Quantity::ONE));
        assert_eq!(thirds.times_up(Quantity::ONE), Some("0.333334".parse().unwrap()));
        assert_eq!(thirds.times_down(Quantity::ONE), Some("0.333333".parse().unwrap()));
        assert_eq!(thirds.inverse(), factor("3"));
        assert!(thirds.is_exact_for(Quantity::units(3)));
        assert!(!thirds.is_exact_for(Quantity::ONE));
        assert!(factor("2/3").is_exact_for("0.000003".parse().unwrap()) && !factor("2/3").is_exact_for(Quantity::ONE));
    }

    #[test]
    fn the_largest_quantity_times_the_largest_factor_is_refused_and_not_wrapped() {
        let large = factor("999999999999");
        assert_eq!(large.times_up(Quantity::MAX), None);
        assert_eq!(large.inverse().times_up(Quantity::MAX), Some("1.000001".parse().unwrap()));
        assert_eq!(large.inverse().times_down(Quantity::MAX), Some("1".parse().unwrap()));
        assert_eq!(
            factor("123456.789012").times_up(Quantity::units(1_000_000)),
            Some(Quantity::units(123_456_789_012))
        );
        assert_eq!(Factor::ONE.times_up(Quantity::MAX), Some(Quantity::MAX));
        assert_eq!(Factor::ONE.times_up(Quantity::units(-1)), None);
    }

    #[test]
    fn zero_and_what_does_not_fit_are_kept_to_be_reported() {
        assert!(!factor("0").is_positive());
        assert!(!Factor::OUT_OF_BOUNDS.is_positive());
        assert_eq!("1/0".parse::<Factor>(), Err(DecimalError::OutOfBounds));
        assert_eq!("0/0".parse::<Factor>(), Err(DecimalError::OutOfBounds));
        assert_eq!(serde_json::from_str::<Factor>("\"1/0\"").unwrap(), Factor::OUT_OF_BOUNDS);
        assert_eq!(serde_json::from_str::<Factor>("1e99").unwrap(), Factor::OUT_OF_BOUNDS);
        assert!(serde_json::from_str::<Factor>("\"1/x\"").is_err());
        assert_eq!(serde_json::from_str::<Factor>("0.5").unwrap(), factor("1/2"));
        assert_eq!(Factor::from(Quantity::OUT_OF_BOUNDS), Factor::OUT_OF_BOUNDS);
        assert_eq!(Factor::from("2.5".parse::<Quantity>().unwrap()), factor("5/2"));
        assert!(!factor("-1").is_positive());
    }

    #[test]
    fn sums_products_and_inverses_of_fractions_are_exact() {
        assert_eq!(factor("2/3").times(factor("5/7")), factor("10/21"));
        assert_eq!(factor("2/3").plus(factor("5/7")), factor("29/21"));
        assert_eq!(factor("-2/3").inverse(), factor("-3/2"));
        assert_eq!(factor("0").inverse(), Factor::OUT_OF_BOUNDS);
        assert_eq!(Factor::ratio(2, -3), factor("-2/3"));
        assert_eq!(Factor::ratio(0, -3), factor("0"));
        assert_eq!(factor("0").times_up(Quantity::ONE), Some(Quantity::ZERO));
        assert!(factor("2/3").is_exact_for(Quantity::units(3)) && !factor("2/3").is_exact_for(Quantity::ONE));
        assert_eq!(format!("{:?}", factor("2/3")), "2/3");
    }

    #[test]
    fn either_side_of_a_fraction_may_be_10_to_the_18_and_no_more() {
        let bound = i128::try_from(Factor::BOUND).unwrap();
        assert_eq!(i128::from(Factor::ratio(bound, 1).numerator()), bound);
        assert_eq!(i128::from(Factor::ratio(1, bound).denominator()), bound);
        for (above, below) in [(bound + 1, 1), (1, bound + 1), (bound + 1, bound + 3)] {
            assert_eq!(Factor::ratio(above, below), Factor::OUT_OF_BOUNDS);
        }
    }
}
