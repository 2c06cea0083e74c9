//! Purchase orders are made, found, confirmed, changed and deleted here.
//!
//! Invariants: one is made as a draft that carries the marker as its number and in its memo; only a draft that carries
//! a marker is ever changed or deleted, which is looked at right before; an order is found by its exact marker.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join3;
use reqwest::Method;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::client::{PURCHASE_ORDERS, is_missing};
use super::purchase::{self, Surroundings};
use super::{Deskera, items};
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange, PurchaseState};
use crate::host::error::HostError;
use crate::host::http::Effect;

/// Products that are asked for in one call: fewer than a page has rows, and a query string that any proxy takes.
const PRODUCTS_AT_ONCE: usize = 50;

fn refused(code: &str, detail: &str) -> HostError {
    HostError::Rejected { code: code.to_owned(), detail: detail.to_owned() }
}

/// After something was written, a read that fails leaves the outcome unknown.
fn after_write(error: HostError) -> HostError {
    match error {
        HostError::NotApplied { reason, detail } => HostError::Unknown { detail: format!("{reason}: {detail}") },
        error => error,
    }
}

pub(super) async fn create(deskera: &Deskera, order: &NewPurchaseOrder) -> Result<PurchaseOrder, HostError> {
    let around = surroundings(deskera, order).await?;
    let body = purchase::request(order, &around).map_err(|why| refused("request", &why))?;
    let client = &deskera.client;
    let answer = client.write(Method::POST, client.url(PURCHASE_ORDERS, &[], &[])?, Some(&body)).await?;
    let unfit = |what: &str| client.channel.unfit(Effect::Write, what);
    let answer = answer.ok_or_else(|| unfit("the answer is empty"))?;
    let made = deskera.purchase_order(&answer).map_err(after_write)?;
    if made.value.marker.as_deref() == Some(order.marker.as_str()) {
        Ok(made.value)
    } else {
        Err(unfit("the answer does not carry our marker"))
    }
}

/// What the request needs beyond the order itself: three reads at once, before anything is written.
async fn surroundings(deskera: &Deskera, order: &NewPurchaseOrder) -> Result<Surroundings, HostError> {
    let codes: BTreeSet<String> = order.lines.iter().map(|line| line.item.clone()).collect();
    let warehouse = async {
        match &order.warehouse {
            Some(warehouse) => Ok(warehouse.clone()),
            // The host requires one, also where the goods never see it.
            None => deskera.primary_warehouse().await?.ok_or_else(|| refused("warehouse", "the host has no warehouse")),
        }
    };
    let (products, vendor, warehouse) =
        try_join3(deskera.products(&codes), deskera.contact(&order.vendor.id), warehouse).await?;
    let vendor = vendor.ok_or_else(|| refused("vendor", "the vendor is gone from the host"))?;
    let currency = order.currency.clone().or(vendor.currency).or_else(|| deskera.base_currency.clone());
    let units = products.into_iter().filter_map(|product| Some((product.item.id, product.unit?))).collect();
    Ok(Surroundings {
        vendor_name: vendor.name,
        vendor_address: vendor.address.one_line(),
        currency: currency.ok_or_else(|| refused("currency", "neither the vendor nor the company has a currency"))?,
        warehouse,
        units,
    })
}

/// All purchase orders, in any state, that carry exactly this marker: as their number, or in their memo should the host
/// have given a number of its own.
pub(super) async fn find(deskera: &Deskera, marker: &str) -> Result<Vec<PurchaseOrder>, HostError> {
    let client = &deskera.client;
    let by_number = async {
        match client.ask(PURCHASE_ORDERS, &["bulk-details-by-seq"], &json!([marker])).await {
            Ok(answer) => client.rows(answer).map(|(rows, _)| rows),
            Err(error) if is_missing(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    };
    let search = [("search", marker)];
    let by_text = client.all(PURCHASE_ORDERS, "createdAt", &search);
    let (by_number, by_text) = futures_util::future::try_join(by_number, by_text).await?;
    let mut found: BTreeMap<String, PurchaseOrder> = BTreeMap::new();
    for row in by_number.iter().chain(&by_text) {
        let order = deskera.purchase_order(row)?.value;
        if order.marker.as_deref() == Some(marker) {
            found.insert(order.id.clone(), order);
        }
    }
    Ok(found.into_values().collect())
}

/// Issues a draft. A PATCH touches nothing but the two fields, so that what a person has changed meanwhile stays; where
/// the host takes it and the order still is a draft, the whole document is sent back as it was read.
pub(super) async fn confirm(deskera: &Deskera, id: &str) -> Result<PurchaseOrder, HostError> {
    let client = &deskera.client;
    let issued = json!({ "draft": false, "status": "OPEN" });
    let url = client.url(PURCHASE_ORDERS, &[], &[("orderCode", id)])?;
    client.write(Method::PATCH, url, Some(&issued)).await?;
    let (raw, order) = read(deskera, id).await.map_err(after_write)?;
    if order.state != PurchaseState::Draft {
        return Ok(order);
    }
    let fields = client.fields(&raw, "order")?;
    let mut whole = purchase::replacement(&fields, &BTreeMap::new()).map_err(|misfit| client.misfit(&misfit))?;
    for key in ["draft", "status"] {
        whole[key] = issued[key].clone();
    }
    client.write(Method::PUT, client.url(PURCHASE_ORDERS, &[id], &[])?, Some(&whole)).await?;
    let (_, order) = read(deskera, id).await.map_err(after_write)?;
    if order.state == PurchaseState::Draft {
        return Err(refused("draft", "the host keeps the order as a draft: a person must issue it"));
    }
    Ok(order)
}

async fn read(deskera: &Deskera, id: &str) -> Result<(Value, PurchaseOrder), HostError> {
    let raw = deskera.client.get(PURCHASE_ORDERS, &["code", id], &[]).await?;
    let order = deskera.purchase_order(&raw)?.value;
    if order.id == id { Ok((raw, order)) } else { Err(refused("id", "the host answered with another order")) }
}

/// The draft as it is now; refused if it is no longer a draft of ours that nothing came for.
async fn our_draft(deskera: &Deskera, id: &str) -> Result<(Value, PurchaseOrder), HostError> {
    let (raw, order) = read(deskera, id).await?;
    let untouched = order.state == PurchaseState::Draft && order.lines.iter().all(|line| line.received.is_zero());
    if order.marker.is_none() || !untouched {
        return Err(refused("not_our_draft", "the order is no longer our draft: a person must change it"));
    }
    Ok((raw, order))
}

pub(super) async fn change(deskera: &Deskera, change: &PurchaseOrderChange) -> Result<(), HostError> {
    let (raw, order) = our_draft(deskera, &change.id).await?;
    let quantities: BTreeMap<String, Decimal> = change.lines.iter().map(|line| (line.line.clone(), line.to)).collect();
    if quantities.keys().any(|line| order.lines.iter().all(|known| known.id != *line)) {
        return Err(refused("line", "the order no longer has that line"));
    }
    let left = order.lines.iter().any(|line| quantities.get(&line.id).copied().unwrap_or(line.ordered) > Decimal::ZERO);
    if change.cancel || !left {
        return delete(deskera, &change.id).await;
    }
    let client = &deskera.client;
    let fields = client.fields(&raw, "order")?;
    let body = purchase::replacement(&fields, &quantities).map_err(|misfit| refused("line", &misfit.to_string()))?;
    client.write(Method::PUT, client.url(PURCHASE_ORDERS, &[&change.id], &[])?, Some(&body)).await?;
    Ok(())
}

/// Deletes a draft of ours; one that is gone already is deleted.
pub(super) async fn delete_draft(deskera: &Deskera, id: &str) -> Result<(), HostError> {
    match our_draft(deskera, id).await {
        Ok(_) => delete(deskera, id).await,
        Err(error) if is_missing(&error) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn delete(deskera: &Deskera, id: &str) -> Result<(), HostError> {
    let client = &deskera.client;
    match client.write(Method::DELETE, client.url(PURCHASE_ORDERS, &[id], &[])?, None).await {
        Err(error) if !is_missing(&error) => Err(error),
        _ => Ok(()),
    }
}

impl Deskera {
    /// The products of these codes that the host has.
    ///
    /// Lead times and preferred vendors stand in the list's rows only. That the list can be narrowed by `productId` is
    /// not proven: one page is asked for, and `info` for what it did not have.
    pub(super) async fn products(&self, codes: &BTreeSet<String>) -> Result<Vec<items::Product>, HostError> {
        let codes_in_order: Vec<&str> = codes.iter().map(String::as_str).collect();
        let mut products = Vec::new();
        for some in codes_in_order.chunks(PRODUCTS_AT_ONCE) {
            let query: Vec<String> = some.iter().map(|code| format!("productId={code}")).collect();
            let (rows, _) =
                self.client.page(&["v1", "products"], 0, "createdAt", &[("query", &query.join(","))]).await?;
            self.read_products(&rows, some, &mut products)?;
            let missing = |code: &&str| products.iter().all(|product: &items::Product| product.item.id != *code);
            let missing: Vec<&str> = some.iter().copied().filter(missing).collect();
            if !missing.is_empty() {
                let answer = self.client.ask(&["v1", "products", "info"], &[], &json!(missing)).await?;
                self.read_products(&self.client.rows(answer)?.0, &missing, &mut products)?;
            }
        }
        Ok(products)
    }

    /// Adds those of the rows that were asked for.
    fn read_products(&self, rows: &[Value], asked: &[&str], into: &mut Vec<items::Product>) -> Result<(), HostError> {
        for row in rows {
            let fields = self.client.fields(row, "product")?;
            let code = fields.any_text(&["productCode", "productId", "pid"]).ok().flatten();
            if code.is_some_and(|code| asked.contains(&code)) {
                let product = items::product(&fields, self.base_currency.as_deref());
                into.push(product.map_err(|misfit| self.client.misfit(&misfit))?);
            }
        }
        Ok(())
    }

    /// The code of the primary warehouse, asked for once.
    pub(super) async fn primary_warehouse(&self) -> Result<Option<String>, HostError> {
        let ask = async {
            let path = ["v1", "products", "inventories", "warehouses", "primary"];
            let answer = self.client.get_if_there(&path, &[]).await?;
            let code = answer.as_ref().and_then(Value::as_str).map(|code| code.trim().to_owned());
            Ok::<_, HostError>(code.filter(|code| !code.is_empty()))
        };
        self.primary.get_or_try_init(|| ask).await.cloned()
    }
}
