//! Changes to what we already ordered: our untouched drafts follow, everything else is put to a person.
//!
//! Invariants: the pegs follow in the same commit, so that the same change is not planned twice; at most one change
//! of a purchase order is on its way.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::json;
use tokio_postgres::Transaction;

use super::change::{Basis, Before, OURS};
use super::replan::Ground;
use super::snapshot::{Assembled, INTENT};
use super::{WorkError, Worker, news};
use crate::db::change::{self, ProposedChange};
use crate::db::intent;
use crate::domain::ids::{DocumentKind, DocumentRef, IntentId};
use crate::domain::notice::{NoticeEvent, NoticePurchaseLine, NoticePurchaseOrder};
use crate::domain::plan::{Change, ChangeHow, Plan};
use crate::domain::proposal::ProposedPeg;
use crate::domain::purchase_order::{PurchaseLineChange, PurchaseOrderChange};
use crate::domain::settings::Mode;
use crate::secret;

impl Worker {
    /// Acts on the plan's changes, or proposes them.
    pub(super) async fn apply_changes(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        assembled: &Assembled,
        plan: &Plan,
    ) -> Result<(), WorkError> {
        let mut ours: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
        let mut proposed: Vec<(String, String)> = Vec::new();
        // one that the host does not have yet is changed when it has, or was taken back
        for change in plan.changes.iter().filter(|change| !change.po.starts_with(INTENT)) {
            match change.how {
                ChangeHow::Apply => ours.entry(&change.po).or_default().push(change),
                ChangeHow::Propose => {
                    self.propose_change(tx, ground, assembled, change).await?;
                    proposed.push((change.po.to_string(), change.line.to_string()));
                }
            }
        }
        change::close_others(tx, ground.tenant, &ground.items, &proposed).await?;
        if ground.settings.mode == Mode::Watch {
            return Ok(());
        }
        for (order, changes) in ours {
            if !change::is_in_flight(tx, ground.tenant, order).await? {
                self.change_draft(tx, ground, assembled, order, &changes).await?;
            }
        }
        Ok(())
    }

    async fn change_draft(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        assembled: &Assembled,
        order: &str,
        changes: &[&Change],
    ) -> Result<(), WorkError> {
        let tenant = ground.tenant;
        let lines: Vec<PurchaseLineChange> = changes
            .iter()
            .map(|change| PurchaseLineChange { line: change.line.to_string(), to: change.to.into() })
            .collect();
        let emptied = lines.iter().filter(|line| line.to == Decimal::ZERO).count();
        let all = change::line_count(tx, tenant, order).await?;
        let payload = PurchaseOrderChange {
            id: order.to_owned(),
            cancel: i64::try_from(emptied).is_ok_and(|emptied| emptied >= all),
            lines,
        };
        let mut payload = serde_json::to_value(&payload).unwrap_or_default();
        let mut basis = Basis::default();
        for changed in changes {
            let pegs = pegs_after(assembled, changed);
            let before = change::replace_pegs(tx, tenant, order, &changed.line, &pegs).await?;
            let line = changed.line.to_string();
            basis.before.push(Before { line, ordered: changed.from.into(), pegs: before });
        }
        payload["before"] = serde_json::to_value(&basis.before).unwrap_or_default();
        let document = changes
            .iter()
            .flat_map(|change| &change.pegs)
            .find_map(|peg| assembled.document(&peg.order))
            .map_or_else(|| DocumentRef::new(DocumentKind::PurchaseOrder, order), |found| found.reference.clone());
        let id = IntentId(self.clock.new_id());
        let hash = secret::sha256(payload.to_string().as_bytes());
        let new = intent::NewIntent {
            id,
            action: "change",
            marker: "",
            payload: &payload,
            payload_hash: &hash,
            issue: false,
            document: &document,
            purchase_order: Some(order),
            made_by: OURS,
        };
        intent::insert(tx, tenant, &new, ground.now).await?;
        let lines = payload["lines"].take();
        self.audit(tx, tenant, "draft_changed", Some(&document), json!({ "id": order, "lines": lines })).await
    }

    async fn propose_change(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        assembled: &Assembled,
        changed: &Change,
    ) -> Result<(), WorkError> {
        let proposed = ProposedChange {
            purchase_order: changed.po.to_string(),
            line: changed.line.to_string(),
            from: changed.from.into(),
            to: changed.to.into(),
            state: "open".to_owned(),
        };
        if !change::propose(tx, ground.tenant, &proposed, ground.now).await? {
            return Ok(());
        }
        let supply = assembled.snapshot.supply.iter().find(|line| line.po == changed.po && line.line == changed.line);
        let item = supply.and_then(|line| assembled.item(&line.item));
        let vendor = supply.and_then(|line| line.vendor.as_ref()).map(ToString::to_string).unwrap_or_default();
        let order = NoticePurchaseOrder {
            number: Some(changed.po.to_string()),
            vendor: assembled.vendor_name(&vendor).unwrap_or(&vendor).to_owned(),
            total: None,
            currency: None,
            expected: supply.and_then(|line| line.due),
            ship_to: None,
            url: None,
            lines: vec![NoticePurchaseLine {
                sku: item.map(|item| item.sku.clone()).unwrap_or_default(),
                name: item.map(|item| item.name.clone()).unwrap_or_default(),
                quantity: proposed.from,
                unit: item.map(|item| item.unit.clone()).unwrap_or_default(),
                price: None,
                why: format!("{} ordered, {} still needed", proposed.from, proposed.to),
            }],
        };
        let key = format!("change_proposed|{}|{}|{}", proposed.purchase_order, proposed.line, proposed.to);
        let items: Vec<&str> = supply.iter().map(|line| line.item.as_str()).collect();
        let found = supply.into_iter().flat_map(|line| &line.pegs).find_map(|peg| assembled.document(&peg.order));
        let news =
            news::about_purchase_order(ground, NoticeEvent::ChangeProposed, found, (&vendor, &items), order, key, None);
        self.address(tx, ground, &news).await.map(drop)
    }
}

fn pegs_after(assembled: &Assembled, change: &Change) -> Vec<ProposedPeg> {
    change
        .pegs
        .iter()
        .filter_map(|peg| {
            Some(ProposedPeg {
                document: assembled.document(&peg.order)?.reference.clone(),
                line: peg.line.to_string(),
                component: peg.component.as_ref().map(ToString::to_string).unwrap_or_default(),
                quantity: peg.qty.into(),
                wanted: peg.wanted.unwrap_or_default().into(),
            })
        })
        .collect()
}
