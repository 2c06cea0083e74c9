//! What other settings would do: the planner run over the company's last orders, nothing done and nothing kept.
//!
//! Invariant: reads only. What we ordered already is left out, so that the same orders can be compared under two rules.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use super::replan::{read_rows, today};
use super::snapshot::{Rows, assemble};
use crate::db::settings::StoredSettings;
use crate::db::{DbResult, snapshot};
use crate::domain::ids::{DocumentRef, TenantId};
use crate::domain::plan;
use crate::domain::price::Amount;
use crate::domain::settings::Settings;

/// Orders that are looked at.
const ORDERS: i64 = 50;

/// What one set of rules would do for the orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effect {
    /// Orders for which something would be bought.
    pub orders: usize,
    pub purchases: usize,
    /// By currency; None: a price is not known.
    pub totals: BTreeMap<Option<String>, Option<Decimal>>,
}

/// The last orders, and what the rules that hold and the wanted ones would do for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effects {
    pub orders: usize,
    pub now: Effect,
    pub wanted: Effect,
}

/// Plans the last orders with both settings.
pub async fn effects(
    tx: &Transaction<'_>,
    tenant: TenantId,
    stored: &StoredSettings,
    wanted: &Settings,
    now: Timestamp,
) -> DbResult<Effects> {
    let orders = snapshot::latest(tx, tenant, ORDERS).await?;
    let documents = snapshot::documents(tx, tenant, &orders).await?;
    let items: BTreeSet<String> =
        documents.iter().flat_map(|document| &document.lines).map(|line| line.item.clone()).collect();
    let items = snapshot::closure(tx, tenant, &items.into_iter().collect::<Vec<_>>()).await?;
    let rows = not_yet_ordered(read_rows(tx, tenant, &items, now).await?);
    let day = today(stored, now);
    let effect = |settings: &Settings| {
        let assembled = assemble(rows.clone(), settings, stored.base_currency.as_deref(), day);
        let plan = plan::plan(&assembled.snapshot);
        let mut effect = Effect::default();
        let mut bought: BTreeSet<DocumentRef> = BTreeSet::new();
        for purchase in &plan.purchase_orders {
            let pegs = purchase.lines.iter().flat_map(|line| &line.pegs);
            let of: BTreeSet<DocumentRef> = pegs
                .filter_map(|peg| assembled.document(&peg.order))
                .map(|document| document.reference.clone())
                .filter(|reference| orders.contains(reference))
                .collect();
            if of.is_empty() {
                continue;
            }
            effect.purchases += 1;
            bought.extend(of);
            let currency = purchase.currency.as_ref().map(ToString::to_string);
            let sum = effect.totals.entry(currency).or_insert(Some(Decimal::ZERO));
            let total = purchase.total.and_then(Amount::to_decimal);
            *sum = sum.zip(total).and_then(|(sum, total)| sum.checked_add(total));
        }
        effect.orders = bought.len();
        effect
    };
    Ok(Effects { orders: orders.len(), now: effect(&stored.settings), wanted: effect(wanted) })
}

/// As if we had ordered nothing for them yet, and nobody had decided anything.
fn not_yet_ordered(mut rows: Rows) -> Rows {
    rows.supply.retain(|supply| supply.intent.is_none() && !supply.marked);
    rows.intents.clear();
    rows.pegs.clear();
    rows.not_bought.clear();
    rows
}
