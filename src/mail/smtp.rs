//! Speaks SMTP step by step, so that an error says how far it got.
//!
//! Invariants: with TLS asked for, not a byte of login or mail goes without it; an error before the content is on
//! its way means that nothing was sent, one after it that nobody can know.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use secrecy::ExposeSecret;
use tokio::sync::Mutex;
use tokio::time::timeout;

use super::{EmailAddress, MailError, SmtpConfig, SmtpTls};

/// How long everything up to the content may take.
const TALK_LIMIT: Duration = Duration::from_mins(1);
/// How long the content and the server's answer to it may take (RFC 5321 asks for patience here).
const CONTENT_LIMIT: Duration = Duration::from_mins(3);
/// Connections that wait for the next mail.
const IDLE_CONNECTIONS: usize = 4;

pub(super) struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    idle: Mutex<Vec<AsyncSmtpConnection>>,
}

impl std::fmt::Debug for Smtp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Smtp").field(&self.config).finish()
    }
}

impl Smtp {
    pub(super) fn new(config: SmtpConfig) -> Result<Self, MailError> {
        let tls = match config.tls {
            SmtpTls::None => None,
            SmtpTls::StartTls | SmtpTls::Implicit => {
                Some(TlsParameters::new(config.host.clone()).map_err(|e| not_sent(&e))?)
            }
        };
        Ok(Self { config, tls, idle: Mutex::new(Vec::new()) })
    }

    pub(super) async fn send(&self, from: &EmailAddress, to: &EmailAddress, bytes: &[u8]) -> Result<(), MailError> {
        let late = |_| MailError::NotSent(format!("{} does not answer", self.config.host));
        let mut connection = timeout(TALK_LIMIT, self.announce(from, to)).await.map_err(late)??;
        let outcome = match timeout(CONTENT_LIMIT, connection.message(bytes)).await {
            Ok(Ok(_)) => Ok(()),
            // The server has answered: the mail is not taken.
            Ok(Err(error)) if error.is_transient() => Err(not_sent(&error)),
            Ok(Err(error)) if error.is_permanent() => Err(MailError::Refused(error.to_string())),
            Ok(Err(error)) => return Err(MailError::Unknown(error.to_string())),
            Err(_) => return Err(MailError::Unknown(format!("{} did not say whether it took it", self.config.host))),
        };
        let mut idle = self.idle.lock().await;
        if idle.len() < IDLE_CONNECTIONS {
            idle.push(connection);
        }
        outcome
    }

    /// Everything before the content: after this the server waits for it.
    async fn announce(&self, from: &EmailAddress, to: &EmailAddress) -> Result<AsyncSmtpConnection, MailError> {
        let address = |address: &EmailAddress| -> Result<Address, MailError> {
            address.as_str().parse().map_err(|_| MailError::Refused("its address is not one for mail".to_owned()))
        };
        let (from, to) = (address(from)?, address(to)?);
        let mut connection = self.connection().await?;
        connection.command(Mail::new(Some(from), Vec::new())).await.map_err(|error| not_sent(&error))?;
        match connection.command(Rcpt::new(to, Vec::new())).await {
            Ok(_) => {}
            Err(error) if error.is_permanent() => return Err(MailError::Refused(error.to_string())),
            Err(error) => return Err(not_sent(&error)),
        }
        connection.command(Data).await.map_err(|error| not_sent(&error))?;
        Ok(connection)
    }

    /// A connection that was kept and still answers, else a new one, logged in.
    async fn connection(&self) -> Result<AsyncSmtpConnection, MailError> {
        loop {
            let Some(mut kept) = self.idle.lock().await.pop() else { break };
            if kept.test_connected().await {
                return Ok(kept);
            }
        }
        self.connect().await.map_err(|error| not_sent(&error))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Error> {
        let hello = ClientId::default();
        let server = (self.config.host.as_str(), self.config.port);
        let implicit = self.tls.clone().filter(|_| self.config.tls == SmtpTls::Implicit);
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(server, Some(TALK_LIMIT), &hello, implicit, None).await?;
        if let Some(tls) = self.tls.clone().filter(|_| self.config.tls == SmtpTls::StartTls) {
            connection.starttls(tls, &hello).await?;
        }
        if let Some((user, password)) = &self.config.login {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await?;
        }
        Ok(connection)
    }
}

fn not_sent(error: &Error) -> MailError {
    MailError::NotSent(error.to_string())
}
