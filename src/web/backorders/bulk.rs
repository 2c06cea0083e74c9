//! What is done with the backorders that are chosen.
//!
//! Invariants: each is done or not by itself, and the result names each; what could not be done stays chosen; a form
//! that is sent twice does nothing twice that goes to others.

use actix_web::HttpResponse;
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::csv;
use super::list;
use super::query::Wanted;
use crate::db::work_list::{self, ListedBackorder};
use crate::db::{self, audit, changed_document, line_choice, listing, notice, proposal};
use crate::decision::{self, Outcome, Shown};
use crate::domain::customer_mail::{CustomerEvent, CustomerNotice};
use crate::domain::ids::{DocumentRef, NoticeId, ProposalId};
use crate::mail::EmailAddress;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::web::session::Member;
use crate::web::{AppState, customer_email, decisions};
use crate::wording::Words;

/// One of the chosen, and what became of it.
struct Became {
    said: String,
    /// It is chosen still: it could not be done.
    failed: Option<DocumentRef>,
}

/// What an action needs.
struct Bulk<'a> {
    state: &'a AppState,
    member: &'a Member,
    fields: &'a Fields,
    rows: Vec<ListedBackorder>,
}

/// Does with the chosen what the form wants.
pub(super) async fn act(
    state: &AppState,
    member: &Member,
    fields: &Fields,
    wanted: Wanted,
    chosen: Vec<DocumentRef>,
) -> Result<HttpResponse, WebError> {
    let words = member.words;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    if chosen.is_empty() {
        return list::page(state, &tx, member, wanted, &[], vec![words.say("list-nothing-chosen").into()]).await;
    }
    let rows = work_list::chosen(&tx, member.tenant, &chosen).await?;
    let bulk = Bulk { state, member, fields, rows };
    let became = match fields.get("act") {
        Some("csv") => return Ok(csv::file(&bulk.rows, words)),
        Some("purchase") => {
            let open = proposal::open_of_documents(&tx, member.tenant, &chosen, 200).await?;
            let ids: Vec<ProposalId> = open.iter().map(|stored| stored.id).collect();
            tx.commit().await?;
            drop(client);
            return decisions::preview_page(state, member, &ids, Vec::new(), None).await;
        }
        Some("decline" | "snooze") => bulk.not_buy(&tx).await,
        Some("assign") => bulk.assign(&tx).await,
        Some("vendor") => bulk.vendor(&tx).await,
        Some("drop_ship") => bulk.drop_ship(&tx).await,
        Some("email") => bulk.email(&tx).await,
        Some("recalculate") => bulk.recalculate(&tx).await,
        _ => Err(WebError::Invalid(words.say("list-no-act").into())),
    };
    let became = match became {
        // said above the list, with everything chosen still
        Err(WebError::Invalid(problem)) => {
            return list::page(state, &tx, member, wanted, &chosen, vec![problem]).await;
        }
        other => other?,
    };
    let failed: Vec<DocumentRef> = became.iter().filter_map(|became| became.failed.clone()).collect();
    let results = became.into_iter().map(|became| became.said).collect();
    let page = list::page(state, &tx, member, wanted, &failed, results).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(page)
}

impl Bulk<'_> {
    fn words(&self) -> Words {
        self.member.words
    }

    fn documents(&self) -> Vec<DocumentRef> {
        self.rows.iter().map(|row| row.document.clone()).collect()
    }

    fn done(&self, row: &ListedBackorder, what: String) -> Became {
        Became {
            said: self.words().say("list-result").with("order", &row.number).with("what", what).into(),
            failed: None,
        }
    }

    fn failed(&self, row: &ListedBackorder, what: String) -> Became {
        Became { failed: Some(row.document.clone()), ..self.done(row, what) }
    }

    /// Keeps who did it, and has the documents planned again.
    async fn keep(
        &self,
        tx: &Transaction<'_>,
        event: &str,
        documents: &[DocumentRef],
        details: serde_json::Value,
        again: bool,
    ) -> Result<(), WebError> {
        let (clock, tenant) = (&self.state.parts.clock, self.member.tenant);
        let now = clock.now();
        let entry = |document: &DocumentRef| audit::Entry {
            id: clock.new_id(),
            at: now,
            actor: self.member.name().to_owned(),
            event: event.to_owned(),
            document: Some(document.clone()),
            details: details.clone(),
        };
        audit::append_all(tx, tenant, &documents.iter().map(entry).collect::<Vec<_>>()).await?;
        if again {
            let changed: Vec<_> = documents.iter().map(|document| (tenant, document.clone())).collect();
            changed_document::mark(tx, &changed, now, None).await?;
        }
        Ok(())
    }

    /// Declines, or puts off, what is asked for the chosen.
    async fn not_buy(&self, tx: &Transaction<'_>) -> Result<Vec<Became>, WebError> {
        let (words, tenant) = (self.words(), self.member.tenant);
        let clock = &*self.state.parts.clock;
        let (reason, until) = if self.fields.get("act") == Some("snooze") {
            let until = decisions::put_off(self.fields, words, clock.now())?;
            let usual = || words.say("decision-put-off-reason").to_string();
            (decisions::reason(self.fields).unwrap_or_else(usual), Some(until))
        } else {
            let reason = decisions::reason(self.fields);
            (reason.ok_or_else(|| WebError::Invalid(words.say("decision-no-reason").into()))?, None)
        };
        let documents = self.documents();
        let open = proposal::open_of_documents(tx, tenant, &documents, i64::MAX).await?;
        let mut became = Vec::new();
        for stored in &open {
            let by = self.member.name();
            let shown = Shown { tenant, proposal: stored.id, version: stored.version, by };
            let outcome = decision::decline(tx, shown, &reason, until, clock).await?;
            let said = decisions::result(words, &decisions::title(words, stored), &outcome);
            let failed = !matches!(outcome, Outcome::NotBought);
            let first = stored.body.documents.first().map(|document| document.reference.clone());
            became.push(Became { said, failed: first.filter(|_| failed) });
        }
        let is_asked = |row: &&ListedBackorder| {
            open.iter().flat_map(|stored| &stored.body.documents).any(|known| known.reference == row.document)
        };
        let nothing = || words.say("list-nothing-asked").to_string();
        became.extend(self.rows.iter().filter(|row| !is_asked(row)).map(|row| self.failed(row, nothing())));
        Ok(became)
    }

    async fn assign(&self, tx: &Transaction<'_>) -> Result<Vec<Became>, WebError> {
        let words = self.words();
        let to = match self.fields.get("assignee") {
            None => None,
            Some("me") => self.member.person.email.clone(),
            Some(address) => Some(
                address
                    .parse::<EmailAddress>()
                    .map(|address| address.as_str().to_owned())
                    .map_err(|_| WebError::Invalid(words.say("mail-wrong-address").with("address", address).into()))?,
            ),
        };
        let documents = self.documents();
        listing::assign(tx, self.member.tenant, &documents, to.as_deref()).await?;
        let details = serde_json::json!({ "to": to.as_deref().unwrap_or("nobody") });
        self.keep(tx, "assigned", &documents, details, false).await?;
        let said = || match &to {
            Some(to) => words.say("list-assigned").with("to", to).to_string(),
            None => words.say("list-unassigned").to_string(),
        };
        Ok(self.rows.iter().map(|row| self.done(row, said())).collect())
    }

    /// Has what is short bought from another vendor, as far as that vendor offers it; without one: by the rules again.
    async fn vendor(&self, tx: &Transaction<'_>) -> Result<Vec<Became>, WebError> {
        let (words, tenant) = (self.words(), self.member.tenant);
        let vendors = listing::vendors(tx, tenant, i64::MAX).await?;
        let chosen = self.fields.get("vendor_choice").unwrap_or("rules");
        let vendor = vendors.iter().find(|(id, _)| id == chosen);
        if vendor.is_none() && chosen != "rules" {
            return Err(WebError::Invalid(words.say("list-no-such-vendor").into()));
        }
        let by = (self.member.name(), self.state.parts.clock.now());
        let documents = self.documents();
        let lines = match vendor {
            Some((id, _)) => line_choice::choose_vendor(tx, tenant, &documents, id, by).await?,
            None => line_choice::clear(tx, tenant, &documents).await?,
        };
        let became = self.rows.iter().map(|row| match vendor {
            Some((_, name)) if !lines.contains_key(&row.document) => {
                self.failed(row, words.say("list-vendor-offers-nothing").with("vendor", name).into())
            }
            Some((_, name)) => self.done(row, words.say("list-vendor-chosen").with("vendor", name).into()),
            None => self.done(row, words.say("list-vendor-by-rules").into()),
        });
        let became = became.collect();
        let changed: Vec<_> = lines.into_keys().collect();
        let details = serde_json::json!({ "vendor": vendor.map_or("by the rules", |(_, name)| name.as_str()) });
        self.keep(tx, "vendor_chosen", &changed, details, true).await?;
        Ok(became)
    }

    async fn drop_ship(&self, tx: &Transaction<'_>) -> Result<Vec<Became>, WebError> {
        let (words, tenant) = (self.words(), self.member.tenant);
        let by = (self.member.name(), self.state.parts.clock.now());
        let lines = line_choice::ship_to_customer(tx, tenant, &self.documents(), by).await?;
        let became = self.rows.iter().map(|row| match lines.get(&row.document) {
            Some(lines) => self.done(row, words.say("list-drop-shipped").with("count", *lines).into()),
            None => self.failed(row, words.say("list-nothing-to-ship").into()),
        });
        let became = became.collect();
        let changed: Vec<_> = lines.into_keys().collect();
        self.keep(tx, "drop_shipment_chosen", &changed, serde_json::json!({}), true).await?;
        Ok(became)
    }

    /// Writes to the customers of the chosen; the form's own id keeps one that is sent twice from writing twice.
    async fn email(&self, tx: &Transaction<'_>) -> Result<Vec<Became>, WebError> {
        let (words, tenant) = (self.words(), self.member.tenant);
        let settings = db::settings::load(tx, tenant, false).await?;
        if !settings.settings.customer_mail.on {
            return Err(WebError::Invalid(words.say("customer-email-off").into()));
        }
        let event = self.fields.get("event").and_then(CustomerEvent::parse).unwrap_or(CustomerEvent::Backorder);
        let form = self.fields.get("form_id").and_then(|id| Uuid::parse_str(id).ok());
        let form = form.ok_or_else(|| WebError::Invalid(words.say("decision-no-version").into()))?;
        let clock = &self.state.parts.clock;
        let mut waiting = customer_email::waiting_all(tx, tenant, &self.documents(), event).await?;
        for notice in &mut waiting {
            notice.company.clone_from(&settings.company);
            notice.attach = event == CustomerEvent::Document;
        }
        let key = |notice: &CustomerNotice| format!("customer|chosen|{form}|{}", notice.document);
        let news: Vec<_> = waiting.iter().map(|notice| (NoticeId(clock.new_id()), key(notice), notice)).collect();
        let new = notice::insert_customers(tx, tenant, &news, clock.now()).await?;
        let new = news.iter().filter(|(id, ..)| new.contains(id));
        let new: Vec<DocumentRef> = new.map(|(.., notice)| notice.document.clone()).collect();
        let details = serde_json::json!({ "what": event.as_str().replace('_', " ") });
        self.keep(tx, "customer_mail_asked", &new, details, false).await?;
        let said = |row: &ListedBackorder| {
            let said = if new.contains(&row.document) {
                words.say("list-emailed").with("customer", &row.customer)
            } else {
                words.say("list-emailed-before").with("customer", &row.customer)
            };
            self.done(row, said.into())
        };
        Ok(self.rows.iter().map(said).collect())
    }

    async fn recalculate(&self, tx: &Transaction<'_>) -> Result<Vec<Became>, WebError> {
        let documents = self.documents();
        self.keep(tx, "looked_again", &documents, serde_json::json!({}), true).await?;
        Ok(self.rows.iter().map(|row| self.done(row, self.words().say("list-recalculated").into())).collect())
    }
}
