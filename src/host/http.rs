//! The only HTTP client: how every host is called, and what each outcome means.
//!
//! Invariants: no redirect is followed, no proxy used, nothing sent twice by itself; a call ends within the total
//! timeout; an answer is cut off at the cap, also after decompression; every address passes the guard of
//! [`super::address`]. A write whose fate is not certain is [`HostError::Unknown`]. Error texts hold neither tokens
//! nor query strings.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER, SET_COOKIE};
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::sync::Semaphore;
use url::Url;

use super::address::{AddressPolicy, GuardedResolver};
use super::error::{HostError, NotApplied};
use super::{HostKind, json};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Idle connections are dropped before common servers drop theirs (5 s), so that a write seldom meets a dead one.
const POOL_IDLE: Duration = Duration::from_secs(4);

/// The most that one answer may hold, in bytes, after decompression (trust.md section 4).
const MAX_ANSWER: usize = 5 * 1024 * 1024;

/// Characters of an answer that an error text may quote.
const MAX_DETAIL: usize = 300;

/// What a host's wish to wait is held to.
const RETRY_AFTER_LIMITS: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(1));

/// How long to wait where the host names no time.
const RETRY_AFTER_DEFAULT: Duration = Duration::from_secs(30);

const USER_AGENT: &str = concat!("backorders/", env!("CARGO_PKG_VERSION"));

tokio::task_local! {
    /// The W3C trace context of the work in hand; sent along with every call made inside the scope.
    pub static TRACEPARENT: String;
}

/// What the operator decides about calls to hosts.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The longest that one call may take, its answer included.
    pub total_timeout: Duration,
    /// Calls in flight to one company.
    pub calls_in_flight: usize,
    pub addresses: AddressPolicy,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self { total_timeout: Duration::from_secs(30), calls_in_flight: 6, addresses: AddressPolicy::default() }
    }
}

/// The client, one for the process; cheap to clone.
#[derive(Debug, Clone)]
pub struct HostHttp(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// For https on the usual ports: public addresses and opened ranges.
    public: Client,
    /// For everything else: opened ranges only.
    opened: Client,
    settings: HttpSettings,
    /// Calls in flight by company; a company that nobody talks to takes no room.
    permits: Mutex<HashMap<String, Weak<Semaphore>>>,
}

/// Whether a call changes something, which decides what an uncertain outcome means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Read,
    Write,
}

/// What a host's own error body says: its text for people.
pub(super) type ErrorText = fn(&Value) -> Option<String>;

/// One call.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) effect: Effect,
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: &'a [(&'static str, SecretString)],
    pub(super) body: Option<&'a Value>,
}

/// The way to one company of one host.
#[derive(Debug, Clone)]
pub(super) struct Channel {
    http: HostHttp,
    host: HostKind,
    permits: Arc<Semaphore>,
    /// Never to be quoted, even if the host echoes them.
    secrets: Vec<SecretString>,
    error_text: ErrorText,
}

impl HostHttp {
    /// # Errors
    /// The TLS library could not be set up.
    pub fn new(settings: HttpSettings) -> Result<Self, reqwest::Error> {
        // One that is installed already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let build = |only_opened| {
            let resolver = GuardedResolver { policy: settings.addresses.clone(), only_opened };
            Client::builder()
                .user_agent(USER_AGENT)
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .gzip(true)
                .https_only(!only_opened)
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(settings.total_timeout)
                .pool_idle_timeout(POOL_IDLE)
                .dns_resolver(Arc::new(resolver))
                .build()
        };
        let (public, opened) = (build(false)?, build(true)?);
        Ok(Self(Arc::new(Shared { public, opened, settings, permits: Mutex::default() })))
    }

    #[must_use]
    pub fn addresses(&self) -> &AddressPolicy {
        &self.0.settings.addresses
    }

    /// The way to one company; all channels to it share its limit of calls in flight.
    pub(super) fn channel(
        &self,
        host: HostKind,
        company: &str,
        secrets: Vec<SecretString>,
        error_text: ErrorText,
    ) -> Channel {
        let key = format!("{} {company}", host.as_str());
        let mut permits = self.0.permits.lock().unwrap_or_else(PoisonError::into_inner);
        let known = permits.get(&key).and_then(Weak::upgrade);
        let semaphore = known.unwrap_or_else(|| {
            permits.retain(|_, semaphore| semaphore.strong_count() > 0);
            let semaphore = Arc::new(Semaphore::new(self.0.settings.calls_in_flight.max(1)));
            permits.insert(key, Arc::downgrade(&semaphore));
            semaphore
        });
        Channel { http: self.clone(), host, permits: semaphore, secrets, error_text }
    }
}

impl Channel {
    /// Makes the call; the body of a 2xx answer, or the outcome that it means.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Vec<u8>, HostError> {
        Ok(self.answer(call).await?.body)
    }

    /// As [`Channel::send`], with the value of the cookie of that name, if the answer sets it.
    pub(super) async fn send_for_cookie(
        &self,
        call: Call<'_>,
        name: &str,
    ) -> Result<(Vec<u8>, Option<SecretString>), HostError> {
        let answer = self.answer(call).await?;
        let cookies = answer.headers.get_all(SET_COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
        let mut value = cookies.filter_map(|cookie| {
            let (known, value) = cookie.split(';').next()?.split_once('=')?;
            (known.trim() == name && !value.is_empty()).then(|| SecretString::from(value.to_owned()))
        });
        let value = value.next_back();
        Ok((answer.body, value))
    }

    async fn answer(&self, call: Call<'_>) -> Result<Answer, HostError> {
        let shared = &self.http.0;
        let (effect, started) = (call.effect, Instant::now());
        let refused = |detail: &str| HostError::not_applied(NotApplied::Unreachable, detail);
        if !shared.settings.addresses.admits_literal(&call.url) {
            return Err(refused("the host's address belongs to a private network that is not opened"));
        }
        let waited = tokio::time::timeout(shared.settings.total_timeout, self.permits.acquire()).await;
        let Ok(Ok(_permit)) = waited else {
            return Err(refused("too many calls to this company are in flight"));
        };
        // Boxed: the client's future is large, and every future that awaits a call would carry it.
        let outcome = Box::pin(self.exchange(call)).await;
        let class = match &outcome {
            Ok(answer) => code_class(answer.status),
            Err(_) => "none",
        };
        metrics::counter!("backorders_host_requests_total", "host" => self.host.as_str(), "code_class" => class)
            .increment(1);
        metrics::histogram!("backorders_host_request_seconds", "host" => self.host.as_str())
            .record(started.elapsed().as_secs_f64());
        let answer = outcome.map_err(|error| self.failed(effect, &error))?;
        self.judge(effect, answer)
    }

    async fn exchange(&self, call: Call<'_>) -> Result<Answer, Broken> {
        let shared = &self.http.0;
        let client = if AddressPolicy::needs_opened(&call.url) { &shared.opened } else { &shared.public };
        let mut request = client.request(call.method, call.url).header("accept", "application/json");
        for (name, value) in call.headers {
            let mut value = reqwest::header::HeaderValue::from_str(value.expose_secret())
                .map_err(|_| Broken::NotSent("a header cannot be sent".to_owned()))?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        if let Ok(trace) = TRACEPARENT.try_with(Clone::clone) {
            request = request.header("traceparent", trace);
        }
        if let Some(body) = call.body {
            request = request.json(body);
        }
        let mut answer = request.send().await.map_err(Broken::from_client)?;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| Broken::Cut(text_of(error)))? {
            if body.len() + chunk.len() > MAX_ANSWER {
                return Err(Broken::Cut(format!("the answer is longer than {MAX_ANSWER} bytes")));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }

    /// No answer came, or not the whole of it.
    fn failed(&self, effect: Effect, broken: &Broken) -> HostError {
        match (broken, effect) {
            (Broken::Cut(why), Effect::Write) => HostError::Unknown { detail: self.clean(why) },
            (Broken::NotSent(why) | Broken::Cut(why), _) => {
                HostError::not_applied(NotApplied::Unreachable, self.clean(why))
            }
        }
    }

    /// An answer came: the one place that says what its status means.
    fn judge(&self, effect: Effect, answer: Answer) -> Result<Answer, HostError> {
        let status = answer.status;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        // A proxy in between may answer 4xx after the host has acted: only the host's own format proves a refusal.
        let parsed = json::parse(&answer.body).ok();
        let own = parsed.as_ref().and_then(self.error_text).filter(|_| (400..500).contains(&status) && status != 408);
        let detail = match (&own, &parsed) {
            (Some(text), _) => self.clean(&format!("{status} {text}")),
            // The body may hold a trace of the host's inside: not kept.
            (None, Some(_)) => format!("status {status}"),
            (None, None) => self.clean(&format!("status {status}: {}", String::from_utf8_lossy(&answer.body))),
        };
        if own.is_none() && effect == Effect::Write {
            return Err(HostError::Unknown { detail });
        }
        Err(match (status, own) {
            (401, _) => HostError::not_applied(NotApplied::Unauthorized, detail),
            (429, _) => {
                HostError::not_applied(NotApplied::RateLimited { retry_after: retry_after(&answer.headers) }, detail)
            }
            (_, Some(_)) => HostError::Rejected { code: status.to_string(), detail },
            (500.., None) => HostError::not_applied(NotApplied::HostFailed, detail),
            (_, None) => HostError::not_applied(NotApplied::Unreadable, detail),
        })
    }

    /// A 2xx answer that does not fit what the call promises.
    pub(super) fn unfit(&self, effect: Effect, what: &str) -> HostError {
        let detail = self.clean(what);
        match effect {
            Effect::Read => HostError::not_applied(NotApplied::Unreadable, detail),
            Effect::Write => HostError::Unknown { detail },
        }
    }

    /// A text that may be kept and shown: without secrets and control characters, and short.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in self.secrets.iter().map(ExposeSecret::expose_secret).filter(|secret| !secret.is_empty()) {
            text = text.replace(secret, "[redacted]");
        }
        text.chars().take(MAX_DETAIL).flat_map(escape).collect()
    }
}

fn escape(c: char) -> Vec<char> {
    if c.is_control() { c.escape_default().collect() } else { vec![c] }
}

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Why there is no whole answer.
enum Broken {
    /// No byte of the request was written.
    NotSent(String),
    /// Something was written, or may have been.
    Cut(String),
}

impl Broken {
    fn from_client(error: reqwest::Error) -> Self {
        // Only these two kinds prove that nothing was sent.
        let not_sent = error.is_connect() || error.is_builder();
        let text = text_of(error);
        if not_sent { Self::NotSent(text) } else { Self::Cut(text) }
    }
}

/// The client's error with its causes, without the URL: that holds the query string.
fn text_of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

fn code_class(status: u16) -> &'static str {
    match status {
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        500..600 => "5xx",
        _ => "other",
    }
}

/// What the host asks us to wait: seconds, or a date that is held against the answer's own.
fn retry_after(headers: &HeaderMap) -> Duration {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let date = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|date| date.timestamp().as_second());
    let seconds = header(RETRY_AFTER).and_then(|text| {
        let by_date = || Some(date(text)?.saturating_sub(date(header(DATE)?)?));
        text.trim().parse::<i64>().ok().or_else(by_date)
    });
    let (least, most) = RETRY_AFTER_LIMITS;
    seconds
        .map_or(RETRY_AFTER_DEFAULT, |seconds| Duration::from_secs(u64::try_from(seconds).unwrap_or(0)))
        .clamp(least, most)
}
