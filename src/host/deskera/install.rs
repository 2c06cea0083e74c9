//! The subscriptions that we register, and what a connection's options may be.
//!
//! Deskera wants the app's secret and the company's refresh token in the body of a registration (docs/books/webhook.md).
//! They go to the connection's own address only, the one that issued the token; the token that is kept there may rotate
//! away, which the documentation does not say how to mend, so the sweep registers again what is missing.

use std::collections::BTreeMap;

use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::Url;

use super::Deskera;
use super::client::is_missing;
use crate::host::RegisteredHook;
use crate::host::error::HostError;
use crate::host::http::Effect;
use crate::host::json::{Fields, Misfit};

const WEBHOOKS: &[&str] = &["v1", "webhooks"];

/// Countries whose documents have resources of their own.
const COUNTRIES: [&str; 14] = ["ae", "au", "be", "ca", "de", "id", "il", "in", "my", "nl", "nz", "ph", "sa", "uk"];

/// Refuses options that are not known, before they are saved.
pub(in crate::host) fn check_options(options: &BTreeMap<String, String>) -> Result<(), String> {
    for (key, value) in options {
        let fits = match key.as_str() {
            "country" => COUNTRIES.contains(&value.as_str()),
            "sales_order_shape" => matches!(value.as_str(), "new" | "legacy"),
            "available_is" => matches!(value.as_str(), "on_hand" | "less_reserved"),
            "web_url" => Url::parse(value).is_ok_and(|url| matches!(url.scheme(), "https" | "http")),
            _ => return Err(format!("there is no option {key}")),
        };
        if !fits {
            return Err(format!("option {key}: this value is not possible"));
        }
    }
    Ok(())
}

fn hook(fields: &Fields<'_>) -> Result<RegisteredHook, Misfit> {
    let part = |key: &'static str| -> Result<String, Misfit> {
        fields.text(key)?.map(str::to_owned).ok_or_else(|| fields.misfit(key, "missing"))
    };
    Ok(RegisteredHook {
        host_id: part("hookId")?,
        event: part("eventType")?,
        url: part("webhookUrl")?,
        enabled: !fields.flag("deleted")?.unwrap_or(false),
    })
}

pub(super) async fn list(deskera: &Deskera) -> Result<Vec<RegisteredHook>, HostError> {
    let client = &deskera.client;
    let answer = client.get(WEBHOOKS, &[], &[]).await?;
    let (rows, _) = client.rows(answer)?;
    rows.iter().map(|row| hook(&client.fields(row, "hook")?).map_err(|misfit| client.misfit(&misfit))).collect()
}

pub(super) async fn register(deskera: &Deskera, event: &str, url: &Url) -> Result<RegisteredHook, HostError> {
    let client = &deskera.client;
    let missing = |what: &str| HostError::Rejected { code: "setup".to_owned(), detail: what.to_owned() };
    let app = deskera.app.as_ref().ok_or_else(|| missing("the Deskera app is not configured on this installation"))?;
    let refresh_token = deskera.access.refresh_token.as_ref();
    let refresh_token = refresh_token.ok_or_else(|| missing("the connection has no refresh token: connect again"))?;
    let body = json!({
        "clientId": app.client_id,
        "clientSecret": app.secret_for(&client.base_url)?.expose_secret(),
        "accessToken": deskera.access.access_token.expose_secret(),
        "refreshToken": refresh_token.expose_secret(),
        "eventType": event,
        "webhookUrl": url.as_str(),
    });
    let answer = client.write(Method::POST, client.url(WEBHOOKS, &["register"], &[])?, Some(&body)).await?;
    let unfit = |_| client.channel.unfit(Effect::Write, "the registration's answer does not name the hook");
    let answer = answer.unwrap_or(Value::Null);
    Fields::of(&answer, "hook").and_then(|fields| hook(&fields)).map_err(unfit)
}

/// Removing what is gone already is no error.
pub(super) async fn remove(deskera: &Deskera, host_id: &str) -> Result<(), HostError> {
    let client = &deskera.client;
    let url = client.url(WEBHOOKS, &["delete", host_id], &[])?;
    match client.write(Method::DELETE, url, None).await {
        Err(error) if !is_missing(&error) => Err(error),
        _ => Ok(()),
    }
}
