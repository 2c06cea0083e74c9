//! What a proposal asks, in one line: for the work list and a backorder's page.

use rust_decimal::Decimal;

use super::text;
use crate::db::proposal::StoredProposal;

/// A decision that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) link: String,
    pub(super) what: String,
    pub(super) detail: String,
}

/// "Buy 8 pc Burr grinder from Nordwerk", for whom and until when.
pub(super) fn asked(proposal: &StoredProposal) -> Asked {
    let body = &proposal.body;
    let link = format!("/decisions/{}", proposal.id);
    let Some(option) = body.options.first() else {
        return Asked { link, what: "A purchase order".to_owned(), detail: String::new() };
    };
    let goods = match option.lines.as_slice() {
        [line] => {
            let unit = line.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
            format!("{}{unit} × {}", text::quantity(line.quantity), line.name)
        }
        lines => text::count(lines.len(), "item", "items"),
    };
    let numbers: Vec<&str> = body.documents.iter().map(|document| document.number.as_str()).collect();
    let total =
        option.total.filter(|total| *total > Decimal::ZERO).map(|total| text::money(total, option.currency.as_deref()));
    let mut detail = format!("for {}", numbers.join(", "));
    if let Some(total) = total {
        detail.push_str(" · ");
        detail.push_str(&total);
    }
    detail.push_str(" · expected ");
    detail.push_str(&text::date(option.expected));
    Asked { link, what: format!("Buy {goods} from {}", option.vendor.name), detail }
}
