//! Kits: items sold as their components (domain.md section 1).
//!
//! Invariants: a kit of kits is taken apart down to what is in stock; a component that is reached on several ways is
//! one demand; a kit that contains itself, has no components, too many or senseless figures is reported and not planned.

use std::collections::HashSet;

use super::factor::Factor;
use super::grouped::QuickMap;
use super::name::Name;
use super::quantity::Quantity;
use super::snapshot::{Component, Kit};

/// Components of one kit at most, so that kits of kits stay in proportion to what describes them.
const MAX_COMPONENTS: usize = 1_000;

/// A kit's components, or what is wrong with it.
type Apart<'a> = Result<Vec<Part<'a>>, &'static str>;

/// One component of a kit line, all ways to it together.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part<'a> {
    pub(super) item: &'a Name,
    /// Stock units for each kit.
    pub(super) per_kit: Factor,
    /// Stock units for the line, owed until its first fulfilment.
    pub(super) fixed: Quantity,
}

impl Part<'_> {
    /// What that many kits need of it, with the fixed part or without; rounded up at 6 decimals. `None`: above 10^12.
    pub(super) fn needed(&self, kits: Quantity, with_fixed: bool) -> Option<Quantity> {
        if kits.is_zero() {
            return Some(Quantity::ZERO);
        }
        let scaled = if self.per_kit.is_zero() { Quantity::ZERO } else { self.per_kit.times_up(kits)? };
        let needed = if with_fixed { scaled.plus(self.fixed) } else { scaled };
        needed.is_sensible().then_some(needed)
    }
}

/// The kits of a snapshot that are sold, and those in them, taken apart.
#[derive(Debug, Default)]
pub(super) struct Kits<'a> {
    parts: QuickMap<&'a str, Apart<'a>>,
}

impl<'a> Kits<'a> {
    pub(super) fn new(kits: &'a [Kit], sold: impl Iterator<Item = &'a str>) -> Self {
        let mut all = Self::default();
        if kits.is_empty() {
            return all;
        }
        let mut by_item: QuickMap<&str, Vec<&Component>> = QuickMap::default();
        for kit in kits {
            // Two entries of one kit add up, as two rows of stock do.
            by_item.entry(kit.item.as_str()).or_default().extend(&kit.components);
        }
        for item in sold {
            if let Some((item, _)) = by_item.get_key_value(item) {
                take_apart(item, &by_item, &mut all.parts);
            }
        }
        all
    }

    /// The parts of a kit by item; `None`: not a kit; an error says what is wrong with it.
    pub(super) fn parts_of(&self, item: &str) -> Option<Result<&[Part<'a>], &'static str>> {
        if self.parts.is_empty() {
            return None;
        }
        self.parts.get(item).map(|parts| parts.as_deref().map_err(|problem| *problem))
    }
}

/// Fills `done` for `root` and the kits in it, without recursion: a chain of a million kits is no stack overflow.
fn take_apart<'a>(
    root: &'a str,
    kits: &QuickMap<&'a str, Vec<&'a Component>>,
    done: &mut QuickMap<&'a str, Apart<'a>>,
) {
    // A kit stands on the path as (item, next component to look at) until all its own kits are done.
    let mut path: Vec<(&'a str, usize)> = vec![(root, 0)];
    let mut on_path = HashSet::from([root]);
    while let Some((item, next)) = path.pop() {
        if done.contains_key(item) {
            on_path.remove(item);
            continue;
        }
        let components = kits.get(item).map_or(&[][..], Vec::as_slice);
        let inner = components[next..].iter().position(|component| {
            kits.contains_key(component.item.as_str()) && !done.contains_key(component.item.as_str())
        });
        if let Some(offset) = inner {
            let inner = components[next + offset].item.as_str();
            if on_path.contains(inner) {
                on_path.remove(item);
                done.insert(item, Err("the kit contains itself"));
                continue;
            }
            path.push((item, next + offset));
            path.push((inner, 0));
            on_path.insert(inner);
        } else {
            on_path.remove(item);
            done.insert(item, merge(components, done));
        }
    }
}

/// The parts of one kit, whose inner kits are done.
fn merge<'a>(components: &[&'a Component], done: &QuickMap<&'a str, Apart<'a>>) -> Apart<'a> {
    const SENSELESS: &str = "a component's quantity is negative or out of bounds";
    let mut parts: Vec<Part<'a>> = Vec::new();
    for component in components {
        let per_kit = component.per_kit.unwrap_or(Factor::ZERO);
        let fixed = component.fixed.unwrap_or(Quantity::ZERO);
        if per_kit.denominator() == 0 || per_kit.numerator() < 0 || !fixed.is_sensible() {
            return Err(SENSELESS);
        }
        match done.get(component.item.as_str()) {
            None => parts.push(Part { item: &component.item, per_kit, fixed }),
            Some(Err(problem)) => return Err(problem),
            Some(Ok(inner)) => {
                for part in inner {
                    // A fixed number of inner kits brings that many times their parts, once.
                    let fixed = part.needed(fixed, true).ok_or(SENSELESS)?;
                    let with_line = if per_kit.is_zero() { fixed } else { fixed.max(part.fixed) };
                    parts.push(Part { item: part.item, per_kit: part.per_kit.times(per_kit), fixed: with_line });
                }
            }
        }
        if parts.len() > 2 * MAX_COMPONENTS {
            parts = summed(parts)?;
        }
    }
    let parts = summed(parts)?;
    if parts.iter().any(|part| part.per_kit.denominator() == 0 || !part.fixed.is_sensible()) {
        return Err(SENSELESS);
    }
    if parts.iter().all(|part| part.per_kit.is_zero() && part.fixed.is_zero()) {
        return Err("the kit has no components");
    }
    Ok(parts)
}

/// The parts by item, those of one item as one.
fn summed(mut parts: Vec<Part<'_>>) -> Apart<'_> {
    parts.sort_by(|left, right| left.item.natural_cmp(right.item));
    let mut summed: Vec<Part<'_>> = Vec::new();
    for part in parts {
        match summed.last_mut().filter(|last| last.item == part.item) {
            Some(last) => {
                last.per_kit = last.per_kit.plus(part.per_kit);
                last.fixed = last.fixed.plus(part.fixed);
            }
            None => summed.push(part),
        }
    }
    if summed.len() > MAX_COMPONENTS { Err("the kit has more than 1000 components") } else { Ok(summed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kit(item: &str, components: Vec<Component>) -> Kit {
        Kit { item: item.into(), components }
    }

    fn per_kit(item: &str, factor: &str) -> Component {
        Component { item: item.into(), per_kit: Some(factor.parse().unwrap()), fixed: None }
    }

    fn fixed(item: &str, quantity: &str) -> Component {
        Component { item: item.into(), per_kit: None, fixed: Some(quantity.parse().unwrap()) }
    }

    /// item, per kit, fixed of each part.
    fn parts(kits: &[Kit], sold: &str) -> Result<Vec<String>, &'static str> {
        let all = Kits::new(kits, [sold].into_iter());
        let parts = all.parts_of(sold).unwrap()?;
        Ok(parts.iter().map(|part| format!("{} {} {}", part.item, part.per_kit, part.fixed)).collect())
    }

    #[test]
    fn a_kit_of_kits_is_taken_apart_and_each_item_is_one_part() {
        let kits = [
            kit("DESK", vec![per_kit("LEG", "4"), per_kit("SCREWS", "2"), fixed("GLUE", "1")]),
            kit("SCREWS", vec![per_kit("M4", "10"), per_kit("M5", "0.5")]),
            kit("DESK", vec![per_kit("M4", "1")]),
        ];
        assert_eq!(parts(&kits, "DESK").unwrap(), ["GLUE 0 1", "LEG 4 0", "M4 21 0", "M5 1 0"]);
        assert_eq!(parts(&kits, "SCREWS").unwrap(), ["M4 10 0", "M5 0.5 0"]);
    }

    #[test]
    fn a_fixed_number_of_inner_kits_brings_its_parts_once() {
        let kits = [
            kit("SET", vec![fixed("BOX", "3")]),
            kit("BOX", vec![per_kit("LID", "2"), fixed("KEY", "1")]),
            kit("CASE", vec![per_kit("BOX", "2")]),
            kit("BOTH", vec![Component { fixed: Some(Quantity::ONE), ..per_kit("BOX", "2") }]),
        ];
        assert_eq!(parts(&kits, "SET").unwrap(), ["KEY 0 1", "LID 0 6"]);
        assert_eq!(parts(&kits, "CASE").unwrap(), ["KEY 0 1", "LID 4 0"]);
        assert_eq!(parts(&kits, "BOTH").unwrap(), ["KEY 0 1", "LID 4 2"]);
    }

    #[test]
    fn a_kit_that_cannot_be_taken_apart_says_why() {
        let kits = [
            kit("RING", vec![per_kit("A", "1"), per_kit("LOOP", "1")]),
            kit("LOOP", vec![per_kit("RING", "1")]),
            kit("AROUND", vec![per_kit("RING", "1")]),
            kit("EMPTY", vec![]),
            kit("NOTHING", vec![per_kit("A", "0"), fixed("B", "0")]),
            kit("LESS", vec![per_kit("A", "-1")]),
            kit("NO", vec![fixed("A", "-1")]),
            kit("ZEROTH", vec![Component { per_kit: Some(Factor::OUT_OF_BOUNDS), ..fixed("A", "1") }]),
            kit("HUGE", vec![per_kit("A", "1000000000"), per_kit("SQUARE", "1000000000")]),
            kit("SQUARE", vec![per_kit("B", "1000000000000")]),
        ];
        for sold in ["RING", "LOOP", "AROUND"] {
            assert_eq!(parts(&kits, sold), Err("the kit contains itself"), "{sold}");
        }
        for sold in ["EMPTY", "NOTHING"] {
            assert_eq!(parts(&kits, sold), Err("the kit has no components"), "{sold}");
        }
        for sold in ["LESS", "NO", "ZEROTH", "HUGE"] {
            assert_eq!(parts(&kits, sold), Err("a component's quantity is negative or out of bounds"), "{sold}");
        }
        assert_eq!(parts(&kits, "SQUARE").unwrap(), ["B 1000000000000 0"]);
    }

    #[test]
    fn a_kit_has_a_thousand_components_at_most() {
        let of = |count: usize, twice: usize| {
            let components = (0..count).chain(0..twice).map(|number| per_kit(&format!("C-{number}"), "1"));
            [kit("K", components.collect())]
        };
        assert_eq!(parts(&of(1000, 0), "K").unwrap().len(), 1000);
        assert_eq!(parts(&of(1000, 1000), "K").unwrap()[999], "C-999 2 0");
        assert_eq!(parts(&of(1000, 1001), "K"), Err("the kit has more than 1000 components"));
        assert_eq!(parts(&of(1001, 0), "K"), Err("the kit has more than 1000 components"));
        assert_eq!(parts(&of(3000, 0), "K"), Err("the kit has more than 1000 components"));
    }

    #[test]
    fn only_what_is_sold_is_taken_apart() {
        let kits = [kit("A", vec![per_kit("B", "1")]), kit("B", vec![per_kit("C", "1")]), kit("D", vec![])];
        let all = Kits::new(&kits, ["A", "X"].into_iter());
        assert!(all.parts_of("B").is_some() && all.parts_of("D").is_none() && all.parts_of("X").is_none());
    }

    #[test]
    fn what_is_fixed_is_owed_with_the_first_kit_and_nothing_is_owed_without_kits() {
        let item = Name::from("A");
        let part = |per_kit: &str, fixed: &str| Part {
            item: &item,
            per_kit: per_kit.parse().unwrap(),
            fixed: fixed.parse().unwrap(),
        };
        let needed = |part: &Part<'_>, kits: i64, with| part.needed(Quantity::units(kits), with);
        assert_eq!(needed(&part("2", "3"), 4, true), Some(Quantity::units(11)));
        assert_eq!(needed(&part("2", "3"), 4, false), Some(Quantity::units(8)));
        assert_eq!(needed(&part("2", "3"), 0, true), Some(Quantity::ZERO));
        assert_eq!(needed(&part("0", "3"), 4, true), Some(Quantity::units(3)));
        assert_eq!(needed(&part("1", "0"), 1_000_000_000_000, true), Some(Quantity::MAX));
        assert_eq!(needed(&part("1", "1"), 1_000_000_000_000, true), None);
        assert_eq!(needed(&part("2", "0"), 1_000_000_000_000, false), None);
    }
}
