//! Purchase orders are made, found, confirmed, changed and deleted here.
//!
//! Invariants: the marker is the vendor reference and the external id; it is looked for before an order is made; only a
//! draft that carries a marker is changed or deleted.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::client::{Ask, MISSING};
use super::facts::Facts;
use super::{Odoo, drop_ship, purchase, wire};
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange, PurchaseState};
use crate::host::error::{HostError, NotApplied};
use crate::host::http::Effect;

pub(super) fn refused(code: &str, detail: &str) -> HostError {
    HostError::Rejected { code: code.to_owned(), detail: detail.to_owned() }
}

pub(super) async fn find(odoo: &Odoo, marker: &str) -> Result<Vec<PurchaseOrder>, HostError> {
    let found = odoo.purchases(json!([["partner_ref", "=", marker]]), None).await?;
    Ok(found.into_iter().filter(|order| order.marker.as_deref() == Some(marker)).collect())
}

pub(super) async fn create(odoo: &Odoo, order: &NewPurchaseOrder) -> Result<PurchaseOrder, HostError> {
    if let Some(made) = find(odoo, &order.marker).await?.pop() {
        return Ok(made);
    }
    if order.is_drop_ship() {
        return drop_ship::create(odoo, order).await;
    }
    let warehouse = order.warehouse.as_deref().and_then(|id| id.parse::<i64>().ok());
    let operations = odoo.operation_types().await?;
    let incoming = operations.iter().find(|kind| kind.code == "incoming" && kind.warehouse == warehouse);
    let incoming = incoming.ok_or_else(|| refused("warehouse", "the warehouse takes no receipts"))?;
    let items: Vec<String> = order.lines.iter().map(|line| line.item.clone()).collect();
    let stock_units = odoo.stock_units(&items).await?;
    let currency = odoo.currency(order.currency.as_deref()).await?;
    let names = odoo.client.series().await?.names();
    let (columns, data) = purchase::load(order, incoming.id, currency, &stock_units, odoo.units().await?, names)
        .map_err(|why| refused("request", &why))?;
    let ask = Ask::write("purchase.order", "load").arg("fields", columns).arg("data", data);
    let answer = odoo.client.call(ask).await?;
    let id = loaded(odoo, &answer)?;
    let made = odoo.one_purchase(&id.to_string()).await.map_err(after_write)?;
    made.ok_or_else(|| HostError::Unknown { detail: "the order that was made is not there".to_owned() })
}

/// The id that `load` gave. Its errors come as messages; a race that was lost is one of them.
pub(super) fn loaded(odoo: &Odoo, answer: &Value) -> Result<i64, HostError> {
    let id = answer.pointer("/ids/0").and_then(Value::as_i64);
    if let Some(id) = id {
        return Ok(id);
    }
    let messages = answer.get("messages").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = |message: &Value| message.get("message").and_then(Value::as_str).map(str::to_owned);
    let text = messages.iter().filter_map(text).collect::<Vec<_>>().join("; ");
    if text.is_empty() {
        return Err(odoo.client.channel.unfit(Effect::Write, "load answered neither an id nor a message"));
    }
    let detail = odoo.client.channel.clean(&text);
    if text.contains("could not serialize access") {
        return Err(HostError::not_applied(NotApplied::HostFailed, detail));
    }
    Err(HostError::Rejected { code: "load".to_owned(), detail })
}

/// After something was written, a read that fails leaves the outcome unknown.
pub(super) fn after_write(error: HostError) -> HostError {
    match error {
        HostError::NotApplied { reason, detail } => HostError::Unknown { detail: format!("{reason}: {detail}") },
        error => error,
    }
}

fn number(id: &str) -> Result<i64, HostError> {
    id.parse().map_err(|_| refused(MISSING, "not an id of Odoo"))
}

/// Confirms an order. Several confirmations at once fail for all but one, so the state is read before it is judged.
pub(super) async fn confirm(odoo: &Odoo, id: &str) -> Result<PurchaseOrder, HostError> {
    let ids = json!([number(id)?]);
    let outcome = odoo.client.call(Ask::write("purchase.order", "button_confirm").arg("ids", ids)).await;
    let now = odoo.one_purchase(id).await.map_err(after_write)?;
    match (now, outcome) {
        (Some(order), _) if order.state != PurchaseState::Draft => Ok(order),
        (_, Err(error)) => Err(error),
        (None, Ok(_)) => Err(refused(MISSING, "the order is gone")),
        (Some(_), Ok(_)) => Err(refused(
            "to_approve",
            "Odoo keeps the order until a manager has approved it; it goes on by itself then",
        )),
    }
}

async fn our_draft(odoo: &Odoo, id: &str) -> Result<PurchaseOrder, HostError> {
    let order = odoo.one_purchase(id).await?.ok_or_else(|| refused(MISSING, "the order is gone"))?;
    if order.marker.is_some() && order.state == PurchaseState::Draft {
        Ok(order)
    } else {
        Err(refused("not_our_draft", "the order is no longer our draft: a person must change it"))
    }
}

pub(super) async fn change(odoo: &Odoo, change: &PurchaseOrderChange) -> Result<(), HostError> {
    let order = our_draft(odoo, &change.id).await?;
    let ids = json!([number(&change.id)?]);
    let to: BTreeMap<&str, Decimal> = change.lines.iter().map(|line| (line.line.as_str(), line.to)).collect();
    let left =
        |line: &crate::domain::purchase_order::PurchaseLine| to.get(line.id.as_str()).copied().unwrap_or(line.ordered);
    if change.cancel || order.lines.iter().all(|line| left(line).is_zero()) {
        return odoo.client.call(Ask::write("purchase.order", "button_cancel").arg("ids", ids)).await.map(drop);
    }
    let mut commands = Vec::new();
    for (line, to) in to {
        if order.lines.iter().all(|known| known.id != line) {
            return Err(refused("line", "the order no longer has that line"));
        }
        let line = number(line)?;
        // Our own lines are in the product's unit.
        commands.push(if to.is_zero() { json!([2, line, 0]) } else { json!([1, line, { "product_qty": figure(to) }]) });
    }
    let ask = Ask::write("purchase.order", "write").arg("ids", ids).arg("vals", json!({ "order_line": commands }));
    odoo.client.call(ask).await.map(drop)
}

pub(super) fn figure(value: Decimal) -> Value {
    value.normalize().to_string().parse().map_or(Value::Null, Value::Number)
}

pub(super) async fn delete_draft(odoo: &Odoo, id: &str) -> Result<(), HostError> {
    match our_draft(odoo, id).await {
        Ok(_) => {}
        Err(HostError::Rejected { code, .. }) if code == MISSING => return Ok(()),
        Err(error) => return Err(error),
    }
    let ids = json!([number(id)?]);
    // Odoo deletes cancelled orders only.
    odoo.client.call(Ask::write("purchase.order", "button_cancel").arg("ids", ids.clone())).await?;
    odoo.client.call(Ask::write("purchase.order", "unlink").arg("ids", ids)).await.map(drop)
}

impl Odoo {
    /// Odoo's id of a currency; none where none is named, the vendor's is taken then.
    pub(super) async fn currency(&self, code: Option<&str>) -> Result<Option<i64>, HostError> {
        let Some(code) = code else { return Ok(None) };
        let kept = &self.client.facts.currencies;
        if let Some(known) = Facts::all(kept, &[code.to_owned()]) {
            return Ok(known.into_values().next());
        }
        let found = self.client.search("res.currency", json!([["name", "=", code]]), &["name"], "id", None).await?;
        let ids: Vec<i64> = self.each(&found, wire::id)?;
        let id = ids.first().copied().ok_or_else(|| refused("currency", "the currency is not active in Odoo"))?;
        Facts::keep(kept, [(code.to_owned(), id)]);
        Ok(Some(id))
    }
}
