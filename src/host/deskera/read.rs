//! Reading Deskera: documents, lists, items with their stock and vendors.
//!
//! Invariants: a row that cannot be read is still named in its list; an answer about another document or another company
//! than was asked for is refused.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join;
use serde_json::{Value, json};

use super::client::{INVOICES, PURCHASE_ORDERS, QUOTATIONS, SALES_ORDERS};
use super::sales::{self, SalesReading};
use super::{Deskera, items, purchase};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::purchase_order::{PurchaseOrder, PurchaseState};
use crate::domain::sales_document::{DocumentStatus, SalesDocument};
use crate::domain::stock::Warehouse;
use crate::domain::vendor::{Contact, ItemFacts};
use crate::host::json::Misfit;
use crate::host::{HostError, ListPage, ListedDocument, Read, fingerprint};

/// How deep kits are looked into: a kit of kits of kits.
const MAX_KIT_DEPTH: usize = 5;

/// Sales orders that one invoice is looked up in.
const MAX_ORDERS_OF_INVOICE: usize = 10;

/// Purchase orders that goods may still come from. PROCESSED means billed, which need not mean received.
const OPEN_ORDERS: (&str, &str) = ("query", "status=OPEN,status=DRAFT,status=PARTIAL_PROCESSED,status=PROCESSED");

/// Items in one query: the query string of a GET has its limits.
const ITEMS_PER_QUESTION: usize = 40;

impl Deskera {
    /// Reads a purchase order of an answer.
    pub(super) fn purchase_order(&self, raw: &Value) -> Result<Read<PurchaseOrder>, HostError> {
        let fields = self.client.fields(raw, "order")?;
        let mut order = purchase::read(&fields).map_err(|misfit| self.client.misfit(&misfit))?;
        order.url = self.link_to(DocumentKind::PurchaseOrder, &order.id, &order.number);
        // with its link: an order that was made is compared as it stands
        let fingerprint = fingerprint(&order);
        Ok(Read { value: order, fingerprint })
    }

    /// Reads a sales document of an answer, by itself.
    fn sales_reading(&self, raw: &Value, kind: DocumentKind) -> Result<(SalesReading, String), HostError> {
        let fields = self.client.fields(raw, "document")?;
        let misfit = |misfit: Misfit| self.client.misfit(&misfit);
        if fields.text("tenantId").map_err(misfit)?.is_some_and(|tenant| tenant != self.company) {
            let detail = "the host answered with a document of another company".to_owned();
            return Err(HostError::Rejected { code: "company".to_owned(), detail });
        }
        let mut reading = sales::read(&fields, kind, self.sales_order_shape.as_deref()).map_err(misfit)?;
        let fingerprint = fingerprint(&reading.document);
        let document = &mut reading.document;
        document.url = self.link_to(kind, &document.reference.id, &document.number);
        Ok((reading, fingerprint))
    }

    /// The answer and what it says, without what other documents add.
    pub(super) async fn raw_sales_document(
        &self,
        reference: &DocumentRef,
    ) -> Result<Option<(Value, SalesDocument)>, HostError> {
        let found = self.fetch_sales(reference).await?;
        Ok(found.map(|(raw, reading, _)| (raw, reading.document)))
    }

    async fn fetch_sales(&self, reference: &DocumentRef) -> Result<Option<(Value, SalesReading, String)>, HostError> {
        let id = reference.id.as_str();
        let raw = match reference.kind {
            DocumentKind::Invoice => self.client.get_if_there(INVOICES, &["code", id]).await?,
            DocumentKind::Quotation => self.client.get_if_there(QUOTATIONS, &["code", id]).await?,
            DocumentKind::SalesOrder => self.client.get_if_there(SALES_ORDERS, &[id]).await?,
            _ => None,
        };
        let Some(raw) = raw else { return Ok(None) };
        let (reading, fingerprint) = self.sales_reading(&raw, reference.kind)?;
        if reading.document.reference != *reference {
            let detail = "the host answered with another document".to_owned();
            return Err(HostError::Rejected { code: "id".to_owned(), detail });
        }
        Ok(Some((raw, reading, fingerprint)))
    }

    /// The items of the open sales orders that an invoice was made from: their demand counts there.
    async fn items_of_orders(&self, orders: &[String]) -> Result<BTreeSet<String>, HostError> {
        let mut items = BTreeSet::new();
        for code in orders.iter().take(MAX_ORDERS_OF_INVOICE) {
            let order = self.raw_sales_document(&DocumentRef::new(DocumentKind::SalesOrder, code.as_str())).await?;
            if let Some((_, order)) = order.filter(|(_, order)| order.status == DocumentStatus::Open) {
                items.extend(order.lines.into_iter().filter(|line| line.tracked).map(|line| line.item));
            }
        }
        Ok(items)
    }

    pub(super) async fn contact(&self, id: &str) -> Result<Option<Contact>, HostError> {
        let raw = self.client.get_if_there(&["v1", "contacts", "code"], &[id]).await?;
        let Some(raw) = raw else { return Ok(None) };
        let contact = items::contact(&self.client.fields(&raw, "contact")?);
        contact.map(Some).map_err(|misfit| self.client.misfit(&misfit))
    }

    async fn contacts(&self, codes: &BTreeSet<String>) -> Result<Vec<Contact>, HostError> {
        if codes.is_empty() {
            return Ok(Vec::new());
        }
        let answer = self.client.ask(&["v1", "contacts", "codes"], &[], &json!(codes)).await?;
        let (rows, _) = self.client.rows(answer)?;
        let contact = |row: &Value| {
            items::contact(&self.client.fields(row, "contact")?).map_err(|misfit| self.client.misfit(&misfit))
        };
        rows.iter().map(contact).collect()
    }

    /// The products, and those that they are made of if they are kits.
    async fn products_and_components(&self, items: &[String]) -> Result<Vec<items::Product>, HostError> {
        let mut wanted: BTreeSet<String> = items.iter().filter(|item| !item.is_empty()).cloned().collect();
        let mut asked: BTreeSet<String> = BTreeSet::new();
        let mut products: Vec<items::Product> = Vec::new();
        for _ in 0..MAX_KIT_DEPTH {
            if wanted.is_empty() {
                break;
            }
            let found = self.products(&wanted).await?;
            asked.append(&mut wanted);
            let parts = found.iter().flat_map(|product| &product.item.components).map(|component| &component.item);
            wanted = parts.filter(|part| !asked.contains(*part)).cloned().collect();
            products.extend(found);
        }
        Ok(products)
    }

    /// A row of a list; one that cannot be read is still named, so that the reading of it shows the error.
    fn listed(&self, row: &Value, kind: DocumentKind) -> Option<ListedDocument> {
        let unreadable = |id: &str| ListedDocument {
            reference: DocumentRef::new(kind, id),
            fingerprint: format!("unreadable {}", fingerprint(row)),
        };
        let text = |key: &str| row.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        match kind {
            DocumentKind::PurchaseOrder => match self.purchase_order(row) {
                Ok(Read { value, fingerprint }) => {
                    Some(ListedDocument { reference: DocumentRef::new(kind, value.id), fingerprint })
                }
                Err(_) => text("poCode").map(unreadable),
            },
            DocumentKind::Item => {
                let id = ["productCode", "productId", "pid"].into_iter().find_map(text)?;
                Some(ListedDocument { reference: DocumentRef::new(kind, id), fingerprint: fingerprint(row) })
            }
            _ => match self.sales_reading(row, kind) {
                Ok((reading, fingerprint)) => {
                    // The older sales order cannot be asked for by status.
                    let open = reading.document.status == DocumentStatus::Open;
                    open.then_some(ListedDocument { reference: reading.document.reference, fingerprint })
                }
                Err(_) => ["salesInvoiceCode", "salesOrderCode", "soCode", "quotationCode"]
                    .into_iter()
                    .find_map(text)
                    .map(unreadable),
            },
        }
    }

    pub(super) async fn list(&self, kind: DocumentKind, page: u32) -> Result<ListPage, HostError> {
        let open = ("query", "status=OPEN");
        let legacy = self.sales_order_shape.as_deref() != Some("new");
        let (prefix, sort, filter): (&[&str], _, &[_]) = match kind {
            DocumentKind::Invoice => (INVOICES, "createdDate", &[open]),
            DocumentKind::Quotation => (QUOTATIONS, "createdAt", &[open]),
            // The older shape has no status to ask for.
            DocumentKind::SalesOrder if legacy => (SALES_ORDERS, "createdAt", &[]),
            DocumentKind::SalesOrder => (SALES_ORDERS, "createdAt", &[open]),
            DocumentKind::PurchaseOrder => (PURCHASE_ORDERS, "createdAt", &[OPEN_ORDERS]),
            DocumentKind::Item => (&["v1", "products"], "createdAt", &[]),
            DocumentKind::List => return Ok(ListPage { documents: Vec::new(), last: true }),
        };
        let (rows, last) = self.client.page(prefix, page, sort, filter).await?;
        let documents = rows.iter().filter_map(|row| self.listed(row, kind)).collect();
        Ok(ListPage { documents, last })
    }

    pub(super) async fn sales_document(
        &self,
        reference: &DocumentRef,
    ) -> Result<Option<Read<SalesDocument>>, HostError> {
        let Some((_, mut reading, fingerprint)) = self.fetch_sales(reference).await? else { return Ok(None) };
        let counted = self.items_of_orders(&reading.made_from_orders).await?;
        let no_warehouse = reading.document.lines.iter().any(|line| line.tracked && line.warehouse.is_none());
        let primary = if no_warehouse { self.primary_warehouse().await? } else { None };
        for line in &mut reading.document.lines {
            line.counted_elsewhere |= counted.contains(&line.item);
            line.warehouse = line.warehouse.take().or_else(|| primary.clone());
        }
        Ok(Some(Read { value: reading.document, fingerprint }))
    }

    pub(super) async fn one_purchase_order(&self, id: &str) -> Result<Option<Read<PurchaseOrder>>, HostError> {
        let Some(raw) = self.client.get_if_there(PURCHASE_ORDERS, &["code", id]).await? else { return Ok(None) };
        let order = self.purchase_order(&raw)?;
        if order.value.id != id {
            let detail = "the host answered with another order".to_owned();
            return Err(HostError::Rejected { code: "id".to_owned(), detail });
        }
        Ok(Some(order))
    }

    pub(super) async fn open_orders(&self, items: &[String]) -> Result<Vec<Read<PurchaseOrder>>, HostError> {
        let mut found = BTreeMap::new();
        // A comma separates the terms of a query, so such an item is looked for among all open orders.
        let askable = items.iter().all(|item| !item.contains([',', '=', '!']));
        let mut questions: Vec<String> = Vec::new();
        for some in items.chunks(ITEMS_PER_QUESTION) {
            let terms = some.iter().map(|item| format!(",purchaseOrderItems.productCode={item}"));
            questions.push(format!("{}{}", OPEN_ORDERS.1, if askable { terms.collect() } else { String::new() }));
        }
        questions.dedup();
        for question in &questions {
            for row in self.client.all(PURCHASE_ORDERS, "createdAt", &[("query", question)]).await? {
                let order = self.purchase_order(&row)?;
                let open = matches!(order.value.state, PurchaseState::Draft | PurchaseState::Confirmed);
                if open && order.value.lines.iter().any(|line| items.contains(&line.item)) {
                    found.insert(order.value.id.clone(), order);
                }
            }
        }
        Ok(found.into_values().collect())
    }

    pub(super) async fn item_facts(&self, items: &[String]) -> Result<ItemFacts, HostError> {
        let wanted: BTreeSet<String> = items.iter().filter(|item| !item.is_empty()).cloned().collect();
        if wanted.is_empty() {
            return Ok(ItemFacts::default());
        }
        let stock_path = ["v1", "products", "inventories", "warehouses", "warehouse-products-code"];
        let asked = json!(wanted);
        let (products, mut stock) =
            try_join(self.products_and_components(items), self.client.ask(&stock_path, &[], &asked)).await?;
        let mut held: BTreeSet<String> = wanted;
        let parts: BTreeSet<String> = products.iter().map(|product| product.item.id.clone()).collect();
        if !parts.is_subset(&held) {
            // Kits: their components' stock is not in the first answer.
            held.extend(parts);
            stock = self.client.ask(&stock_path, &[], &json!(held)).await?;
        }
        let fields = self.client.fields(&stock, "stock")?;
        let stock = items::stock(&fields, &held, self.available).map_err(|misfit| self.client.misfit(&misfit))?;
        let codes = products.iter().flat_map(|product| &product.vendors).map(|lead| lead.vendor.clone()).collect();
        let vendors = self.contacts(&codes).await?;
        let currency = self.base_currency.as_deref();
        Ok(ItemFacts {
            offers: products.iter().flat_map(|product| items::offers(product, &vendors, currency)).collect(),
            items: products.into_iter().map(|product| product.item).collect(),
            stock,
            vendors,
        })
    }

    pub(super) async fn warehouses(&self) -> Result<Vec<Warehouse>, HostError> {
        let answer = self.client.get(&["v1", "products", "inventories", "warehouses"], &[], &[]).await?;
        let (rows, _) = self.client.rows(answer)?;
        let one = |row: &Value| {
            items::warehouse(&self.client.fields(row, "warehouse")?).map_err(|misfit| self.client.misfit(&misfit))
        };
        rows.iter().map(one).collect()
    }
}
