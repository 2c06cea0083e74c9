//! Hooks and faults: what was sent and what became of it, and how badly the sandbox is to behave.

use actix_web::HttpResponse;
use actix_web::web::{Data, Form, Path, Query};
use askama::Template;
use serde_json::json;

use super::{Fields, Frame, Said, back, field, shown};
use crate::sandbox::faults::Fault;
use crate::sandbox::hooks::HookSettings;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::Refusal;

/// Deliveries on the page, the newest first.
const SHOWN: usize = 100;

struct Sent {
    at: String,
    event: String,
    url: String,
    body: String,
    outcome: String,
}

struct Set {
    what: String,
    left: String,
}

#[derive(Template)]
#[template(path = "sandbox/templates/hooks.html", config = ".askama.toml")]
struct Page {
    frame: Frame,
    settings: HookSettings,
    /// Event and address.
    webhooks: Vec<(String, String)>,
    sent: Vec<Sent>,
    faults: Vec<Set>,
    kinds: [(&'static str, &'static str); 9],
}

pub(in crate::sandbox) async fn page(shared: Data<Shared>, company: Path<i64>, said: Query<Said>) -> HttpResponse {
    shown(Frame::new(&shared, *company, "hooks", said.said.as_deref()).map(|frame| {
        let of_company = |id: i64| id == *company;
        let (settings, webhooks) = shared.read(|world| {
            let mine = world.webhooks.iter().filter(|hook| of_company(hook.company));
            let mut mine: Vec<_> = mine.map(|hook| (hook.event.clone(), without_token(&hook.url))).collect();
            let signed = world.hook_settings.signed.iter().filter(|one| of_company(one.company));
            mine.extend(signed.map(|one| ("signed events".to_owned(), without_token(&one.url))));
            (world.hook_settings.clone(), mine)
        });
        let sent = shared.hooks.deliveries().into_iter().rev().filter(|one| of_company(one.company)).take(SHOWN);
        Page {
            frame,
            settings,
            webhooks,
            sent: sent
                .map(|one| Sent {
                    at: one.at.strftime("%H:%M:%S").to_string(),
                    event: one.event,
                    url: without_token(&one.url),
                    body: one.body,
                    outcome: one.outcome,
                })
                .collect(),
            faults: shared.faults.list().iter().map(set_fault).collect(),
            kinds: [
                ("slow", "answer late"),
                ("status_before", "error, nothing changed"),
                ("status_after_commit", "error after the change"),
                ("cut_before", "cut, nothing changed"),
                ("cut_after_commit", "cut after the change"),
                ("too_many_requests", "429 Too Many Requests"),
                ("expired_token", "expired token"),
                ("truncated_body", "half an answer"),
                ("html_body", "a page of HTML"),
            ],
        }
    }))
}

/// The address as far as its path: the last part is the receiver's secret.
fn without_token(url: &str) -> String {
    url.rsplit_once('/').map_or_else(|| url.to_owned(), |(start, _)| format!("{start}/…"))
}

fn set_fault(fault: &Fault) -> Set {
    let method = fault.method.as_deref().unwrap_or("any method");
    let path = if fault.path.is_empty() { "every path" } else { &fault.path };
    let left = fault
        .times
        .map_or("until cleared".to_owned(), |times| format!("{} of {times} left", times.saturating_sub(fault.struck)));
    Set { what: format!("{method} {path}: {:?}", fault.kind), left }
}

pub(in crate::sandbox) async fn set(shared: Data<Shared>, company: Path<i64>, form: Form<Fields>) -> HttpResponse {
    let done = settings(&form).and_then(|asked| {
        shared.change(|world| {
            let signed = std::mem::take(&mut world.hook_settings.signed);
            world.hook_settings = HookSettings { signed, ..asked };
            Ok(())
        })
    });
    back(&format!("/c/{company}/hooks"), done)
}

fn settings(form: &Fields) -> Result<HookSettings, Refusal> {
    let whole = |name: &str| {
        let text = field(form, name);
        text.parse::<u64>().map_err(|_| Refusal::invalid(format!("{name}: {text} is not a whole number")))
    };
    let small = |name: &str| whole(name).map(|number| u8::try_from(number.min(100)).unwrap_or(100));
    Ok(HookSettings {
        loss_percent: small("loss_percent")?,
        delay_ms: whole("delay_ms")?,
        copies: small("copies")?.max(1),
        reorder: field(form, "reorder") == "on",
        empty_body: field(form, "empty_body") == "on",
        ..HookSettings::default()
    })
}

/// Adds a fault, or clears them all.
pub(in crate::sandbox) async fn fault(shared: Data<Shared>, company: Path<i64>, form: Form<Fields>) -> HttpResponse {
    let target = format!("/c/{company}/hooks");
    if field(&form, "clear") == "yes" {
        shared.faults.clear();
        return back(&target, Ok(()));
    }
    let method = Some(field(&form, "method")).filter(|method| !method.is_empty());
    let asked = json!({
        "kind": field(&form, "kind"),
        "method": method,
        "path": field(&form, "path"),
        "times": field(&form, "times").parse::<u32>().ok(),
        "ms": 5000,
        "status": 500,
        "retry_after": "2",
    });
    let fault = serde_json::from_value(asked).map_err(|error| Refusal::invalid(error.to_string()));
    back(&target, fault.map(|fault| shared.faults.add(fault)))
}
