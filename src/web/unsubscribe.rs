//! The link in a customer's mail that ends such mails.
//!
//! Invariants: opening it changes nothing, mail programs open links by themselves; a POST is enough, from wherever it
//! comes (RFC 8058: mailbox providers send it, with no cookie and no origin of ours), the link itself is the permission
//! and can do nothing else; one that does not exist looks like any other address that does not.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path};
use askama::Template;

use super::AppState;
use super::error::WebError;
use super::language::Guest;
use super::page;
use crate::db::{self, audit, customer_mail};
use crate::secret::Token;
use crate::wording::Words;

#[derive(Template)]
#[template(path = "web/templates/unsubscribe.html", config = ".askama.toml")]
struct UnsubscribePage {
    words: Words,
    text: String,
    /// What the button does; None: there is none.
    button: Option<(&'static str, String)>,
}

pub(super) async fn show(state: Data<AppState>, token: Path<String>, guest: Guest) -> Result<HttpResponse, WebError> {
    let key = Token::parse(&token).ok_or(WebError::NotFound)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, key.tenant).await?;
    let address = customer_mail::address_of_link(&tx, key.tenant, &key.hash).await?.ok_or(WebError::NotFound)?;
    let ended = customer_mail::unsubscribed(&tx, key.tenant, &address).await?.is_some();
    let company = db::settings::load(&tx, key.tenant, false).await?.company;
    tx.commit().await?;
    let words = guest.words;
    let (text, button) = if ended {
        (words.say("customer-end-done").with("address", &address), ("again", words.say("customer-end-again")))
    } else {
        let question = words.say("customer-end-question").with("company", &company).with("address", &address);
        (question, ("end", words.say("customer-end-button")))
    };
    let button = Some((button.0, button.1.to_string()));
    page::html(&UnsubscribePage { words, text: text.to_string(), button })
}

pub(super) async fn act(
    state: Data<AppState>,
    token: Path<String>,
    guest: Guest,
    fields: Option<Form<Vec<(String, String)>>>,
) -> Result<HttpResponse, WebError> {
    let key = Token::parse(&token).ok_or(WebError::NotFound)?;
    let again = fields.is_some_and(|fields| fields.iter().any(|(name, value)| name == "act" && value == "again"));
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, key.tenant).await?;
    let address = customer_mail::address_of_link(&tx, key.tenant, &key.hash).await?.ok_or(WebError::NotFound)?;
    let changed = if again {
        customer_mail::subscribe_again(&tx, key.tenant, &address).await?
    } else {
        customer_mail::unsubscribe(&tx, key.tenant, &address, now).await?
    };
    if changed {
        let entry = audit::Entry {
            id: state.parts.clock.new_id(),
            at: now,
            actor: address.clone(),
            event: if again { "subscribed_again" } else { "unsubscribed" }.to_owned(),
            document: None,
            details: serde_json::json!({}),
        };
        audit::append(&tx, key.tenant, &entry).await?;
    }
    tx.commit().await?;
    let words = guest.words;
    let text = words.say(if again { "customer-end-again-done" } else { "customer-end-done" }).with("address", &address);
    page::html(&UnsubscribePage { words, text: text.to_string(), button: None })
}
