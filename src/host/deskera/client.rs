//! Calls to Deskera's API: paths, the token header, what a 2xx answer must look like.
//!
//! Invariants: ids are path segments of their own, percent-encoded; an answer of 2xx that carries `errors`, or is not
//! strict JSON, is no success; nothing but the connection's own address is called.

use reqwest::Method;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::host::error::{HostError, NotApplied};
use crate::host::http::{Call, Channel, Effect};
use crate::host::json::{self, Fields, Misfit};

/// Rows that one page is asked for. The documentation names no maximum.
pub(super) const PAGE_SIZE: u32 = 50;

/// Pages that one question goes through at most: an answer that never ends is an error, not a loop.
const MAX_PAGES: u32 = 200;

/// The documents that have a twin per country; the country stands after these segments.
pub(super) const PURCHASE_ORDERS: &[&str] = &["v1", "orders", "purchase"];
pub(super) const SALES_ORDERS: &[&str] = &["v1", "orders", "sales"];
pub(super) const INVOICES: &[&str] = &["v1", "invoices", "sales"];
pub(super) const QUOTATIONS: &[&str] = &["v1", "quotations"];

#[derive(Debug)]
pub(super) struct Client {
    pub(super) channel: Channel,
    pub(super) base_url: Url,
    /// The two-letter twin of the document resources, where the company needs one.
    pub(super) country: Option<String>,
    pub(super) access_token: SecretString,
}

/// The text of an error body: the SDK's form, the gateway's, or the token endpoint's.
pub(super) fn error_text(body: &Value) -> Option<String> {
    let body = body.as_object()?;
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let known = ["errorMessage", "message", "error_description", "error"].into_iter().find_map(text);
    // A text alone is in many a proxy's answer: the host's own forms carry one of these beside it.
    let own = ["code", "httpStatus", "error", "errorMessage"].iter().any(|key| body.contains_key(*key));
    let fields = body.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let fields: Vec<String> = fields.iter().take(5).filter_map(field_text).collect();
    match known {
        Some(text) if own && fields.is_empty() => Some(text),
        Some(text) if own => Some(format!("{text} ({})", fields.join("; "))),
        _ => None,
    }
}

fn field_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(entry) => {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default();
            Some(format!("{} {}", text("field"), text("error")).trim().to_owned())
        }
        _ => None,
    }
}

/// Whether the host said, in its own words, that there is no such thing.
pub(super) fn is_missing(error: &HostError) -> bool {
    matches!(error, HostError::Rejected { code, .. } if code == "404")
}

impl Client {
    /// The address of a resource: `prefix`, the country where documents have one, then `rest`.
    pub(super) fn url(&self, prefix: &[&str], rest: &[&str], query: &[(&str, &str)]) -> Result<Url, HostError> {
        let documents = [PURCHASE_ORDERS, SALES_ORDERS, INVOICES, QUOTATIONS].contains(&prefix);
        let country = self.country.as_deref().filter(|_| documents);
        let mut url = self.base_url.clone();
        // Such a segment would name another resource.
        if rest.iter().any(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(HostError::Rejected { code: "id".to_owned(), detail: "not an id of the host".to_owned() });
        }
        let unreadable = |()| HostError::not_applied(NotApplied::Unreachable, "the base address takes no path");
        url.path_segments_mut().map_err(unreadable)?.clear().extend(prefix).extend(country).extend(rest);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    async fn send(
        &self,
        effect: Effect,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Option<Value>, HostError> {
        let headers = [("x-access-token", self.access_token.clone())];
        let answer = self.channel.send(Call { effect, method, url, headers: &headers, body }).await?;
        if answer.iter().all(u8::is_ascii_whitespace) {
            return Ok(None);
        }
        let value = json::parse(&answer).map_err(|why| self.channel.unfit(effect, &format!("the answer: {why}")))?;
        if let Some(errors) = value.get("errors").and_then(Value::as_array).filter(|errors| !errors.is_empty()) {
            let text = errors.iter().take(5).filter_map(field_text).collect::<Vec<_>>().join("; ");
            return Err(match effect {
                Effect::Read => HostError::Rejected { code: "errors".to_owned(), detail: self.channel.clean(&text) },
                // It may have done a part.
                Effect::Write => self.channel.unfit(effect, &format!("answered with errors: {text}")),
            });
        }
        Ok(Some(value))
    }

    fn something(&self, effect: Effect, value: Option<Value>) -> Result<Value, HostError> {
        value.ok_or_else(|| self.channel.unfit(effect, "the answer is empty"))
    }

    pub(super) async fn get(&self, prefix: &[&str], rest: &[&str], query: &[(&str, &str)]) -> Result<Value, HostError> {
        let url = self.url(prefix, rest, query)?;
        self.something(Effect::Read, self.send(Effect::Read, Method::GET, url, None).await?)
    }

    /// The same; `None` where the host says that there is no such thing.
    pub(super) async fn get_if_there(&self, prefix: &[&str], rest: &[&str]) -> Result<Option<Value>, HostError> {
        match self.get(prefix, rest, &[]).await {
            Ok(value) => Ok(Some(value)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A POST that only reads.
    pub(super) async fn ask(&self, prefix: &[&str], rest: &[&str], body: &Value) -> Result<Value, HostError> {
        let url = self.url(prefix, rest, &[])?;
        self.something(Effect::Read, self.send(Effect::Read, Method::POST, url, Some(body)).await?)
    }

    /// A call that changes something; its answer may be empty.
    pub(super) async fn write(
        &self,
        method: Method,
        url: Url,
        body: Option<&Value>,
    ) -> Result<Option<Value>, HostError> {
        self.send(Effect::Write, method, url, body).await
    }

    /// One page of a list, newest first, and whether it is the last.
    pub(super) async fn page(
        &self,
        prefix: &[&str],
        page: u32,
        sort: &str,
        filter: &[(&str, &str)],
    ) -> Result<(Vec<Value>, bool), HostError> {
        let (number, limit) = (page.to_string(), PAGE_SIZE.to_string());
        let mut query = vec![("page", number.as_str()), ("limit", &limit), ("sort", sort), ("sortDir", "desc")];
        query.extend_from_slice(filter);
        let answer = self.get(prefix, &[], &query).await?;
        self.rows(answer)
    }

    /// The rows of a page object or of a bare list.
    pub(super) fn rows(&self, answer: Value) -> Result<(Vec<Value>, bool), HostError> {
        let unfit = |what: &str| self.channel.unfit(Effect::Read, what);
        match answer {
            Value::Array(rows) => {
                let last = rows.len() < PAGE_SIZE as usize;
                Ok((rows, last))
            }
            Value::Object(mut page) => {
                let last = page.get("last").and_then(Value::as_bool);
                match page.remove("content") {
                    Some(Value::Array(rows)) => {
                        let last = last.unwrap_or(rows.len() < PAGE_SIZE as usize) || rows.is_empty();
                        Ok((rows, last))
                    }
                    _ => Err(unfit("a page without a list of rows")),
                }
            }
            _ => Err(unfit("neither a page nor a list")),
        }
    }

    /// All rows of a list. Rows move between pages while we read: the same one may come twice.
    pub(super) async fn all(
        &self,
        prefix: &[&str],
        sort: &str,
        filter: &[(&str, &str)],
    ) -> Result<Vec<Value>, HostError> {
        let mut all = Vec::new();
        for page in 0..MAX_PAGES {
            let (rows, last) = self.page(prefix, page, sort, filter).await?;
            all.extend(rows);
            if last {
                return Ok(all);
            }
        }
        Err(self.channel.unfit(Effect::Read, "a list without an end"))
    }

    /// A document that does not fit what we can read.
    pub(super) fn misfit(&self, misfit: &Misfit) -> HostError {
        self.channel.unfit(Effect::Read, &misfit.to_string())
    }

    /// Reads an answer as one object.
    pub(super) fn fields<'a>(&self, value: &'a Value, path: &str) -> Result<Fields<'a>, HostError> {
        Fields::of(value, path).map_err(|misfit| self.misfit(&misfit))
    }
}
