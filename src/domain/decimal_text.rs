//! Reads decimals exactly from their text, and writes them without trailing zeros.
//!
//! Invariants: no float; a text of any length is read in one pass with constant memory; what is a decimal but does
//! not fit is told apart from what is no decimal at all, because the first is a figure that a person must look at
//! and the second is a broken snapshot.

use serde::Deserialize;
use serde::de::{self, MapAccess, Visitor};

/// Why a text did not become a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// The text is no decimal number.
    #[error("not a decimal")]
    NotADecimal,
    /// A decimal, but too large or with too many decimals for its type.
    #[error("out of bounds")]
    OutOfBounds,
}

/// `mantissa × 10^exponent`; the mantissa has no trailing zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ExactDecimal {
    pub(super) mantissa: i128,
    pub(super) exponent: i32,
}

/// Significant digits that an `i128` always holds.
const MAX_DIGITS: u32 = 38;

impl ExactDecimal {
    /// Reads `-12.50`, `3`, `1.5e3`. No blanks, no leading `+`, no bare point.
    pub(super) fn parse(text: &str) -> Result<Self, DecimalError> {
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (digits, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], parse_exponent(&unsigned[at + 1..])?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(DecimalError::NotADecimal),
            None => (digits, ""),
        };
        if whole.is_empty() {
            return Err(DecimalError::NotADecimal);
        }
        let mut reader = DigitReader::default();
        whole.bytes().try_for_each(|byte| reader.push(byte, false))?;
        fraction.bytes().try_for_each(|byte| reader.push(byte, true))?;
        reader.finish(negative, exponent)
    }

    /// The value in units of `10^-decimals`, if that is exact and fits.
    pub(super) fn scaled(self, decimals: i32) -> Result<i128, DecimalError> {
        if self.mantissa == 0 {
            return Ok(0);
        }
        let shift = u32::try_from(self.exponent.saturating_add(decimals)).map_err(|_| DecimalError::OutOfBounds)?;
        10_i128.checked_pow(shift).and_then(|power| self.mantissa.checked_mul(power)).ok_or(DecimalError::OutOfBounds)
    }
}

/// Digits as they come; zeros wait until a digit follows, so that trailing ones never count.
#[derive(Default)]
struct DigitReader {
    mantissa: i128,
    significant: u32,
    waiting_zeros: u32,
    decimals_kept: i32,
    decimals_waiting: i32,
    too_long: bool,
}

impl DigitReader {
    fn push(&mut self, byte: u8, in_fraction: bool) -> Result<(), DecimalError> {
        if !byte.is_ascii_digit() {
            return Err(DecimalError::NotADecimal);
        }
        self.decimals_waiting = self.decimals_waiting.saturating_add(i32::from(in_fraction));
        if byte == b'0' {
            self.waiting_zeros = self.waiting_zeros.saturating_add(1);
            return Ok(());
        }
        let places = if self.significant == 0 { 1 } else { self.waiting_zeros.saturating_add(1) };
        self.significant = self.significant.saturating_add(places);
        self.waiting_zeros = 0;
        self.decimals_kept = self.decimals_kept.saturating_add(std::mem::take(&mut self.decimals_waiting));
        if self.significant > MAX_DIGITS {
            self.too_long = true;
        } else {
            self.mantissa = self.mantissa * 10_i128.pow(places) + i128::from(byte - b'0');
        }
        Ok(())
    }

    fn finish(self, negative: bool, exponent: i32) -> Result<ExactDecimal, DecimalError> {
        if self.too_long {
            return Err(DecimalError::OutOfBounds);
        }
        // Zeros that nothing followed and that stood before the point still shift the value.
        let whole_zeros = i32::try_from(self.waiting_zeros).unwrap_or(i32::MAX).saturating_sub(self.decimals_waiting);
        let exponent = exponent.saturating_sub(self.decimals_kept).saturating_add(whole_zeros.max(0));
        let mantissa = if negative { -self.mantissa } else { self.mantissa };
        Ok(ExactDecimal { mantissa, exponent: if mantissa == 0 { 0 } else { exponent } })
    }
}

fn parse_exponent(text: &str) -> Result<i32, DecimalError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::NotADecimal);
    }
    // Beyond i32 nothing fits anyway; a thousand digits of exponent saturate instead of failing as text.
    let size = digits.parse::<i32>().unwrap_or(i32::MAX / 2);
    Ok(if text.starts_with('-') { -size } else { size })
}

/// Bytes of the longest text: sign, 39 digits, point.
pub(super) const TEXT_BYTES: usize = 41;

/// Writes `value × 10^-decimals` without trailing zeros into the end of `buffer`.
pub(super) fn write_scaled(value: i128, decimals: usize, buffer: &mut [u8; TEXT_BYTES]) -> &str {
    if let Some(whole) = small_whole_number(value, decimals) {
        return write_small(whole, buffer);
    }
    let mut rest = value.unsigned_abs();
    let mut at = TEXT_BYTES;
    let mut put = |byte: u8| {
        at -= 1;
        buffer[at] = byte;
    };
    let mut fraction_begun = false;
    let mut place = 0;
    while rest > 0 || place <= decimals {
        if place == decimals && fraction_begun {
            put(b'.');
        }
        // 64-bit division is several times quicker and nearly every figure fits.
        let digit = if let Ok(small) = u64::try_from(rest) {
            rest = u128::from(small / 10);
            (small % 10) as u8
        } else {
            let digit = (rest % 10) as u8;
            rest /= 10;
            digit
        };
        if digit != 0 || fraction_begun || place >= decimals {
            put(b'0' + digit);
            fraction_begun = fraction_begun || place < decimals;
        }
        place += 1;
    }
    if value < 0 {
        put(b'-');
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or_default()
}

/// Appends `value × 10^-decimals` without trailing zeros.
pub(super) fn push_scaled(value: i128, decimals: usize, text: &mut Vec<u8>) {
    text.extend_from_slice(write_scaled(value, decimals, &mut [0; TEXT_BYTES]).as_bytes());
}

/// Most figures are whole and not large.
fn small_whole_number(value: i128, decimals: usize) -> Option<u64> {
    let scaled = u64::try_from(value).ok()?;
    let scale = 10_u64.checked_pow(u32::try_from(decimals).ok()?)?;
    (scaled % scale == 0).then_some(scaled / scale)
}

fn write_small(mut rest: u64, buffer: &mut [u8; TEXT_BYTES]) -> &str {
    let mut at = TEXT_BYTES;
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return std::str::from_utf8(&buffer[at..]).unwrap_or_default();
        }
    }
}

/// Reads a figure from a JSON string or number by its text, never through a float.
pub(super) struct TextVisitor<F>(pub(super) F);

impl<'de, T, F: Fn(&str) -> Result<T, DecimalError>> Visitor<'de> for TextVisitor<F> {
    type Value = T;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a decimal as a string or a number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        (self.0)(text).map_err(|_| E::custom(format_args!("not a decimal: {text:?}")))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<T, E> {
        self.visit_str(&number.to_string())
    }

    // With `arbitrary_precision` a number arrives as a map that holds its text.
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let number = serde_json::Number::deserialize(de::value::MapAccessDeserializer::new(map))
            .map_err(|_| de::Error::custom("not a decimal"))?;
        self.visit_str(number.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<(i128, i32), DecimalError> {
        ExactDecimal::parse(text).map(|decimal| (decimal.mantissa, decimal.exponent))
    }

    #[test]
    fn every_form_of_a_decimal_is_read_exactly() {
        assert_eq!(parse("0"), Ok((0, 0)));
        assert_eq!(parse("-0.000"), Ok((0, 0)));
        assert_eq!(parse("12"), Ok((12, 0)));
        assert_eq!(parse("1200"), Ok((12, 2)));
        assert_eq!(parse("12.50"), Ok((125, -1)));
        assert_eq!(parse("-0.001"), Ok((-1, -3)));
        assert_eq!(parse("100.001"), Ok((100_001, -3)));
        assert_eq!(parse("100.000"), Ok((1, 2)));
        assert_eq!(parse("007"), Ok((7, 0)));
        assert_eq!(parse("1.5e3"), Ok((15, 2)));
        assert_eq!(parse("1E-7"), Ok((1, -7)));
        assert_eq!(parse(&format!("0.{}1", "0".repeat(5000))), Ok((1, -5001)));
    }

    #[test]
    fn what_is_no_decimal_is_said_to_be_none() {
        for text in
            ["", "-", "5,0", "1.", ".5", "+1", " 1", "1 ", "0x1", "1e", "1e+", "NaN", "inf", "--1", "1.2.3", "٣"]
        {
            assert_eq!(parse(text), Err(DecimalError::NotADecimal), "{text:?}");
        }
    }

    #[test]
    fn a_decimal_that_does_not_fit_is_out_of_bounds_and_not_broken_text() {
        assert_eq!(parse(&"9".repeat(38)), Ok((10_i128.pow(38) - 1, 0)));
        assert_eq!(parse(&"9".repeat(39)), Err(DecimalError::OutOfBounds));
        assert_eq!(parse(&format!("1{}1", "0".repeat(60))), Err(DecimalError::OutOfBounds));
        assert_eq!(ExactDecimal::parse("1e999999999999").unwrap().scaled(6), Err(DecimalError::OutOfBounds));
        assert_eq!(ExactDecimal::parse("1e-7").unwrap().scaled(6), Err(DecimalError::OutOfBounds));
        assert_eq!(ExactDecimal::parse("1e33").unwrap().scaled(6), Err(DecimalError::OutOfBounds));
        assert_eq!(ExactDecimal::parse("1e32").unwrap().scaled(6), Ok(10_i128.pow(38)));
    }

    #[test]
    fn figures_are_written_without_trailing_zeros() {
        let text = |value, decimals| write_scaled(value, decimals, &mut [0; TEXT_BYTES]).to_owned();
        assert_eq!(text(0, 6), "0");
        assert_eq!(text(12_000_000, 6), "12");
        assert_eq!(text(12_500_000, 6), "12.5");
        assert_eq!(text(-1, 6), "-0.000001");
        assert_eq!(text(100_000, 6), "0.1");
        assert_eq!(text(10, 0), "10");
        assert_eq!(text(10_i128.pow(38), 38), "1");
        assert_eq!(text(i128::MIN, 0), i128::MIN.to_string());
    }
}
