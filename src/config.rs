//! The configuration: the only reader of the environment.
//!
//! A setting is an environment variable `BACKORDERS_<NAME>` or a line `name = value` of the TOML file that
//! `BACKORDERS_CONFIG` names; the environment wins. A secret may also stand in a file, named by `<NAME>_FILE`.
//! `DATABASE_URL` goes without the prefix.
//!
//! Invariants: a name that is not in [`SETTINGS`], a value that cannot be read and settings that contradict each
//! other stop the start, all of them told at once, each with what to do; no message repeats a secret.

mod read;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use crate::host::address::AddressPolicy;
use crate::mail::{MailConfig, Sender, SmtpConfig, SmtpTls};
use read::Reader;

/// Everything that the operator decides, read once at start.
#[derive(Debug, Clone)]
pub struct Config {
    /// Address and port that the pages and hooks are served on.
    pub listen: SocketAddr,
    /// Where people and hosts reach us, without a closing slash; every link that we write starts with it.
    pub public_url: Url,
    /// Which parts this process runs.
    pub role: Role,
    /// The database; `None` starts a private PostgreSQL in the state folder.
    pub database_url: Option<SecretString>,
    /// Connections to the database that this process holds at most.
    pub database_connections: usize,
    /// Folder of the PostgreSQL programs; `None` looks in the usual places.
    pub pg_bin: Option<PathBuf>,
    /// Folder for the private PostgreSQL and the key that is made for it.
    pub state_dir: PathBuf,
    /// Keys for stored credentials, as [`crate::secret::Keyring::parse`] reads them; `None` only with the private
    /// PostgreSQL: then one is made and kept in the state folder.
    pub master_keys: Option<SecretString>,
    /// How mail leaves.
    pub mail: MailConfig,
    /// Address ranges inside which an ERP or mail server may be, also without TLS. Empty: public addresses only.
    pub allowed_private_cidrs: Vec<IpNet>,
    /// Address ranges of our own reverse proxies: only their `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Our registration with Deskera; `None`: Deskera companies cannot be connected.
    pub deskera: Option<DeskeraConfig>,
    /// How often documents without an event are looked for.
    pub poll_interval: Duration,
    /// How often everything is looked through for missed events.
    pub sweep_interval: Duration,
    /// Jobs that this process works on at a time.
    pub worker_concurrency: usize,
    /// Calls to one connected company that may be under way at a time.
    pub calls_in_flight: usize,
    /// How long one call to a host may take.
    pub host_timeout: Duration,
    /// How long a write of unknown outcome rests before it is looked up; longer than the host may still be at it.
    pub unknown_quarantine: Duration,
    /// The database was restored: nothing is bought for a company before its purchase orders have been looked through.
    pub reconcile_only: bool,
    /// How long deliveries are kept.
    pub keep_deliveries: Duration,
    /// How long finished orders are kept, with all that belongs to them.
    pub keep_history: Duration,
    /// How long all of a company that was disconnected is kept.
    pub keep_disconnected: Duration,
    /// Largest body of a hook, bytes.
    pub hook_body_limit: usize,
    /// A session ends when it was not used for this long.
    pub session_idle: Duration,
    /// A session ends this long after it began, used or not.
    pub session_absolute: Duration,
    /// How long running work may take to finish when the process is told to stop.
    pub drain: Duration,
    /// How log lines look.
    pub log_format: LogFormat,
    /// Which log lines are written, in the form of `RUST_LOG`.
    pub log_filter: String,
}

/// Which parts a process runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    All,
    Web,
    Worker,
}

impl Role {
    /// Whether this process serves hooks and pages.
    pub fn serves_web(self) -> bool {
        matches!(self, Self::All | Self::Web)
    }

    /// Whether this process works on changed documents, intents and notices.
    pub fn works(self) -> bool {
        matches!(self, Self::All | Self::Worker)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Json,
    Text,
}

/// Our registration with Deskera (one for all companies).
#[derive(Debug, Clone)]
pub struct DeskeraConfig {
    pub client_id: String,
    pub client_secret: SecretString,
    /// Where Deskera sends people back to; exactly as registered.
    pub redirect_url: Url,
    /// The page where a person agrees to the connection.
    pub consent_url: Url,
    /// The addresses of its API, one for each region: companies are connected there only.
    pub api_urls: Vec<Url>,
}

/// Ports on which mail servers listen.
const MAIL_PORTS: [u16; 4] = [25, 465, 587, 2525];

/// One setting: its name, what holds when it is not given, and one line of help.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub help: &'static str,
    /// May also be given as a file by `<NAME>_FILE`, and is never shown.
    pub secret: bool,
}

const fn setting(name: &'static str, default: &'static str, help: &'static str) -> Setting {
    Setting { name, default, help, secret: false }
}

const fn secret(name: &'static str, help: &'static str) -> Setting {
    Setting { name, default: "", help, secret: true }
}

/// Every setting there is. A default that starts with '(' is computed and only described here.
pub const SETTINGS: &[Setting] = &[
    setting("listen", "127.0.0.1:8080", "address and port to serve on"),
    setting("public_url", "(http://<listen> if that is loopback)", "where people and hosts reach us"),
    setting("role", "all", "all, web or worker"),
    secret("database_url", "the PostgreSQL database; without it a private one is started"),
    setting("database_connections", "10", "connections to the database at most"),
    setting("pg_bin", "(looked for)", "folder of the PostgreSQL programs, for the private one"),
    setting(
        "state_dir",
        "(/var/lib/backorders as root, else the XDG state folder)",
        "folder for the private PostgreSQL",
    ),
    secret("master_keys", "id:key pairs for stored credentials, current first, key = 32 bytes in base64"),
    setting("smtp_host", "", "the mail server"),
    setting("smtp_port", "(587, or 465 with implicit TLS)", "its port"),
    setting("smtp_tls", "starttls", "starttls, implicit, or none (only inside allowed_private_cidrs)"),
    setting("smtp_user", "", "user at the mail server"),
    secret("smtp_password", "password at the mail server"),
    setting("mail_from", "", "sender of every mail"),
    setting("mail_dir", "", "instead of a mail server: a folder that mails are written to"),
    setting("allowed_private_cidrs", "", "ranges in which an ERP or mail server may be, also without TLS"),
    setting("trusted_proxies", "", "ranges of reverse proxies whose X-Forwarded-For is believed"),
    setting("deskera_client_id", "", "our client id at Deskera"),
    secret("deskera_client_secret", "our client secret at Deskera"),
    setting("deskera_redirect_url", "(<public_url>/connect/deskera/callback)", "as registered with Deskera"),
    setting("deskera_consent_url", "https://oauth.deskera.com", "Deskera's consent page"),
    setting(
        "deskera_api_url",
        "https://bifrost-us.deskera.com,https://bifrost.deskera.com",
        "the addresses of Deskera's API, one for each region; companies are connected there only",
    ),
    setting("poll_interval", "60s", "how often documents without an event are looked for"),
    setting("sweep_interval", "5m", "how often everything is looked through for missed events"),
    setting("worker_concurrency", "8", "jobs worked on at a time"),
    setting("calls_in_flight", "4", "calls to one company at a time"),
    setting("host_timeout", "30s", "longest call to a host"),
    setting("unknown_quarantine", "150s", "rest before a write of unknown outcome is looked up"),
    setting("reconcile_only", "no", "yes after a restored backup: each company is looked through before it buys"),
    setting("keep_deliveries_days", "45", "days that deliveries are kept"),
    setting("keep_history_days", "1100", "days that finished orders with all that belongs to them are kept"),
    setting("keep_disconnected_days", "30", "days after which a company that was disconnected is deleted"),
    setting("hook_body_limit", "1048576", "largest body of a hook, bytes"),
    setting("session_idle", "30m", "a session ends when unused for this long"),
    setting("session_absolute", "8h", "a session ends after this long in any case"),
    setting("drain", "25s", "time for running work to finish when told to stop"),
    setting("log_format", "json", "json or text"),
    setting("log_filter", "info", "which log lines are written, as in RUST_LOG"),
];

/// What is wrong with the settings; one line each, all of them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration cannot be used:")?;
        self.0.iter().try_for_each(|line| write!(f, "\n  - {line}"))
    }
}

impl Config {
    /// Reads the environment, and the file that it names.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Self::from_variables(std::env::vars_os())
    }

    /// Reads these environment variables, and the file that they name. Variables of others are left alone.
    pub fn from_variables(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(variables);
        let config = read_config(&mut reader);
        reader.finish().map(|()| config)
    }
}

/// Reads every setting; what is wrong is kept in the reader, and the config is then not used.
fn read_config(reader: &mut Reader) -> Config {
    let listen: SocketAddr = reader.parsed("listen", "an address and port, such as 0.0.0.0:8080");
    let allowed_private_cidrs = reader.ranges("allowed_private_cidrs");
    let public_url = read_public_url(reader, listen, &allowed_private_cidrs);
    let role = reader.one_of("role", &[("all", Role::All), ("web", Role::Web), ("worker", Role::Worker)]);
    let database_url = reader.secret("database_url");
    let master_keys = reader.secret("master_keys");
    if database_url.is_some() && master_keys.is_none() {
        reader.wrong("BACKORDERS_MASTER_KEYS is missing: with a database of your own it must be given, and kept safe, for example k1:$(openssl rand -base64 32)");
    }
    let config = Config {
        listen,
        role,
        database_url,
        database_connections: reader.count("database_connections", 2, 1000),
        pg_bin: reader.text("pg_bin").map(PathBuf::from),
        state_dir: reader.text("state_dir").map_or_else(|| reader.default_state_dir(), PathBuf::from),
        master_keys,
        mail: read_mail(reader, &allowed_private_cidrs),
        trusted_proxies: reader.ranges("trusted_proxies"),
        deskera: read_deskera(reader, &public_url, &allowed_private_cidrs),
        public_url,
        allowed_private_cidrs,
        poll_interval: reader.duration("poll_interval", 1, 3600),
        sweep_interval: reader.duration("sweep_interval", 1, 86_400),
        worker_concurrency: reader.count("worker_concurrency", 1, 256),
        calls_in_flight: reader.count("calls_in_flight", 1, 64),
        host_timeout: reader.duration("host_timeout", 1, 300),
        unknown_quarantine: reader.duration("unknown_quarantine", 1, 86_400),
        reconcile_only: reader.one_of("reconcile_only", &[("no", false), ("yes", true)]),
        keep_deliveries: days(reader.count("keep_deliveries_days", 30, 3650)),
        keep_history: days(reader.count("keep_history_days", 90, 36_500)),
        keep_disconnected: days(reader.count("keep_disconnected_days", 1, 3650)),
        hook_body_limit: reader.count("hook_body_limit", 1024, 64 << 20),
        session_idle: reader.duration("session_idle", 60, 7 * 86_400),
        session_absolute: reader.duration("session_absolute", 60, 30 * 86_400),
        drain: reader.duration("drain", 1, 600),
        log_format: reader.one_of("log_format", &[("json", LogFormat::Json), ("text", LogFormat::Text)]),
        log_filter: reader.text_or_default("log_filter"),
    };
    if config.unknown_quarantine <= config.host_timeout {
        reader.wrong("BACKORDERS_UNKNOWN_QUARANTINE must be longer than BACKORDERS_HOST_TIMEOUT: a call that may still be running must not be looked up yet");
    }
    if config.session_absolute < config.session_idle {
        reader.wrong("BACKORDERS_SESSION_ABSOLUTE must not be shorter than BACKORDERS_SESSION_IDLE");
    }
    config
}

fn days(count: usize) -> Duration {
    Duration::from_secs(86_400 * u64::try_from(count).unwrap_or(u64::MAX / 86_400))
}

fn read_public_url(reader: &mut Reader, listen: SocketAddr, allowed: &[IpNet]) -> Url {
    if !reader.is_given("public_url") && !listen.ip().is_loopback() {
        reader
            .wrong("BACKORDERS_PUBLIC_URL is missing: give the https address under which people and hosts reach this");
    }
    reader.url("public_url", &format!("http://{listen}"), |url| {
        url.path() == "/" && url.query().is_none() && (url.scheme() == "https" || is_private(url, allowed))
    })
}

/// Whether plain http is admitted for this address: loopback, or inside the allowed ranges.
fn is_private(url: &Url, allowed: &[IpNet]) -> bool {
    host_address(url.host_str().unwrap_or_default())
        .is_some_and(|ip| ip.is_loopback() || allowed.iter().any(|range| range.contains(&ip)))
}

/// The address that a host name is without asking DNS: an address itself, or `localhost`.
pub(crate) fn host_address(host: &str) -> Option<IpAddr> {
    if host.eq_ignore_ascii_case("localhost") {
        return Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

fn read_mail(reader: &mut Reader, allowed: &[IpNet]) -> MailConfig {
    let tls_names = [("starttls", SmtpTls::StartTls), ("implicit", SmtpTls::Implicit), ("none", SmtpTls::None)];
    let tls = reader.one_of("smtp_tls", &tls_names);
    let port = reader.port("smtp_port", if tls == SmtpTls::Implicit { 465 } else { 587 });
    let (user, password) = (reader.text("smtp_user"), reader.secret("smtp_password"));
    let from = read_sender(reader);
    if user.is_some() != password.is_some() {
        reader.wrong("BACKORDERS_SMTP_USER and BACKORDERS_SMTP_PASSWORD go together: give both or neither");
    }
    match (reader.text("smtp_host"), reader.text("mail_dir")) {
        (Some(host), None) => {
            check_mail_server(reader, &host, port, tls, allowed);
            MailConfig::Smtp(SmtpConfig { host, port, tls, login: user.zip(password), from })
        }
        (None, Some(dir)) => MailConfig::Folder { dir: PathBuf::from(dir), from },
        (host, _) => {
            reader.wrong(if host.is_some() {
                "BACKORDERS_SMTP_HOST and BACKORDERS_MAIL_DIR contradict each other: give one of them"
            } else {
                "BACKORDERS_SMTP_HOST is missing: give the mail server (or BACKORDERS_MAIL_DIR, a folder to write mails to instead)"
            });
            MailConfig::Folder { dir: PathBuf::new(), from }
        }
    }
}

/// The policy for ERPs holds for the mail server too: without the operator's word no inner address, no odd port, no
/// plain connection.
fn check_mail_server(reader: &mut Reader, host: &str, port: u16, tls: SmtpTls, allowed: &[IpNet]) {
    let address = host_address(host);
    if address.is_some_and(|ip| allowed.iter().any(|range| range.contains(&ip))) {
        return;
    }
    if address.is_some_and(|ip| !AddressPolicy::new(Vec::new()).admits(ip)) {
        reader.wrong(format!(
            "BACKORDERS_SMTP_HOST: {host} is no public address: name its range in BACKORDERS_ALLOWED_PRIVATE_CIDRS"
        ));
    }
    if !MAIL_PORTS.contains(&port) {
        reader.wrong(format!("BACKORDERS_SMTP_PORT: {port} is no port for mail (587, 465, 2525 or 25)"));
    }
    if tls == SmtpTls::None {
        reader.wrong("BACKORDERS_SMTP_TLS=none is admitted only for a server whose address lies in BACKORDERS_ALLOWED_PRIVATE_CIDRS: use starttls or implicit");
    }
}

#[expect(clippy::expect_used, reason = "the address is a constant; a test reads it")]
fn read_sender(reader: &mut Reader) -> Sender {
    match reader.text("mail_from").map(|text| text.parse::<Sender>().map_err(|error| (text, error))) {
        Some(Ok(sender)) => return sender,
        Some(Err((text, error))) => reader.wrong(format!("BACKORDERS_MAIL_FROM: '{text}' cannot be a sender: {error}")),
        None => reader.wrong("BACKORDERS_MAIL_FROM is missing: give the sender of the mails, such as Backorders <backorders@example.com>"),
    }
    "nobody@localhost".parse().expect("a constant address can be read")
}

fn read_deskera(reader: &mut Reader, public_url: &Url, allowed: &[IpNet]) -> Option<DeskeraConfig> {
    let (id, secret) = (reader.text("deskera_client_id"), reader.secret("deskera_client_secret"));
    let is_ok = |url: &Url| url.scheme() == "https" || is_private(url, allowed);
    let redirect = format!("{public_url}connect/deskera/callback");
    let redirect_url = reader.url("deskera_redirect_url", &redirect, is_ok);
    let consent_url = reader.url("deskera_consent_url", "https://oauth.deskera.com", is_ok);
    let api_urls = reader.urls("deskera_api_url", is_ok);
    if id.is_some() != secret.is_some() {
        reader.wrong(
            "BACKORDERS_DESKERA_CLIENT_ID and BACKORDERS_DESKERA_CLIENT_SECRET go together: give both or neither",
        );
    }
    let (client_id, client_secret) = id.zip(secret)?;
    Some(DeskeraConfig { client_id, client_secret, redirect_url, consent_url, api_urls })
}

/// The settings for `--help`: one line each.
pub fn help() -> String {
    let line = |setting: &Setting| {
        let name = setting.name.to_ascii_uppercase();
        let prefix = if setting.name == "database_url" { "" } else { "BACKORDERS_" };
        let default = if setting.default.is_empty() { String::new() } else { format!(" [{}]", setting.default) };
        let file = if setting.secret { " (or a file by …_FILE)" } else { "" };
        format!("  {prefix}{name}: {}{default}{file}\n", setting.help)
    };
    let head =
        "Settings (environment; or the TOML file that BACKORDERS_CONFIG names, in small letters without the prefix):\n";
    SETTINGS.iter().fold(head.to_owned(), |text, setting| text + &line(setting))
}

/// The values that a file or the environment gave, by setting name.
type Values = BTreeMap<String, String>;

#[cfg(test)]
mod tests;
