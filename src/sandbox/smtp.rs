//! The mail catcher's SMTP server: takes mails as any server does, and misbehaves where it is told to.
//!
//! Invariants: a mail that was answered with 250 is kept, and so is one whose connection is cut after the final dot, as
//! on a real server (RFC 1047); a line longer than the limit or a mail larger than the limit is refused, not cut.

use std::io;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

use super::mailbox::Mailbox;

/// Bytes of one mail.
const MAX_MAIL: usize = 25 * 1024 * 1024;

/// Bytes of one line.
const MAX_LINE: u64 = 64 * 1024;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SmtpFaultKind {
    /// The recipient is answered with that code (421 also closes the connection).
    Refuse { code: u16 },
    /// The mail is kept, and the connection closed before the 250.
    CutAfterDot,
    /// The connection is closed in the middle of the mail, which is lost.
    CutInData,
    /// The answer to the final dot is that code (451, 454, 554 …), and the mail is not kept.
    RefuseMail { code: u16 },
    /// The answer to each command comes that late.
    Slow { ms: u64 },
}

/// A fault, whom it is for and how often it strikes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SmtpFault {
    /// A part of the recipient's address; every recipient where left out.
    #[serde(default)]
    pub recipient: String,
    /// How often it strikes; until it is cleared where left out.
    #[serde(default)]
    pub times: Option<u32>,
    #[serde(default)]
    pub struck: u32,
    #[serde(flatten)]
    pub kind: SmtpFaultKind,
}

impl SmtpFault {
    /// Whether it strikes for one of those recipients now; it has struck once more then.
    pub(super) fn strikes(&mut self, recipients: &[String]) -> bool {
        let spent = self.times.is_some_and(|times| self.struck >= times);
        let meant = recipients.iter().any(|one| one.contains(&self.recipient));
        if !spent && meant {
            self.struck += 1;
        }
        !spent && meant
    }
}

/// Takes connections until the task is ended.
pub(super) async fn serve(listener: TcpListener, mailbox: Mailbox) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let mailbox = mailbox.clone();
                tokio::spawn(async move {
                    if let Err(error) = Session::new(stream, mailbox).run().await {
                        tracing::debug!(%error, "a mail connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the mail catcher could not take a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Whether the connection goes on.
#[derive(PartialEq)]
enum Next {
    Command,
    Close,
}

struct Session {
    input: BufReader<OwnedReadHalf>,
    output: OwnedWriteHalf,
    mailbox: Mailbox,
    from: Option<String>,
    to: Vec<String>,
}

impl Session {
    fn new(stream: TcpStream, mailbox: Mailbox) -> Self {
        let (input, output) = stream.into_split();
        Self { input: BufReader::new(input), output, mailbox, from: None, to: Vec::new() }
    }

    async fn run(mut self) -> io::Result<()> {
        self.say("220 sandbox mail catcher").await?;
        while let Some(line) = self.line().await? {
            if self.command(line.trim_end()).await? == Next::Close {
                break;
            }
        }
        Ok(())
    }

    async fn command(&mut self, line: &str) -> io::Result<Next> {
        if let Some(wait) = self.mailbox.slowness() {
            tokio::time::sleep(wait).await;
        }
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.say("250-sandbox\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 26214400").await?,
            "HELO" | "NOOP" => self.say("250 OK").await?,
            "RSET" => {
                self.reset();
                self.say("250 OK").await?;
            }
            "MAIL" => {
                self.reset();
                self.from = Some(path(rest));
                self.say("250 OK").await?;
            }
            "RCPT" if self.from.is_some() => return self.recipient(path(rest)).await,
            "DATA" if !self.to.is_empty() => return self.data().await,
            "RCPT" | "DATA" => self.say("503 Bad sequence of commands").await?,
            "QUIT" => {
                self.say("221 Bye").await?;
                return Ok(Next::Close);
            }
            _ => self.say("500 Unknown command").await?,
        }
        Ok(Next::Command)
    }

    async fn recipient(&mut self, recipient: String) -> io::Result<Next> {
        match self.mailbox.refusal(&recipient) {
            None => {
                self.to.push(recipient);
                self.say("250 OK").await?;
                Ok(Next::Command)
            }
            Some(code) => {
                self.say(&format!("{code} {}", reason(code))).await?;
                Ok(if code == 421 { Next::Close } else { Next::Command })
            }
        }
    }

    async fn data(&mut self) -> io::Result<Next> {
        self.say("354 End with a dot").await?;
        if self.mailbox.cuts_in_data(&self.to) {
            self.line().await?;
            return Ok(Next::Close);
        }
        let mut raw = Vec::new();
        loop {
            let mut line = Vec::new();
            if (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
                return Ok(Next::Close);
            }
            if line == b".\r\n" || line == b".\n" {
                break;
            }
            let line = line.strip_prefix(b".").unwrap_or(&line);
            if raw.len() <= MAX_MAIL {
                raw.extend_from_slice(line);
            }
        }
        if raw.len() > MAX_MAIL {
            self.say("552 Too large").await?;
        } else if let Some(code) = self.mailbox.mail_refusal(&self.to) {
            self.say(&format!("{code} {}", reason(code))).await?;
        } else {
            let cut = self.mailbox.cuts_after_dot(&self.to);
            self.mailbox.keep(self.from.as_deref().unwrap_or_default(), &self.to, &raw);
            if cut {
                return Ok(Next::Close);
            }
            self.say("250 Kept").await?;
        }
        self.reset();
        Ok(Next::Command)
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut line).await?;
        Ok((read > 0).then(|| String::from_utf8_lossy(&line).into_owned()))
    }

    async fn say(&mut self, text: &str) -> io::Result<()> {
        self.output.write_all(format!("{text}\r\n").as_bytes()).await
    }
}

/// The address of `FROM:<a@b> SIZE=…`.
fn path(rest: &str) -> String {
    let inner = rest.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(address, _)| address);
    inner.unwrap_or_default().to_owned()
}

fn reason(code: u16) -> &'static str {
    match code {
        421 => "Service not available, closing",
        450 | 451 => "Try again later",
        454 => "Maximum sending rate exceeded",
        550 => "No such mailbox",
        _ => "Refused",
    }
}
