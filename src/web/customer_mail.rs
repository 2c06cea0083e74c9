//! What goes to customers: the switches, the letterhead, the templates with their preview and test, and a mail by hand.
//!
//! Invariants: only an administrator changes what goes by itself; a template is kept only when it renders; a preview is
//! shut in a frame that can load and run nothing; a form that is sent twice sends one mail.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use askama::Template as _;
use serde::Deserialize;

use super::AppState;
use super::alerts::store;
use super::error::WebError;
use super::form::{Fields, Posted};
use super::page::{self, Frame, see};
use super::session::Member;
use crate::db::{self, audit, customer_mail, notice};
use crate::domain::customer_mail::{CustomerEvent, CustomerMail, CustomerNotice, Letterhead, Template};
use crate::domain::ids::NoticeId;
use crate::domain::settings::Settings;
use crate::mail::customer::{CustomerView, PLACEHOLDERS, default_template, example, render};
use crate::mail::{EmailAddress, MailContent};
use crate::wording::{Language, Words};

/// For the frame of a preview: mails carry their style with them; nothing is loaded and nothing runs.
const SHUT_IN: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox";
/// Characters of each part of the letterhead.
const MOST_LETTERHEAD: usize = 2000;

struct Switch {
    value: &'static str,
    label: String,
    on: bool,
    /// Each language with whether the company wrote its own template.
    templates: Vec<(&'static str, &'static str, bool)>,
}

#[derive(askama::Template)]
#[template(path = "web/templates/customer_mail.html", config = ".askama.toml")]
struct CustomerMailPage {
    frame: Frame,
    administrator: bool,
    version: i64,
    on: bool,
    switches: Vec<Switch>,
    languages: Vec<(&'static str, &'static str, bool)>,
    reply_to: String,
    letterhead: Letterhead,
}

#[derive(askama::Template)]
#[template(path = "web/templates/mail_template.html", config = ".askama.toml")]
struct TemplatePage {
    frame: Frame,
    administrator: bool,
    title: String,
    language: &'static str,
    path: String,
    template: Template,
    own: bool,
    /// Each name, and what stands in its place.
    placeholders: Vec<(&'static str, String)>,
    /// Where a test goes: whoever is signed in. None: the host tells no address of them.
    address: Option<String>,
    wrong: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

/// What stands in the place of a name in a template.
fn placeholder(words: Words, name: &str) -> String {
    words
        .say(match name {
            "customer" => "customer-place-customer",
            "company" => "customer-place-company",
            "document" => "customer-place-document",
            "number" => "customer-place-number",
            "expected" => "customer-place-expected",
            "said_before" => "customer-place-said-before",
            "lines" => "customer-place-lines",
            "message" => "customer-place-message",
            _ => "customer-place-attached",
        })
        .to_string()
}

pub(super) fn event_name(words: Words, event: CustomerEvent) -> String {
    words
        .say(match event {
            CustomerEvent::Document => "customer-event-document",
            CustomerEvent::Backorder => "customer-event-backorder",
            CustomerEvent::DateMoved => "customer-event-date-moved",
            CustomerEvent::OnItsWay => "customer-event-on-its-way",
        })
        .to_string()
}

pub(super) fn languages(chosen: Option<Language>) -> Vec<(&'static str, &'static str, bool)> {
    Language::ALL
        .into_iter()
        .map(|language| (language.as_str(), language.own_name(), chosen == Some(language)))
        .collect()
}

pub(super) async fn show(state: Data<AppState>, member: Member, said: Query<Said>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let mut ground = page::ground(&tx, &member, "settings").await?;
    let own = customer_mail::own_templates(&tx, member.tenant).await?;
    tx.commit().await?;
    let words = member.words;
    ground.frame.said = said.said.as_ref().map(|_| words.say("mail-saved").to_string());
    let mail = &ground.settings.settings.customer_mail;
    let switch = |event: CustomerEvent| Switch {
        value: event.as_str(),
        label: event_name(words, event),
        on: mail.events.contains_key(&event),
        templates: Language::ALL
            .into_iter()
            .map(|language| (language.as_str(), language.own_name(), own.contains(&(event, language))))
            .collect(),
    };
    page::html(&CustomerMailPage {
        administrator: member.person.administrator,
        version: ground.settings.version,
        on: mail.on,
        switches: CustomerEvent::ALL.into_iter().map(switch).collect(),
        languages: languages(Some(mail.language)),
        reply_to: mail.reply_to.clone().unwrap_or_default(),
        letterhead: mail.letterhead.clone(),
        frame: ground.frame,
    })
}

pub(super) async fn save(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let now = state.parts.clock.now();
    let reply_to = match fields.get("reply_to") {
        None => None,
        Some(address) => {
            let wrong = |_| WebError::Invalid(member.words.say("mail-wrong-address").with("address", address).into());
            Some(address.parse::<EmailAddress>().map_err(wrong)?.to_string())
        }
    };
    let text = |name: &str| -> String {
        let text = fields.get(name).unwrap_or_default().replace("\r\n", "\n");
        text.chars().filter(|c| !c.is_control() || *c == '\n').take(MOST_LETTERHEAD).collect()
    };
    let letterhead = Letterhead {
        name: text("name"),
        address: text("address"),
        footer: text("footer"),
        quotation_terms: text("quotation_terms"),
        order_terms: text("order_terms"),
        invoice_terms: text("invoice_terms"),
    };
    let language = fields.get("language").and_then(Language::parse).unwrap_or_default();
    let on = fields.get("on").is_some();
    let wanted: Vec<CustomerEvent> = fields.all("event").filter_map(CustomerEvent::parse).collect();
    let change = |settings: &Settings| {
        let before = &settings.customer_mail;
        // what was on stays on since then; turning everything off and on again begins anew
        let since = |event: &CustomerEvent| before.events.get(event).copied().filter(|_| before.on).unwrap_or(now);
        let customer_mail = CustomerMail {
            on,
            events: wanted.iter().map(|event| (*event, since(event))).collect(),
            language,
            reply_to: reply_to.clone(),
            letterhead: letterhead.clone(),
        };
        Settings { customer_mail, ..settings.clone() }
    };
    store(&state, &member, &fields, "customer_mail", change).await?;
    Ok(see("/settings/customer-mail?said=saved"))
}

fn of_path(path: &(String, String)) -> Result<(CustomerEvent, Language), WebError> {
    let event = CustomerEvent::parse(&path.0).ok_or(WebError::NotFound)?;
    Ok((event, Language::parse(&path.1).ok_or(WebError::NotFound)?))
}

async fn template_page(
    state: &AppState,
    member: &Member,
    of: (CustomerEvent, Language),
    edited: Option<(Template, String)>,
    said: Option<String>,
) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let mut ground = page::ground(&tx, member, "settings").await?;
    let stored = customer_mail::template(&tx, member.tenant, of.0, of.1).await?;
    tx.commit().await?;
    let own = stored.is_some();
    let (template, wrong) = match edited {
        Some((template, wrong)) => (template, Some(wrong)),
        None => (stored.unwrap_or_else(|| default_template(of.0, of.1)), None),
    };
    ground.frame.said = said;
    page::html(&TemplatePage {
        administrator: member.person.administrator,
        title: format!("{} · {}", event_name(member.words, of.0), of.1.own_name()),
        language: of.1.tag(),
        path: format!("/settings/customer-mail/{}/{}", of.0.as_str(), of.1.as_str()),
        template,
        own,
        placeholders: PLACEHOLDERS.iter().map(|name| (*name, placeholder(member.words, name))).collect(),
        address: member.person.email.clone(),
        wrong,
        frame: ground.frame,
    })
}

pub(super) async fn show_template(
    state: Data<AppState>,
    member: Member,
    path: Path<(String, String)>,
    said: Query<Said>,
) -> Result<HttpResponse, WebError> {
    let of = of_path(&path)?;
    let words = member.words;
    let said = match said.said.as_deref() {
        Some("saved") => Some(words.say("mail-saved").to_string()),
        Some("tested") => Some(words.say("customer-test-sent").to_string()),
        _ => None,
    };
    template_page(&state, &member, of, None, said).await
}

fn template_of(fields: &Fields) -> Template {
    let text = |name: &str| fields.get(name).unwrap_or_default().replace("\r\n", "\n");
    Template { subject: text("subject").replace('\n', " "), body: text("body") }
}

/// An example of the event as the template puts it.
fn rendered(
    template: &Template,
    of: (CustomerEvent, Language),
    settings: &db::settings::StoredSettings,
    today: jiff::civil::Date,
) -> Result<MailContent, String> {
    let words = Words::choose(Some(of.1), &settings.settings, of.1);
    let notice = example(of.0, words, &settings.company, today);
    let view = CustomerView { notice: &notice, words, unsubscribe: None, attached: notice.attach };
    render(view, template).map_err(|error| error.to_string())
}

/// The mail that the edited template would make, to be shown in a frame of the page.
pub(super) async fn preview(
    state: Data<AppState>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let of = of_path(&path)?;
    let Posted { member, fields } = posted;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let settings = db::settings::load(&tx, member.tenant, false).await?;
    tx.commit().await?;
    let today = state.parts.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let html = match rendered(&template_of(&fields), of, &settings, today) {
        Ok(content) => content.html,
        Err(why) => {
            WrongPreview { text: member.words.say("customer-template-wrong").with("why", why).into() }.render()?
        }
    };
    Ok(HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, SHUT_IN))
        .body(html))
}

#[derive(askama::Template)]
#[template(
    source = "<!doctype html><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\"><p>{{ text }}</p>",
    ext = "html"
)]
struct WrongPreview {
    text: String,
}

/// Saves a template, goes back to the one that comes with the app, or sends a test of it.
pub(super) async fn act_on_template(
    state: Data<AppState>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let of = of_path(&path)?;
    let Posted { member, fields } = posted;
    member.administrator()?;
    let now = state.parts.clock.now();
    let template = template_of(&fields);
    let act = fields.get("act").unwrap_or_default();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let settings = db::settings::load(&tx, member.tenant, false).await?;
    if act == "reset" {
        customer_mail::drop_template(&tx, member.tenant, of).await?;
    } else {
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        if let Err(why) = rendered(&template, of, &settings, today) {
            tx.commit().await?;
            drop(client);
            let why = member.words.say("customer-template-wrong").with("why", why).to_string();
            return template_page(&state, &member, of, Some((template, why)), None).await;
        }
        customer_mail::put_template(&tx, member.tenant, of, &template, member.name(), now).await?;
    }
    let mut said = "saved";
    if act == "test"
        && let Some(address) = &member.person.email
    {
        said = "tested";
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let notice = CustomerNotice {
            try_on: Some(address.clone()),
            language: Some(of.1),
            attach: false,
            ..example(of.0, Words::of(of.1), &settings.company, today)
        };
        let id = NoticeId(state.parts.clock.new_id());
        notice::insert_customer(&tx, member.tenant, id, &format!("customer|test|{id}"), &notice, now).await?;
    }
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: now,
        actor: member.name().to_owned(),
        event: "settings_saved".to_owned(),
        document: None,
        details: serde_json::json!({ "fields": ["customer_mail.templates"], "event": of.0.as_str(), "language": of.1.as_str() }),
    };
    audit::append(&tx, member.tenant, &entry).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see(&format!("/settings/customer-mail/{}/{}?said={said}", of.0.as_str(), of.1.as_str())))
}
