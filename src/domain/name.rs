//! Names of items, warehouses, documents: the host's own strings.
//!
//! Invariants: never interpreted; compared byte by byte, or in the natural order (SO-9 before SO-10) where a rank
//! is wanted. A name of up to 23 bytes stands where it is used, a longer one is shared: a million lines are read and
//! planned without a look elsewhere for each of their names.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::SmolStr;

/// A name of the host. Cloning it allocates nothing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Name(SmolStr);

impl Name {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Natural order: runs of digits count as numbers; equal ones by bytes. Total.
    #[must_use]
    pub fn natural_cmp(&self, other: &Self) -> Ordering {
        natural_cmp(&self.0, &other.0)
    }
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Name {
    fn from(text: &str) -> Self {
        Self(SmolStr::from(text))
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self(SmolStr::from(text))
    }
}

impl PartialEq<str> for Name {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Name {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

impl Serialize for Name {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl Visitor<'_> for NameVisitor {
            type Value = Name;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Name, E> {
                Ok(Name::from(text))
            }
        }

        deserializer.deserialize_str(NameVisitor)
    }
}

/// Natural order of two texts; equal only if the bytes are equal.
#[must_use]
pub fn natural_cmp(left: &str, right: &str) -> Ordering {
    let (mut a, mut b) = (left.as_bytes(), right.as_bytes());
    while let (Some(first), Some(second)) = (a.first(), b.first()) {
        if first.is_ascii_digit() && second.is_ascii_digit() {
            let (run_a, rest_a) = digit_run(a);
            let (run_b, rest_b) = digit_run(b);
            let order = run_a.len().cmp(&run_b.len()).then_with(|| run_a.cmp(run_b));
            if order.is_ne() {
                return order;
            }
            (a, b) = (rest_a, rest_b);
        } else if first == second {
            (a, b) = (&a[1..], &b[1..]);
        } else {
            return first.cmp(second);
        }
    }
    a.len().cmp(&b.len()).then_with(|| left.cmp(right))
}

/// The digits at the start without their leading zeros, and what follows them.
fn digit_run(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
    let zeros = text[..end].iter().position(|byte| *byte != b'0').unwrap_or(end);
    (&text[zeros..end], &text[end..])
}

/// The first 16 bytes of an encoding whose byte order is the natural order: different prefixes decide, equal ones
/// leave it to [`natural_cmp`]. Sorting a million numbers by it is several times quicker.
#[must_use]
pub fn natural_prefix(text: &str) -> u128 {
    let mut prefix = [0; 16];
    let mut length = 0;
    let mut put = |byte: u8| {
        if let Some(place) = prefix.get_mut(length) {
            *place = byte;
            length += 1;
        }
        length < 16
    };
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let room = if first.is_ascii_digit() {
            let (run, after) = digit_run(rest);
            rest = after;
            // '0' keeps digits where they stand among other bytes; the length makes the longer run the larger.
            put(b'0')
                && put(u8::try_from(run.len()).unwrap_or(u8::MAX))
                && (run.len() < 255)
                && run.iter().all(|digit| put(*digit))
        } else {
            rest = &rest[1..];
            put(*first)
        };
        if !room {
            break;
        }
    }
    u128::from_be_bytes(prefix)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_sixteen_bytes_tell_most_numbers_apart() {
        for (before, after) in [("SO-9", "SO-10"), ("SO-10", "SO-11"), ("SA", "SB"), ("S1-2", "S1-10")] {
            assert!(natural_prefix(before) < natural_prefix(after), "{before} {after}");
        }
        let (shorter, longer) = ("9".repeat(255), "1".repeat(256));
        assert_eq!(natural_cmp(&shorter, &longer), Ordering::Less);
        assert!(natural_prefix(&shorter) <= natural_prefix(&longer));
    }

    #[test]
    fn so_9_stands_before_so_10() {
        assert_eq!(natural_cmp("SO-9", "SO-10"), Ordering::Less);
        assert_eq!(natural_cmp("SO-10", "SO-10a"), Ordering::Less);
        assert_eq!(natural_cmp("SO-2-10", "SO-2-9"), Ordering::Greater);
        assert_eq!(natural_cmp("A", "B"), Ordering::Less);
        assert_eq!(natural_cmp("", "0"), Ordering::Less);
        let name = Name::from("SO-9");
        assert!(name == "SO-9" && name != "SO-10");
    }

    #[test]
    fn numbers_that_are_equal_go_by_bytes() {
        assert_eq!(natural_cmp("SO-09", "SO-9"), Ordering::Less);
        assert_eq!(natural_cmp("0", "00"), Ordering::Less);
        assert_eq!(natural_cmp("SO-9", "SO-9"), Ordering::Equal);
    }

    #[test]
    fn a_number_of_a_thousand_digits_is_a_number() {
        let large = "9".repeat(1000);
        assert_eq!(natural_cmp(&large, &format!("1{large}")), Ordering::Less);
        assert_eq!(natural_cmp(&format!("{large}1"), &format!("{large}2")), Ordering::Less);
    }

    proptest! {
        #[test]
        fn natural_order_is_total_and_its_prefix_agrees(a in "[0-9a-c/:-]{0,24}", b in "[0-9a-c/:-]{0,24}", c in "[0-9]{0,4}[a-c]{0,2}") {
            prop_assert_eq!(natural_cmp(&a, &b), natural_cmp(&b, &a).reverse());
            prop_assert_eq!(natural_cmp(&a, &b) == Ordering::Equal, a == b);
            if natural_cmp(&a, &b).is_le() && natural_cmp(&b, &c).is_le() {
                prop_assert!(natural_cmp(&a, &c).is_le());
            }
            let by_prefix = natural_prefix(&a).cmp(&natural_prefix(&b));
            prop_assert!(by_prefix.is_eq() || by_prefix == natural_cmp(&a, &b));
        }
    }
}
