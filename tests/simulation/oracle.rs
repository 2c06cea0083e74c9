//! What must hold, at every instant and in the end. The invariants that have nothing to do with time and failure are
//! held elsewhere: I7 (companies apart) by row security, I10 (no secret is told) where texts are made.

use backorders::domain::purchase_order::PurchaseState;

use crate::model::exactly;
use crate::run::Run;

impl Run {
    pub(crate) fn is_quiet(&self) -> bool {
        let intents = self.store.intents.iter().all(|intent| matches!(intent.state, "confirmed" | "needs_human"));
        intents
            && self.host.late.is_empty()
            && self.store.mails.iter().all(|mail| mail.state == "sent")
            && self.store.documents.iter().all(|document| document.seen >= document.changed)
            && self.workers.iter().all(|(job, _)| job.is_none())
    }

    /// What holds at every instant: I1 what was answered is kept; I6 nothing is meant to be bought that is not needed (a
    /// sale only grows here); I4 one issued purchase order for each mark; one that is not cancelled, too, unless
    /// a process slept where no look at the lease can help.
    pub(crate) fn check_always(&self) -> Result<(), String> {
        if let Some(broken) = &self.broken {
            return Err(broken.clone());
        }
        for (id, document) in self.store.documents.iter().enumerate() {
            if self.answered[id] > document.kept {
                return Err(format!("I1: {} deliveries answered with 200, {} kept", self.answered[id], document.kept));
            }
            let meant: i64 = self.store.intents.iter().filter(|one| one.document == id).map(|one| one.quantity).sum();
            if meant > self.host.needed[id] {
                return Err(format!("I6: {meant} is to be bought of {} needed", self.host.needed[id]));
            }
        }
        for marker in 0..self.store.intents.len() {
            if self.host.confirmed(marker) > 1 {
                return Err(format!("I4: two issued purchase orders of mark {marker}"));
            }
            if !self.zombies && self.host.live(marker) > 1 {
                return Err(format!("I4: two purchase orders of mark {marker}"));
            }
        }
        Ok(())
    }

    /// What holds when all is quiet: I2 nothing is stuck, I3, I8 each shortfall is bought exactly, I5 told once, I9 no
    /// lease is left, I11 every intent ended as one purchase order.
    pub(crate) fn check_in_the_end(&self) -> Result<(), String> {
        if !self.is_quiet() {
            return Err("I2: something is stuck".to_owned());
        }
        for (id, document) in self.store.documents.iter().enumerate() {
            let orders = self.orders_of(id);
            let issued = orders.iter().map(|id| &self.host.orders[*id]);
            let issued = issued.filter(|order| order.state == PurchaseState::Confirmed);
            let (bought, received) = issued.fold((0, 0), |(all, came), order| {
                (all + order.quantity, came + if order.received { order.quantity } else { 0 })
            });
            if bought != self.host.needed[id] {
                return Err(format!("I3: {bought} bought of {} needed", self.host.needed[id]));
            }
            for order in self.orders_of(id).into_iter().map(|id| &self.host.orders[id]) {
                let asked = self.store.intents[order.marker].quantity;
                if exactly(order.quantity) != exactly(asked) {
                    return Err(format!("I8: {asked} asked for, {} ordered", order.quantity));
                }
            }
            if document.planned != (self.host.needed[id], received) {
                return Err(format!("I2: the last change was not seen: {:?}", document.planned));
            }
            if document.row.lease_until.is_some() {
                return Err("I9: a lease is left".to_owned());
            }
        }
        if let Some(intent) = self.store.intents.iter().find(|intent| intent.state != "confirmed") {
            return Err(format!("I11: an intent ended as {}", intent.state));
        }
        for mail in &self.store.mails {
            let mut sent = self.host.mailbox.get(&mail.key).cloned().unwrap_or_default();
            sent.dedup();
            if sent.len() != 1 {
                return Err(format!("I5: {} was told {} times", mail.key, sent.len()));
            }
        }
        Ok(())
    }
}
