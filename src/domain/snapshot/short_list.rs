//! Reads a list that mostly has one row, without room for more: a million documents would keep it for three lines each.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An explicit null is the same as an absent key.
pub(super) fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Option::<ShortList<T>>::deserialize(deserializer).map(|list| list.map_or_else(Vec::new, |list| list.0))
}

struct ShortList<T>(Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ShortList<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ListVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
            type Value = ShortList<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ShortList<T>, A::Error> {
                let Some(first) = list.next_element()? else { return Ok(ShortList(Vec::new())) };
                let mut rows = vec![first];
                while let Some(row) = list.next_element()? {
                    rows.push(row);
                }
                rows.shrink_to_fit();
                Ok(ShortList(rows))
            }
        }

        deserializer.deserialize_seq(ListVisitor(PhantomData))
    }
}
