//! Reads a quantity that is one figure, or an object with one figure per component of a kit.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{self, MapAccess, Visitor};

use super::PerComponent;
use crate::domain::decimal_text::DecimalError;
use crate::domain::name::Name;
use crate::domain::quantity::Quantity;

/// The key under which `serde_json` hands over a number's text when it keeps numbers exact.
const NUMBER_TOKEN: &str = "$serde_json::private::Number";

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PerComponent, D::Error> {
    deserializer.deserialize_any(PerComponentVisitor)
}

struct PerComponentVisitor;

impl<'de> Visitor<'de> for PerComponentVisitor {
    type Value = PerComponent;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal, or an object of decimals by component")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PerComponent, E> {
        quantity(text).map(PerComponent::Line)
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<PerComponent, E> {
        quantity(&number.to_string()).map(PerComponent::Line)
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<PerComponent, E> {
        quantity(&number.to_string()).map(PerComponent::Line)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<PerComponent, A::Error> {
        let mut quantities = BTreeMap::new();
        while let Some(component) = map.next_key::<String>()? {
            if component == NUMBER_TOKEN {
                return quantity(&map.next_value::<String>()?).map(PerComponent::Line);
            }
            let of_component = map.next_value::<Quantity>()?;
            if quantities.insert(Name::from(component.as_str()), of_component).is_some() {
                return Err(de::Error::custom(format_args!("{component:?} is there twice")));
            }
        }
        Ok(PerComponent::Components(Box::new(quantities)))
    }
}

fn quantity<E: de::Error>(text: &str) -> Result<Quantity, E> {
    match text.parse() {
        Ok(quantity) => Ok(quantity),
        Err(DecimalError::OutOfBounds) => Ok(Quantity::OUT_OF_BOUNDS),
        Err(DecimalError::NotADecimal) => Err(E::custom(format_args!("not a decimal: {text:?}"))),
    }
}
