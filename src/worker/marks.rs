//! How a sales document is shown as a backorder in the host: what is wanted (pure), and showing it.
//!
//! Invariant: level-triggered. Only the newest state is shown, and showing it twice is harmless.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{WorkError, Worker, retry};
use crate::db::backorder::Backorder;
use crate::db::intent::PurchaseOrderFor;
use crate::db::notice::MarkClaim;
use crate::db::{self, notice};
use crate::domain::alerts::Alerts;
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::notice::NoticeEvent;
use crate::domain::purchase_order::LinkedDocument;
use crate::domain::sales_document::SalesDocument;
use crate::host::{BackorderMark, HostError};

/// What the host must show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WantedMark {
    pub(super) mark: BackorderMark,
    /// What vendors have shipped straight to the customer and the host does not yet count as delivered.
    pub(super) drop_shipped: Vec<DropShipped>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DropShipped {
    pub(super) purchase_order: LinkedDocument,
    /// Per sales line, in stock units, in all.
    pub(super) delivered: Vec<(String, Decimal)>,
}

/// The mark of a document in this state, with the purchase orders that were raised for it.
pub(super) fn wanted(
    document: &SalesDocument,
    after: &Backorder,
    orders: &[&PurchaseOrderFor],
    alerts: &Alerts,
) -> Value {
    let open = after.state.is_open();
    let mut links: Vec<LinkedDocument> = Vec::new();
    let mut drop_shipped: Vec<DropShipped> = Vec::new();
    for order in orders {
        let link = LinkedDocument {
            reference: DocumentRef::new(DocumentKind::PurchaseOrder, order.id.clone()),
            number: order.number.clone(),
        };
        if !links.contains(&link) {
            links.push(link.clone());
        }
        if order.drop_ship && order.received > Decimal::ZERO {
            match drop_shipped.iter_mut().find(|shipped| shipped.purchase_order == link) {
                Some(shipped) => shipped.delivered.push((order.line.clone(), order.received)),
                None => drop_shipped
                    .push(DropShipped { purchase_order: link, delivered: vec![(order.line.clone(), order.received)] }),
            }
        }
    }
    drop_shipped
        .retain(|shipped| shipped.delivered.iter().any(|(line, delivered)| !is_counted(document, line, *delivered)));
    let mark = BackorderMark {
        document: LinkedDocument { reference: document.reference.clone(), number: document.number.clone() },
        backorder: open,
        state: open.then_some(after.state),
        text: open.then(|| text(after)),
        purchase_orders: links,
        note: (open && event_of(after.state).is_some_and(|event| alerts.row(event).host)).then(|| text(after)),
    };
    serde_json::to_value(WantedMark { mark, drop_shipped }).unwrap_or_default()
}

fn is_counted(document: &SalesDocument, line: &str, delivered: Decimal) -> bool {
    document.lines.iter().find(|candidate| candidate.id == line).is_none_or(|line| line.fulfilled >= delivered)
}

/// The event whose row of the settings says whether a state is also noted on the host's document.
fn event_of(state: BackorderState) -> Option<NoticeEvent> {
    match state {
        BackorderState::Short | BackorderState::Asked => Some(NoticeEvent::ShortfallFound),
        BackorderState::OnOrder => Some(NoticeEvent::PurchaseOrderMade),
        BackorderState::PartReady => Some(NoticeEvent::PartReady),
        BackorderState::Ready => Some(NoticeEvent::Ready),
        BackorderState::Declined | BackorderState::Delivered | BackorderState::Cancelled => None,
    }
}

/// The state in words, with the date where there is one: "On order 8 Dec 2026".
fn text(after: &Backorder) -> String {
    let word = after.state.word();
    match after.promise {
        Some(promise) if matches!(after.state, BackorderState::OnOrder | BackorderState::PartReady) => {
            format!("{word} {}", promise.strftime("%-d %b %Y"))
        }
        _ => word.to_owned(),
    }
}

impl Worker {
    /// Shows one claimed mark in the host.
    pub(super) async fn show_mark(&self, claim: &MarkClaim) -> Result<(), WorkError> {
        let result = self.try_mark(claim).await;
        let settled = match &result {
            Ok(shown) => Ok(*shown),
            Err(WorkError::Host(HostError::Rejected { code, detail })) => {
                tracing::warn!(document = %claim.document, code, detail, "the host refused to show a backorder");
                Err((None, detail.clone()))
            }
            Err(error) => Err((Some(self.next_attempt(claim.attempt, error)), error.to_string())),
        };
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let settled = settled.as_ref().map(|shown| *shown).map_err(|(at, error)| (*at, error.as_str()));
        notice::settle_mark(&tx, claim, settled).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn try_mark(&self, claim: &MarkClaim) -> Result<i64, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let found = notice::wanted_mark(&tx, claim.tenant, &claim.document).await?;
        tx.commit().await?;
        drop(client);
        let Some((mark, seq, trace)) = found else { return Ok(claim.wanted_seq) };
        super::traced(trace, self.show(claim, mark, seq)).await
    }

    async fn show(&self, claim: &MarkClaim, mark: Value, seq: i64) -> Result<i64, WorkError> {
        let wanted: WantedMark = serde_json::from_value(mark).map_err(|error| WorkError::Stored(error.to_string()))?;
        let open = self.open_host(claim.tenant).await?;
        let shown = async {
            open.host.mark_backorder(&wanted.mark).await?;
            for shipped in &wanted.drop_shipped {
                open.host.mark_drop_shipped(&wanted.mark.document, &shipped.purchase_order, &shipped.delivered).await?;
            }
            Ok::<_, HostError>(())
        };
        if let Err(error) = shown.await {
            if error.is_unauthorized() {
                self.token_refused(&open).await?;
            }
            return Err(error.into());
        }
        if !wanted.drop_shipped.is_empty() {
            // what the host counts as delivered now must be read again
            let mut client = self.pool.get().await?;
            let tx = client.transaction().await?;
            db::enter_tenant(&tx, claim.tenant).await?;
            let changed = [(claim.tenant, claim.document.clone())];
            db::changed_document::mark(&tx, &changed, self.clock.now(), None).await?;
            tx.commit().await?;
        }
        Ok(seq)
    }

    /// When a job that failed is tried next.
    pub(super) fn next_attempt(&self, attempt: i32, error: &WorkError) -> jiff::Timestamp {
        let mut jitter = [0_u8];
        self.clock.random(&mut jitter);
        retry::after(self.clock.now(), retry::delay(attempt, error.retry_after(), jitter[0]))
    }
}
