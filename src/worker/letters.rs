//! What a notice becomes as a mail: the mail itself, with its links, its PDF and whom it goes to.
//!
//! Invariants: the host is asked before anything is marked as being sent; links with tokens are made in the commit that
//! marks it, and stored hashed; what cannot be sent at all says why, in words for the timeline.

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::Transaction;

use super::{WorkError, Worker, retry};
use crate::db::notice::{self, Claim, StoredNotice};
use crate::db::{self, customer_mail, digest, person, proposal};
use crate::domain::customer_mail::{CustomerMail, CustomerNotice};
use crate::domain::ids::{DocumentRef, TenantId};
use crate::domain::notice::{Notice, NoticeEvent};
use crate::domain::printed::PrintedDocument;
use crate::domain::settings::Settings;
use crate::domain::vendor::Contact;
use crate::host::{Host, HostError};
use crate::mail::customer::{self, CustomerView};
use crate::mail::{
    Attachment, EmailAddress, MailContent, MailError, NoticeLinks, OutgoingMail, digest as digests, pdf,
};
use crate::secret::Token;
use crate::wording::{Language, Words};

/// Notices that one digest lists; more are counted.
const MOST_CARRIED: i64 = 500;

/// A notice that is marked as being sent, and what becomes of it.
pub(super) struct Letter {
    /// Err: it cannot be sent; nothing left.
    pub(super) mail: Result<OutgoingMail, MailError>,
    /// For the timeline.
    pub(super) to: String,
    pub(super) document: Option<DocumentRef>,
}

/// A customer's address as the host has it, and what it is told in.
struct Addressee {
    address: EmailAddress,
    words: Words,
}

impl Worker {
    /// The mail of a notice for staff.
    pub(super) async fn staff_letter(&self, claim: &Claim, stored: &StoredNotice) -> Result<Letter, WorkError> {
        let body: Notice = parsed(stored)?;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        notice::move_on(&tx, claim, "sending", Some(self.clock.now()), None, None).await?;
        let settings = db::settings::load(&tx, claim.tenant, false).await?.settings;
        let words = words_of(&tx, claim.tenant, &stored.recipient, &settings).await?;
        let links = self.links(&tx, claim, &body, &stored.recipient, &settings).await?;
        tx.commit().await?;
        let content = crate::mail::render(&body, &links, words).map_err(|error| MailError::Refused(error.to_string()));
        Ok(Letter {
            mail: content.and_then(|content| self.to_staff(claim, stored, content)),
            to: stored.recipient.clone(),
            document: body.document.map(|document| document.reference),
        })
    }

    /// One mail with all that the digest carries. None: it carries nothing, there is nothing to send.
    pub(super) async fn digest_letter(
        &self,
        claim: &Claim,
        stored: &StoredNotice,
    ) -> Result<Option<Letter>, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        notice::move_on(&tx, claim, "sending", Some(self.clock.now()), None, None).await?;
        // after the row above is ours, nothing joins it any more
        let (notices, in_all) = digest::carried(&tx, claim.tenant, claim.id, MOST_CARRIED).await?;
        let settings = db::settings::load(&tx, claim.tenant, false).await?.settings;
        let words = words_of(&tx, claim.tenant, &stored.recipient, &settings).await?;
        tx.commit().await?;
        if notices.is_empty() {
            return Ok(None);
        }
        let links: Vec<NoticeLinks> = notices.iter().map(|notice| self.plain_links(notice)).collect();
        let carried: Vec<_> =
            notices.iter().zip(&links).map(|(notice, links)| digests::Carried { notice, links }).collect();
        let at = self.at("settings/alerts");
        let content = digests::render(&carried, in_all, at.as_deref(), words);
        let content = content.map_err(|error| MailError::Refused(error.to_string()));
        let mail = content.and_then(|content| self.to_staff(claim, stored, content));
        Ok(Some(Letter { mail, to: stored.recipient.clone(), document: None }))
    }

    fn to_staff(&self, claim: &Claim, stored: &StoredNotice, content: MailContent) -> Result<OutgoingMail, MailError> {
        Ok(OutgoingMail {
            message_id: self.mailer.message_id(claim.id),
            to: address(&stored.recipient)?,
            reply_to: None,
            date: self.clock.now(),
            content,
            attachments: Vec::new(),
            unsubscribe: None,
        })
    }

    /// A link under our public address.
    fn at(&self, path: &str) -> Option<String> {
        self.settings.public_url.join(path).ok().map(String::from)
    }

    /// Links that need no permission of their own: whoever follows them signs in.
    fn plain_links(&self, body: &Notice) -> NoticeLinks {
        let place = match body.event {
            NoticeEvent::AccessRevoked => Some("connect".to_owned()),
            _ => body.document.as_ref().map(|document| backorder_path(&document.reference)),
        };
        NoticeLinks {
            open: place.and_then(|place| self.at(&place)),
            approve: body.decision.as_ref().and_then(|decision| self.at(&format!("decisions/{}", decision.proposal))),
            decline: None,
            settings: self.at("settings/alerts"),
        }
    }

    async fn links(
        &self,
        tx: &Transaction<'_>,
        claim: &Claim,
        body: &Notice,
        recipient: &str,
        settings: &Settings,
    ) -> Result<NoticeLinks, WorkError> {
        let mut links = self.plain_links(body);
        let Some(decision) = &body.decision else { return Ok(links) };
        if !settings.mail_approval {
            return Ok(links);
        }
        let now = self.clock.now();
        let token = Token::new(claim.tenant, &*self.clock);
        let life = Duration::from_secs(u64::from(settings.link_hours) * 3600);
        let link = proposal::ApprovalLink {
            proposal: decision.proposal,
            version: decision.version,
            recipient: recipient.to_owned(),
            expires_at: retry::after(now, life),
            used_at: None,
        };
        proposal::insert_link(tx, claim.tenant, &token.key().hash, &link, now).await?;
        links.approve = self.at(&format!("d/{}", token.expose()));
        links.decline = self.at(&format!("d/{}?decline=1", token.expose()));
        Ok(links)
    }

    /// The mail of a notice for a customer: address, language and document are the host's of now.
    pub(super) async fn customer_letter(&self, claim: &Claim, stored: &StoredNotice) -> Result<Letter, WorkError> {
        let body: CustomerNotice = parsed(stored)?;
        let settings = {
            let mut client = self.pool.get().await?;
            let tx = client.transaction().await?;
            db::enter_tenant(&tx, claim.tenant).await?;
            let settings = db::settings::load(&tx, claim.tenant, false).await?.settings;
            tx.commit().await?;
            settings
        };
        let document = Some(body.document.clone());
        let to = body.try_on.clone().unwrap_or_else(|| body.customer.name.clone());
        let asked = match self.ask_host(claim, &body, &settings).await {
            Ok(asked) => asked,
            Err(error) => return Ok(Letter { mail: Err(error), to, document }),
        };
        let (addressee, printed) = asked;
        let to = addressee.address.to_string();
        let attachment =
            match printed.map(|printed| printed.attach(&settings.customer_mail, addressee.words)).transpose() {
                Ok(attachment) => attachment,
                Err(error) => return Ok(Letter { mail: Err(error), to, document }),
            };
        let mail = self.write_to_customer(claim, &body, &settings, &addressee, attachment).await?;
        Ok(Letter { mail, to, document })
    }

    /// Reads the customer's contact and, where it goes along, the document.
    async fn ask_host(
        &self,
        claim: &Claim,
        body: &CustomerNotice,
        settings: &Settings,
    ) -> Result<(Addressee, Option<Print>), MailError> {
        if let Some(address_to_try) = &body.try_on {
            let words =
                Words::choose(Some(body.language.unwrap_or(settings.customer_mail.language)), settings, Language::En);
            return Ok((Addressee { address: address(address_to_try)?, words }, None));
        }
        if !settings.customer_mail.on {
            return Err(MailError::Refused("mail to customers is turned off in the settings".to_owned()));
        }
        let later = |error: WorkError| MailError::NotSent(format!("the ERP could not be asked: {error}"));
        let open = self.open_host(claim.tenant).await.map_err(later)?;
        let asked = ask(&*open.host, body).await;
        if matches!(&asked, Err(error) if error.is_unauthorized()) {
            self.token_refused(&open).await.map_err(later)?;
        }
        let (contact, printed) = match asked {
            Ok(asked) => asked,
            Err(HostError::Rejected { detail, .. }) => {
                return Err(MailError::Refused(format!("the ERP does not give the customer: {detail}")));
            }
            Err(error) => return Err(later(error.into())),
        };
        let email = contact.as_ref().and_then(|contact| contact.email.as_deref()).unwrap_or_default();
        if email.is_empty() {
            return Err(MailError::Refused("the ERP has no email address of this customer".to_owned()));
        }
        if body.attach && printed.is_none() {
            return Err(MailError::Refused("the ERP no longer has the document".to_owned()));
        }
        let own = contact.as_ref().and_then(|contact| contact.language.as_deref()).and_then(Language::of_tag);
        let language = body.language.or(own).unwrap_or(settings.customer_mail.language);
        let words = Words::choose(Some(language), settings, language);
        Ok((Addressee { address: address(email)?, words }, printed))
    }

    /// Marks it as being sent and puts it into words, unless its address wants no such mail.
    async fn write_to_customer(
        &self,
        claim: &Claim,
        body: &CustomerNotice,
        settings: &Settings,
        addressee: &Addressee,
        attachment: Option<Attachment>,
    ) -> Result<Result<OutgoingMail, MailError>, WorkError> {
        let (tenant, now, to) = (claim.tenant, self.clock.now(), addressee.address.as_str());
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        if body.try_on.is_none() && customer_mail::unsubscribed(&tx, tenant, to).await?.is_some() {
            return Ok(Err(MailError::Refused("this address has asked for no such mail".to_owned())));
        }
        let own = customer_mail::template(&tx, tenant, body.event, addressee.words.language).await?;
        let token = Token::new(tenant, &*self.clock);
        customer_mail::put_link(&tx, tenant, &token.key().hash, to, now).await?;
        notice::move_on(&tx, claim, "sending", Some(now), None, None).await?;
        tx.commit().await?;
        let unsubscribe = self.at(&format!("u/{}", token.expose()));
        let view = CustomerView {
            notice: body,
            words: addressee.words,
            unsubscribe: unsubscribe.as_deref(),
            attached: attachment.is_some(),
        };
        let template = own.unwrap_or_else(|| customer::default_template(body.event, addressee.words.language));
        let content = match customer::render(view, &template) {
            Ok(content) => content,
            Err(error) => return Ok(Err(MailError::Refused(format!("the template: {error}")))),
        };
        let reply_to = settings.customer_mail.reply_to.as_deref().filter(|to| !to.is_empty()).map(address).transpose();
        Ok(reply_to.map(|reply_to| OutgoingMail {
            message_id: self.mailer.message_id(claim.id),
            to: addressee.address.clone(),
            reply_to,
            date: now,
            content,
            attachments: attachment.into_iter().collect(),
            unsubscribe,
        }))
    }
}

/// How somebody of the company is written to: in the language of their account, else the company's, else English.
async fn words_of(
    tx: &Transaction<'_>,
    tenant: TenantId,
    recipient: &str,
    settings: &Settings,
) -> Result<Words, WorkError> {
    let own = person::language_of(tx, tenant, recipient).await?;
    Ok(Words::choose(own, settings, Language::En))
}

async fn ask(host: &dyn Host, body: &CustomerNotice) -> Result<(Option<Contact>, Option<Print>), HostError> {
    let contact = host.read_contact(&body.customer.id).await?;
    if !body.attach {
        return Ok((contact, None));
    }
    let Some(document) = host.read_printed(&body.document).await? else { return Ok((contact, None)) };
    let pdf = match host.read_pdf(&body.document).await {
        Ok(pdf) => pdf,
        Err(error) => {
            tracing::warn!(document = %body.document, %error, "the host gave no PDF of its own, ours goes in its place");
            None
        }
    };
    Ok((contact, Some(Print { document, pdf })))
}

/// A document for its customer, with the host's own PDF where it gives one.
struct Print {
    document: PrintedDocument,
    pdf: Option<Vec<u8>>,
}

impl Print {
    /// The PDF as an attachment: the host's, else ours.
    fn attach(self, settings: &CustomerMail, words: Words) -> Result<Attachment, MailError> {
        let ours = || pdf::print(&self.document, &settings.letterhead, words, None);
        let bytes = self.pdf.map_or_else(ours, Ok).map_err(|error| MailError::Refused(error.to_string()))?;
        let file_name = format!("{}.pdf", self.document.number);
        Ok(Attachment { file_name, media_type: "application/pdf".to_owned(), bytes })
    }
}

fn address(text: &str) -> Result<EmailAddress, MailError> {
    text.parse().map_err(|error| MailError::Refused(format!("the address: {error}")))
}

fn parsed<T: serde::de::DeserializeOwned>(stored: &StoredNotice) -> Result<T, WorkError> {
    serde_json::from_value(stored.body.clone()).map_err(|error| WorkError::Stored(error.to_string()))
}

/// The page of a backorder, under our public address.
fn backorder_path(document: &DocumentRef) -> String {
    let id: String =
        url::form_urlencoded::byte_serialize(document.id.as_bytes()).collect::<String>().replace('+', "%20");
    format!("backorders/{}/{id}", document.kind.as_str())
}

/// How long ago a single mail still counts for the hour.
pub(super) fn an_hour_before(now: Timestamp) -> Timestamp {
    now - jiff::SignedDuration::from_hours(1)
}
