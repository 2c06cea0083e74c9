//! What customers are told because of a plan.
//!
//! Invariants: nothing in Watch, nothing that nobody has turned on, nothing about a backorder that is older than the
//! turning on; a date is told when it stands (all of it is on order), not while a purchase is only proposed; one mail per
//! event and episode, and for a later date one per date.

use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use super::news::Facts;
use super::record::Changed;
use super::{WorkError, Worker};
use crate::db::customer_mail::{self, Told};
use crate::db::notice;
use crate::domain::backorder::BackorderState;
use crate::domain::customer_mail::{CustomerEvent, CustomerLine, CustomerMail, CustomerNotice};
use crate::domain::ids::{DocumentRef, NoticeId};
use crate::domain::sales_document::SalesLine;
use crate::domain::settings::Mode;

/// What must be told, its key, and the date that it tells.
#[derive(Debug, PartialEq, Eq)]
struct Telling {
    event: CustomerEvent,
    key: String,
    expected: Option<Told>,
    said_before: Option<jiff::civil::Date>,
    attach: bool,
}

impl Worker {
    /// Keeps what customers must be told, to be sent after the commit.
    pub(super) async fn tell_customers(&self, tx: &Transaction<'_>, facts: &Facts<'_>) -> Result<(), WorkError> {
        let (tenant, settings) = (facts.ground.tenant, facts.ground.settings);
        let mail = &settings.customer_mail;
        if !mail.on || mail.events.is_empty() || settings.mode == Mode::Watch {
            return Ok(());
        }
        let documents: Vec<DocumentRef> =
            facts.changed.iter().map(|changed| changed.document.reference.clone()).collect();
        let told = customer_mail::told(tx, tenant, &documents).await?;
        for changed in facts.changed {
            let reference = &changed.document.reference;
            let Some(telling) = telling(mail, changed, told.get(reference).copied()) else { continue };
            let notice = CustomerNotice {
                event: telling.event,
                document: reference.clone(),
                number: changed.document.number.clone(),
                customer: changed.document.customer.clone(),
                company: facts.ground.company.to_owned(),
                expected: changed.after.promise,
                said_before: telling.said_before,
                lines: lines(facts, changed, telling.event),
                attach: telling.attach,
                message: None,
                try_on: None,
                language: None,
            };
            let id = NoticeId(self.clock.new_id());
            notice::insert_customer(tx, tenant, id, &telling.key, &notice, facts.ground.now).await?;
            if let Some(told) = telling.expected {
                customer_mail::put_told(tx, tenant, reference, told).await?;
            }
        }
        Ok(())
    }
}

/// What the customer of a changed document must be told; at most one thing at a time.
fn telling(mail: &CustomerMail, changed: &Changed, told: Option<Told>) -> Option<Telling> {
    let after = &changed.after;
    let on = |event| mail.tells(event, after.since);
    let key = |event: CustomerEvent, rest: &str| {
        format!("customer|{}|{}|{}{rest}", event.as_str(), changed.document.reference, after.episode)
    };
    let plain = |event: CustomerEvent, attach| Telling {
        event,
        key: key(event, ""),
        expected: None,
        said_before: None,
        attach,
    };
    let was_open = changed.before.as_ref().is_some_and(|before| before.state.is_open());
    if after.state == BackorderState::Delivered && was_open && on(CustomerEvent::OnItsWay) {
        return Some(plain(CustomerEvent::OnItsWay, false));
    }
    let stands = matches!(after.state, BackorderState::OnOrder | BackorderState::PartReady);
    let of_episode = told.filter(|told| told.episode == after.episode);
    if let (true, Some(expected)) = (stands, after.promise) {
        let now_told = Some(Told { episode: after.episode, expected });
        match of_episode {
            None if on(CustomerEvent::Backorder) => {
                let attach = on(CustomerEvent::Document);
                return Some(Telling { expected: now_told, ..plain(CustomerEvent::Backorder, attach) });
            }
            Some(told) if expected > told.expected && on(CustomerEvent::DateMoved) => {
                return Some(Telling {
                    event: CustomerEvent::DateMoved,
                    key: key(CustomerEvent::DateMoved, &format!("|{expected}")),
                    expected: now_told,
                    said_before: Some(told.expected),
                    attach: false,
                });
            }
            _ => {}
        }
    }
    // the notice of the backorder brings the document along, where both are on
    let first = changed.before.is_none() && after.state.is_open();
    (first && on(CustomerEvent::Document) && !on(CustomerEvent::Backorder))
        .then(|| plain(CustomerEvent::Document, true))
}

/// What waits, or, on its way, what has left.
fn lines(facts: &Facts<'_>, changed: &Changed, event: CustomerEvent) -> Vec<CustomerLine> {
    if event == CustomerEvent::Document {
        return Vec::new();
    }
    let sold = changed.document.lines.iter().filter(|line| line.tracked && !line.counted_elsewhere);
    sold.filter_map(|line| {
        let covers = || changed.covers.iter().filter(|cover| cover.line_id == line.id);
        let (quantity, expected) = if event == CustomerEvent::OnItsWay {
            (line.fulfilled, None)
        } else {
            let waits = covers().any(|cover| cover.open > cover.from_stock);
            let whole = covers().all(|cover| cover.promise.is_some());
            let open = (line.ordered - line.fulfilled - line.closed).max(Decimal::ZERO);
            // of a kit the customer knows the kit, not its parts
            let single = covers().find(|cover| cover.component.is_empty());
            let quantity = single.map_or(open, |cover| cover.open - cover.from_stock);
            let last = covers().filter_map(|cover| cover.promise).max();
            (if waits { quantity } else { Decimal::ZERO }, last.filter(|_| whole))
        };
        (quantity > Decimal::ZERO).then(|| named(facts, line, quantity, expected))
    })
    .collect()
}

fn named(facts: &Facts<'_>, line: &SalesLine, quantity: Decimal, expected: Option<jiff::civil::Date>) -> CustomerLine {
    let item = facts.assembled.item(&line.item);
    CustomerLine {
        sku: item.map(|item| item.sku.clone()).unwrap_or_default(),
        name: item.map_or_else(|| line.description.clone(), |item| item.name.clone()),
        quantity,
        unit: item.map(|item| item.unit.clone()).unwrap_or_default(),
        expected,
    }
}

#[cfg(test)]
mod tests;
