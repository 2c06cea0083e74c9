//! One notice: render, send, settle.
//!
//! Invariants: `sending` is committed before the mail server hears of it; the Message-ID is the notice's, so that a
//! mail which had to be sent again is seen once; links with tokens are made here and stored hashed.

use std::time::Duration;

use jiff::Timestamp;

use super::{WorkError, Worker, retry};
use crate::db::notice::{self, Claim, StoredNotice};
use crate::db::{self, proposal};
use crate::domain::notice::Notice;
use crate::mail::{EmailAddress, MailError, NoticeLinks, OutgoingMail, render};
use crate::secret::Token;

/// After an ambiguous answer the server may still be working on the mail (RFC 5321, 4.5.3.2.6).
const AMBIGUOUS_WAIT: Duration = Duration::from_secs(600);
/// A mail that has failed this often is given up and shown: after some three days, as mail servers do.
const MOST_ATTEMPTS: i32 = 78;

impl Worker {
    /// Sends one claimed notice.
    pub(super) async fn send_notice(&self, claim: &Claim) -> Result<(), WorkError> {
        let Some((stored, links)) = self.prepare(claim).await? else { return Ok(()) };
        let sent = self.send_mail(claim, &stored, &links).await;
        let now = self.clock.now();
        let (state, due_at, sent_at, error) = settled(&sent, claim.attempt, now);
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        notice::move_on(&tx, claim, state, due_at, sent_at, error.as_deref()).await?;
        if state != "due" {
            let document = stored.body.document.as_ref().map(|document| &document.reference);
            let details = serde_json::json!({
                "event": stored.body.event.as_str(), "to": stored.recipient, "outcome": state, "error": error,
            });
            self.audit(&tx, claim.tenant, "mail", document, details).await?;
        }
        tx.commit().await?;
        metrics::counter!("backorders_alerts_sent_total", "outcome" => state).increment(1);
        if state == "unknown" {
            metrics::counter!("backorders_alerts_ambiguous_total").increment(1);
        }
        Ok(())
    }

    /// Marks the notice as being sent and makes its links.
    async fn prepare(&self, claim: &Claim) -> Result<Option<(StoredNotice, NoticeLinks)>, WorkError> {
        let now = self.clock.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let Some(stored) = notice::find(&tx, claim.tenant, claim.id).await? else { return Ok(None) };
        if stored.state == "sending" {
            // a worker died while it was sending: the server may have the mail
            let until = retry::after(now, AMBIGUOUS_WAIT);
            notice::move_on(&tx, claim, "unknown", Some(until), None, Some("the worker that sent it was stopped"))
                .await?;
            tx.commit().await?;
            return Ok(None);
        }
        notice::move_on(&tx, claim, "sending", Some(now), None, None).await?;
        let links = self.links(&tx, claim, &stored, now).await?;
        tx.commit().await?;
        Ok(Some((stored, links)))
    }

    async fn links(
        &self,
        tx: &tokio_postgres::Transaction<'_>,
        claim: &Claim,
        stored: &StoredNotice,
        now: Timestamp,
    ) -> Result<NoticeLinks, WorkError> {
        let at = |path: String| self.public_url.join(&path).ok().map(String::from);
        let open =
            stored.body.document.as_ref().and_then(|document| at(backorder_path(&stored.body, &document.reference.id)));
        let mut links = NoticeLinks { open, settings: at("settings".to_owned()), ..NoticeLinks::default() };
        let Some(decision) = &stored.body.decision else { return Ok(links) };
        let settings = db::settings::load(tx, claim.tenant, false).await?.settings;
        if !settings.mail_approval {
            links.approve = at(format!("decisions/{}", decision.proposal));
            return Ok(links);
        }
        let token = Token::new(claim.tenant, &*self.clock);
        let life = Duration::from_secs(u64::from(settings.link_hours) * 3600);
        let link = proposal::ApprovalLink {
            proposal: decision.proposal,
            version: decision.version,
            recipient: stored.recipient.clone(),
            expires_at: retry::after(now, life),
            used_at: None,
        };
        proposal::insert_link(tx, claim.tenant, &token.key().hash, &link, now).await?;
        links.approve = at(format!("d/{}", token.expose()));
        links.decline = at(format!("d/{}?decline=1", token.expose()));
        Ok(links)
    }

    async fn send_mail(&self, claim: &Claim, stored: &StoredNotice, links: &NoticeLinks) -> Result<(), MailError> {
        let to: EmailAddress =
            stored.recipient.parse().map_err(|error| MailError::Refused(format!("the address: {error}")))?;
        let content = render(&stored.body, links).map_err(|error| MailError::Refused(error.to_string()))?;
        let mail = OutgoingMail {
            message_id: self.mailer.message_id(claim.id),
            to,
            reply_to: None,
            date: self.clock.now(),
            content,
            attachments: Vec::new(),
        };
        self.mailer.send(&mail).await
    }
}

/// The page of the backorder that a notice is about, under our public address.
fn backorder_path(notice: &Notice, id: &str) -> String {
    let kind = notice.document.as_ref().map_or("", |document| document.reference.kind.as_str());
    let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20");
    format!("backorders/{kind}/{id}")
}

/// The notice's next state.
fn settled(
    sent: &Result<(), MailError>,
    attempt: i32,
    now: Timestamp,
) -> (&'static str, Option<Timestamp>, Option<Timestamp>, Option<String>) {
    match sent {
        Ok(()) => ("sent", None, Some(now), None),
        Err(MailError::Refused(error)) => ("refused", None, None, Some(error.clone())),
        Err(error) if attempt >= MOST_ATTEMPTS => ("given_up", None, None, Some(error.to_string())),
        Err(MailError::NotSent(error)) => {
            ("due", Some(retry::after(now, retry::delay(attempt, None, 0))), None, Some(error.clone()))
        }
        Err(MailError::Unknown(error)) => {
            ("unknown", Some(retry::after(now, AMBIGUOUS_WAIT)), None, Some(error.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_that_may_have_gone_is_sent_again_only_after_ten_minutes() {
        let now = Timestamp::UNIX_EPOCH;
        let (state, due, ..) = settled(&Err(MailError::Unknown("cut".into())), 1, now);
        assert_eq!((state, due), ("unknown", Some(retry::after(now, AMBIGUOUS_WAIT))));
    }

    #[test]
    fn a_refused_address_is_not_tried_again() {
        let (state, due, ..) = settled(&Err(MailError::Refused("550".into())), 1, Timestamp::UNIX_EPOCH);
        assert_eq!((state, due), ("refused", None));
    }

    #[test]
    fn a_mail_is_given_up_after_three_days() {
        let not_sent = Err(MailError::NotSent("421".into()));
        let waited: Duration = (1..MOST_ATTEMPTS).map(|attempt| retry::delay(attempt, None, 0)).sum();
        assert!(waited >= Duration::from_secs(70 * 3600), "{waited:?}");
        assert_eq!(settled(&not_sent, MOST_ATTEMPTS - 1, Timestamp::UNIX_EPOCH).0, "due");
        assert_eq!(settled(&not_sent, MOST_ATTEMPTS, Timestamp::UNIX_EPOCH).0, "given_up");
    }
}
