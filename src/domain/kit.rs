//! Kits: items sold as their components (domain.md section 1).
//!
//! Invariants: a kit of kits is taken apart down to what is in stock; a component that is reached on several ways is
//! one demand; a kit that contains itself, has no components or senseless figures is reported and not planned.

use std::collections::HashMap;

use super::factor::Factor;
use super::name::Name;
use super::quantity::Quantity;
use super::snapshot::{Component, Kit};

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

/// All kits of a snapshot, taken apart.
#[derive(Debug, Default)]
pub(super) struct Kits<'a> {
    parts: HashMap<&'a str, Result<Vec<Part<'a>>, &'static str>>,
}

impl<'a> Kits<'a> {
    pub(super) fn new(kits: &'a [Kit]) -> Self {
        let mut by_item: HashMap<&str, Vec<&Component>> = HashMap::new();
        for kit in kits {
            // Two entries of one kit add up, as two rows of stock do.
            by_item.entry(kit.item.as_str()).or_default().extend(&kit.components);
        }
        let mut all = Self::default();
        for item in by_item.keys() {
            take_apart(item, &by_item, &mut all.parts);
        }
        all
    }

    /// The parts of a kit by item; `None`: not a kit; an error says what is wrong with it.
    pub(super) fn parts_of(&self, item: &str) -> Option<Result<&[Part<'a>], &'static str>> {
        self.parts.get(item).map(|parts| parts.as_deref().map_err(|problem| *problem))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

/// Fills `done` for `root` and the kits in it, without recursion: a chain of a million kits is no stack overflow.
fn take_apart<'a>(
    root: &'a str,
    kits: &HashMap<&'a str, Vec<&'a Component>>,
    done: &mut HashMap<&'a str, Result<Vec<Part<'a>>, &'static str>>,
) {
    // A kit stands on the path as (item, next component to look at) until all its own kits are done.
    let mut path: Vec<(&'a str, usize)> = vec![(root, 0)];
    let mut on_path = std::collections::HashSet::from([root]);
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
fn merge<'a>(
    components: &[&'a Component],
    done: &HashMap<&'a str, Result<Vec<Part<'a>>, &'static str>>,
) -> Result<Vec<Part<'a>>, &'static str> {
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
    }
    parts.sort_by(|left, right| left.item.natural_cmp(right.item));
    let mut merged: Vec<Part<'a>> = Vec::new();
    for part in parts {
        match merged.last_mut().filter(|last| last.item == part.item) {
            Some(last) => {
                last.per_kit = last.per_kit.plus(part.per_kit);
                last.fixed = last.fixed.plus(part.fixed);
            }
            None => merged.push(part),
        }
    }
    if merged.iter().any(|part| part.per_kit.denominator() == 0 || !part.fixed.is_sensible()) {
        return Err(SENSELESS);
    }
    if merged.iter().all(|part| part.per_kit.is_zero() && part.fixed.is_zero()) {
        return Err("the kit has no components");
    }
    Ok(merged)
}
