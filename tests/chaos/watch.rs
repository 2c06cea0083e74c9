//! Who looks while it runs: a person who does what the pages ask of people, and a witness who keeps what the ERP and
//! the mailbox show only for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::Result;
use backorders::clock::{Clock as _, SystemClock};
use backorders::db::proposal::StoredProposal;
use backorders::db::{self, stuck_intent};
use backorders::decision::{self, Choice, Outcome, Shown};
use backorders::domain::ids::TenantId;
use backorders::sandbox::Mail;
use serde_json::Value;
use tokio::sync::watch as channel;

use crate::scene::{Erp, Office, Tenant};

/// What was seen.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    /// Deliveries by id: company, event, body, and how many copies of it were answered with 200.
    pub(crate) deliveries: BTreeMap<String, (i64, String, String, usize)>,
    /// Mails, by the catcher's number.
    pub(crate) mails: BTreeMap<u64, Mail>,
    /// Purchase orders that were seen issued, by mark: company and code.
    pub(crate) issued: BTreeMap<String, BTreeSet<(i64, String)>>,
}

impl Witness {
    pub(crate) async fn look(&mut self, erp: &Erp) -> Result<()> {
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        for delivery in erp.look("/sandbox/deliveries").await?.as_array().into_iter().flatten() {
            let text = |name: &str| delivery[name].as_str().unwrap_or_default().to_owned();
            let company = delivery["company"].as_i64().unwrap_or_default();
            self.deliveries.entry(text("id")).or_insert_with(|| (company, text("event"), text("body"), 0));
            *taken.entry(text("id")).or_default() += usize::from(text("outcome") == "200");
        }
        for (id, taken) in taken {
            if let Some(known) = self.deliveries.get_mut(&id) {
                known.3 = known.3.max(taken);
            }
        }
        self.mails.extend(erp.mails().into_iter().map(|mail| (mail.id, mail)));
        let state = erp.look("/sandbox/state").await?;
        for (company, order, mark) in marked_orders(&state) {
            if !matches!(order["status"].as_str(), Some("DRAFT")) {
                let code = order["code"].as_str().unwrap_or_default().to_owned();
                self.issued.entry(mark).or_default().insert((company, code));
            }
        }
        Ok(())
    }

    /// Marks with which two purchase orders were issued, at whatever times.
    pub(crate) fn issued_twice(&self) -> Vec<String> {
        self.issued
            .iter()
            .filter(|(_, orders)| orders.len() > 1)
            .map(|(mark, all)| format!("{mark}: {all:?}"))
            .collect()
    }
}

/// The purchase orders that carry a mark of ours.
pub(crate) fn marked_orders(state: &Value) -> Vec<(i64, &Value, String)> {
    let mut found = Vec::new();
    for company in state["companies"].as_array().into_iter().flatten() {
        for order in company["purchase_orders"].as_array().into_iter().flatten() {
            let number = order["number"].as_str().unwrap_or_default();
            if number.starts_with("BO-") {
                found.push((company["id"].as_i64().unwrap_or_default(), order, number.to_owned()));
            }
        }
    }
    found
}

/// What a person had to do.
#[derive(Debug, Default)]
pub(crate) struct Person {
    pub(crate) signed_in_again: usize,
    pub(crate) looked_again: usize,
    pub(crate) approved: usize,
}

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { signed_in_again, looked_again, approved } = self;
        write!(
            f,
            "a person approved {approved} times, signed in again {signed_in_again} times, had {looked_again} purchase orders looked for again"
        )
    }
}

impl Person {
    /// Comes by now and then, until told to stop.
    pub(crate) async fn work(office: Office, tenants: Vec<Tenant>, stopping: channel::Receiver<bool>) -> Self {
        let mut person = Self::default();
        while !*stopping.borrow() {
            // a database that is away is there the next time
            let _ = person.do_what_is_asked(&office, &tenants).await;
            tokio::time::sleep(Duration::from_secs(3)).await;
        }
        person
    }

    /// Approves what is asked, signs in again where access was taken away, and has the ERP looked through again for
    /// what was refused or could not be known.
    pub(crate) async fn do_what_is_asked(&mut self, office: &Office, tenants: &[Tenant]) -> Result<()> {
        for tenant in tenants {
            let mut client = office.pool.get().await?;
            let tx = client.transaction().await?;
            db::enter_tenant(&tx, tenant.id).await?;
            let connection = db::connection::find(&tx, tenant.id).await?;
            for stuck in stuck_intent::list(&tx, tenant.id, 100).await? {
                let again = stuck_intent::look_again(&tx, tenant.id, stuck.id, SystemClock.now()).await?;
                self.looked_again += usize::from(again);
            }
            let open = db::proposal::open(&tx, tenant.id, 100).await?;
            tx.commit().await?;
            for proposal in open {
                // one that is planned anew meanwhile is decided the next time
                let approved = approve(&mut client, tenant.id, &proposal).await.unwrap_or(false);
                self.approved += usize::from(approved);
            }
            drop(client);
            if connection.is_some_and(|connection| connection.state == "revoked") {
                office.connect(tenant.company, None).await?;
                self.signed_in_again += 1;
            }
        }
        Ok(())
    }
}

/// Approves a proposal as it is proposed. False: it is no longer the one that was looked at.
async fn approve(client: &mut deadpool_postgres::Client, tenant: TenantId, proposal: &StoredProposal) -> Result<bool> {
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let shown = Shown { tenant, proposal: proposal.id, version: proposal.version, by: "Buyer" };
    let outcome = decision::approve(&tx, shown, &Choice::default(), &SystemClock).await?;
    tx.commit().await?;
    Ok(matches!(outcome, Outcome::Approved(_)))
}
