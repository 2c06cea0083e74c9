//! A web session of Odoo, opened with a password and closed again: the only way to a key without a person, and to a
//! report: a key opens none (17 shows the page to sign in, 19 fails).
//!
//! Odoo makes keys on a page, behind a question for the password; the calls are those of that page, as recorded. Only
//! the integration user has a password that we know, because we gave it.

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::client::{Client, outcome, without_false};
use crate::host::HostError;
use crate::host::http::{Call, Effect};
use crate::host::json;

/// What our keys are called.
const KEY_NAME: &str = "Backorders";

/// How long a key lives: a choice that Odoo offers; the group that we make admits it.
pub(super) const KEY_DAYS: u32 = 90;

/// Keys that stay: the newest, and the one that another worker may be using this moment.
const KEPT_KEYS: usize = 2;

#[derive(Debug)]
pub(super) struct Session<'a> {
    client: &'a Client,
    password: &'a SecretString,
    cookie: SecretString,
}

impl<'a> Session<'a> {
    /// Signs in as the client's user.
    ///
    /// # Errors
    /// `Rejected` where the password is not accepted, or not enough.
    pub(super) async fn open(client: &'a Client, password: &'a SecretString) -> Result<Self, HostError> {
        let params = json!({ "db": client.database, "login": client.login, "password": password.expose_secret() });
        let body = envelope(&params);
        let url = client.url(&["web", "session", "authenticate"])?;
        let call = Call { effect: Effect::Write, method: Method::POST, url, headers: &[], body: Some(&body) };
        let (answer, cookie) = client.channel.send_for_cookie(call, "session_id").await?;
        let answer = without_false(read(client, &answer).map_err(|error| match error {
            error if error.is_unauthorized() => refused("the password of the integration user is not accepted"),
            error => error,
        })?);
        if answer.get("uid").and_then(Value::as_i64).is_none() {
            return Err(refused("Odoo asks the integration user for a second factor"));
        }
        let cookie = cookie.ok_or_else(|| client.channel.unfit(Effect::Read, "the session has no cookie"))?;
        Ok(Self { client, password, cookie: SecretString::from(format!("session_id={}", cookie.expose_secret())) })
    }

    async fn call(&self, model: &str, method: &str, args: Value, options: Value) -> Result<Value, HostError> {
        let params = json!({ "model": model, "method": method, "args": args, "kwargs": options });
        let headers = [("cookie", self.cookie.clone())];
        let body = envelope(&params);
        let url = self.client.url(&["web", "dataset", "call_kw", model, method])?;
        let call = Call { effect: Effect::Write, method: Method::POST, url, headers: &headers, body: Some(&body) };
        read(self.client, &self.client.channel.send(call).await?)
    }

    /// Makes a key, takes all but the newest back, and ends the session; the key, and when it ends.
    pub(super) async fn make_key(self) -> Result<(SecretString, Option<Timestamp>), HostError> {
        const DESCRIPTION: &str = "res.users.apikeys.description";
        const KEYS: &str = "res.users.apikeys";
        let described = json!([{ "name": KEY_NAME, "duration": KEY_DAYS.to_string() }]);
        let description = self.call(DESCRIPTION, "create", described, json!({})).await?;
        let description = description.as_i64().or_else(|| description.pointer("/0").and_then(Value::as_i64));
        let mut made = self.call(DESCRIPTION, "make_key", json!([[description]]), json!({})).await?;
        if let Some(question) = made.get("res_id").and_then(Value::as_i64) {
            let context = json!({ "context": { "password": self.password.expose_secret() } });
            made = self.call("res.users.identitycheck", "run_check", json!([[question]]), context).await?;
        }
        let key = made.pointer("/context/default_key").and_then(Value::as_str).filter(|key| !key.is_empty());
        let key = key.ok_or_else(|| self.client.channel.unfit(Effect::Write, "no key was made"))?;
        let key = SecretString::from(key.to_owned());
        let options = json!({ "fields": ["expiration_date"], "order": "id desc" });
        let ours = self.call(KEYS, "search_read", json!([[["name", "=", KEY_NAME]]]), options).await?;
        let ours = ours.as_array().map_or(&[][..], Vec::as_slice);
        let ends = ours.first().and_then(|newest| newest.get("expiration_date")?.as_str()).and_then(instant);
        let old: Vec<&Value> = ours.iter().skip(KEPT_KEYS).filter_map(|key| key.get("id")).collect();
        if !old.is_empty() {
            self.call(KEYS, "remove", json!([old]), json!({})).await?;
        }
        self.close().await;
        Ok((key, ends))
    }

    /// Prints a record with a report, and ends the session.
    pub(super) async fn report(self, report: &str, id: i64) -> Result<Vec<u8>, HostError> {
        let url = self.client.url(&["report", "pdf", report, &id.to_string()])?;
        let headers = [("cookie", self.cookie.clone())];
        let call = Call { effect: Effect::Read, method: Method::GET, url, headers: &headers, body: None };
        let answer = self.client.channel.send(call).await;
        self.close().await;
        let pdf = answer?;
        // Without its printing program Odoo gives a page.
        if pdf.starts_with(b"%PDF-") { Ok(pdf) } else { Err(refused("Odoo gives a page in place of the PDF")) }
    }

    /// Ends the session; one that cannot be ended ends by itself.
    async fn close(self) {
        let Ok(url) = self.client.url(&["web", "session", "destroy"]) else { return };
        let (headers, body) = ([("cookie", self.cookie.clone())], envelope(&json!({})));
        let call = Call { effect: Effect::Write, method: Method::POST, url, headers: &headers, body: Some(&body) };
        drop(self.client.channel.send(call).await);
    }
}

fn refused(detail: &str) -> HostError {
    HostError::Rejected { code: "sign_in".to_owned(), detail: detail.to_owned() }
}

fn envelope(params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": "call", "id": 1, "params": params })
}

fn read(client: &Client, answer: &[u8]) -> Result<Value, HostError> {
    let answer =
        json::parse(answer).map_err(|why| client.channel.unfit(Effect::Read, &format!("the answer: {why}")))?;
    outcome(&client.channel, Effect::Write, answer)
}

/// Odoo's naive UTC time.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse::<jiff::civil::DateTime>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|time| time.timestamp())
}

#[cfg(test)]
mod tests {
    use super::instant;

    #[test]
    fn a_time_of_odoo_is_utc() {
        assert_eq!(instant("2027-02-26 00:00:00").unwrap().to_string(), "2027-02-26T00:00:00Z");
        assert_eq!(instant("soon"), None);
    }
}
