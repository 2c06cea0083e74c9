//! JSON from outside, read strictly: the one way in which bytes of a host become values.
//!
//! Invariants: numbers keep their text and become exact decimals or an error, never a float; a key that stands twice,
//! a NUL in a string, a lone surrogate, a byte order mark or more than 128 levels is refused; a field of the wrong type
//! is an error that names its path, a missing one is `None`.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use thiserror::Error;

/// The key under which `serde_json` hands over a number's own text (its feature `arbitrary_precision`).
const NUMBER_KEY: &str = "$serde_json::private::Number";

/// Longest text of a number, in bytes: a decimal of 28 digits with sign, point and exponent is far shorter.
const MAX_NUMBER: usize = 60;

/// Quantities and prices from outside lie between minus and plus this.
const MAX_FIGURE: Decimal = Decimal::from_parts(0xA4C6_8000, 0x0003_8D7E, 0, false, 0); // 10^15

/// What does not fit, with the path to it; never quotes the value.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{path}: {problem}")]
pub(crate) struct Misfit {
    pub(crate) path: String,
    pub(crate) problem: &'static str,
}

/// Reads one JSON text strictly.
///
/// # Errors
/// What is wrong and where, without quoting the text.
pub(crate) fn parse(bytes: &[u8]) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = Strict.deserialize(&mut reader).map_err(|error| describe(&error))?;
    reader.end().map_err(|error| describe(&error))?;
    Ok(value)
}

fn describe(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Data => "a key stands twice, a string holds NUL, or a number is too long",
        serde_json::error::Category::Eof => "it ends too early",
        _ => "it is not JSON",
    };
    format!("{what} (line {} column {})", error.line(), error.column())
}

struct Strict;

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Value, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Value, E> {
        if value.contains('\0') { Err(E::custom("NUL")) } else { Ok(Value::String(value)) }
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = elements.next_element_seed(Strict)? {
            list.push(element);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if key == NUMBER_KEY {
                let text = entries.next_value::<NumberText>()?.0;
                let number = Some(text).filter(|text| text.len() <= MAX_NUMBER).and_then(|text| text.parse().ok());
                return number.map(Value::Number).ok_or_else(|| de::Error::custom("number"));
            }
            if key.contains('\0') || object.contains_key(&key) {
                return Err(de::Error::custom("key"));
            }
            let value = entries.next_value_seed(Strict)?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// The number's text, however the reader hands it over.
struct NumberText(String);

impl<'de> Deserialize<'de> for NumberText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self)
    }
}

/// The exact decimal of a number's text.
fn exact(number: &Number) -> Option<Decimal> {
    let text = number.as_str();
    let value = if text.contains(['e', 'E']) {
        Decimal::from_scientific(text).ok()?
    } else {
        Decimal::from_str_exact(text).ok()?
    };
    (value.abs() <= MAX_FIGURE).then(|| value.normalize())
}

/// An object that is being read, with the path to it for messages.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(value: &'a Value, path: &str) -> Result<Self, Misfit> {
        match value {
            Value::Object(object) => Ok(Self { object, path: path.to_owned() }),
            _ => Err(Misfit { path: path.to_owned(), problem: "not an object" }),
        }
    }

    pub(crate) fn misfit(&self, key: &str, problem: &'static str) -> Misfit {
        Misfit { path: format!("{}.{key}", self.path), problem }
    }

    /// The value under a key; null and, for hosts that say so for empty, a missing key are both `None`.
    pub(crate) fn get(&self, key: &str) -> Option<&'a Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// A text; an id that is a plain integer is its digits. Empty is `None`.
    pub(crate) fn text(&self, key: &str) -> Result<Option<&'a str>, Misfit> {
        let text = match self.get(key) {
            None => return Ok(None),
            Some(Value::String(text)) => text.as_str(),
            Some(Value::Number(number)) if is_integer(number.as_str()) => number.as_str(),
            Some(_) => return Err(self.misfit(key, "not a text")),
        };
        Ok(Some(text.trim()).filter(|text| !text.is_empty()))
    }

    /// The first of several keys that has a text.
    pub(crate) fn any_text(&self, keys: &[&str]) -> Result<Option<&'a str>, Misfit> {
        for key in keys {
            if let Some(text) = self.text(key)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Misfit> {
        match self.get(key) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(self.misfit(key, "not true or false")),
        }
    }

    /// An exact decimal. A number in quotes is taken if it is nothing but a plain decimal.
    pub(crate) fn decimal(&self, key: &str) -> Result<Option<Decimal>, Misfit> {
        let figure = match self.get(key) {
            None => return Ok(None),
            Some(Value::Number(number)) => exact(number),
            Some(Value::String(text)) if text.is_empty() => return Ok(None),
            Some(Value::String(text)) if text.len() <= MAX_NUMBER => {
                Number::from_str(text).ok().as_ref().and_then(exact)
            }
            Some(_) => None,
        };
        figure.map(Some).ok_or_else(|| self.misfit(key, "not a decimal within bounds"))
    }

    /// A quantity: a decimal that is not negative.
    pub(crate) fn quantity(&self, key: &str) -> Result<Option<Decimal>, Misfit> {
        let figure = self.decimal(key)?;
        match figure {
            Some(figure) if figure.is_sign_negative() && !figure.is_zero() => Err(self.misfit(key, "negative")),
            figure => Ok(figure),
        }
    }

    /// A date of the form `dd-MM-yyyy`, years 1900 to 2199. Empty is `None`.
    pub(crate) fn day_month_year(&self, key: &str) -> Result<Option<Date>, Misfit> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let parsed = parse_day_month_year(text);
        parsed.map(Some).ok_or_else(|| self.misfit(key, "not a date of the form dd-MM-yyyy"))
    }

    pub(crate) fn object(&self, key: &str) -> Result<Option<Fields<'a>>, Misfit> {
        self.get(key).map(|value| Fields::of(value, &format!("{}.{key}", self.path))).transpose()
    }

    /// The objects of a list; a missing list is empty.
    pub(crate) fn objects(&self, key: &str) -> Result<Vec<Fields<'a>>, Misfit> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(Value::Array(list)) => objects(list, &format!("{}.{key}", self.path)),
            Some(_) => Err(self.misfit(key, "not a list")),
        }
    }

    pub(crate) fn entries(&self) -> impl Iterator<Item = (&'a String, &'a Value)> {
        self.object.iter()
    }
}

/// The objects of a list at that path.
pub(crate) fn objects<'a>(list: &'a [Value], path: &str) -> Result<Vec<Fields<'a>>, Misfit> {
    list.iter().enumerate().map(|(index, value)| Fields::of(value, &format!("{path}[{index}]"))).collect()
}

fn is_integer(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit())
}

/// `dd-MM-yyyy` and nothing else.
pub(crate) fn parse_day_month_year(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape_fits = bytes.len() == 10
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 2 | 5) { *byte == b'-' } else { byte.is_ascii_digit() });
    if !shape_fits {
        return None;
    }
    let year: i16 = text[6..].parse().ok()?;
    let date = Date::new(year, text[3..5].parse().ok()?, text[..2].parse().ok()?).ok()?;
    (1900..2200).contains(&year).then_some(date)
}

/// The first characters of a text from outside: at most `limit`, without control characters.
pub(crate) fn bounded(text: &str, limit: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(limit).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attacks_34_to_39_are_refused_without_a_panic() {
        let deep = "[".repeat(10_000);
        let closed = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let long_number = "9".repeat(400);
        for text in [
            deep.as_str(),
            &closed,
            &long_number,
            "{\"qty\":1,\"qty\":999}",
            "{\"a\":{\"b\":1,\"b\":1}}",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "{\"\\u0000\":1}",
            "\u{feff}{}",
            "NaN",
            "Infinity",
            "-Infinity",
            "{\"a\":NaN}",
            "",
            " ",
            "{",
            "{}x",
            "a=b&c=d",
            "'x'",
            "{\"a\":01}",
            "[1,]",
            "{a:1}",
            "+1",
        ] {
            assert!(parse(text.as_bytes()).is_err(), "{}", &text[..text.len().min(40)]);
        }
        assert!(parse(b"\"\xc0\xaf\"").is_err(), "overlong UTF-8");
        assert!(parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn any_shape_of_json_is_a_value() {
        for text in ["null", "true", "[]", "{}", "\"x\"", "[[[]]]", "-0", "1e3", "{\"a\":[1,{\"b\":null}]}"] {
            assert!(parse(text.as_bytes()).is_ok(), "{text}");
        }
    }

    #[test]
    fn numbers_reach_the_decimal_as_their_text() {
        let read = |text: &str| {
            let value = parse(format!("{{\"q\":{text}}}").as_bytes()).ok()?;
            Fields::of(&value, "x").unwrap().decimal("q").ok().flatten().map(|figure| figure.to_string())
        };
        assert_eq!(read("0.1").as_deref(), Some("0.1"));
        assert_eq!(read("12.500").as_deref(), Some("12.5"));
        assert_eq!(read("123456789012.123456").as_deref(), Some("123456789012.123456"));
        assert_eq!(read("1e3").as_deref(), Some("1000"));
        assert_eq!(read("-0").as_deref(), Some("0"));
        assert_eq!(read("\"5\"").as_deref(), Some("5"));
        for text in
            ["1e999999", "1E-400", "\"5 \"", "\"5,0\"", "\"٥\"", "\"NaN\"", "true", "[]", "{}", "1e18", "\"1\\n\""]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn negative_quantities_are_named_by_their_path() {
        let value = parse(br#"{"lines":[{"q":-1}]}"#).unwrap();
        let lines = Fields::of(&value, "order").unwrap().objects("lines").unwrap();
        assert_eq!(lines[0].quantity("q").unwrap_err().to_string(), "order.lines[0].q: negative");
    }

    #[test]
    fn attack_45_only_real_dates_of_the_one_form_are_read() {
        assert_eq!(parse_day_month_year("29-02-2028"), Date::new(2028, 2, 29).ok());
        for text in [
            "29-02-2026",
            "00-00-0000",
            "31-04-2026",
            "2026-11-23",
            "1-1-2026",
            "01-13-2026",
            "01-01-10000",
            "01/01/2026",
            "01-01-26",
            "+1-01-2026",
            "01-01-2026T00:00",
            "٠١-٠١-٢٠٢٦",
            "",
            "01-01-0001",
        ] {
            assert_eq!(parse_day_month_year(text), None, "{text}");
        }
    }

    #[test]
    fn free_text_is_bounded_and_holds_no_control_characters() {
        assert_eq!(bounded("a\r\nb\u{1b}[31m", 100), "a  b [31m");
        assert_eq!(bounded(&"ä".repeat(10), 3), "äää");
    }

    #[test]
    fn the_largest_figure_is_ten_to_the_fifteenth() {
        assert_eq!(MAX_FIGURE, Decimal::from(1_000_000_000_000_000_i64));
    }
}
