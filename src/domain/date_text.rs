//! Dates as plan-format.md writes them: `YYYY-MM-DD`, ten characters, nothing else.

use std::collections::BTreeSet;
use std::fmt;

use jiff::civil::Date;
use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

/// Reads `YYYY-MM-DD`.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    let number = |range: std::ops::Range<usize>| {
        bytes[range]
            .iter()
            .try_fold(0_i16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + i16::from(byte - b'0')))
    };
    let (year, month, day) = (number(0..4)?, i8::try_from(number(5..7)?).ok()?, i8::try_from(number(8..10)?).ok()?);
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    Date::new(year, month, day).ok()
}

/// A date that is read strictly.
struct StrictDate(Date);

impl<'de> Deserialize<'de> for StrictDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct DateVisitor;

        impl Visitor<'_> for DateVisitor {
            type Value = StrictDate;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a date as \"YYYY-MM-DD\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<StrictDate, E> {
                parse(text).map(StrictDate).ok_or_else(|| E::custom(format_args!("not a date YYYY-MM-DD: {text:?}")))
            }
        }

        deserializer.deserialize_str(DateVisitor)
    }
}

/// The ten characters; `None` for a year that they do not hold.
fn characters(date: Date) -> Option<[u8; 10]> {
    let year = u16::try_from(date.year()).ok()?;
    let (month, day) = (date.month().unsigned_abs(), date.day().unsigned_abs());
    let mut text = *b"0000-00-00";
    for (place, digit) in [year / 1000, year / 100 % 10, year / 10 % 10, year % 10].into_iter().enumerate() {
        text[place] += u8::try_from(digit).ok()?;
    }
    for (place, digit) in [(5, month / 10), (6, month % 10), (8, day / 10), (9, day % 10)] {
        text[place] += digit;
    }
    Some(text)
}

/// Appends the date as it is written.
pub fn push(date: Date, text: &mut Vec<u8>) {
    match characters(date) {
        Some(characters) => text.extend_from_slice(&characters),
        None => text.extend_from_slice(date.to_string().as_bytes()),
    }
}

pub fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
    match characters(*date).as_ref().map(|text| std::str::from_utf8(text)) {
        Some(Ok(text)) => serializer.serialize_str(text),
        _ => serializer.collect_str(date),
    }
}

pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    StrictDate::deserialize(deserializer).map(|date| date.0)
}

/// A date or null.
pub mod option {
    use super::{Date, Deserialize, Deserializer, Serializer, StrictDate};

    pub fn serialize<S: Serializer>(date: &Option<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        match date {
            Some(date) => super::serialize(date, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
        Option::<StrictDate>::deserialize(deserializer).map(|date| date.map(|date| date.0))
    }
}

/// A list of dates without order.
pub mod set {
    use super::{BTreeSet, Date, Deserializer, SeqAccess, Serializer, StrictDate, Visitor, fmt};

    pub fn serialize<S: Serializer>(dates: &BTreeSet<Date>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(dates.iter().map(ToString::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeSet<Date>, D::Error> {
        struct DatesVisitor;

        impl<'de> Visitor<'de> for DatesVisitor {
            type Value = BTreeSet<Date>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of dates")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<BTreeSet<Date>, A::Error> {
                let mut dates = BTreeSet::new();
                while let Some(StrictDate(date)) = list.next_element()? {
                    dates.insert(date);
                }
                Ok(dates)
            }
        }

        deserializer.deserialize_seq(DatesVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_it_is_read() {
        for text in ["0000-01-01", "0987-06-05", "2026-11-23", "9999-12-31"] {
            let written = characters(parse(text).unwrap()).unwrap();
            assert_eq!(std::str::from_utf8(&written).unwrap(), text);
        }
        assert_eq!(characters(jiff::civil::date(-1, 2, 3)), None);
    }

    #[test]
    fn only_the_one_form_of_a_date_is_read() {
        assert_eq!(parse("2026-11-23"), Some(jiff::civil::date(2026, 11, 23)));
        assert_eq!([parse("2026/11-23"), parse("2026-11/23")], [None, None]);
        assert_eq!(parse("2024-02-29"), Some(jiff::civil::date(2024, 2, 29)));
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-1-1",
            "26-11-23",
            "2026-11-23T00:00",
            "2026/11/23",
            "2026-11-2x",
            "-026-11-23",
            "",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
