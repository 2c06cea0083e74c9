//! What differs for one vendor, customer or item: a page for each, where everything else is inherited.
//!
//! Invariants: only what the host knows can have settings of its own; what is left as inherited follows the company's;
//! what can be said of whom is the schema's to say.
//!
//! What is the company's alone, and why: what orders all its documents (rank, kinds, released stock), its warehouses,
//! days and currencies ([`crate::domain::overrides`]); statuses, which are read before anybody knows what for; the daily
//! caps, which stop a runaway as a whole; mail approval and the life of its links, which are as safe as the least safe of
//! them; who is told of which event, the language, retention; and DIFOT, whose figure is one for all.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::AppState;
use super::error::WebError;
use super::form::{Fields, Posted};
use super::page::{self, Frame, see};
use super::session::Member;
use super::settings::{self as company, Save, Saved};
use super::settings_fields::{choice, help, label};
use super::settings_form::{self, Choices};
use super::settings_schema::{self, Kind};
use crate::db::scope::{self, Found};
use crate::db::{self, settings};
use crate::domain::scope::{Scope, ScopeOf};
use crate::domain::settings::Settings;
use crate::wording::Words;
use crate::worker::preview::{self, Effects};

/// What a scope can say, by its path in the company's settings and its name in the scope; in the order of the settings.
const FIELDS: [(&str, &str); 24] = [
    ("mode", "mode"),
    ("issue", "issue"),
    ("ask_above", "ask_above"),
    ("approver_emails", "approver_emails"),
    ("escalate_hours", "escalate_hours"),
    ("buyer_emails", "buyer_emails"),
    ("seller_emails", "seller_emails"),
    ("policy.count_incoming", "count_incoming"),
    ("policy.count_foreign_drafts", "count_foreign_drafts"),
    ("safety_stock", "safety_stock"),
    ("policy.ignore_below", "ignore_below"),
    ("policy.buy", "buy"),
    ("policy.vendor_choice", "vendor_choice"),
    ("policy.group_by", "group_by"),
    ("wait_minutes", "wait_minutes"),
    ("policy.merge_equal_items", "merge_equal_items"),
    ("policy.min_qty_means", "min_qty_means"),
    ("policy.fractional_vendor_units", "fractional_vendor_units"),
    ("policy.buy_ahead_days", "buy_ahead_days"),
    ("policy.rebuy_after_cancel", "rebuy_after_cancel"),
    ("drop_shipment", "drop_shipment"),
    ("policy.supply", "supply"),
    ("policy.hold_for_order", "hold_for_order"),
    ("policy.ship_policy", "ship_policy"),
];

struct Field {
    name: &'static str,
    label: String,
    help: String,
    /// What holds if it says nothing.
    inherited: String,
    /// Empty: a figure is entered.
    choices: Choices,
    figure: bool,
    value: String,
}

#[derive(Template)]
#[template(path = "web/templates/settings_scope.html", config = ".askama.toml")]
struct ScopePage {
    frame: Frame,
    title: String,
    what: String,
    administrator: bool,
    version: i64,
    action: String,
    fields: Vec<Field>,
    /// What the entered rules would do, if that was asked: a heading and a line for each.
    effect: Option<(String, [String; 2])>,
}

/// What a scope is about, in the reader's words.
fn of_what(words: Words, of: ScopeOf) -> String {
    words
        .say(match of {
            ScopeOf::Vendor => "settings-of-vendor",
            ScopeOf::Customer => "settings-of-customer",
            ScopeOf::Item => "settings-of-item",
        })
        .to_string()
}

fn path(of: ScopeOf, id: &str) -> String {
    let id = url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20");
    format!("/settings/for/{}/{id}", of.as_str())
}

/// Those that say something: what, name, address.
pub(super) fn listed(settings: &Settings, words: Words) -> Vec<(String, String, String)> {
    let name = |scope: &Scope| if scope.name.is_empty() { scope.id.clone() } else { scope.name.clone() };
    settings.scopes.iter().map(|scope| (of_what(words, scope.of), name(scope), path(scope.of, &scope.id))).collect()
}

/// Finds what a person has entered, and goes to its page.
pub(super) async fn find(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    let of = fields.get("of").and_then(ScopeOf::parse).ok_or(WebError::NotFound)?;
    let what = fields.get("what").unwrap_or_default();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let found = scope::find(&tx, member.tenant, of, what).await?;
    tx.commit().await?;
    Ok(see(&path(of, &only(found, what, member.words)?.id)))
}

/// The one that was meant by an entry; of several with one name a person must say which, by its id.
pub(super) fn only(mut found: Vec<Found>, what: &str, words: Words) -> Result<Found, WebError> {
    if found.len() > 1 {
        let name = |one: &Found| match one.beside.as_str() {
            "" => one.id.clone(),
            beside => format!("{} ({beside})", one.id),
        };
        let which = found.iter().map(name).collect::<Vec<_>>().join(", ");
        let said = words.say("settings-override-several").with("what", what).with("which", which);
        return Err(WebError::Invalid(said.into()));
    }
    let not_found = || WebError::Invalid(words.say("settings-override-not-found").with("what", what).into());
    found.pop().ok_or_else(not_found)
}

async fn known(
    tx: &tokio_postgres::Transaction<'_>,
    member: &Member,
    address: &(String, String),
) -> Result<(ScopeOf, String, String), WebError> {
    let of = ScopeOf::parse(&address.0).ok_or(WebError::NotFound)?;
    let found = scope::find(tx, member.tenant, of, &address.1).await?;
    let one = found.into_iter().find(|one| one.id == address.1).ok_or(WebError::NotFound)?;
    let name = if of == ScopeOf::Item { format!("{} {}", one.beside, one.name) } else { one.name };
    Ok((of, one.id, name))
}

pub(super) async fn show(
    state: Data<AppState>,
    member: Member,
    address: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let named = known(&tx, &member, &address).await?;
    scope_page(&tx, &member, named, None).await
}

/// The page, with what was entered and what that would do if it is shown again.
async fn scope_page(
    tx: &tokio_postgres::Transaction<'_>,
    member: &Member,
    (of, id, name): (ScopeOf, String, String),
    entered: Option<(&Settings, &Effects)>,
) -> Result<HttpResponse, WebError> {
    let ground = page::ground(tx, member, "settings").await?;
    let words = member.words;
    let settings = entered.map_or(&ground.settings.settings, |(settings, _)| settings);
    let scope = settings.scopes.iter().find(|scope| scope.of == of && scope.id == id).cloned();
    let scope = scope.unwrap_or_else(|| Scope::new(of, &id, &name));
    let company = serde_json::to_value(settings).unwrap_or_default();
    let own = serde_json::to_value(&scope).unwrap_or_default();
    page::html(&ScopePage {
        title: words.say("settings-override-title").with("name", &name).into(),
        what: of_what(words, of),
        administrator: member.person.administrator,
        version: ground.settings.version,
        action: path(of, &id),
        fields: fields_of(of).map(|field| view(field, &company, &own, words)).collect(),
        effect: entered.map(|(_, effects)| company::effect_view(effects, words)),
        frame: ground.frame,
    })
}

/// What can be said of one. What may go to a customer before the rest is not offered for a vendor: it hangs on none (the
/// schema still takes it, because it was offered once).
fn fields_of(of: ScopeOf) -> impl Iterator<Item = (&'static str, &'static str)> {
    let is_offered = move |name: &str| name != "ship_policy" || of != ScopeOf::Vendor;
    FIELDS.into_iter().filter(move |(_, name)| is_offered(name) && settings_schema::is_said_of(of.as_str(), name))
}

fn view((whole, name): (&'static str, &'static str), company: &Value, own: &Value, words: Words) -> Field {
    let (above, value) = (settings_form::at(company, whole), &own[name]);
    let shown = |value: &Value| match value {
        Value::Bool(true) => words.say("settings-yes").to_string(),
        Value::Bool(false) => words.say("settings-no").to_string(),
        Value::Null => words.say("settings-none").to_string(),
        Value::Array(all) if all.is_empty() => words.say("settings-none").to_string(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Value::String(text) => {
            text.parse::<Decimal>().map_or_else(|_| choice(words, whole, text), |n| words.quantity(n))
        }
        other => other.to_string(),
    };
    let inherited = words.say("settings-inherited").with("value", shown(above)).to_string();
    let values = match settings_schema::kind(whole) {
        Some(Kind::Tick) => vec![("yes".to_owned(), Value::Bool(true)), ("no".to_owned(), Value::Bool(false))],
        Some(Kind::Choice { values, .. }) => values.into_iter().map(|one| (one.clone(), json!(one))).collect(),
        _ => Vec::new(),
    };
    let mut choices: Choices = Vec::new();
    if !values.is_empty() {
        choices.push((String::new(), inherited.clone(), value.is_null()));
        choices.extend(values.into_iter().map(|(key, one)| (key, shown(&one), *value == one)));
    }
    Field {
        name,
        label: label(words, whole),
        help: help(words, whole),
        inherited,
        choices,
        figure: !matches!(settings_schema::kind(whole), Some(Kind::Emails)),
        value: if value.is_null() { String::new() } else { shown(value) },
    }
}

pub(super) async fn save(
    state: Data<AppState>,
    address: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let words = member.words;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, true).await?;
    if fields.get("settings_version").and_then(|version| version.parse().ok()) != Some(stored.version) {
        return Err(WebError::Conflict(words.say("settings-conflict").into()));
    }
    let (of, id, name) = known(&tx, &member, &address).await?;
    let mut scope = json!({ "of": of, "id": id, "name": name });
    if fields.get("act") != Some("clear") {
        for (whole, name) in fields_of(of) {
            scope[name] = entered(whole, name, &fields, words)?;
        }
    }
    let mut wanted = serde_json::to_value(&stored.settings).unwrap_or_default();
    let others = stored.settings.scopes.iter().filter(|other| other.of != of || other.id != id);
    let mut scopes: Vec<Value> = others.filter_map(|other| serde_json::to_value(other).ok()).collect();
    scopes.push(scope);
    wanted["scopes"] = json!(scopes);
    let mut wanted = settings_form::checked(wanted, words)?;
    wanted.scopes.retain(|scope| !scope.is_empty());
    wanted.scopes.sort_by(|one, other| (one.of, &one.name, &one.id).cmp(&(other.of, &other.name, &other.id)));
    if fields.get("act") == Some("preview") {
        let effects = preview::effects(&tx, member.tenant, &stored, &wanted, state.parts.clock.now()).await?;
        return scope_page(&tx, &member, (of, id, name), Some((&wanted, &effects))).await;
    }
    let save = Save { state: &state, member: &member, stored: &stored, answer: fields.get("include") };
    if let Saved::Asks(open) = save.to(&tx, &wanted).await? {
        let frame = page::ground(&tx, &member, "settings").await?.frame;
        let title = words.say("settings-switch-title-of").with("name", &name).to_string();
        return page::html(&company::question(frame, title, &wanted, &open, path(of, &id), fields.pairs()));
    }
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see("/settings?said=saved"))
}

/// What was entered for a field of a scope; null: it is inherited.
fn entered(whole: &str, name: &str, fields: &Fields, words: Words) -> Result<Value, WebError> {
    let Some(text) = fields.get(name) else { return Ok(Value::Null) };
    Ok(match settings_schema::kind(whole) {
        Some(Kind::Tick) => json!(text == "yes"),
        Some(Kind::Amount { .. }) => settings_form::figure(text, &Value::Null, words).ok_or_else(|| {
            let example = words.quantity(Decimal::new(12505, 1));
            let said = words.say("settings-wrong-amount").with("field", label(words, whole)).with("example", example);
            WebError::Invalid(said.into())
        })?,
        Some(Kind::Whole { least, most, .. }) if !text.is_empty() => {
            let number = text.parse::<u64>().ok().filter(|number| (least..=most).contains(number));
            json!(number.ok_or_else(|| {
                let said = words
                    .say("settings-wrong-whole")
                    .with("field", label(words, whole))
                    .with("from", least)
                    .with("to", most);
                WebError::Invalid(said.into())
            })?)
        }
        Some(Kind::Whole { .. }) => Value::Null,
        Some(Kind::Emails) => settings_form::emails(text)
            .ok_or_else(|| WebError::Invalid(words.say("settings-wrong").with("field", label(words, whole)).into()))?,
        _ => json!(text),
    })
}
