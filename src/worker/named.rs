//! The why of a quantity in the names that people know: a snapshot speaks of documents, purchase orders and warehouses
//! by the host's ids.
//!
//! Invariant: figures and dates stay as they are; what has no name keeps its id.

use std::collections::HashMap;

use super::snapshot::Assembled;
use crate::domain::name::Name;
use crate::domain::plan::{Incoming, WhyStep};

impl Assembled {
    /// The steps of a sum.
    pub(super) fn steps_in_names(&self, steps: &[WhyStep]) -> Vec<WhyStep> {
        let order = |incoming: &Incoming| Incoming { po: named(&self.orders, &incoming.po), ..incoming.clone() };
        let step = |step: &WhyStep| match step {
            WhyStep::FromOwn(incoming) => WhyStep::FromOwn(order(incoming)),
            WhyStep::FromIncoming(incoming) => WhyStep::FromIncoming(order(incoming)),
            WhyStep::FromStock { qty, warehouse: Some(warehouse) } => {
                WhyStep::FromStock { qty: *qty, warehouse: Some(named(&self.warehouses, warehouse)) }
            }
            WhyStep::FreeElsewhere { qty, warehouse } => {
                WhyStep::FreeElsewhere { qty: *qty, warehouse: named(&self.warehouses, warehouse) }
            }
            other => other.clone(),
        };
        steps.iter().map(step).collect()
    }

    /// A sum as `domain::explain` has put it into words.
    pub(super) fn sum_in_names(&self, why: &str) -> String {
        let mut text = why.to_owned();
        // of several documents: a document's name ends with what makes it unique
        if text.contains(super::snapshot::APART) {
            for (name, document) in &self.documents {
                text = text.replace(&name.to_string(), &document.number);
            }
        }
        renamed(&renamed(&text, " in ", &self.warehouses), " on ", &self.orders)
    }
}

fn named(names: &HashMap<String, String>, id: &Name) -> Name {
    names.get(&id.to_string()).map_or_else(|| id.clone(), |name| Name::from(name.as_str()))
}

/// The text with the name of each id that follows these words.
fn renamed(text: &str, words: &str, names: &HashMap<String, String>) -> String {
    let mut parts = text.split(words);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (id, rest) = part.split_at(part.find([' ', ';', ',']).unwrap_or(part.len()));
        renamed.push_str(words);
        renamed.push_str(names.get(id).map_or(id, String::as_str));
        renamed.push_str(rest);
    }
    renamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_becomes_the_name_and_what_has_none_stays() {
        let names = |pairs: &[(&str, &str)]| pairs.iter().map(|(id, name)| ((*id).into(), (*name).into())).collect();
        let (warehouses, orders) = (names(&[("2", "Cork main")]), names(&[("17", "P00017"), ("x", "P")]));
        let said = |why: &str| renamed(&renamed(why, " in ", &warehouses), " on ", &orders);
        assert_eq!(
            said("12 ordered − 1 from stock in 2 − 4 on 17 2026-12-03 = 7 short; 5 free in 2; 7 in all"),
            "12 ordered − 1 from stock in Cork main − 4 on P00017 2026-12-03 = 7 short; 5 free in Cork main; 7 in all"
        );
        assert_eq!(
            said("3 ordered − 1 arriving on 17, no date − 1 on 18"),
            "3 ordered − 1 arriving on P00017, no date − 1 on 18"
        );
    }
}
