//! The package icon: how a back order stands, beside the fulfilment of a sale.

use crate::sandbox::state::{Company, Sale};

/// The label of the custom field that the state is read from.
const FIELD: &str = "Backorder";

/// A package with a word; `None` for a sale that is no back order.
pub(super) struct Package {
    /// The word, with its date where it has one.
    pub(super) text: String,
    /// `short`, `asked`, `order`, `part`, `ready`; `plain` where only the flag is set.
    pub(super) class: &'static str,
    pub(super) tooltip: String,
    /// The purchase orders that the sale is linked with: code and number.
    pub(super) orders: Vec<(String, String)>,
}

pub(super) fn package(company: &Company, sale: &Sale) -> Option<Package> {
    let text = sale.custom.iter().find(|one| one.label == FIELD).map(crate::sandbox::state::CustomValue::text);
    let text = match text {
        Some(text) if !text.trim().is_empty() => text,
        _ if sale.back_order => "Backorder".to_owned(),
        _ => return None,
    };
    let orders: Vec<(String, String)> = sale
        .links
        .iter()
        .filter(|link| link.document_type == "PURCHASE_ORDER")
        .map(|link| {
            let number = company.purchase_order(&link.code).map_or(&link.number, |order| &order.number);
            (link.code.clone(), number.clone())
        })
        .collect();
    let numbers: Vec<&str> = orders.iter().map(|(_, number)| number.as_str()).collect();
    let tooltip = match numbers.as_slice() {
        [] => format!("{text}: no purchase order yet"),
        numbers => format!("{text}: purchase order {}", numbers.join(", ")),
    };
    Some(Package { class: class(&text), text, tooltip, orders })
}

fn class(text: &str) -> &'static str {
    let text = text.to_lowercase();
    let classes =
        [("short", "short"), ("asked", "asked"), ("on order", "order"), ("part ready", "part"), ("ready", "ready")];
    classes.into_iter().find(|(word, _)| text.starts_with(word)).map_or("plain", |(_, class)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_a_colour_of_its_own() {
        let words = ["Short", "Asked", "On order 08-12-2026", "Part ready", "Ready", "Backorder"];
        assert_eq!(words.map(class), ["short", "asked", "order", "part", "ready", "plain"]);
    }
}
