//! Hooks out: what the sandbox tells other systems, and how badly.
//!
//! Invariants: an event leaves only after the change that it is about was made; by default each delivery is tried once,
//! as a host that documents no retry must be assumed to do. Loss, delay, duplication and reordering are settings.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;

use super::odoo::{self, Uncommitted};
use super::state::{Change, Company, Event, SaleKind, World};
use crate::clock::Clock;

/// Deliveries that the hooks page and the control API show.
const KEPT_DELIVERIES: usize = 500;

/// With reordering, each delivery waits up to this long, in milliseconds, so that later ones can overtake it.
const REORDER_WITHIN_MS: u64 = 400;

/// A registered receiver of one event.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub id: i64,
    pub company: i64,
    pub event: String,
    pub url: String,
}

/// Where signed events go, which Deskera itself does not have.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedReceiver {
    /// The company whose events it gets.
    pub company: i64,
    pub url: String,
    /// `whsec_` and the key in base64 (Standard Webhooks).
    pub secret: String,
}

/// How deliveries are made, lost and muddled.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HookSettings {
    /// Of a hundred deliveries, how many are lost.
    pub loss_percent: u8,
    pub delay_ms: u64,
    /// How often each is sent.
    pub copies: u8,
    /// Later ones may overtake earlier ones.
    pub reorder: bool,
    /// Send `{}` instead of a body that names the document.
    pub empty_body: bool,
    pub timeout_ms: u64,
    /// How long an Odoo waits for the receiver of a rule's delivery; it never tries again.
    pub odoo_timeout_ms: u64,
    pub signed: Vec<SignedReceiver>,
}

impl Default for HookSettings {
    fn default() -> Self {
        Self {
            loss_percent: 0,
            delay_ms: 0,
            copies: 1,
            reorder: false,
            empty_body: false,
            timeout_ms: 3000,
            odoo_timeout_ms: 1000,
            signed: Vec::new(),
        }
    }
}

/// One delivery, and what became of it.
#[derive(Debug, Clone, Serialize)]
pub struct Delivery {
    pub id: String,
    pub at: Timestamp,
    pub company: i64,
    pub event: String,
    pub url: String,
    pub body: String,
    /// `sending`, `lost`, an HTTP status, or what went wrong.
    pub outcome: String,
}

/// One request to be made.
#[derive(Debug)]
struct Message {
    id: String,
    company: i64,
    event: String,
    url: String,
    body: String,
    secret: Option<String>,
}

/// Sends events; keeps a list of what was sent.
#[derive(Debug, Clone)]
pub(super) struct Dispatcher {
    clock: Arc<dyn Clock>,
    client: reqwest::Client,
    log: Arc<Mutex<VecDeque<Delivery>>>,
    /// What an Odoo 17 has told of and not committed yet.
    uncommitted: Arc<Mutex<Vec<Uncommitted>>>,
}

impl Dispatcher {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Result<Self, reqwest::Error> {
        // A provider that is installed already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build()?;
        Ok(Self { clock, client, log: Arc::default(), uncommitted: Arc::default() })
    }

    pub(super) fn deliveries(&self) -> Vec<Delivery> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Takes what happened in a company and sends it to whoever asked for it. Must run inside the runtime.
    pub(super) fn send(&self, world: &World, company: &Company, events: &[Event]) {
        let settings = &world.hook_settings;
        for event in events {
            for mut message in messages(world, company, event) {
                message.id = format!("msg_{}", self.clock.new_id().simple());
                for _ in 0..settings.copies.max(1) {
                    self.send_one(&message, settings);
                }
            }
        }
    }

    /// Sends what an Odoo's rules tell, one after the other: on 17 each change is committed when it was told.
    pub(super) fn send_for_rules(&self, world: &World, company: &Company, told: Vec<odoo::Delivery>) {
        if told.is_empty() {
            return;
        }
        let (this, settings, company) = (self.clone(), world.hook_settings.clone(), company.id);
        let held: Vec<Uncommitted> = told.iter().filter_map(|one| one.before.clone()).collect();
        self.uncommitted.lock().unwrap_or_else(PoisonError::into_inner).extend(held.iter().cloned());
        tokio::spawn(async move {
            for one in told {
                let body = if settings.empty_body { json!({}) } else { one.body };
                let mut message = message(company, &one.event, &one.url, &body, None);
                message.id = format!("msg_{}", this.clock.new_id().simple());
                for _ in 0..settings.copies.max(1) {
                    if let Some(wait) = this.may_leave(&message, &settings) {
                        tokio::time::sleep(wait).await;
                        let outcome = this.deliver(&message, Duration::from_millis(settings.odoo_timeout_ms)).await;
                        this.settle(&message, &outcome);
                    }
                }
            }
            let mut uncommitted = this.uncommitted.lock().unwrap_or_else(PoisonError::into_inner);
            for one in held {
                if let Some(position) = uncommitted.iter().position(|known| *known == one) {
                    uncommitted.remove(position);
                }
            }
        });
    }

    pub(super) fn uncommitted(&self) -> Vec<Uncommitted> {
        self.uncommitted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a delivery down; how long it waits before it leaves, `None` if it is lost.
    fn may_leave(&self, message: &Message, settings: &HookSettings) -> Option<Duration> {
        let lost = u64::from(settings.loss_percent) > self.below(100);
        self.record(message, if lost { "lost" } else { "sending" });
        let wait = settings.delay_ms + if settings.reorder { self.below(REORDER_WITHIN_MS) } else { 0 };
        (!lost).then(|| Duration::from_millis(wait))
    }

    fn send_one(&self, message: &Message, settings: &HookSettings) {
        let Some(wait) = self.may_leave(message, settings) else { return };
        let (this, timeout) = (self.clone(), Duration::from_millis(settings.timeout_ms));
        let message = Message { url: message.url.clone(), ..copy(message) };
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            let outcome = this.deliver(&message, timeout).await;
            this.settle(&message, &outcome);
        });
    }

    async fn deliver(&self, message: &Message, timeout: Duration) -> String {
        let mut request = self.client.post(&message.url).timeout(timeout).header("content-type", "application/json");
        if let Some(secret) = &message.secret {
            let timestamp = self.clock.now().as_second().to_string();
            let Some(signature) = sign(secret, &message.id, &timestamp, &message.body) else {
                return "the secret is not whsec_ and base64".to_owned();
            };
            request = request
                .header("webhook-id", &message.id)
                .header("webhook-timestamp", timestamp)
                .header("webhook-signature", signature);
        }
        match request.body(message.body.clone()).send().await {
            Ok(answer) => answer.status().as_u16().to_string(),
            Err(error) if error.is_timeout() => "timed out".to_owned(),
            Err(error) => error.without_url().to_string(),
        }
    }

    fn record(&self, message: &Message, outcome: &str) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push_back(Delivery {
            id: message.id.clone(),
            at: self.clock.now(),
            company: message.company,
            event: message.event.clone(),
            url: message.url.clone(),
            body: message.body.clone(),
            outcome: outcome.to_owned(),
        });
        while log.len() > KEPT_DELIVERIES {
            log.pop_front();
        }
    }

    fn settle(&self, message: &Message, outcome: &str) {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        let sending = |one: &&mut Delivery| one.id == message.id && one.url == message.url && one.outcome == "sending";
        if let Some(delivery) = log.iter_mut().find(sending) {
            outcome.clone_into(&mut delivery.outcome);
        }
    }

    fn below(&self, limit: u64) -> u64 {
        let mut random = [0_u8; 8];
        self.clock.random(&mut random);
        u64::from_le_bytes(random) % limit
    }
}

fn copy(message: &Message) -> Message {
    Message {
        id: message.id.clone(),
        company: message.company,
        event: message.event.clone(),
        url: message.url.clone(),
        body: message.body.clone(),
        secret: message.secret.clone(),
    }
}

fn messages(world: &World, company: &Company, event: &Event) -> Vec<Message> {
    let mut messages = Vec::new();
    if let Some((name, body)) = deskera_event(event) {
        let body = if world.hook_settings.empty_body { json!({}) } else { body };
        for hook in world.webhooks.iter().filter(|hook| hook.company == company.id && hook.event == name) {
            messages.push(message(company.id, name, &hook.url, &body, None));
        }
    }
    if let Some((name, data)) = signed_event(event) {
        let body = json!({ "type": name, "data": data });
        for receiver in world.hook_settings.signed.iter().filter(|one| one.company == company.id) {
            messages.push(message(company.id, name, &receiver.url, &body, Some(receiver.secret.clone())));
        }
    }
    messages
}

fn message(company: i64, event: &str, url: &str, body: &Value, secret: Option<String>) -> Message {
    let (event, url) = (event.to_owned(), url.to_owned());
    Message { id: String::new(), company, event, url, body: body.to_string(), secret }
}

/// The event that Deskera documents, where it has one: not for quotations, sales orders, purchase orders, receipts.
fn deskera_event(event: &Event) -> Option<(&'static str, Value)> {
    match event {
        Event::Sale { kind: SaleKind::Invoice, change, code } => {
            let name = match change {
                Change::Created => "CREATE_INVOICE",
                Change::Updated => "UPDATE_INVOICE",
                Change::Deleted => "DELETE_INVOICE",
            };
            Some((name, json!({ "eventType": name, "salesInvoiceCode": code })))
        }
        Event::Stock { item, up } => {
            let name = if *up { "STOCK_IN" } else { "STOCK_OUT" };
            Some((name, json!({ "eventType": name, "productCode": item })))
        }
        Event::Sale { .. } | Event::PurchaseOrder { .. } | Event::Receipt { .. } => None,
    }
}

fn signed_event(event: &Event) -> Option<(&'static str, Value)> {
    match event {
        Event::Sale { kind: SaleKind::SalesOrder, code, .. } => Some(("sales_order.changed", json!({ "id": code }))),
        Event::PurchaseOrder { code } => Some(("purchase_order.changed", json!({ "id": code }))),
        Event::Receipt { code, purchase_order } => {
            Some(("goods_receipt.created", json!({ "id": code, "purchaseOrderCode": purchase_order })))
        }
        Event::Stock { item, .. } => Some(("stock.changed", json!({ "id": item }))),
        Event::Sale { .. } => None,
    }
}

/// Standard Webhooks: `v1,` and the MAC of `id.timestamp.body` in base64; `None` if the secret is not of its form.
pub(super) fn sign(secret: &str, id: &str, timestamp: &str, body: &str) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
    Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_as_the_standard_webhooks_specification_shows() {
        let signature = sign(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }
}
