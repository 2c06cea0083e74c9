//! A decision as it is shown, signed in or from the mail: what is asked, and each way to buy it.
//!
//! Invariant: what is shown is the proposal as stored; the version that the form carries is the one that is shown.

use askama::Template;

use super::frame::Frame;
use super::list;
use super::text::{self, Here};
use crate::db::proposal::StoredProposal;
use crate::domain::proposal::{OptionLine, PurchaseOption};
use rust_decimal::Decimal;

#[derive(Debug, Template)]
#[template(path = "web/templates/decision.html", config = ".askama.toml")]
pub(super) struct DecisionPage {
    pub(super) frame: Frame,
    pub(super) v: DecisionView,
    /// Where the form goes.
    pub(super) action: String,
}

/// The same without a session: the link in the mail is the permission.
#[derive(Debug, Template)]
#[template(path = "web/templates/decision_mail.html", config = ".askama.toml")]
pub(super) struct MailDecisionPage {
    pub(super) company: String,
    /// To whom the mail went.
    pub(super) recipient: String,
    pub(super) v: DecisionView,
    pub(super) action: String,
}

/// A link that leads nowhere, said clearly.
#[derive(Debug, Template)]
#[template(path = "web/templates/said.html", config = ".askama.toml")]
pub(super) struct SaidPage {
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

#[derive(Debug)]
pub(super) struct DecisionView {
    title: String,
    note: String,
    note_class: &'static str,
    limit: String,
    documents: Vec<DocumentRow>,
    sums: Vec<Sum>,
    open: bool,
    version: i32,
    options: Vec<OptionRow>,
    issue_note: &'static str,
    declining: bool,
    /// Where the app shows it.
    link: String,
}

#[derive(Debug)]
struct DocumentRow {
    number: String,
    customer: String,
    link: String,
}

#[derive(Debug)]
struct Sum {
    item: String,
    why: String,
}

#[derive(Debug)]
struct OptionRow {
    index: usize,
    vendor: String,
    route: &'static str,
    total: String,
    expected: String,
    ship_to: String,
    lines: Vec<LineRow>,
}

#[derive(Debug)]
struct LineRow {
    quantity: String,
    unit: String,
    name: String,
    sku: String,
    price: String,
    price_note: String,
    surplus: String,
}

/// What is known beside the proposal.
#[derive(Debug, Clone, Default)]
pub(super) struct Shown<'a> {
    /// The version that the reader saw before, in the mail or in the form: a newer one is pointed out.
    pub(super) seen_version: Option<i32>,
    /// The names of warehouses, by id.
    pub(super) warehouses: &'a [(String, String)],
    /// Whether purchase orders are issued; else they stay drafts.
    pub(super) issue: bool,
    /// Whether the reader came to decline.
    pub(super) declining: bool,
    /// Whether links lead into the app.
    pub(super) signed_in: bool,
    /// Why nothing can be decided here although the proposal is open.
    pub(super) closed: Option<&'static str>,
    /// The intent that it became has left already, and what became of it.
    pub(super) outcome: Option<String>,
}

pub(super) fn view(stored: &StoredProposal, shown: &Shown<'_>, here: &Here) -> DecisionView {
    let body = &stored.body;
    let first = body.options.first();
    let open = stored.is_open() && shown.closed.is_none();
    let numbers: Vec<&str> = body.documents.iter().map(|document| document.number.as_str()).collect();
    let (note, note_class) = note(stored, shown, here);
    DecisionView {
        title: format!("Buy what is short for {}", numbers.join(", ")),
        note,
        note_class,
        limit: body.limit.clone().unwrap_or_default(),
        documents: body
            .documents
            .iter()
            .map(|document| DocumentRow {
                number: document.number.clone(),
                customer: document.customer.clone(),
                link: if shown.signed_in { list::link(&document.reference) } else { String::new() },
            })
            .collect(),
        sums: first.map_or_else(Vec::new, |option| {
            option.lines.iter().map(|line| Sum { item: line.name.clone(), why: line.why.clone() }).collect()
        }),
        open,
        version: stored.version,
        options: body.options.iter().enumerate().map(|(index, option)| row(index, option, shown)).collect(),
        issue_note: if shown.issue {
            "Approve makes this purchase order in your ERP and issues it."
        } else {
            "Approve makes this purchase order in your ERP as a draft; a person issues it there."
        },
        declining: shown.declining,
        link: match body.documents.first() {
            Some(document) if stored.is_open() => {
                if shown.signed_in {
                    list::link(&document.reference)
                } else {
                    format!("/decisions/{}", stored.id)
                }
            }
            Some(document) => list::link(&document.reference),
            None => String::new(),
        },
    }
}

/// What stands above: decided already, not to be decided here, or changed since it was seen.
fn note(stored: &StoredProposal, shown: &Shown<'_>, here: &Here) -> (String, &'static str) {
    let who = stored.decided_by.as_deref().unwrap_or("somebody");
    let when = here.time(stored.changed_at);
    let reason = stored.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
    match stored.state.as_str() {
        "approved" => {
            let outcome = shown.outcome.as_deref().map(|outcome| format!(" {outcome}.")).unwrap_or_default();
            (format!("Approved by {who}, {when}.{outcome}"), "banner green")
        }
        "declined" => (format!("Declined by {who}, {when}{reason}"), "banner amber"),
        "snoozed" => (format!("Put off by {who}, {when}{reason}. It is asked again when the time has come."), "banner amber"),
        "replaced" => (
            "There is nothing to decide any more: the sale or the stock has changed, and this is no longer needed as it was.".to_owned(),
            "banner blue",
        ),
        _ => match (shown.closed, shown.seen_version) {
            (Some(closed), _) => (closed.to_owned(), "banner amber"),
            (None, Some(seen)) if seen != stored.version => (
                "This has changed since you saw it. Below is what it is now; please look at it again.".to_owned(),
                "banner amber",
            ),
            (None, _) if stored.state == "watched" => (
                "Watch: nothing is bought by itself. If you approve, this one purchase order is made.".to_owned(),
                "banner blue",
            ),
            _ => (String::new(), ""),
        },
    }
}

fn row(index: usize, option: &PurchaseOption, shown: &Shown<'_>) -> OptionRow {
    let currency = option.currency.as_deref();
    let ship_to = match (&option.ship_to, &option.warehouse) {
        (Some(address), _) => format!("to the customer: {}", address.one_line()),
        (None, Some(id)) => {
            let name = shown.warehouses.iter().find(|(known, _)| known == id).map_or(id.as_str(), |(_, name)| name);
            format!("to {name}")
        }
        (None, None) => "to your warehouse".to_owned(),
    };
    OptionRow {
        index,
        vendor: option.vendor.name.clone(),
        route: if option.is_drop_ship() { "drop shipment" } else { "to stock" },
        total: option.total.map_or_else(|| "price not known".to_owned(), |total| text::money(total, currency)),
        expected: text::date(option.expected),
        ship_to,
        lines: option.lines.iter().map(|line| line_row(line, currency)).collect(),
    }
}

fn line_row(line: &OptionLine, currency: Option<&str>) -> LineRow {
    LineRow {
        quantity: text::quantity(line.quantity),
        unit: line.unit.clone().unwrap_or_default(),
        name: line.name.clone(),
        sku: line.sku.clone(),
        price: line.price.map(|price| format!("at {}", text::money(price, currency))).unwrap_or_default(),
        price_note: line.price_note.clone().unwrap_or_default(),
        surplus: if line.surplus > Decimal::ZERO {
            format!(
                "{} more than is short, by the vendor's minimum or pack; the rest goes to stock",
                text::quantity(line.surplus)
            )
        } else {
            String::new()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DocumentKind, DocumentRef, ProposalId};
    use crate::domain::proposal::{Proposal, ProposalDocument};
    use crate::domain::sales_document::{Address, Party};
    use crate::web::pages::list::tests::{frame, here};

    fn stored(state: &str) -> StoredProposal {
        let option = |vendor: &str, ship_to: Option<Address>| PurchaseOption {
            vendor: Party { id: "V".into(), name: vendor.into() },
            warehouse: ship_to.is_none().then(|| "W1".into()),
            ship_to,
            currency: Some("EUR".into()),
            total: Some("1548".parse().unwrap()),
            expected: "2026-12-08".parse().unwrap(),
            lines: vec![OptionLine {
                item: "I".into(),
                sku: "GR-1".into(),
                name: "Burr <i>grinder</i>".into(),
                quantity: "8.00".parse().unwrap(),
                unit: Some("pc".into()),
                stock_quantity: 8.into(),
                price: Some("193.5".parse().unwrap()),
                price_note: Some("price of last year".into()),
                expected: "2026-12-08".parse().unwrap(),
                surplus: 2.into(),
                why: "12 ordered − 4 from stock = 8 short".into(),
                pegs: Vec::new(),
            }],
        };
        let address = Address { street: "1 Quay".into(), city: "Cork".into(), ..Address::default() };
        StoredProposal {
            id: ProposalId(uuid::Uuid::nil()),
            group_key: "g".into(),
            version: 3,
            state: state.into(),
            body: Proposal {
                documents: vec![ProposalDocument {
                    reference: DocumentRef::new(DocumentKind::Invoice, "1"),
                    number: "INV-1".into(),
                    customer: "Ann & Co".into(),
                }],
                options: vec![option("Nordwerk", None), option("<b>Süd</b>", Some(address))],
                limit: None,
            },
            created_at: here().now,
            changed_at: here().now,
            decided_by: Some("Bob".into()),
            reason: Some("too dear".into()),
            intent: None,
        }
    }

    fn page(state: &str, shown: &Shown<'_>) -> String {
        let v = view(&stored(state), shown, &here());
        DecisionPage { frame: frame(), v, action: "/decisions/x".into() }.render().unwrap()
    }

    #[test]
    fn each_way_to_buy_is_shown_whole_and_the_planners_own_is_chosen() {
        let warehouses = [("W1".to_owned(), "Main store".to_owned())];
        let page = page("asked", &Shown { warehouses: &warehouses, signed_in: true, ..Shown::default() });
        assert!(page.contains("value=\"0\" checked") && !page.contains("value=\"1\" checked"), "{page}");
        for part in
            ["Nordwerk", "to Main store", "1 Quay, Cork", "1,548.00 EUR", "at 193.50 EUR", "price of last year", "8 pc"]
        {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(page.contains("2 more than is short") && page.contains("8 Dec 2026"));
        assert!(!page.contains("<b>Süd") && !page.contains("<i>grinder"));
        assert!(page.contains("name=\"version\" value=\"3\"") && page.contains("name=\"form_token\" value=\"token\""));
        assert!(page.contains("as a draft"));
    }

    #[test]
    fn what_has_changed_since_the_mail_is_pointed_out_and_shown_as_it_is_now() {
        let page = page("asked", &Shown { seen_version: Some(2), ..Shown::default() });
        assert!(page.contains("This has changed since you saw it") && page.contains("value=\"3\""));
        let same = self::page("asked", &Shown { seen_version: Some(3), ..Shown::default() });
        assert!(!same.contains("This has changed"));
    }

    #[test]
    fn a_decided_one_says_by_whom_and_offers_no_form() {
        let page = page("declined", &Shown::default());
        assert!(page.contains("Declined by Bob") && page.contains("too dear") && !page.contains("name=\"version\""));
        assert!(self::page("replaced", &Shown::default()).contains("nothing to decide any more"));
    }

    #[test]
    fn a_used_link_shows_no_form() {
        let shown = Shown { closed: Some("This link has been used."), ..Shown::default() };
        let v = view(&stored("asked"), &shown, &here());
        let page = MailDecisionPage { company: "F".into(), recipient: "b@x".into(), v, action: "/d/x".into() };
        let page = page.render().unwrap();
        assert!(
            page.contains("This link has been used.") && !page.contains("<form") && page.contains("Open in the app")
        );
    }
}
