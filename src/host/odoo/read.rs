//! Reading Odoo's orders with all that their lines refer to, in few calls for many orders.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{try_join, try_join3, try_join4};
use serde_json::{Value, json};

use super::facts::Facts;
use super::purchase::{self, OperationType};
use super::sales::{self, Around};
use super::series::Names;
use super::{Odoo, wire};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::purchase_order::{PurchaseOrder, PurchaseState};
use crate::domain::sales_document::{Address, SalesDocument};
use crate::host::json::{Fields, Misfit};
use crate::host::{HostError, ListPage, ListedDocument, Read, fingerprint};

/// Orders on one page of a list.
const PAGE_SIZE: u32 = 50;

/// States of purchase orders that are not cancelled; on 17 one that is locked is "done", received or not.
const LIVE: [&str; 5] = ["draft", "sent", "to approve", "purchase", "done"];

impl Odoo {
    pub(super) fn fit<T>(&self, read: Result<T, Misfit>) -> Result<T, HostError> {
        read.map_err(|misfit| self.client.channel.unfit(crate::host::http::Effect::Read, &misfit.to_string()))
    }

    pub(super) fn fields<'a>(&self, row: &'a Value) -> Result<Fields<'a>, HostError> {
        self.fit(Fields::of(row, "record"))
    }

    /// Reads each row of an answer.
    pub(super) fn each<T, C: FromIterator<T>>(
        &self,
        rows: &[Value],
        read: impl Fn(&Fields<'_>) -> Result<T, Misfit>,
    ) -> Result<C, HostError> {
        rows.iter().map(|row| self.fit(read(&self.fields(row)?))).collect()
    }

    /// The distinct ids that the rows have under a key.
    pub(super) fn related(&self, rows: &[Value], key: &str) -> Result<Vec<i64>, HostError> {
        let ids: Vec<Vec<i64>> = self.each(rows, |row| match row.get(key) {
            Some(Value::Array(pair)) if pair.get(1).is_some_and(Value::is_string) => {
                Ok(wire::one_id(row, key)?.into_iter().collect())
            }
            _ => wire::many(row, key),
        })?;
        Ok(ids.concat().into_iter().collect::<BTreeSet<_>>().into_iter().collect())
    }

    /// What of a domain is our company's.
    pub(super) fn of_company(&self, domain: Value) -> Value {
        let (Some(company), Value::Array(leaves)) = (self.client.company, &domain) else { return domain };
        std::iter::once(json!(["company_id", "=", company])).chain(leaves.iter().cloned()).collect()
    }

    /// Where Odoo shows a record to a person.
    fn link(&self, model: &str, names: &Names, id: i64) -> Option<String> {
        let mut url = self.client.base_url.clone();
        if names.has_paths {
            url.path_segments_mut().ok()?.clear().extend(["odoo", model, &id.to_string()]);
        } else {
            url.path_segments_mut().ok()?.clear().push("web");
            url.set_fragment(Some(&format!("id={id}&model={model}&view_type=form")));
        }
        Some(url.into())
    }

    /// Our company's sales orders or quotations that a domain finds, newest first; each as all of the kinds that are asked for of it.
    pub(super) async fn sales(
        &self,
        domain: Value,
        asked: impl Fn(i64) -> Vec<DocumentKind>,
        page: Option<(u32, u32)>,
    ) -> Result<Vec<SalesDocument>, HostError> {
        let names = self.client.series().await?.names();
        let own = self.own_fields().await?;
        let fields: Vec<&str> = sales::ORDER_FIELDS.into_iter().chain(own.iter().map(String::as_str)).collect();
        let orders = self.client.search("sale.order", self.of_company(domain), &fields, "id desc", page).await?;
        let ids: Vec<i64> = self.each(&orders, wire::id)?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let line_fields: Vec<&str> =
            sales::LINE_FIELDS.into_iter().chain([names.line_unit, names.line_route]).collect();
        let lines = json!([["order_id", "in", ids]]);
        let lines = self.client.search("sale.order.line", lines, &line_fields, "sequence, id", None);
        let (lines, addresses, emails, routes) = try_join4(
            lines,
            self.addresses(self.related(&orders, "partner_shipping_id")?),
            self.emails(self.related(&orders, "user_id")?),
            self.drop_ship_routes(),
        )
        .await?;
        let products = self.product_facts(self.related(&lines, "product_id")?);
        let (products, units) = Box::pin(try_join(products, self.units())).await?;
        let link = |id| self.link("sale.order", names, id);
        let around = Around { addresses, emails, products, units, drop_ship_routes: routes, link: &link };
        let lines: Vec<Fields<'_>> = lines.iter().map(|line| self.fields(line)).collect::<Result<_, _>>()?;
        let mut found = Vec::new();
        for order in &orders {
            let order = self.fields(order)?;
            for kind in asked(self.fit(wire::id(&order))?) {
                found.push(self.fit(sales::read(&order, &lines, kind, &around, names))?);
            }
        }
        Ok(found)
    }

    async fn product_facts(&self, ids: Vec<i64>) -> Result<BTreeMap<i64, sales::ProductFacts>, HostError> {
        let rows = self.product_rows(&ids).await?;
        self.each(&rows, sales::product)
    }

    pub(super) async fn addresses(&self, ids: Vec<i64>) -> Result<BTreeMap<i64, Address>, HostError> {
        if let Some(read) = Facts::all(&self.addresses, &ids) {
            return Ok(read);
        }
        let rows = self.client.records("res.partner", &ids, &wire::CONTACT_FIELDS).await?;
        let found: BTreeMap<i64, Address> = self.each(&rows, |row| Ok((wire::id(row)?, wire::address(row)?)))?;
        Facts::keep(&self.addresses, found.clone());
        Ok(found)
    }

    async fn emails(&self, ids: Vec<i64>) -> Result<BTreeMap<i64, String>, HostError> {
        let kept = &self.client.facts.emails;
        let known = if let Some(known) = Facts::all(kept, &ids) {
            known
        } else {
            let rows = self.client.records("res.users", &ids, &["email"]).await?;
            let read: Vec<(i64, Option<String>)> =
                self.each(&rows, |row| Ok((wire::id(row)?, row.text("email")?.map(str::to_owned))))?;
            // Of somebody who is gone there is none, and that is known too.
            let found: BTreeMap<i64, Option<String>> = ids.into_iter().map(|id| (id, None)).chain(read).collect();
            Facts::keep(kept, found.clone());
            found
        };
        Ok(known.into_iter().filter_map(|(id, email)| Some((id, email?))).collect())
    }

    /// The routes by which a vendor ships to the customer, asked for once.
    pub(super) async fn drop_ship_routes(&self) -> Result<BTreeSet<i64>, HostError> {
        let ask = async {
            let types = self.operation_types().await?;
            let types: Vec<i64> = types.iter().filter(|kind| kind.code == "dropship").map(|kind| kind.id).collect();
            if types.is_empty() {
                return Ok(BTreeSet::new());
            }
            let domain = json!([["picking_type_id", "in", types]]);
            let rules = self.client.search("stock.rule", domain, &["route_id"], "id", None).await?;
            Ok::<_, HostError>(self.related(&rules, "route_id")?.into_iter().collect())
        };
        self.client.facts.routes.get_or_try_init(|| ask).await.cloned()
    }

    pub(super) async fn operation_types(&self) -> Result<&Vec<OperationType>, HostError> {
        let ask = async {
            let domain = self.of_company(json!([]));
            let fields = ["code", "warehouse_id"];
            let rows = self.client.search("stock.picking.type", domain, &fields, "sequence, id", None).await?;
            self.each(&rows, purchase::operation_type)
        };
        self.client.facts.operations.get_or_try_init(|| ask).await
    }

    /// Documents in the order of their references. An order that is asked for as both of its kinds is read once.
    pub(super) async fn sales_documents(
        &self,
        references: &[DocumentRef],
    ) -> Result<Vec<Option<SalesDocument>>, HostError> {
        let mut asked: BTreeMap<i64, Vec<DocumentKind>> = BTreeMap::new();
        for reference in references {
            if let Ok(id) = reference.id.parse() {
                asked.entry(id).or_default().push(reference.kind);
            }
        }
        let mut found = Vec::new();
        if !asked.is_empty() {
            let ids: Vec<i64> = asked.keys().copied().collect();
            let kinds = |id: i64| asked.get(&id).cloned().unwrap_or_default();
            found = self.sales(json!([["id", "in", ids]]), kinds, None).await?;
        }
        // A quotation that was confirmed is no quotation any more.
        let one = |reference: &DocumentRef| found.iter().find(|document| document.reference == *reference).cloned();
        Ok(references.iter().map(one).collect())
    }

    /// Our company's purchase orders that a domain finds, newest first.
    pub(super) async fn purchases(
        &self,
        domain: Value,
        page: Option<(u32, u32)>,
    ) -> Result<Vec<PurchaseOrder>, HostError> {
        let domain = self.of_company(domain);
        let orders = self.client.search("purchase.order", domain, &purchase::ORDER_FIELDS, "id desc", page).await?;
        let ids: Vec<i64> = self.each(&orders, wire::id)?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let lines = json!([["order_id", "in", ids]]);
        let (lines, addresses, types) = try_join3(
            self.client.search("purchase.order.line", lines, &purchase::LINE_FIELDS, "sequence, id", None),
            self.addresses(self.related(&orders, "dest_address_id")?),
            self.operation_types(),
        )
        .await?;
        let (tied, coming) = try_join(self.tied(&lines), self.coming(&lines)).await?;
        let lines: Vec<Fields<'_>> = lines.iter().map(|line| self.fields(line)).collect::<Result<_, _>>()?;
        let names = self.client.series().await?.names();
        let link = |id| self.link("purchase.order", names, id);
        let around = purchase::Around { types, addresses, tied, coming, link: &link };
        let read = |order: &Value| self.fit(purchase::read(&self.fields(order)?, &lines, &around));
        orders.iter().map(read).collect()
    }

    pub(super) async fn one_purchase(&self, id: &str) -> Result<Option<PurchaseOrder>, HostError> {
        let Ok(id) = id.parse::<i64>() else { return Ok(None) };
        Ok(self.purchases(json!([["id", "=", id]]), None).await?.pop())
    }

    pub(super) async fn open_purchases(&self, items: &[String]) -> Result<Vec<Read<PurchaseOrder>>, HostError> {
        let domain = json!([["order_line.product_id", "in", super::ids_of(items)], ["state", "in", LIVE],]);
        let found = self.purchases(domain, None).await?;
        let open = |order: &PurchaseOrder| matches!(order.state, PurchaseState::Draft | PurchaseState::Confirmed);
        Ok(found.into_iter().filter(open).map(read_whole).collect())
    }

    pub(super) async fn list(&self, kind: DocumentKind, page: u32) -> Result<ListPage, HostError> {
        let at = Some((PAGE_SIZE, page.saturating_mul(PAGE_SIZE)));
        let documents: Vec<ListedDocument> = match kind {
            DocumentKind::Quotation | DocumentKind::SalesOrder => {
                let states: &[&str] =
                    if kind == DocumentKind::Quotation { &["draft", "sent"] } else { &["sale", "done"] };
                // What is wholly delivered owes nothing; services leave the status empty.
                let mut domain = vec![json!(["state", "in", states])];
                if kind == DocumentKind::SalesOrder {
                    domain.push(json!(["delivery_status", "!=", "full"]));
                }
                let found = self.sales(Value::Array(domain), |_| vec![kind], at).await?;
                found
                    .into_iter()
                    .map(|one| ListedDocument { fingerprint: fingerprint(&one), reference: one.reference })
                    .collect()
            }
            DocumentKind::PurchaseOrder => {
                let open = json!([["state", "in", LIVE]]);
                let found = self.purchases(open, at).await?;
                let row = |order: PurchaseOrder| ListedDocument {
                    fingerprint: fingerprint(&order),
                    reference: DocumentRef::new(kind, order.id),
                };
                found.into_iter().map(row).collect()
            }
            DocumentKind::Item => {
                let fields = ["write_date", "qty_available"];
                let rows = self.client.search("product.product", json!([]), &fields, "id desc", at).await?;
                self.each(&rows, |row| {
                    let figures = (row.text("write_date")?, wire::figure(row, "qty_available")?);
                    let reference = DocumentRef::new(kind, wire::id(row)?.to_string());
                    Ok(ListedDocument { reference, fingerprint: fingerprint(&figures) })
                })?
            }
            DocumentKind::Invoice | DocumentKind::List => Vec::new(),
        };
        let last = documents.len() < PAGE_SIZE as usize;
        Ok(ListPage { documents, last })
    }
}

/// A document with its fingerprint: a list's row is read by the same code.
pub(super) fn read_whole<T: serde::Serialize>(value: T) -> Read<T> {
    Read { fingerprint: fingerprint(&value), value }
}
