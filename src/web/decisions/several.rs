//! Several decisions at once: ticked in the list, or as purchase orders to be made, a block for each vendor.
//!
//! Invariants: each is done or not by itself, and named with what became of it; what could not be done is shown again
//! with what was entered.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::act::{self, Act, DAYS, Done, result, title};
use super::view::{Around, Purchase, View, prefix};
use super::{Frame, beside, decider, find, list_page};
use crate::db;
use crate::db::proposal::{self, StoredProposal};
use crate::decision::Outcome;
use crate::domain::ids::ProposalId;
use crate::web::AppState;
use crate::web::error::WebError;
use crate::web::form::{Fields, Posted};
use crate::web::page;
use crate::web::session::Member;
use crate::wording::Words;

/// Purchase orders that one page shows and one form decides.
pub(super) const MOST: usize = 200;

/// What is bought of one vendor.
struct Block {
    vendor: String,
    /// By currency; what has no price is said so.
    totals: String,
    views: Vec<View>,
}

#[derive(Template)]
#[template(path = "web/templates/decision_preview.html", config = ".askama.toml")]
struct PreviewPage {
    frame: Frame,
    blocks: Vec<Block>,
    results: Vec<String>,
    issues: bool,
    days: [i64; 4],
}

impl PreviewPage {
    fn purchase<'a>(&self, view: &'a View) -> Purchase<'a> {
        Purchase { words: self.frame.words, view }
    }
}

/// `id.version` of a tick box.
fn id_and_version(text: &str) -> Option<(ProposalId, i32)> {
    let (id, version) = text.split_once('.')?;
    Some((ProposalId(Uuid::parse_str(id).ok()?), version.parse().ok()?))
}

/// Does what the form wants with those that are ticked.
pub(in crate::web) async fn decide_several(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    let words = member.words;
    let chosen: Vec<(ProposalId, i32)> = fields.all("chosen").filter_map(id_and_version).take(MOST).collect();
    if chosen.is_empty() {
        return list_page(&state, &member, vec![words.say("decision-nothing-chosen").into()]).await;
    }
    if fields.get("act") == Some("preview") {
        let ids: Vec<_> = chosen.into_iter().map(|(id, _)| id).collect();
        return preview_page(&state, &member, &ids, Vec::new(), None).await;
    }
    let (mut results, mut again) = (Vec::new(), Vec::new());
    for (id, version) in chosen {
        let (said, open) = one(&state, &member, &fields, id, version).await?;
        results.push(said);
        again.extend(open.then_some(id));
    }
    if fields.get("from") == Some("preview") && !again.is_empty() {
        return preview_page(&state, &member, &again, results, Some(&fields)).await;
    }
    list_page(&state, &member, results).await
}

/// Decides one; gives what became of it, and whether it still waits.
async fn one(
    state: &AppState,
    member: &Member,
    fields: &Fields,
    id: ProposalId,
    version: i32,
) -> Result<(String, bool), WebError> {
    let (words, who) = (member.words, decider(member));
    let Some(stored) = find(state, member.tenant, id).await? else {
        return Ok((result(words, "", &Outcome::Missing), false));
    };
    let what = title(words, &stored);
    let unchanged = Some(&stored).filter(|stored| stored.version == version);
    let wanted = match Act::read(fields, unchanged, &prefix(&stored, true), who, state.parts.clock.now()) {
        Err(WebError::Invalid(why)) => {
            return Ok((words.say("decision-said-unfit").with("what", what).with("why", why).into(), stored.is_open()));
        }
        wanted => wanted?,
    };
    let (after, done) = act::act(state, (id, version), who, &wanted).await?;
    let said = match &done {
        Done::Outcome(outcome) => result(words, &what, outcome),
        Done::Escalated => words.say("decision-said-escalated").with("what", &what).into(),
    };
    Ok((said, after.is_some_and(|after| after.is_open())))
}

/// The purchase orders as they would be made, a block for each vendor.
pub(in crate::web) async fn preview_page(
    state: &AppState,
    member: &Member,
    ids: &[ProposalId],
    results: Vec<String>,
    entered: Option<&Fields>,
) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, member, "decisions").await?;
    let open = proposal::open_among(&tx, member.tenant, ids).await?;
    let beside = beside(&tx, member.tenant, &open).await?;
    tx.commit().await?;
    let around = Around {
        words: member.words,
        zone: &ground.zone,
        settings: &ground.settings,
        warehouses: &beside.warehouses,
        on_order: &beside.on_order,
        email: member.person.email.as_deref(),
        entered,
        several: true,
    };
    let blocks = blocks(&open, &around);
    let issues = ground.settings.settings.issue;
    page::html(&PreviewPage { frame: ground.frame, blocks, results, issues, days: DAYS })
}

fn blocks(open: &[StoredProposal], around: &Around<'_>) -> Vec<Block> {
    let mut by_vendor: BTreeMap<(String, String), Vec<&StoredProposal>> = BTreeMap::new();
    for stored in open {
        let Some(option) = stored.body.options.first() else { continue };
        by_vendor.entry((option.vendor.name.clone(), option.vendor.id.clone())).or_default().push(stored);
    }
    let block = |((vendor, _), stored): ((String, String), Vec<&StoredProposal>)| Block {
        vendor,
        totals: totals(&stored, around.words),
        views: stored.iter().map(|stored| View::of(stored, around)).collect(),
    };
    by_vendor.into_iter().map(block).collect()
}

fn totals(stored: &[&StoredProposal], words: Words) -> String {
    let mut sums: BTreeMap<Option<&str>, Option<Decimal>> = BTreeMap::new();
    for option in stored.iter().filter_map(|stored| stored.body.options.first()) {
        let sum = sums.entry(option.currency.as_deref()).or_insert(Some(Decimal::ZERO));
        *sum = sum.zip(option.total).and_then(|(sum, total)| sum.checked_add(total));
    }
    sums.into_iter().map(|(currency, sum)| words.money(sum, currency)).collect::<Vec<_>>().join(" · ")
}
