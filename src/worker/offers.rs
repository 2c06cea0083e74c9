//! A planned purchase order becomes a proposal: in the host's names, with the other ways to buy it. Pure.
//!
//! Invariants: each option is a purchase order that the planner planned; none is put together here. The other ways are
//! planned again only when what they are planned from has changed.

use crate::domain::name::Name;
use crate::domain::overrides::Concerned;
use crate::domain::plan::{self, Plan, PurchaseLine, PurchaseOrder};
use crate::domain::policy::GroupBy;
use crate::domain::price::Amount;
use crate::domain::proposal::{OptionLine, Proposal, ProposalDocument, ProposedPeg, PurchaseOption};
use crate::domain::sales_document::Party;
use crate::domain::snapshot::Snapshot;

use super::snapshot::Assembled;
use crate::host;

/// Ways that a person is offered, the planner's own choice included.
const MOST_OPTIONS: usize = 6;
/// Sales documents up to which the other ways are planned: each is a plan of all of them again.
const MOST_DOCUMENTS: usize = 200;

/// The proposal of a planned purchase order, with the planner's choice alone. None: it names what the snapshot does not
/// have, which cannot be.
#[must_use]
pub(super) fn proposal(assembled: &Assembled, order: &PurchaseOrder) -> Option<Proposal> {
    let chosen = option(assembled, order)?;
    let mut documents: Vec<ProposalDocument> = Vec::new();
    for peg in order.lines.iter().flat_map(|line| &line.pegs) {
        let document = assembled.document(&peg.order)?;
        if !documents.iter().any(|known| known.reference == document.reference) {
            documents.push(ProposalDocument {
                reference: document.reference.clone(),
                number: document.number.clone(),
                customer: document.customer.name.clone(),
                customer_id: document.customer.id.clone(),
            });
        }
    }
    let basis = basis(assembled, order, &chosen);
    Some(Proposal { documents, options: vec![chosen], basis, limit: None })
}

/// Adds the other ways to buy it: those that are open already if nothing that they were planned from has changed, for
/// each costs a plan.
pub(super) fn add_others(
    proposal: &mut Proposal,
    assembled: &Assembled,
    order: &PurchaseOrder,
    open: Option<&Proposal>,
) {
    if let Some(open) = open.filter(|open| open.basis == proposal.basis) {
        proposal.options.clone_from(&open.options);
        return;
    }
    for other in others(assembled, order) {
        if proposal.options.len() < MOST_OPTIONS && !proposal.options.contains(&other) {
            proposal.options.push(other);
        }
    }
}

/// What goes into one purchase order with what that one is for: all of it was put together by the same rule.
pub(super) fn group_by(assembled: &Assembled, order: &PurchaseOrder) -> GroupBy {
    let policy = &assembled.snapshot.policy;
    let first = order.lines.first().and_then(|line| Some((line, line.pegs.first()?)));
    let own = first.and_then(|(line, peg)| {
        let document = assembled.document(&peg.order);
        let of_line = document.and_then(|document| document.lines.iter().find(|known| known.id == peg.line.as_str()));
        let customer = document.map(|document| Name::from(document.customer.id.as_str()));
        let kit = of_line.map(|known| Name::from(known.item.as_str()));
        let (vendor, item) = (Some(&order.vendor), Some(&line.item));
        let concerned = Concerned { vendor, customer: customer.as_ref(), item, kit: kit.as_ref() };
        policy.particular(concerned, |rule| rule.group_by)
    });
    own.unwrap_or(policy.group_by)
}

/// What stays the same while the content of a proposal changes.
pub(super) fn group_key(group_by: GroupBy, proposal: &Proposal) -> String {
    let Some(PurchaseOption { vendor, warehouse, ship_to, lines, .. }) = proposal.options.first() else {
        return String::new();
    };
    let place = ship_to.as_ref().map_or_else(
        || format!("to {}", warehouse.as_deref().unwrap_or_default()),
        |to| format!("ship {}", to.one_line()),
    );
    let of = match group_by {
        GroupBy::Vendor => String::new(),
        GroupBy::OrderAndVendor => {
            proposal.documents.iter().map(|document| document.reference.to_string()).collect::<Vec<_>>().join(",")
        }
        GroupBy::Line => lines
            .iter()
            .flat_map(|line| &line.pegs)
            .map(|peg| format!("{}/{}/{}", peg.document, peg.line, peg.component))
            .collect::<Vec<_>>()
            .join(","),
    };
    format!("{}|{place}|{of}", vendor.id)
}

/// What the other ways are planned from, as one word: the choice (its quantities and dates say what else there is), the
/// customers' addresses, the settings and all vendors' terms for its items.
fn basis(assembled: &Assembled, order: &PurchaseOrder, chosen: &PurchaseOption) -> String {
    let snapshot = &assembled.snapshot;
    let terms = snapshot.vendors.iter().filter(|offer| order.lines.iter().any(|line| line.item == offer.item));
    let terms: Vec<String> = terms.map(|offer| format!("{offer:?}")).collect();
    let pegs = order.lines.iter().flat_map(|line| &line.pegs);
    let addresses: Vec<_> = pegs.filter_map(|peg| Some(&assembled.document(&peg.order)?.ship_to)).collect();
    host::fingerprint(&(chosen, addresses, terms, format!("{:?}", snapshot.policy)))
}

fn option(assembled: &Assembled, order: &PurchaseOrder) -> Option<PurchaseOption> {
    let vendor = order.vendor.to_string();
    let name = assembled.vendor_name(&vendor).unwrap_or(&vendor).to_owned();
    let ship_to = match &order.ship_to {
        Some(name) => Some(assembled.address(name)?.clone()),
        None => None,
    };
    let lines = order.lines.iter().map(|line| option_line(assembled, line)).collect::<Option<Vec<_>>>()?;
    Some(PurchaseOption {
        vendor: Party { id: vendor, name },
        warehouse: order.warehouse.as_ref().map(ToString::to_string),
        ship_to,
        currency: order.currency.as_ref().map(ToString::to_string),
        total: order.total.and_then(Amount::to_decimal),
        expected: order.expected,
        lines,
    })
}

fn option_line(assembled: &Assembled, line: &PurchaseLine) -> Option<OptionLine> {
    let item = assembled.item(&line.item);
    let pegs = line
        .pegs
        .iter()
        .map(|peg| {
            let document = assembled.document(&peg.order)?;
            Some(ProposedPeg {
                document: document.reference.clone(),
                line: peg.line.to_string(),
                component: peg.component.as_ref().map(ToString::to_string).unwrap_or_default(),
                quantity: peg.qty.into(),
                wanted: peg.wanted.unwrap_or_default().into(),
            })
        })
        .collect::<Option<Vec<_>>>()?;
    Some(OptionLine {
        item: line.item.to_string(),
        sku: item.map_or_else(|| line.item.to_string(), |item| item.sku.clone()),
        name: item.map(|item| item.name.clone()).unwrap_or_default(),
        quantity: line.qty.into(),
        unit: line.unit.as_ref().map(ToString::to_string),
        stock_quantity: line.stock_qty.into(),
        price: line.price.as_ref().and_then(|price| price.to_string().parse().ok()),
        price_note: line.price_note.clone(),
        expected: line.expected,
        surplus: line.surplus.into(),
        why: assembled.sum_in_names(&line.why),
        pegs,
    })
}

/// The same demand planned again with another vendor, or shipped straight to the customer (or to the warehouse after
/// all): only ways that cover exactly the same pegs in one purchase order.
fn others(assembled: &Assembled, order: &PurchaseOrder) -> Vec<PurchaseOption> {
    if assembled.snapshot.orders.len() > MOST_DOCUMENTS {
        return Vec::new();
    }
    let mut vendors: Vec<Name> = Vec::new();
    for line in &order.lines {
        for offer in assembled.snapshot.vendors.iter().filter(|offer| offer.item == line.item && !offer.blocked) {
            if !vendors.contains(&offer.vendor) {
                vendors.push(offer.vendor.clone());
            }
        }
    }
    let single_document = {
        let mut orders = order.lines.iter().flat_map(|line| &line.pegs).map(|peg| &peg.order);
        let first = orders.next();
        orders.all(|order| Some(order) == first)
    };
    let mut found = Vec::new();
    for drop_ship in [order.drop_ship, !order.drop_ship] {
        if drop_ship != order.drop_ship && !single_document {
            continue;
        }
        for vendor in &vendors {
            if *vendor == order.vendor && drop_ship == order.drop_ship {
                continue;
            }
            let snapshot = redirected(&assembled.snapshot, order, vendor, drop_ship);
            found.extend(matching(&plan::plan(&snapshot), order, vendor, drop_ship).and_then(|o| option(assembled, o)));
        }
    }
    found
}

/// The snapshot with the demand of this purchase order alone sent another way.
fn redirected(snapshot: &Snapshot, order: &PurchaseOrder, vendor: &Name, drop_ship: bool) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let wanted = |document: &Name, line: &Name| {
        order.lines.iter().flat_map(|line| &line.pegs).any(|peg| peg.order == *document && peg.line == *line)
    };
    for document in &mut snapshot.orders {
        for line in &mut document.lines {
            if wanted(&document.id, &line.id) {
                line.vendor = Some(vendor.clone());
                line.drop_ship = drop_ship;
            }
        }
    }
    snapshot
}

/// The purchase order of `plan` that stands for `order`, if there is exactly one.
fn matching<'a>(plan: &'a Plan, order: &PurchaseOrder, vendor: &Name, drop_ship: bool) -> Option<&'a PurchaseOrder> {
    let demands = |order: &PurchaseOrder| {
        let mut demands: Vec<_> = order
            .lines
            .iter()
            .flat_map(|line| &line.pegs)
            .map(|peg| (peg.order.clone(), peg.line.clone(), peg.component.clone()))
            .collect();
        demands.sort();
        demands.dedup();
        demands
    };
    let wanted = demands(order);
    let mut fitting = plan
        .purchase_orders
        .iter()
        .filter(|other| other.vendor == *vendor && other.drop_ship == drop_ship && demands(other) == wanted);
    let found = fitting.next()?;
    fitting.next().is_none().then_some(found)
}
