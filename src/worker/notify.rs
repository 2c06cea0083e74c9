//! One notice: write, send, settle.
//!
//! Invariants: `sending` is committed before the mail server hears of it; the Message-ID is the notice's, so that a
//! mail which had to be sent again is seen once; links with tokens are made here and stored hashed.

use std::time::Duration;

use jiff::Timestamp;

use super::{WorkError, Worker, retry};
use crate::db::notice::{self, Claim, StoredNotice};
use crate::db::{self, digest};
use crate::domain::problem::Problem;
use crate::mail::MailError;

/// After an ambiguous answer the server may still be working on the mail (RFC 5321, 4.5.3.2.6).
const AMBIGUOUS_WAIT: Duration = Duration::from_secs(600);
/// A mail that has failed this often is given up and shown: after some three days, as mail servers do.
const MOST_ATTEMPTS: i32 = 78;

impl Worker {
    /// Sends one claimed notice.
    pub(super) async fn send_notice(&self, claim: &Claim) -> Result<(), WorkError> {
        let Some(stored) = self.begin(claim).await? else { return Ok(()) };
        let is_digest = stored.event == "digest";
        let letter = match stored.event.as_str() {
            "digest" => Box::pin(self.digest_letter(claim, &stored)).await?,
            event if event.starts_with("customer_") => Some(Box::pin(self.customer_letter(claim, &stored)).await?),
            _ => Some(self.staff_letter(claim, &stored).await?),
        };
        let sent = match letter.as_ref().map(|letter| &letter.mail) {
            Some(Ok(mail)) => self.mailer.send(mail).await,
            Some(Err(error)) => Err(error.clone()),
            // an empty digest: nothing to tell
            None => Ok(()),
        };
        let now = self.clock.now();
        let (state, due_at, sent_at, error) = settled(&sent, claim.attempt, now);
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        notice::move_on(&tx, claim, state, due_at, sent_at, error.as_deref()).await?;
        if is_digest && !matches!(state, "due" | "unknown") {
            digest::settle(&tx, claim.tenant, claim.id, state, sent_at).await?;
        }
        if let Some(letter) = letter.filter(|_| state != "due") {
            let details =
                serde_json::json!({ "event": stored.event, "to": letter.to, "outcome": state, "error": error });
            self.audit(&tx, claim.tenant, "mail", letter.document.as_ref(), details).await?;
        }
        tx.commit().await?;
        metrics::counter!("backorders_alerts_sent_total", "outcome" => state).increment(1);
        if state == "unknown" {
            metrics::counter!("backorders_alerts_ambiguous_total").increment(1);
        }
        Ok(())
    }

    /// The notice, if it may be sent now.
    async fn begin(&self, claim: &Claim) -> Result<Option<StoredNotice>, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let Some(stored) = notice::find(&tx, claim.tenant, claim.id).await? else { return Ok(None) };
        if stored.state == "sending" {
            // a worker died while it was sending: the server may have the mail
            let until = retry::after(self.clock.now(), AMBIGUOUS_WAIT);
            notice::move_on(&tx, claim, "unknown", Some(until), None, Some(&Problem::Stopped.kept())).await?;
            tx.commit().await?;
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(stored))
    }
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
