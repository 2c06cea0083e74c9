//! Products, stock, vendor price lists, kits and contacts of Odoo.
//!
//! On hand is `qty_available` of each warehouse: what lies there, reserved or not, because what our sales have reserved
//! is their own demand. A vendor's rows of `product.supplierinfo` are its price tiers; Odoo does not enforce their
//! least quantity, which is why it is a minimum here by policy only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use futures_util::future::{try_join_all, try_join3};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::client::Ask;
use super::facts::Facts;
use super::wire::{self, Unit, Units};
use super::{Odoo, ids_of, sales};
use crate::domain::stock::{StockLevel, Warehouse, WarehouseUse};
use crate::domain::vendor::{Component, Contact, Item, ItemFacts, PriceTier, VendorOffer};
use crate::host::HostError;
use crate::host::json::{Fields, Misfit};

/// Whether a product is sold as its components; there where manufacturing is installed.
const IS_KIT: &str = "is_kits";

const PRODUCT_FIELDS: [&str; 7] =
    ["default_code", "name", "uom_id", "standard_price", "cost_currency_id", "product_tmpl_id", "route_ids"];

const SUPPLIER_FIELDS: [&str; 11] = [
    "partner_id",
    "product_tmpl_id",
    "product_id",
    "price",
    "min_qty",
    "delay",
    "currency_id",
    "sequence",
    "date_start",
    "date_end",
    "discount",
];

/// How deep kits are looked into.
const MAX_KIT_DEPTH: usize = 5;

/// The most that one offer's rank counts down: Odoo's sequence.
const MAX_RANK: i64 = 1_000_000;

/// A product and what ties it to its vendors and units.
#[derive(Debug, Clone)]
pub(super) struct Product {
    pub(super) item: Item,
    pub(super) template: i64,
    pub(super) unit: i64,
    /// The unit in which it is bought, where it is another.
    pub(super) purchase_unit: Option<i64>,
    /// Sold as its components, which stand in a bill of materials.
    is_kit: bool,
}

pub(super) fn product(fields: &Fields<'_>, purchase_unit: Option<&str>) -> Result<Product, Misfit> {
    let (id, facts) = sales::product(fields)?;
    let unit_name = wire::one(fields, "uom_id")?.map(|(_, name)| name).unwrap_or_default();
    let cost = wire::figure(fields, "standard_price")?.filter(|cost| *cost > Decimal::ZERO);
    let currency = wire::one(fields, "cost_currency_id")?.map(|(_, name)| name);
    let bought_in = purchase_unit.map(|key| wire::one_id(fields, key)).transpose()?.flatten();
    Ok(Product {
        item: Item {
            id: id.to_string(),
            sku: wire::text(fields, "default_code")?,
            name: wire::text(fields, "name")?,
            unit: unit_name,
            tracked: facts.storable,
            cost,
            cost_currency: cost.and(currency),
            components: Vec::new(),
            drop_ship: false,
        },
        template: wire::one_id(fields, "product_tmpl_id")?.unwrap_or_default(),
        unit: facts.unit,
        purchase_unit: bought_in.filter(|unit| *unit != facts.unit),
        is_kit: fields.flag(IS_KIT)?.unwrap_or(false),
    })
}

/// One row of a vendor's price list.
#[derive(Debug, Clone)]
pub(super) struct SupplierRow {
    id: i64,
    vendor: i64,
    template: Option<i64>,
    product: Option<i64>,
    sequence: i64,
    delay: i64,
    min_qty: Decimal,
    price: Decimal,
    currency: Option<String>,
    valid_from: Option<jiff::civil::Date>,
    valid_to: Option<jiff::civil::Date>,
    /// The vendor's own unit.
    unit: Option<i64>,
}

pub(super) fn supplier_row(fields: &Fields<'_>, unit: &str) -> Result<SupplierRow, Misfit> {
    let discount = wire::quantity(fields, "discount")?.min(Decimal::ONE_HUNDRED);
    let price = wire::quantity(fields, "price")?;
    let net = price - price.checked_mul(discount).unwrap_or_default() / Decimal::ONE_HUNDRED;
    Ok(SupplierRow {
        id: wire::id(fields)?,
        vendor: wire::one_id(fields, "partner_id")?.ok_or_else(|| fields.misfit("partner_id", "missing"))?,
        template: wire::one_id(fields, "product_tmpl_id")?,
        product: wire::one_id(fields, "product_id")?,
        sequence: wire::whole(fields, "sequence")?.unwrap_or_default(),
        delay: wire::whole(fields, "delay")?.unwrap_or_default(),
        min_qty: wire::quantity(fields, "min_qty")?,
        price: net.round_dp(6).normalize(),
        currency: wire::one(fields, "currency_id")?.map(|(_, name)| name),
        valid_from: wire::day(fields, "date_start")?,
        valid_to: wire::day(fields, "date_end")?,
        unit: wire::one_id(fields, unit)?,
    })
}

/// The offers for a product: a vendor's rows together, in Odoo's own order.
pub(super) fn offers(product: &Product, rows: &[SupplierRow], units: &Units) -> Vec<VendorOffer> {
    let id: i64 = product.item.id.parse().unwrap_or_default();
    // A row of the template holds for each variant, one of a variant for it alone.
    let own = |row: &&SupplierRow| row.product.map_or(row.template == Some(product.template), |only| only == id);
    let mut by_vendor: BTreeMap<i64, Vec<&SupplierRow>> = BTreeMap::new();
    for row in rows.iter().filter(own) {
        by_vendor.entry(row.vendor).or_default().push(row);
    }
    let mut offers: Vec<VendorOffer> = Vec::new();
    for (vendor, mut rows) in by_vendor {
        rows.sort_by_key(|row| (row.sequence, row.min_qty, row.id));
        let Some(first) = rows.first().copied() else { continue };
        let unit = first.unit.filter(|unit| *unit != product.unit).or(product.purchase_unit);
        let (unit, unit_factor) = match unit {
            // Without a factor it is an exception for a person.
            Some(unit) => (units.get(&unit).map(|unit| unit.name.clone()), factor(unit, product.unit, units)),
            None => (None, None),
        };
        let tier = |row: &&SupplierRow| PriceTier {
            from_qty: row.min_qty,
            price: row.price,
            valid_from: row.valid_from,
            valid_to: row.valid_to,
        };
        offers.push(VendorOffer {
            item: product.item.id.clone(),
            vendor: vendor.to_string(),
            rank: i32::try_from(first.sequence.clamp(-MAX_RANK, MAX_RANK)).unwrap_or_default(),
            lead_days: i32::try_from(first.delay.clamp(0, 3650)).unwrap_or_default(),
            min_qty: rows.iter().map(|row| row.min_qty).min().unwrap_or_default(),
            multiple: Decimal::ZERO,
            max_qty: None,
            unit,
            unit_factor,
            currency: first.currency.clone(),
            prices: rows
                .iter()
                .filter(|row| (&row.currency, row.unit) == (&first.currency, first.unit) && !row.price.is_zero())
                .map(tier)
                .collect(),
        });
    }
    offers
}

/// Stock units per vendor unit, as an exact fraction.
fn factor(from: i64, to: i64, units: &Units) -> Option<String> {
    let (from, to) = (units.get(&from)?, units.get(&to)?);
    if from.size.is_zero() || to.size.is_zero() {
        return None;
    }
    Some(if to.size == Decimal::ONE { from.size.to_string() } else { format!("{}/{}", from.size, to.size) })
}

pub(super) fn contact(fields: &Fields<'_>) -> Result<Contact, Misfit> {
    let ranked = |key: &str| Ok::<_, Misfit>(wire::whole(fields, key)?.unwrap_or_default() > 0);
    Ok(Contact {
        id: wire::id(fields)?.to_string(),
        name: wire::text(fields, "name")?,
        email: fields.text("email")?.map(str::to_owned),
        // en_US → en-US
        language: fields.text("lang")?.map(|lang| lang.replace('_', "-")),
        is_vendor: ranked("supplier_rank")?,
        is_customer: ranked("customer_rank")?,
        blocked: !fields.flag("active")?.unwrap_or(false),
        currency: None,
        address: wire::address(fields)?,
    })
}

pub(super) fn warehouse(fields: &Fields<'_>, first: bool) -> Result<Warehouse, Misfit> {
    let (id, name) = (wire::id(fields)?.to_string(), wire::text(fields, "name")?);
    Ok(Warehouse { id, name, use_as: WarehouseUse::Stock, primary: first })
}

impl Odoo {
    pub(super) async fn units(&self) -> Result<&Units, HostError> {
        let ask = async {
            let size = self.client.series().await?.names().unit_size;
            let rows = self.client.search("uom.uom", json!([]), &["name", size], "id", None).await?;
            self.each(&rows, |unit| {
                let found = Unit { name: wire::text(unit, "name")?, size: unit.decimal(size)?.unwrap_or_default() };
                Ok((wire::id(unit)?, found))
            })
        };
        self.client.facts.units.get_or_try_init(|| ask).await
    }

    pub(super) async fn product_rows(&self, ids: &[i64]) -> Result<Vec<Value>, HostError> {
        let unread: Vec<i64> = {
            let read = self.products.lock().unwrap_or_else(PoisonError::into_inner);
            ids.iter().copied().filter(|id| !read.contains_key(id)).collect()
        };
        if !unread.is_empty() {
            let names = self.client.series().await?.names();
            let kit = if self.has_kits().await? { Some(IS_KIT) } else { None };
            let fields: Vec<&str> = PRODUCT_FIELDS
                .iter()
                .chain(names.product_kind)
                .copied()
                .chain(names.purchase_unit)
                .chain(kit)
                .collect();
            let rows = self.client.records("product.product", &unread, &fields).await?;
            let found: Vec<(i64, i64)> =
                self.each(&rows, |row| sales::product(row).map(|(id, facts)| (id, facts.unit)))?;
            Facts::keep(&self.client.facts.stock_units, found.iter().copied());
            Facts::keep(&self.products, found.into_iter().map(|(id, _)| id).zip(rows));
        }
        let read = self.products.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.iter().filter_map(|id| read.get(id).cloned()).collect())
    }

    /// The unit in which each product is kept, by the item's id.
    pub(super) async fn stock_units(&self, items: &[String]) -> Result<BTreeMap<String, i64>, HostError> {
        let (ids, kept) = (ids_of(items), &self.client.facts.stock_units);
        let mut known = Facts::all(kept, &ids);
        if known.is_none() {
            self.product_rows(&ids).await?;
            known = Facts::all(kept, &ids);
        }
        // One that is gone is missed by whoever needs it.
        Ok(known.unwrap_or_default().into_iter().map(|(id, unit)| (id.to_string(), unit)).collect())
    }

    async fn has_kits(&self) -> Result<bool, HostError> {
        let has = async { Ok(!self.client.known_fields("product.product", &[IS_KIT]).await?.is_empty()) };
        self.client.facts.has_kits.get_or_try_init(|| has).await.copied()
    }

    /// The components of kits: the bills of material of that kind, where manufacturing is installed.
    async fn kits(&self, products: &[Product]) -> Result<BTreeMap<i64, Vec<Component>>, HostError> {
        let templates: Vec<i64> =
            products.iter().filter(|product| product.is_kit).map(|product| product.template).collect();
        if templates.is_empty() {
            return Ok(BTreeMap::new());
        }
        let fields = ["product_tmpl_id", "product_id", "product_qty", "product_uom_id", "bom_line_ids"];
        let domain = json!([["type", "=", "phantom"], ["product_tmpl_id", "in", templates]]);
        let bills = self.client.search("mrp.bom", domain, &fields, "sequence, id", None).await?;
        let lines: Vec<i64> = self.each::<_, Vec<Vec<i64>>>(&bills, |bill| wire::many(bill, "bom_line_ids"))?.concat();
        let line_fields = ["bom_id", "product_id", "product_qty"];
        let lines = self.client.records("mrp.bom.line", &lines, &line_fields).await?;
        let mut kits = BTreeMap::new();
        for bill in &bills {
            let bill = self.fields(bill)?;
            let read = |bill: &Fields<'_>| -> Result<(Option<i64>, Option<i64>, Decimal, i64), Misfit> {
                let made = wire::quantity(bill, "product_qty")?;
                Ok((wire::one_id(bill, "product_tmpl_id")?, wire::one_id(bill, "product_id")?, made, wire::id(bill)?))
            };
            let (template, only, made, bill_id) = self.fit(read(&bill))?;
            let mut components = Vec::new();
            for line in &lines {
                let line = self.fields(line)?;
                let read = |line: &Fields<'_>| {
                    Ok((
                        wire::one_id(line, "bom_id")?,
                        wire::one_id(line, "product_id")?,
                        wire::quantity(line, "product_qty")?,
                    ))
                };
                let (of, item, quantity) = self.fit(read(&line))?;
                let quantity = quantity.checked_div(made).map(|quantity| quantity.round_dp(6).normalize());
                if let (true, Some(item), Some(quantity)) = (of == Some(bill_id), item, quantity) {
                    components.push(Component { item: item.to_string(), quantity, fixed: false });
                }
            }
            for product in products {
                let id = product.item.id.parse().unwrap_or_default();
                if only.map_or(Some(product.template) == template, |only| only == id) {
                    kits.entry(id).or_insert_with(|| components.clone());
                }
            }
        }
        Ok(kits)
    }

    /// Products with their components, whose products come along.
    async fn products(&self, ids: &[i64]) -> Result<Vec<Product>, HostError> {
        let names = self.client.series().await?.names();
        let (mut wanted, mut known) = (ids.to_vec(), BTreeSet::new());
        let mut products: Vec<Product> = Vec::new();
        for _ in 0..MAX_KIT_DEPTH {
            if wanted.is_empty() {
                break;
            }
            let rows = self.product_rows(&wanted).await?;
            let mut found: Vec<Product> = self.each(&rows, |row| product(row, names.purchase_unit))?;
            known.extend(wanted);
            let kits = self.kits(&found).await?;
            for product in &mut found {
                let id: i64 = product.item.id.parse().unwrap_or_default();
                product.item.components = kits.get(&id).cloned().unwrap_or_default();
                // A kit is kept in no stock of its own, but it is owed as its parts.
                product.item.tracked |= !product.item.components.is_empty();
            }
            let parts = found.iter().flat_map(|product| &product.item.components);
            wanted = parts.filter_map(|part| part.item.parse().ok()).filter(|id| !known.contains(id)).collect();
            products.extend(found);
        }
        Ok(products)
    }

    pub(super) async fn item_facts(&self, items: &[String]) -> Result<ItemFacts, HostError> {
        let products = self.products(&ids_of(items)).await?;
        let ids: Vec<i64> = products.iter().filter_map(|product| product.item.id.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(ItemFacts::default());
        }
        // As Odoo itself chooses: the price list of an archived vendor counts no more.
        let domain = json!([["product_tmpl_id.product_variant_ids", "in", ids], ["partner_id.active", "=", true]]);
        let unit = self.client.series().await?.names().supplier_unit;
        let fields: Vec<&str> = SUPPLIER_FIELDS.into_iter().chain([unit]).collect();
        let rows = self.client.search("product.supplierinfo", domain, &fields, "sequence, id", None);
        let (stock, rows, units) = try_join3(self.stock(&ids), rows, self.units()).await?;
        let rows: Vec<SupplierRow> = self.each(&rows, |row| supplier_row(row, unit))?;
        let offers: Vec<VendorOffer> = products.iter().flat_map(|product| offers(product, &rows, units)).collect();
        let vendors: BTreeSet<i64> = offers.iter().filter_map(|offer| offer.vendor.parse().ok()).collect();
        let vendors = self.vendors(&vendors.into_iter().collect::<Vec<_>>()).await?;
        Ok(ItemFacts { items: products.into_iter().map(|product| product.item).collect(), stock, offers, vendors })
    }

    async fn vendors(&self, ids: &[i64]) -> Result<Vec<Contact>, HostError> {
        let kept = &self.client.facts.vendors;
        if let Some(known) = Facts::all(kept, ids) {
            return Ok(known.into_values().collect());
        }
        let found = self.contacts(ids).await?;
        Facts::keep(kept, found.iter().filter_map(|contact| Some((contact.id.parse().ok()?, contact.clone()))));
        Ok(found)
    }

    /// What lies in each warehouse: one question for each, all at once.
    async fn stock(&self, ids: &[i64]) -> Result<Vec<StockLevel>, HostError> {
        let warehouses = self.client.facts.warehouses.get_or_try_init(|| self.warehouses()).await?;
        let ask = |warehouse: &Warehouse| {
            let id: i64 = warehouse.id.parse().unwrap_or_default();
            let ask = Ask::read("product.product", "search_read")
                .option("domain", json!([["id", "in", ids]]))
                .option("fields", json!(["qty_available"]));
            // The key has another name in each series; the other is passed over.
            self.client.call(ask.context("warehouse", json!(id)).context("warehouse_id", json!(id)))
        };
        let answers = try_join_all(warehouses.iter().map(ask)).await?;
        let mut levels = Vec::new();
        for (warehouse, answer) in warehouses.iter().zip(answers) {
            let rows = answer.as_array().map_or(&[][..], Vec::as_slice);
            let found: Vec<(i64, Decimal)> =
                self.each(rows, |row| Ok((wire::id(row)?, wire::figure(row, "qty_available")?.unwrap_or_default())))?;
            for (item, on_hand) in found.into_iter().filter(|(_, on_hand)| !on_hand.is_zero()) {
                let (item, warehouse) = (item.to_string(), warehouse.id.clone());
                levels.push(StockLevel { item, warehouse, on_hand, held: Decimal::ZERO });
            }
        }
        Ok(levels)
    }

    pub(super) async fn warehouses(&self) -> Result<Vec<Warehouse>, HostError> {
        let domain = self.of_company(json!([]));
        let rows = self.client.search("stock.warehouse", domain, &["name"], "sequence, id", None).await?;
        rows.iter().zip(0..).map(|(row, index)| self.fit(warehouse(&self.fields(row)?, index == 0))).collect()
    }

    pub(super) async fn contacts(&self, ids: &[i64]) -> Result<Vec<Contact>, HostError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        // Archived ones too: nothing is bought from them, but they are there.
        let ask = Ask::read("res.partner", "search_read")
            .option("domain", json!([["id", "in", ids]]))
            .option("fields", json!(wire::CONTACT_FIELDS))
            .context("active_test", json!(false));
        let answer = self.client.call(ask).await?;
        self.each(answer.as_array().map_or(&[][..], Vec::as_slice), contact)
    }
}
