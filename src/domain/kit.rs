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
    const SENSELESS: &str = "a component's quantity is senseless";
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
