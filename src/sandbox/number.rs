//! Exact numbers on the wire: a JSON number keeps its digits, in both directions.

use rust_decimal::Decimal;
use serde_json::{Number, Value};

/// The largest quantity or amount that is taken: products of two of them still fit a decimal.
pub(super) const LARGEST: Decimal = Decimal::from_parts(0xD4A5_1000, 0xE8, 0, false, 0);

/// The decimal as a JSON number with exactly its digits.
pub(super) fn json(decimal: Decimal) -> Value {
    decimal.to_string().parse::<Number>().map_or(Value::Null, Value::Number)
}

/// The decimal that a JSON number (or a string of one) means; `None` for anything else, and for what a decimal of 28
/// digits cannot hold exactly.
pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Number(number) => parse(&number.to_string()),
        Value::String(text) => parse(text),
        _ => None,
    }
}

pub(super) fn parse(text: &str) -> Option<Decimal> {
    let text = text.trim();
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text)).ok()
}

/// Without trailing zeros, for people.
pub(super) fn plain(decimal: Decimal) -> String {
    decimal.normalize().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_digits_both_ways() {
        for text in ["0.10", "12", "123456789012345678.000001", "-0.5"] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(json(decimal(&value).unwrap()).to_string(), text);
        }
    }

    #[test]
    fn the_largest_amount_is_a_million_millions() {
        assert_eq!(LARGEST, Decimal::from(1_000_000_000_000_u64));
    }

    #[test]
    fn more_digits_than_a_decimal_holds_are_refused() {
        let value: Value = serde_json::from_str("0.12345678901234567890123456789012345").unwrap();
        assert_eq!(decimal(&value), None);
    }
}
