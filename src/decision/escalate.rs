//! An undecided purchase order is put to the approvers: because it is above what somebody may approve, or waits too long.
//!
//! Invariants: each version is put to each approver once; without approvers it goes to the administrators; who was asked
//! first may still decide.

use jiff::SignedDuration;
use tokio_postgres::Transaction;

use super::{Outcome, Shown, look};
use crate::clock::Clock;
use crate::db::proposal::StoredProposal;
use crate::db::settings::StoredSettings;
use crate::db::{DbResult, audit, notice, person, proposal, settings, snapshot};
use crate::domain::ids::{NoticeId, TenantId};
use crate::domain::notice::{Notice, NoticeDecision, NoticeDocument, NoticeEvent, NoticePurchaseOrder};
use crate::domain::remark::Remark;
use crate::domain::scope::ScopeOf;

/// Proposals that one look puts to the approvers; the rest follows with the next.
const AT_ONCE: i64 = 50;

/// Puts a proposal to the approvers for somebody who may not decide it, in the caller's transaction. None: done.
pub async fn escalate(tx: &Transaction<'_>, shown: Shown<'_>, clock: &dyn Clock) -> DbResult<Option<Outcome>> {
    let (settings, stored) = match look(tx, shown).await? {
        Ok(found) => found,
        Err(outcome) => return Ok(Some(outcome)),
    };
    let remark = Remark::AskedBy { person: shown.by.to_owned() };
    put_to_approvers(tx, shown.tenant, &settings, &stored, shown.by, remark, clock).await?;
    Ok(None)
}

/// Puts to the approvers what has waited longer than the settings allow; gives how many.
pub async fn escalate_overdue(tx: &Transaction<'_>, tenant: TenantId, clock: &dyn Clock) -> DbResult<usize> {
    let settings = settings::load(tx, tenant, false).await?;
    let rules = &settings.settings;
    if rules.paused {
        return Ok(0);
    }
    let now = clock.now();
    let since = |hours: u32| (hours > 0).then(|| now - SignedDuration::from_hours(i64::from(hours)));
    let own = rules.scopes.iter().filter(|scope| scope.of == ScopeOf::Vendor && scope.escalate_hours.is_some());
    let own: Vec<_> = own.map(|scope| (scope.id.as_str(), since(rules.escalate_after(&scope.id)))).collect();
    if rules.escalate_hours == 0 && own.iter().all(|(_, since)| since.is_none()) {
        return Ok(0);
    }
    let overdue = proposal::undecided_since(tx, tenant, since(rules.escalate_hours), &own, AT_ONCE).await?;
    for stored in &overdue {
        let hours = rules.escalate_after(stored.vendor());
        let remark = Remark::WaitedHours { hours };
        put_to_approvers(tx, tenant, &settings, stored, "backorders", remark, clock).await?;
    }
    Ok(overdue.len())
}

async fn put_to_approvers(
    tx: &Transaction<'_>,
    tenant: TenantId,
    settings: &StoredSettings,
    stored: &StoredProposal,
    by: &str,
    remark: Remark,
    clock: &dyn Clock,
) -> DbResult<()> {
    let now = clock.now();
    let mut approvers = settings.settings.approvers(stored.vendor()).to_vec();
    if approvers.is_empty() {
        approvers = person::administrator_emails(tx, tenant).await?;
    }
    let references: Vec<_> = stored.body.documents.iter().take(1).map(|document| document.reference.clone()).collect();
    let document = snapshot::documents(tx, tenant, &references).await?.into_iter().next();
    let option = stored.body.options.first();
    let body = Notice {
        event: NoticeEvent::ShortfallFound,
        company: settings.company.clone(),
        document: document.map(|document| NoticeDocument {
            reference: document.reference,
            number: document.number,
            customer: document.customer.name,
            need_by: document.need_by,
            promise: option.map(|option| option.expected),
            url: document.url,
        }),
        lines: Vec::new(),
        purchase_order: option.map(|option| NoticePurchaseOrder::of(option, None)),
        decision: Some(NoticeDecision { proposal: stored.id, version: stored.version }),
        watch: false,
        remark: Some(remark),
    };
    for approver in &approvers {
        let id = NoticeId(clock.new_id());
        let key = format!("escalated|{}|{}|{approver}", stored.id, stored.version);
        notice::insert(tx, tenant, id, &key, approver, &body, (now, now)).await?;
    }
    proposal::set_escalated(tx, tenant, stored.id, now).await?;
    for document in &stored.body.documents {
        let entry = audit::Entry {
            id: clock.new_id(),
            at: now,
            actor: by.to_owned(),
            event: "escalated".to_owned(),
            document: Some(document.reference.clone()),
            details: serde_json::json!({ "proposal": stored.id, "to": approvers.join(", ") }),
        };
        audit::append(tx, tenant, &entry).await?;
    }
    Ok(())
}
