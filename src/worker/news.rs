//! What must be told because of a plan: the notices of domain.md section 6, each under its key.
//!
//! Invariants: the key names rule, subject, episode and recipient, so that the same news is told once; nobody is told
//! of anything that the settings silence.

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use super::letters;
use super::record::{Changed, DemandKey};
use super::replan::{Decided, Ground, OpenProposal};
use super::snapshot::Assembled;
use super::{WorkError, Worker, causes};
use crate::db::backorder::Allocation;
use crate::db::{self, digest, notice, person};
use crate::domain::alerts::AlertRow;
use crate::domain::ids::NoticeId;
use crate::domain::limit;
use crate::domain::notice::{
    Audience, Notice, NoticeDecision, NoticeDocument, NoticeEvent, NoticeLine, NoticePurchaseOrder,
};
use crate::domain::plan::{ExceptionKind, Plan, PlanException};
use crate::domain::remark::Remark;
use crate::domain::sales_document::SalesDocument;
use crate::domain::scope::Concerns;
use crate::domain::settings::Settings;

/// Everything that a plan brought to light.
pub(super) struct Facts<'a> {
    pub(super) ground: &'a Ground<'a>,
    pub(super) assembled: &'a Assembled,
    pub(super) plan: &'a Plan,
    pub(super) decided: &'a Decided,
    /// Demands that must be asked (again): their quantity grew in this episode.
    pub(super) newly_asked: &'a BTreeSet<DemandKey>,
    pub(super) changed: &'a [Changed],
}

/// One piece of news, before it is addressed.
pub(super) struct News {
    key: String,
    notice: Notice,
    owner: Option<String>,
    /// Who decides about what it is about, and who hears of it where it has no owner.
    buyers: BTreeSet<String>,
    sellers: Vec<String>,
    /// Who must hear of it as well, to decide what buyers may not.
    approvers: Vec<String>,
}

impl News {
    /// For one person it is told once.
    fn key_for(&self, recipient: &str) -> String {
        format!("{}|{recipient}", self.key)
    }
}

impl Worker {
    /// Keeps all news of a plan, to be sent after the commit.
    pub(super) async fn tell(&self, tx: &Transaction<'_>, facts: &Facts<'_>) -> Result<(), WorkError> {
        let asks = facts.decided.proposals.iter().filter_map(|open| asked(facts, open));
        let states = facts.changed.iter().flat_map(|changed| states(facts, changed));
        let exceptions = exceptions(facts);
        let news: Vec<News> = asks.chain(states).chain(exceptions).collect();
        // what persists comes up with every plan: known news costs nothing more
        let keys = |news: &News| -> Vec<String> {
            let settings = facts.ground.settings;
            let recipients = recipients(settings, &settings.alerts.row(news.notice.event), news);
            recipients.keys().chain(&news.approvers).map(|recipient| news.key_for(recipient)).collect()
        };
        let all: Vec<String> = news.iter().flat_map(&keys).collect();
        let known = notice::known(tx, facts.ground.tenant, &all).await?;
        for news in &news {
            let keys = keys(news);
            if keys.is_empty() || keys.iter().any(|key| !known.contains(key)) {
                self.address(tx, facts.ground, news).await?;
            }
        }
        Ok(())
    }

    /// Keeps one piece of news for each of its recipients; gives for how many it is new.
    pub(super) async fn address(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        news: &News,
    ) -> Result<usize, WorkError> {
        let settings = ground.settings;
        let row = settings.alerts.row(news.notice.event);
        if settings.silent.contains(&news.notice.event) || (row.mail.is_empty() && row.digest.is_empty()) {
            return Ok(0);
        }
        let mut recipients = recipients(settings, &row, news);
        if recipients.is_empty() {
            // nobody is set yet: the administrators, rather than nobody
            for address in person::administrator_emails(tx, ground.tenant).await? {
                recipients.insert(address, Ways { decides: true, at_once: true });
            }
        }
        for approver in &news.approvers {
            recipients.insert(approver.clone(), Ways { decides: true, at_once: true });
        }
        let addresses: Vec<&str> = recipients.keys().map(String::as_str).collect();
        let had = digest::single_mails(tx, ground.tenant, &addresses, letters::an_hour_before(ground.now)).await?;
        let zone = db::settings::load(tx, ground.tenant, false).await?.time_zone;
        let zone = TimeZone::get(&zone).unwrap_or(TimeZone::UTC);
        let mut new = 0;
        for (recipient, ways) in &recipients {
            let mut notice = news.notice.clone();
            if !ways.decides {
                notice.decision = None;
            }
            let id = NoticeId(self.clock.new_id());
            let key = news.key_for(recipient);
            let due = settings.alerts.not_quiet(ground.now, &zone);
            if !notice::insert(tx, ground.tenant, id, &key, recipient, &notice, (due, ground.now)).await? {
                continue;
            }
            new += 1;
            let too_many = had.get(recipient).is_some_and(|had| *had >= i64::from(settings.alerts.hourly));
            let gathered = match (ways.at_once, too_many) {
                (true, false) => None,
                (true, true) => Some(settings.alerts.end_of_hour(ground.now, &zone)),
                (false, _) => Some(settings.alerts.next_digest(ground.now, &zone)),
            };
            if let Some(due) = gathered {
                self.gather(tx, ground, (id, recipient), due).await?;
            }
        }
        Ok(new)
    }

    /// Puts a notice into the digest of that time; where that one is being sent already, into the next day's.
    async fn gather(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        (notice, recipient): (NoticeId, &str),
        due: Timestamp,
    ) -> Result<(), WorkError> {
        let tomorrow = due + SignedDuration::from_hours(24);
        for due in [due, tomorrow] {
            let id = NoticeId(self.clock.new_id());
            if let Some(digest) = digest::open(tx, ground.tenant, id, recipient, due, ground.now).await? {
                digest::join(tx, ground.tenant, notice, digest).await?;
                return Ok(());
            }
        }
        // it stays a mail of its own
        Ok(())
    }
}

/// How somebody hears of an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Ways {
    /// Gets the links: who decides.
    decides: bool,
    at_once: bool,
}

/// Who hears of it, each once, in the quickest of the ways that are meant for them.
fn recipients(settings: &Settings, row: &AlertRow, news: &News) -> BTreeMap<String, Ways> {
    let mut recipients: BTreeMap<String, Ways> = BTreeMap::new();
    for (audiences, at_once) in [(&row.mail, true), (&row.digest, false)] {
        for audience in audiences {
            let addresses = match audience {
                Audience::Buyer => news.buyers.iter().cloned().collect(),
                Audience::Team => settings.alerts.team_emails.clone(),
                Audience::Owner => news.owner.clone().map_or_else(|| news.sellers.clone(), |owner| vec![owner]),
            };
            for address in addresses {
                let ways = recipients.entry(address).or_default();
                ways.decides |= *audience == Audience::Buyer;
                ways.at_once |= at_once;
            }
        }
    }
    recipients
}

fn notice(ground: &Ground<'_>, event: NoticeEvent, document: Option<&SalesDocument>) -> Notice {
    Notice {
        event,
        company: ground.company.to_owned(),
        document: document.map(|document| NoticeDocument {
            reference: document.reference.clone(),
            number: document.number.clone(),
            customer: document.customer.name.clone(),
            need_by: document.need_by,
            promise: None,
            url: document.url.clone(),
        }),
        lines: Vec::new(),
        purchase_order: None,
        decision: None,
        watch: false,
        remark: None,
    }
}

/// A proposal of which some quantity must be asked (or, in Watch, told).
fn asked(facts: &Facts<'_>, open: &OpenProposal) -> Option<News> {
    let option = open.body.options.first()?;
    let pegs = || option.lines.iter().flat_map(|line| &line.pegs);
    let is_new =
        pegs().any(|peg| facts.newly_asked.contains(&(peg.document.clone(), peg.line.clone(), peg.component.clone())));
    if !is_new && !open.raised {
        return None;
    }
    let first = open.body.documents.first()?;
    let changed = facts.changed.iter().find(|changed| changed.document.reference == first.reference)?;
    let mut notice = notice(facts.ground, NoticeEvent::ShortfallFound, Some(&changed.document));
    if let Some(document) = &mut notice.document {
        document.promise = Some(option.expected);
    }
    notice.lines = facts
        .changed
        .iter()
        .filter(|changed| open.body.documents.iter().any(|document| document.reference == changed.document.reference))
        .flat_map(|changed| {
            // of an order that needs two vendors each mail says what its own purchase is for
            let of_option = |cover: &&Allocation| {
                pegs().any(|peg| {
                    peg.document == changed.document.reference
                        && peg.line == cover.line_id
                        && peg.component == cover.component
                })
            };
            changed
                .covers
                .iter()
                .filter(of_option)
                .map(|cover| line(facts, &changed.document, cover))
                .collect::<Vec<_>>()
        })
        .collect();
    notice.purchase_order = Some(NoticePurchaseOrder::of(option, None));
    notice.decision = open.asked.then_some(NoticeDecision { proposal: open.id, version: open.version });
    notice.watch = !open.asked;
    notice.remark = open.body.limit.clone().map(|limit| Remark::Limit { limit });
    let key = format!("shortfall_found|{}|{}", open.id, open.version);
    let settings = facts.ground.settings;
    let over =
        limit::above(&settings.policy, facts.ground.base_currency, settings.holds(&open.body, 0).ask_above, option)
            .is_some();
    let approvers = if over && open.asked { settings.approvers(&option.vendor.id).to_vec() } else { Vec::new() };
    let buyers = settings.buyers(open.body.concerns(option));
    let sellers = settings.sellers(Some(&changed.document.customer.id));
    Some(News { key, notice, owner: owner(changed), buyers, sellers, approvers })
}

/// Whom the backorder was assigned to, else the document's owner in the host.
fn owner(changed: &Changed) -> Option<String> {
    changed.after.assigned_to.clone().or_else(|| changed.document.owner_email.clone())
}

/// News of a document's own state.
fn states(facts: &Facts<'_>, changed: &Changed) -> Vec<News> {
    let (document, after, step) = (&changed.document, &changed.after, &changed.step);
    let mut found = Vec::new();
    let mut tell = |event: NoticeEvent, subject: String| {
        let mut notice = notice(facts.ground, event, Some(document));
        if let Some(head) = &mut notice.document {
            head.promise = after.promise;
        }
        notice.lines = lines(facts, changed);
        let key = format!("{}|{}|{subject}", event.as_str(), document.reference);
        let customer = Some(document.customer.id.as_str());
        let concerns =
            changed.covers.iter().map(|cover| Concerns { vendor: None, customer, item: Some(&cover.item_id) });
        let settings = facts.ground.settings;
        found.push(News {
            key,
            notice,
            owner: owner(changed),
            buyers: settings.buyers(concerns),
            sellers: settings.sellers(customer),
            approvers: Vec::new(),
        });
    };
    if step.tell_ready {
        tell(NoticeEvent::Ready, step.episode.to_string());
    }
    if step.tell_not_ready {
        tell(NoticeEvent::NotReady, step.episode.to_string());
    }
    if step.tell_part_ready {
        tell(NoticeEvent::PartReady, step.episode.to_string());
    }
    let told_before = changed.before.as_ref().is_some_and(|before| before.late_told && before.episode == after.episode);
    if after.late_told && !told_before {
        tell(NoticeEvent::Late, after.promise.map(|promise| promise.to_string()).unwrap_or_default());
    }
    found
}

/// The lines of a document that still wait, with what covers them.
fn lines(facts: &Facts<'_>, changed: &Changed) -> Vec<NoticeLine> {
    changed
        .covers
        .iter()
        .filter(|cover| cover.open > Decimal::ZERO)
        .map(|cover| line(facts, &changed.document, cover))
        .collect()
}

fn line(facts: &Facts<'_>, document: &SalesDocument, cover: &Allocation) -> NoticeLine {
    let item = facts.assembled.item(&cover.item_id);
    let sales_line = document.lines.iter().find(|line| line.id == cover.line_id);
    NoticeLine {
        sku: item.map_or_else(|| cover.item_id.clone(), |item| item.sku.clone()),
        name: item.map_or_else(
            || sales_line.map(|line| line.description.clone()).unwrap_or_default(),
            |item| item.name.clone(),
        ),
        unit: item.map(|item| item.unit.clone()).unwrap_or_default(),
        open: cover.open,
        from_stock: cover.from_stock,
        on_order: cover.from_own + cover.from_incoming,
        short: cover.shortfall,
        warehouse: sales_line.and_then(|line| line.warehouse.as_deref()).map(|id| facts.assembled.warehouse_name(id)),
        why: None,
    }
}

/// News of what a person must look at.
fn exceptions(facts: &Facts<'_>) -> Vec<News> {
    facts.plan.exceptions.iter().filter_map(|exception| exceptional(facts, exception)).collect()
}

fn exceptional(facts: &Facts<'_>, exception: &PlanException) -> Option<News> {
    let event = match exception.kind {
        _ if causes::is_refused(exception) => return None,
        ExceptionKind::PoCancelled => NoticeEvent::PurchaseOrderCancelled,
        _ => NoticeEvent::NoVendor,
    };
    let document = facts.assembled.document(exception.order.as_ref()?)?;
    let changed = facts.changed.iter().find(|changed| changed.document.reference == document.reference)?;
    let mut notice = notice(facts.ground, event, Some(document));
    notice.lines = changed
        .covers
        .iter()
        .filter(|cover| exception.line.as_ref().is_none_or(|line| cover.line_id == line.as_str()))
        .filter(|cover| exception.item.as_ref().is_none_or(|item| cover.item_id == item.as_str()))
        .map(|cover| line(facts, document, cover))
        .collect();
    notice.remark = Some(causes::remark(facts.assembled, exception));
    let line = exception.line.as_ref().map(ToString::to_string).unwrap_or_default();
    let item = exception.item.as_ref().map(ToString::to_string).unwrap_or_default();
    // of purchase orders each has its news
    let order = match (exception.kind, &exception.about) {
        (ExceptionKind::PoCancelled, Some(order)) => order.as_str(),
        _ => "",
    };
    let key = format!("{:?}|{}|{line}|{item}|{order}|{}", exception.kind, document.reference, changed.after.episode);
    let settings = facts.ground.settings;
    let customer = Some(document.customer.id.as_str());
    let vendor = vendor_of(facts.assembled, exception);
    let concerns = Concerns { vendor: vendor.as_deref(), customer, item: exception.item.as_deref() };
    Some(News {
        key,
        notice,
        owner: owner(changed),
        buyers: settings.buyers([concerns]),
        sellers: settings.sellers(customer),
        approvers: Vec::new(),
    })
}

/// The vendor that an exception is about: itself, or whose purchase order was cancelled.
fn vendor_of(assembled: &Assembled, exception: &PlanException) -> Option<String> {
    let about = exception.about.as_ref()?;
    let vendor = match exception.kind {
        ExceptionKind::PoCancelled => {
            assembled.snapshot.supply.iter().find(|line| line.po == *about)?.vendor.as_ref()?
        }
        _ => about,
    };
    Some(vendor.to_string())
}

/// News about the company as a whole.
pub(super) fn about_company(ground: &Ground<'_>, event: NoticeEvent, key: String, remark: Remark) -> News {
    let mut notice = notice(ground, event, None);
    notice.remark = Some(remark);
    let settings = ground.settings;
    News {
        key,
        notice,
        owner: None,
        buyers: settings.buyers([]),
        sellers: settings.sellers(None),
        approvers: Vec::new(),
    }
}

/// News about one purchase order, outside a plan; with its vendor and its items, by the host's ids.
pub(super) fn about_purchase_order(
    ground: &Ground<'_>,
    event: NoticeEvent,
    document: Option<&SalesDocument>,
    (vendor, items): (&str, &[&str]),
    order: NoticePurchaseOrder,
    key: String,
    remark: Option<Remark>,
) -> News {
    let mut notice = notice(ground, event, document);
    notice.purchase_order = Some(order);
    notice.remark = remark;
    let owner = document.and_then(|document| document.owner_email.clone());
    let customer = document.map(|document| document.customer.id.as_str());
    let whole = Concerns { vendor: Some(vendor), customer, item: None };
    let of_items = items.iter().map(|item| Concerns { item: Some(item), ..whole });
    let concerns: Vec<_> = if items.is_empty() { vec![whole] } else { of_items.collect() };
    News {
        key,
        notice,
        owner,
        buyers: ground.settings.buyers(concerns),
        sellers: ground.settings.sellers(customer),
        approvers: Vec::new(),
    }
}
