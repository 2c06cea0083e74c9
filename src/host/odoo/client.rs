//! Calls to Odoo: JSON-RPC, and JSON-2 where the series has it; what its errors mean.
//!
//! Facts: hosts/odoo/notes.md. JSON-RPC answers every error with HTTP 200 and says which in `error.data.name`; the
//! exception has rolled the transaction back, so an error in Odoo's own form is certain. Its `debug` is a trace of the
//! server's inside and is never kept. Empty is `false`.

use std::sync::Arc;

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use url::Url;

use super::facts::Facts;
use super::series::Series;
use crate::host::error::{HostError, NotApplied};
use crate::host::http::{Call, Channel, Effect};
use crate::host::json;

/// The code of a refusal that says that a record is not there.
pub(super) const MISSING: &str = "404";

/// Records that one read asks for.
pub(super) const BATCH: usize = 200;

#[derive(Debug)]
pub(super) struct Client {
    pub(super) channel: Channel,
    pub(super) base_url: Url,
    pub(super) database: String,
    pub(super) login: String,
    /// An API key; it stands where a password would.
    pub(super) key: SecretString,
    /// The integration user's password, for what Odoo gives to no key.
    pub(super) password: Option<SecretString>,
    /// Where several companies share a database: the one that is ours.
    pub(super) company: Option<i64>,
    pub(super) facts: Arc<Facts>,
}

/// A call of a model's method. `args` come by position in JSON-RPC and by name in JSON-2.
#[derive(Debug)]
pub(super) struct Ask<'a> {
    pub(super) effect: Effect,
    pub(super) model: &'a str,
    pub(super) method: &'a str,
    pub(super) args: Vec<(&'static str, Value)>,
    pub(super) options: Vec<(&'static str, Value)>,
    /// Added to the context of the call.
    pub(super) context: Vec<(&'static str, Value)>,
}

impl<'a> Ask<'a> {
    pub(super) fn read(model: &'a str, method: &'a str) -> Self {
        Self { effect: Effect::Read, model, method, args: Vec::new(), options: Vec::new(), context: Vec::new() }
    }

    pub(super) fn write(model: &'a str, method: &'a str) -> Self {
        Self { effect: Effect::Write, ..Self::read(model, method) }
    }

    pub(super) fn arg(mut self, name: &'static str, value: Value) -> Self {
        self.args.push((name, value));
        self
    }

    pub(super) fn option(mut self, name: &'static str, value: Value) -> Self {
        self.options.push((name, value));
        self
    }

    pub(super) fn context(mut self, name: &'static str, value: Value) -> Self {
        self.context.push((name, value));
        self
    }
}

/// The text of an error of the JSON-2 API.
pub(super) fn error_text(body: &Value) -> Option<String> {
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    body.get("arguments")?;
    Some(format!("{}: {}", short(text("name")?), text("message")?))
}

/// `odoo.exceptions.UserError` → `UserError`.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// `false` stands for empty everywhere but in a boolean, and a boolean that is missing is false as well.
pub(super) fn without_false(value: Value) -> Value {
    match value {
        Value::Bool(false) => Value::Null,
        Value::Array(list) => Value::Array(list.into_iter().map(without_false).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(key, value)| (key, without_false(value))).collect())
        }
        value => value,
    }
}

/// What an answer of JSON-RPC means.
pub(super) fn outcome(channel: &Channel, effect: Effect, answer: Value) -> Result<Value, HostError> {
    let Value::Object(mut answer) = answer else { return Err(channel.unfit(effect, "the answer is no object")) };
    if let Some(error) = answer.remove("error") {
        let text = |path: &str| error.pointer(path).and_then(Value::as_str).unwrap_or_default();
        let (name, message) = (short(text("/data/name")), text("/data/message"));
        let detail = channel.clean(&format!("{name}: {message}"));
        return Err(match name {
            // Not Odoo's own form.
            "" => channel.unfit(effect, "an error without a name"),
            "AccessDenied" | "SessionExpiredException" => HostError::not_applied(NotApplied::Unauthorized, detail),
            "MissingError" => HostError::Rejected { code: MISSING.to_owned(), detail },
            // The database refused or was not there; the transaction was rolled back.
            "OperationalError" | "SerializationFailure" | "LockNotAvailable" | "InternalError" | "PoolError" => {
                HostError::not_applied(NotApplied::HostFailed, name)
            }
            name => HostError::Rejected { code: name.to_owned(), detail },
        });
    }
    match answer.remove("result") {
        Some(result) => Ok(result),
        // A method that returns nothing gives an answer without a result.
        None if answer.get("jsonrpc").and_then(Value::as_str) == Some("2.0") => Ok(Value::Null),
        None => Err(channel.unfit(effect, "neither a result nor an error")),
    }
}

impl Client {
    pub(super) fn url(&self, path: &[&str]) -> Result<Url, HostError> {
        let mut url = self.base_url.clone();
        let unreadable = |()| HostError::not_applied(NotApplied::Unreachable, "the base address takes no path");
        url.path_segments_mut().map_err(unreadable)?.clear().extend(path);
        Ok(url)
    }

    /// Which series the server is.
    pub(super) async fn series(&self) -> Result<Series, HostError> {
        let ask = async {
            let answer = self.rpc(Effect::Read, "common", "version", json!([])).await?;
            let version = ["server_serie", "server_version"].iter().find_map(|key| answer.get(*key)?.as_str());
            let series = version.and_then(Series::parse);
            series.ok_or_else(|| HostError::Rejected {
                code: "version".to_owned(),
                detail: "this version of Odoo is not supported: 17, 18 and 19 are".to_owned(),
            })
        };
        self.facts.series.get_or_try_init(|| ask).await.copied()
    }

    /// The id of the user that the key belongs to.
    pub(super) async fn user(&self) -> Result<i64, HostError> {
        let ask = async {
            let key = self.key.expose_secret();
            let answer =
                self.rpc(Effect::Read, "common", "authenticate", json!([self.database, self.login, key, {}])).await?;
            // A wrong key is no error but `false`.
            answer.as_i64().ok_or_else(|| {
                HostError::not_applied(NotApplied::Unauthorized, "the database, user or key is not accepted")
            })
        };
        self.facts.user.get_or_try_init(|| ask).await.copied()
    }

    async fn rpc(&self, effect: Effect, service: &str, method: &str, args: Value) -> Result<Value, HostError> {
        let body = json!({
            "jsonrpc": "2.0", "method": "call", "id": 1,
            "params": { "service": service, "method": method, "args": args },
        });
        let call = Call { effect, method: Method::POST, url: self.url(&["jsonrpc"])?, headers: &[], body: Some(&body) };
        let answer = self.channel.send(call).await?;
        let answer = json::parse(&answer).map_err(|why| self.channel.unfit(effect, &format!("the answer: {why}")))?;
        outcome(&self.channel, effect, answer)
    }

    /// Calls a method; `false` comes back as null.
    pub(super) async fn call(&self, ask: Ask<'_>) -> Result<Value, HostError> {
        let mut context: Map<String, Value> = Map::new();
        if let Some(company) = self.company {
            context.insert("allowed_company_ids".to_owned(), json!([company]));
        }
        context.extend(ask.context.into_iter().map(|(name, value)| (name.to_owned(), value)));
        let mut options: Map<String, Value> = Map::new();
        options.extend(ask.options.into_iter().map(|(name, value)| (name.to_owned(), value)));
        if !context.is_empty() {
            options.insert("context".to_owned(), Value::Object(context));
        }
        if self.series().await?.has_json2() {
            options.extend(ask.args.into_iter().map(|(name, value)| (name.to_owned(), value)));
            return self.json2(ask.effect, ask.model, ask.method, Value::Object(options)).await;
        }
        let positional: Vec<Value> = ask.args.into_iter().map(|(_, value)| value).collect();
        let (user, key) = (self.user().await?, self.key.expose_secret());
        let args = json!([self.database, user, key, ask.model, ask.method, positional, options]);
        self.rpc(ask.effect, "object", "execute_kw", args).await.map(without_false)
    }

    async fn json2(&self, effect: Effect, model: &str, method: &str, body: Value) -> Result<Value, HostError> {
        let headers = [
            ("authorization", SecretString::from(format!("bearer {}", self.key.expose_secret()))),
            ("x-odoo-database", SecretString::from(self.database.clone())),
        ];
        let url = self.url(&["json", "2", model, method])?;
        let call = Call { effect, method: Method::POST, url, headers: &headers, body: Some(&body) };
        let answer = self.channel.send(call).await?;
        let answer = json::parse(&answer).map_err(|why| self.channel.unfit(effect, &format!("the answer: {why}")))?;
        Ok(without_false(answer))
    }

    fn rows(&self, answer: Value) -> Result<Vec<Value>, HostError> {
        match answer {
            Value::Array(rows) => Ok(rows),
            _ => Err(self.channel.unfit(Effect::Read, "not a list of records")),
        }
    }

    /// The records that a domain finds, in that order; `page` is limit and offset.
    pub(super) async fn search(
        &self,
        model: &str,
        domain: Value,
        fields: &[&str],
        order: &str,
        page: Option<(u32, u32)>,
    ) -> Result<Vec<Value>, HostError> {
        let mut ask = Ask::read(model, "search_read")
            .option("domain", domain)
            .option("fields", json!(fields))
            .option("order", json!(order));
        if let Some((limit, offset)) = page {
            ask = ask.option("limit", json!(limit)).option("offset", json!(offset));
        }
        // Boxed: several searches run at once in one future.
        let answer = Box::pin(self.call(ask)).await?;
        self.rows(answer)
    }

    /// The records of those ids that there are; none are asked for where there are no ids.
    pub(super) async fn records(&self, model: &str, ids: &[i64], fields: &[&str]) -> Result<Vec<Value>, HostError> {
        let mut found = Vec::new();
        for some in ids.chunks(BATCH) {
            // A search passes over what is gone, where a read would fail for all.
            found.extend(self.search(model, json!([["id", "in", some]]), fields, "id", None).await?);
        }
        Ok(found)
    }

    /// Which of these fields the model has: some come with other modules, and ours only once they were made.
    pub(super) async fn known_fields(&self, model: &str, fields: &[&str]) -> Result<Vec<String>, HostError> {
        let ask =
            Ask::read(model, "fields_get").option("allfields", json!(fields)).option("attributes", json!(["type"]));
        let answer = self.call(ask).await?;
        let known = answer.as_object().ok_or_else(|| self.channel.unfit(Effect::Read, "no fields"))?;
        Ok(fields.iter().filter(|field| known.contains_key(**field)).map(|field| (*field).to_owned()).collect())
    }
}
