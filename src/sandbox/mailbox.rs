//! The mails that were caught, and the page to read them.
//!
//! Invariants: what is shown of a mail is never run: its HTML stands in a sandboxed frame of its own, without scripts;
//! the raw mail is kept as it came.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::{Bytes, Data, Path, Query, ServiceConfig, delete, get, post};
use actix_web::{HttpResponse, http::header};
use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use mail_parser::{MessageParser, MimeHeaders};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::smtp::{SmtpFault, SmtpFaultKind};
use crate::clock::Clock;

/// Mails that are kept; the oldest go first.
const KEPT_MAILS: usize = 1000;

/// One mail that was taken.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mail {
    pub id: u64,
    pub at: Timestamp,
    /// The envelope's, not the header's.
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub message_id: String,
    pub text: String,
    pub html: Option<String>,
    pub headers: Vec<(String, String)>,
    pub attachments: Vec<Attachment>,
    /// As it came over the wire, in base64.
    pub raw: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Attachment {
    pub name: String,
    pub content_type: String,
    pub bytes: usize,
}

#[derive(Debug, Default)]
struct Kept {
    mails: VecDeque<Mail>,
    last_id: u64,
    faults: Vec<SmtpFault>,
}

/// The mails of one catcher; a clone is the same mailbox.
#[derive(Debug, Clone)]
pub struct Mailbox {
    kept: Arc<Mutex<Kept>>,
    clock: Arc<dyn Clock>,
    file: Option<PathBuf>,
}

impl Mailbox {
    /// With the mails of last time, where there is a file that can be read.
    pub(super) fn open(clock: Arc<dyn Clock>, file: Option<PathBuf>) -> Self {
        let text = file.as_ref().and_then(|path| std::fs::read(path).ok());
        let mails: VecDeque<Mail> = text.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default();
        let last_id = mails.back().map_or(0, |mail| mail.id);
        Self { kept: Arc::new(Mutex::new(Kept { mails, last_id, faults: Vec::new() })), clock, file }
    }

    /// All mails, the oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.lock().mails.iter().cloned().collect()
    }

    pub fn clear(&self) {
        self.lock().mails.clear();
        self.save();
    }

    pub fn add_fault(&self, fault: SmtpFault) {
        self.lock().faults.push(fault);
    }

    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    pub(super) fn keep(&self, from: &str, to: &[String], raw: &[u8]) {
        let at = self.clock.now();
        let mut kept = self.lock();
        kept.last_id += 1;
        let mail = read_mail(kept.last_id, at, from, to, raw);
        kept.mails.push_back(mail);
        while kept.mails.len() > KEPT_MAILS {
            kept.mails.pop_front();
        }
        drop(kept);
        self.save();
    }

    /// The first fault of which `wanted` makes something, if it strikes for those recipients.
    fn strike<T>(&self, to: &[String], wanted: impl Fn(&SmtpFaultKind) -> Option<T>) -> Option<T> {
        let mut kept = self.lock();
        kept.faults.iter_mut().find_map(|fault| wanted(&fault.kind).filter(|_| fault.strikes(to)))
    }

    pub(super) fn refusal(&self, recipient: &str) -> Option<u16> {
        self.strike(&[recipient.to_owned()], |kind| match kind {
            SmtpFaultKind::Refuse { code } => Some(*code),
            _ => None,
        })
    }

    pub(super) fn mail_refusal(&self, to: &[String]) -> Option<u16> {
        self.strike(to, |kind| match kind {
            SmtpFaultKind::RefuseMail { code } => Some(*code),
            _ => None,
        })
    }

    pub(super) fn cuts_after_dot(&self, to: &[String]) -> bool {
        self.strike(to, |kind| (*kind == SmtpFaultKind::CutAfterDot).then_some(())).is_some()
    }

    pub(super) fn cuts_in_data(&self, to: &[String]) -> bool {
        self.strike(to, |kind| (*kind == SmtpFaultKind::CutInData).then_some(())).is_some()
    }

    /// How long each answer waits; not counted, as it is for every command.
    pub(super) fn slowness(&self) -> Option<Duration> {
        self.lock().faults.iter().find_map(|fault| match fault.kind {
            SmtpFaultKind::Slow { ms } => Some(Duration::from_millis(ms)),
            _ => None,
        })
    }

    /// Mails are kept on; that the file could not be written is said, and no mail is refused for it.
    fn save(&self) {
        let Some(path) = &self.file else { return };
        let written = serde_json::to_vec(&self.lock().mails)
            .map_err(std::io::Error::from)
            .and_then(|json| std::fs::write(path, json));
        if let Err(error) = written {
            tracing::error!(path = %path.display(), %error, "the mail catcher could not keep its mails");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn read_mail(id: u64, at: Timestamp, from: &str, to: &[String], raw: &[u8]) -> Mail {
    let parsed = MessageParser::default().parse(raw);
    let message = parsed.as_ref();
    let attachments = message.map(mail_parser::Message::attachments).into_iter().flatten().map(|part| Attachment {
        name: part.attachment_name().unwrap_or("unnamed").to_owned(),
        content_type: part
            .content_type()
            .map(|one| format!("{}/{}", one.ctype(), one.subtype().unwrap_or("*")))
            .unwrap_or_default(),
        bytes: part.contents().len(),
    });
    let html = message.filter(|message| message.html_part(0).is_some_and(mail_parser::MessagePart::is_text_html));
    Mail {
        id,
        at,
        from: from.to_owned(),
        to: to.to_vec(),
        subject: message.and_then(|message| message.subject()).unwrap_or_default().to_owned(),
        message_id: message.and_then(|message| message.message_id()).unwrap_or_default().to_owned(),
        text: message.and_then(|message| message.body_text(0)).unwrap_or_default().into_owned(),
        html: html.and_then(|message| message.body_html(0)).map(std::borrow::Cow::into_owned),
        headers: message
            .map(mail_parser::Message::headers_raw)
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
        attachments: attachments.collect(),
        raw: STANDARD.encode(raw),
    }
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/", get().to(page))
        .route("/mails", get().to(list))
        .route("/mails", delete().to(clear))
        .route("/mails/{id}", get().to(one))
        .route("/mails/{id}/html", get().to(html))
        .route("/mails/{id}/raw", get().to(raw))
        .route("/clear", post().to(clear_and_show))
        .route("/faults", get().to(faults))
        .route("/faults", post().to(add_fault))
        .route("/faults", delete().to(clear_faults));
}

#[derive(Template)]
#[template(path = "sandbox/templates/mailbox.html", config = ".askama.toml")]
struct Page {
    mails: Vec<Mail>,
    shown: Option<Mail>,
    as_text: bool,
}

#[derive(Deserialize)]
struct Shown {
    mail: Option<u64>,
    part: Option<String>,
}

async fn page(mailbox: Data<Mailbox>, shown: Query<Shown>) -> HttpResponse {
    let mut mails = mailbox.mails();
    mails.reverse();
    let found = match shown.mail {
        Some(id) => mails.iter().find(|mail| mail.id == id).cloned(),
        None => mails.first().cloned(),
    };
    let as_text = shown.part.as_deref() == Some("text") || found.as_ref().is_some_and(|mail| mail.html.is_none());
    super::pages::html(&Page { mails, shown: found, as_text })
}

async fn list(mailbox: Data<Mailbox>) -> HttpResponse {
    HttpResponse::Ok().json(mailbox.mails())
}

async fn clear(mailbox: Data<Mailbox>) -> HttpResponse {
    mailbox.clear();
    HttpResponse::NoContent().finish()
}

async fn clear_and_show(mailbox: Data<Mailbox>) -> HttpResponse {
    mailbox.clear();
    HttpResponse::SeeOther().insert_header((header::LOCATION, "/")).finish()
}

fn found(mailbox: &Mailbox, id: u64) -> Option<Mail> {
    mailbox.lock().mails.iter().find(|mail| mail.id == id).cloned()
}

async fn one(mailbox: Data<Mailbox>, id: Path<u64>) -> HttpResponse {
    found(&mailbox, *id).map_or_else(|| HttpResponse::NotFound().finish(), |mail| HttpResponse::Ok().json(mail))
}

/// Its links open in a page of their own: inside the frame, the app would rightly refuse to be shown.
fn links_open_outside(html: &str) -> String {
    match html.find("<head>") {
        Some(at) => {
            let (before, after) = html.split_at(at + "<head>".len());
            format!("{before}<base target=\"_blank\">{after}")
        }
        None => format!("<base target=\"_blank\">{html}"),
    }
}

/// The HTML part as a document of its own, which may load nothing and run nothing.
async fn html(mailbox: Data<Mailbox>, id: Path<u64>) -> HttpResponse {
    match found(&mailbox, *id).and_then(|mail| mail.html) {
        Some(html) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header((
                header::CONTENT_SECURITY_POLICY,
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox allow-popups allow-popups-to-escape-sandbox",
            ))
            .body(links_open_outside(&html)),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn raw(mailbox: Data<Mailbox>, id: Path<u64>) -> HttpResponse {
    match found(&mailbox, *id).and_then(|mail| STANDARD.decode(mail.raw).ok()) {
        Some(raw) => HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(raw),
        None => HttpResponse::NotFound().finish(),
    }
}

async fn faults(mailbox: Data<Mailbox>) -> HttpResponse {
    HttpResponse::Ok().json(mailbox.lock().faults.clone())
}

/// By way of a JSON value, because a number in a tagged enum must be one already.
async fn add_fault(mailbox: Data<Mailbox>, body: Bytes) -> HttpResponse {
    let value: Result<serde_json::Value, _> = serde_json::from_slice(&body);
    match value.and_then(serde_json::from_value::<SmtpFault>) {
        Ok(fault) => {
            mailbox.add_fault(fault);
            HttpResponse::NoContent().finish()
        }
        Err(error) => HttpResponse::BadRequest().json(json!({ "error": error.to_string() })),
    }
}

async fn clear_faults(mailbox: Data<Mailbox>) -> HttpResponse {
    mailbox.clear_faults();
    HttpResponse::NoContent().finish()
}
