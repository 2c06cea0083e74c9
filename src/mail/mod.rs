//! Renders notices as mails and sends them.
//!
//! Invariants: the same notice to the same person has the same Message-ID each time, so that a mail that was sent
//! twice because nobody can know better is seen once; text from a host reaches a header only cleaned and a body
//! only encoded, so that it can be neither a header nor a command to the mail server; an error says what to do next.

pub mod address;
pub mod customer;
pub mod digest;
mod labels;
mod message;
pub mod notice;
pub mod pdf;
mod smtp;

use std::path::PathBuf;
use std::sync::Mutex;

use jiff::Timestamp;
use secrecy::SecretString;

pub use address::{AddressError, EmailAddress, Sender};
pub use notice::{NoticeLinks, render};

use crate::domain::ids::NoticeId;

/// What the operator decided about mail.
#[derive(Debug, Clone)]
pub enum MailConfig {
    Smtp(SmtpConfig),
    /// Each mail becomes a file in this folder: to try things out.
    Folder {
        dir: PathBuf,
        from: Sender,
    },
}

#[derive(Debug, Clone)]
pub struct SmtpConfig {
    pub host: String,
    pub port: u16,
    pub tls: SmtpTls,
    /// User and password; both or neither.
    pub login: Option<(String, SecretString)>,
    /// The sender of every mail.
    pub from: Sender,
}

/// How the connection to the mail server is protected. There is no "if the server offers it".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpTls {
    StartTls,
    Implicit,
    /// Only for a server inside the operator's allowed private ranges; the configuration sees to it.
    None,
}

/// One mail to one person.
#[derive(Debug, Clone)]
pub struct OutgoingMail {
    /// From [`Mailer::message_id`]: the same for every attempt.
    pub message_id: String,
    pub to: EmailAddress,
    pub reply_to: Option<EmailAddress>,
    pub date: Timestamp,
    pub content: MailContent,
    pub attachments: Vec<Attachment>,
    /// The address by which the recipient ends such mails with one click (RFC 8058).
    pub unsubscribe: Option<String>,
}

/// What a person reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailContent {
    /// Any text: line ends, control and direction characters are taken out when the mail is built.
    pub subject: String,
    pub text: String,
    pub html: String,
}

#[derive(Debug, Clone)]
pub struct Attachment {
    pub file_name: String,
    /// Such as `application/pdf`.
    pub media_type: String,
    pub bytes: Vec<u8>,
}

/// Why a mail did not go, by what to do next. The texts carry no secret and no body.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum MailError {
    /// The server has not taken it: try again later.
    #[error("mail not sent: {0}")]
    NotSent(String),
    /// It will never be taken for this person: tell somebody, do not try again.
    #[error("mail refused: {0}")]
    Refused(String),
    /// The connection was cut after the content was on its way: it may have been taken. Try again after ten
    /// minutes, with the same Message-ID.
    #[error("mail may have been sent: {0}")]
    Unknown(String),
}

/// Sends mails, all from one sender.
#[derive(Debug)]
pub struct Mailer {
    from: Sender,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Smtp(Box<smtp::Smtp>),
    Folder(PathBuf),
    Memory(Mutex<Vec<Vec<u8>>>),
}

impl Mailer {
    pub fn new(config: MailConfig) -> Result<Self, MailError> {
        Ok(match config {
            MailConfig::Smtp(config) => {
                Self { from: config.from.clone(), way: Way::Smtp(Box::new(smtp::Smtp::new(config)?)) }
            }
            MailConfig::Folder { dir, from } => Self { from, way: Way::Folder(dir) },
        })
    }

    /// Keeps what it sends, for tests to read.
    pub fn memory(from: Sender) -> Self {
        Self { from, way: Way::Memory(Mutex::new(Vec::new())) }
    }

    /// The whole mails that [`Mailer::memory`] kept, oldest first.
    pub fn kept(&self) -> Vec<Vec<u8>> {
        match &self.way {
            Way::Memory(kept) => kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone(),
            Way::Smtp(_) | Way::Folder(_) => Vec::new(),
        }
    }

    /// The Message-ID of a notice's mail, without the angle brackets.
    pub fn message_id(&self, notice: NoticeId) -> String {
        format!("{}@{}", notice.0.simple(), self.from.address.domain())
    }

    /// Sends one mail.
    pub async fn send(&self, mail: &OutgoingMail) -> Result<(), MailError> {
        let bytes = message::build(&self.from, mail)?;
        match &self.way {
            Way::Smtp(smtp) => smtp.send(&self.from.address, &mail.to, &bytes).await,
            Way::Folder(dir) => write_file(dir, mail, &bytes).await,
            Way::Memory(kept) => {
                kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(bytes);
                Ok(())
            }
        }
    }
}

/// Writes beside, then renames: whoever watches the folder sees whole mails only. The same mail has the same name.
async fn write_file(dir: &std::path::Path, mail: &OutgoingMail, bytes: &[u8]) -> Result<(), MailError> {
    let name: String =
        mail.message_id.chars().map(|c| if c.is_ascii_alphanumeric() || "-@.".contains(c) { c } else { '_' }).collect();
    let (unfinished, finished) = (dir.join(format!(".{name}")), dir.join(format!("{name}.eml")));
    let written = async {
        tokio::fs::create_dir_all(dir).await?;
        tokio::fs::write(&unfinished, bytes).await?;
        tokio::fs::rename(&unfinished, &finished).await
    };
    written.await.map_err(|error| MailError::NotSent(format!("{}: {error}", finished.display())))
}
