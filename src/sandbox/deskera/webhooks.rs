//! Webhook registration on the wire: one event and one address per call, as Deskera has it.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Reader, ok};
use crate::sandbox::entry::Answer;
use crate::sandbox::hooks::Webhook;
use crate::sandbox::oauth::Caller;
use crate::sandbox::state::{Refusal, World};

/// All that the documentation lists.
const EVENTS: [&str; 22] = [
    "CREATE_PRODUCTS",
    "CREATE_CONTACT",
    "CREATE_BILL",
    "UPDATE_BILL",
    "DELETE_BILL",
    "CREATE_INVOICE",
    "UPDATE_INVOICE",
    "DELETE_INVOICE",
    "CREATE_DEBITNOTE",
    "UPDATE_DEBITNOTE",
    "DELETE_DEBITNOTE",
    "CREATE_CREDITNOTE",
    "UPDATE_CREDITNOTE",
    "DELETE_CREDITNOTE",
    "CREATE_CRM_CONTACT",
    "UPDATE_CRM_CONTACT",
    "DELETE_CRM_CONTACT",
    "CREATE_CRM_DEAL",
    "UPDATE_CRM_DEAL",
    "DELETE_CRM_DEAL",
    "STOCK_IN",
    "STOCK_OUT",
];

fn wire(hook: &Webhook, deleted: bool) -> Value {
    json!({ "hookId": hook.id, "eventType": hook.event, "webhookUrl": hook.url, "deleted": deleted })
}

pub(super) fn list(world: &World, caller: Caller) -> Outcome {
    ok(world.webhooks.iter().filter(|hook| hook.company == caller.company).map(|hook| wire(hook, false)).collect())
}

pub(super) fn register(world: &mut World, caller: Caller, call: &Call<'_>) -> Outcome {
    let mut reader = Reader::new(call.body, "");
    for name in ["clientId", "clientSecret", "accessToken", "refreshToken", "eventType", "webhookUrl"] {
        reader.require(name);
    }
    let event = reader.text("eventType").unwrap_or_default();
    let url = reader.text("webhookUrl").unwrap_or_default();
    let client = (reader.text("clientId"), reader.text("clientSecret"));
    reader.finish()?;
    if !EVENTS.contains(&event.as_str()) {
        return Err(Refusal::Fields(vec![("eventType".to_owned(), format!("has no value {event}"))]));
    }
    if url::Url::parse(&url).is_err() {
        return Err(Refusal::Fields(vec![("webhookUrl".to_owned(), "is not a URL".to_owned())]));
    }
    if client != (Some(world.client.client_id.clone()), Some(world.client.client_secret.clone())) {
        return Err(Refusal::Forbidden("clientId and clientSecret are not those of the app".to_owned()));
    }
    let company = world.company_mut(caller.company)?;
    let hook = Webhook { id: company.next_id(), company: caller.company, event, url };
    let answer = wire(&hook, false);
    world.webhooks.push(hook);
    ok(answer)
}

pub(super) fn delete(world: &mut World, caller: Caller, id: &str) -> Outcome {
    let id = id.parse::<i64>().ok();
    let mine = |hook: &Webhook| hook.company == caller.company && Some(hook.id) == id;
    let position = world.webhooks.iter().position(mine).ok_or_else(|| Refusal::missing("webhook"))?;
    let hook = world.webhooks.remove(position);
    Ok(Answer { status: 200, body: Some(wire(&hook, true)) })
}
