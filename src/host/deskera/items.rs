//! Products, stock, warehouses and contacts of Deskera.
//!
//! Facts: hosts/deskera/notes.md section 6. Two of them are unproven and read so that neither harm is done: whether
//! "available" is net of reservations (see [`on_hand`]), and what stands in `preferredVendorDetails` and
//! `leadTimeDetails` (read where they have recognisable fields, else passed over).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::Value;

use super::purchase::StockUnit;
use super::wire;
use crate::domain::sales_document::Address;
use crate::domain::stock::{StockLevel, Warehouse, WarehouseUse};
use crate::domain::vendor::{Component, Contact, Item, PriceTier, VendorOffer};
use crate::host::json::{Fields, Misfit};

/// Names that the undocumented lists may have for the vendor.
const VENDOR_KEYS: &[&str] = &["contactCode", "vendorCode", "code"];

/// Names that the undocumented list may have for days.
const LEAD_KEYS: [&str; 4] = ["leadTime", "leadTimeDays", "leadTimeInDays", "days"];

/// A lead time beyond this many days is no lead time.
const MAX_LEAD_DAYS: i32 = 3650;

/// An item with those who sell it.
#[derive(Debug)]
pub(super) struct Product {
    pub(super) item: Item,
    pub(super) unit: Option<StockUnit>,
    pub(super) vendors: Vec<VendorLead>,
}

#[derive(Debug)]
pub(super) struct VendorLead {
    pub(super) vendor: String,
    pub(super) lead_days: i32,
}

/// Reads a product in whichever of its models. `base_currency` is that of its cost.
pub(super) fn product(fields: &Fields<'_>, base_currency: Option<&str>) -> Result<Product, Misfit> {
    let id =
        fields.any_text(&["productCode", "productId", "pid"])?.ok_or_else(|| fields.misfit("productId", "missing"))?;
    let schema = fields.object("uomSchemaDto")?;
    let base = match &schema {
        Some(schema) => schema.object("baseUOM")?,
        None => None,
    };
    let unit_name = match &base {
        Some(base) => wire::text(base, "name")?,
        None => String::new(),
    };
    let whole = |fields: &Fields<'_>, key: &str| -> Result<Option<i64>, Misfit> {
        let figure = fields.decimal(key)?.filter(Decimal::is_integer);
        Ok(figure.and_then(|figure| i64::try_from(figure).ok()))
    };
    let unit_id = match whole(fields, "stockUom")? {
        None => base.as_ref().map(|base| whole(base, "id")).transpose()?.flatten(),
        id => id,
    };
    let kind = fields.text("type")?;
    // A price of 0 says that none was entered.
    let cost = fields.decimal("purchasePrice")?.filter(|price| *price > Decimal::ZERO);
    let item = Item {
        id: id.to_owned(),
        sku: wire::text(fields, "documentSequenceCode")?,
        name: wire::text(fields, "name")?,
        unit: unit_name.clone(),
        tracked: kind != Some("NONTRACKED"),
        cost,
        cost_currency: cost.and(base_currency).map(str::to_owned),
        components: if kind == Some("BILL_OF_MATERIALS") { components(fields)? } else { Vec::new() },
        drop_ship: false,
    };
    let schema_id = whole(fields, "uomSchema")?;
    let unit = unit_id.map(|id| StockUnit { id, schema: schema_id, name: unit_name });
    Ok(Product { item, unit, vendors: vendors(fields)? })
}

/// The components of a kit. A product that is assembled into stock of its own is no kit: it is counted itself.
fn components(fields: &Fields<'_>) -> Result<Vec<Component>, Misfit> {
    if fields.flag("hasBuildAssembly")?.unwrap_or(false) || fields.flag("isFinishedProduct")?.unwrap_or(false) {
        return Ok(Vec::new());
    }
    let mut listed = fields.objects("bomProductsConfiguration")?;
    if listed.is_empty() {
        for bill in fields.objects("bomMetaDetailsList")? {
            if bill.flag("isDefault")?.unwrap_or(false) {
                listed = bill.objects("bomProductsConfiguration")?;
            }
        }
    }
    let mut components = Vec::new();
    for one in listed {
        // What is produced along with it is not needed for it.
        if matches!(one.text("produceProductType")?, Some("SCRAP" | "COPRODUCT")) {
            continue;
        }
        let item = one.text("productCode")?.ok_or_else(|| one.misfit("productCode", "missing"))?;
        let quantity = one.quantity("quantity")?.ok_or_else(|| one.misfit("quantity", "missing"))?;
        components.push(Component { item: item.to_owned(), quantity, fixed: false });
    }
    Ok(components)
}

/// Who sells it: the preferred ones first, then the one of the reorder rule; each once.
fn vendors(fields: &Fields<'_>) -> Result<Vec<VendorLead>, Misfit> {
    let mut lead = BTreeMap::new();
    for entry in lenient(fields, "leadTimeDetails") {
        let days = LEAD_KEYS.iter().find_map(|key| entry.decimal(key).ok().flatten());
        let days = days.and_then(|days| i32::try_from(days).ok()).filter(|days| (0..=MAX_LEAD_DAYS).contains(days));
        if let (Ok(Some(vendor)), Some(days)) = (entry.any_text(VENDOR_KEYS), days) {
            lead.insert(vendor.to_owned(), days);
        }
    }
    let mut preferred = Vec::new();
    for entry in lenient(fields, "preferredVendorDetails") {
        if let Ok(Some(vendor)) = entry.any_text(VENDOR_KEYS) {
            let first = entry.flag("preferred").ok().flatten().unwrap_or(false);
            preferred.push((!first, vendor.to_owned()));
        }
    }
    preferred.sort_by_key(|(later, _)| *later);
    let reorder = fields.text("reorderVendorCode")?.map(str::to_owned);
    let mut known = BTreeSet::new();
    let named = preferred.into_iter().map(|(_, vendor)| vendor).chain(reorder).filter(|one| known.insert(one.clone()));
    Ok(named.map(|vendor| VendorLead { lead_days: lead.get(&vendor).copied().unwrap_or(0), vendor }).collect())
}

/// The objects of a list that nobody documents; anything else in it is passed over.
fn lenient<'a>(fields: &Fields<'a>, key: &str) -> Vec<Fields<'a>> {
    let entries = fields.get(key).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    entries.iter().filter_map(|entry| Fields::of(entry, key).ok()).collect()
}

/// The offers of a product's vendors. The host has one purchase price, in base currency, which is what its own form
/// puts on an order: it is the price of every vendor who is paid in that currency.
pub(super) fn offers(product: &Product, vendors: &[Contact], base_currency: Option<&str>) -> Vec<VendorOffer> {
    let offer = |(lead, rank): (&VendorLead, i32)| {
        let contact = vendors.iter().find(|contact| contact.id == lead.vendor);
        let currency = contact.and_then(|contact| contact.currency.as_deref()).or(base_currency);
        let price = product.item.cost.filter(|_| currency == base_currency);
        VendorOffer {
            item: product.item.id.clone(),
            vendor: lead.vendor.clone(),
            rank,
            lead_days: lead.lead_days,
            min_qty: Decimal::ZERO,
            multiple: Decimal::ZERO,
            max_qty: None,
            unit: None,
            unit_factor: None,
            currency: currency.map(str::to_owned),
            prices: price
                .map(|price| PriceTier { from_qty: Decimal::ZERO, price, valid_from: None, valid_to: None })
                .into_iter()
                .collect(),
        }
    };
    product.vendors.iter().zip(1..).map(offer).collect()
}

/// How "available" is to be read, as far as it is known of this company (option `available_is`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Available {
    Unknown,
    OnHand,
    LessReserved,
}

/// What is physically there. Not proven: whether available is what lies there, or that less the reservations.
/// Counting reserved goods on top would promise goods twice if it is the first; leaving them out would buy for an order
/// that has its goods set aside if it is the second. The larger of the two figures is right in the first case (nothing
/// more than what is there can be reserved) and never more than what is there in the second.
pub(super) fn on_hand(available: Decimal, reserved: Decimal, meaning: Available) -> Decimal {
    match meaning {
        Available::OnHand => available,
        Available::LessReserved => available + reserved,
        Available::Unknown => available.max(reserved),
    }
}

/// The stock of the items asked for, from the answer of `warehouse-products-code`.
pub(super) fn stock(
    fields: &Fields<'_>,
    items: &BTreeSet<String>,
    meaning: Available,
) -> Result<Vec<StockLevel>, Misfit> {
    let mut levels = Vec::new();
    for warehouse in fields.objects("warehouses")? {
        let code = warehouse.text("code")?.ok_or_else(|| warehouse.misfit("code", "missing"))?;
        let maps = (warehouse.object("productAvailableQuantity")?, warehouse.object("productReservedQuantity")?);
        let figure = |map: &Option<Fields<'_>>, item: &str| match map {
            Some(map) => map.decimal(item).map(Option::unwrap_or_default),
            None => Ok(Decimal::ZERO),
        };
        for item in items {
            let on_hand = on_hand(figure(&maps.0, item)?, figure(&maps.1, item)?, meaning);
            if !on_hand.is_zero() {
                let (item, warehouse) = (item.clone(), code.to_owned());
                levels.push(StockLevel { item, warehouse, on_hand: on_hand.normalize(), held: Decimal::ZERO });
            }
        }
    }
    Ok(levels)
}

/// A warehouse. Rejected goods, goods in quality control or at a job worker cannot be sold; of a type that we do not
/// know, nothing is promised.
pub(super) fn warehouse(fields: &Fields<'_>) -> Result<Warehouse, Misfit> {
    let id = fields.text("code")?.ok_or_else(|| fields.misfit("code", "missing"))?;
    let active = fields.flag("active")?.unwrap_or(true);
    let kind = fields.text("warehouseType")?;
    let sold_from = active && matches!(kind, None | Some("PRIMARY" | "NONE"));
    Ok(Warehouse {
        id: id.to_owned(),
        name: wire::text(fields, "name")?,
        use_as: if sold_from { WarehouseUse::Stock } else { WarehouseUse::NotStock },
        primary: fields.flag("primary")?.unwrap_or(false) || kind == Some("PRIMARY"),
    })
}

/// A customer or vendor; its shipping address, else its billing address, the preferred one first.
pub(super) fn contact(fields: &Fields<'_>) -> Result<Contact, Misfit> {
    let id = fields.text("code")?.ok_or_else(|| fields.misfit("code", "missing"))?;
    let mut addresses = fields.objects("shippingAddress")?;
    addresses.extend(fields.objects("billingAddress")?);
    let preferred = addresses.iter().position(|address| address.flag("preferred").ok().flatten() == Some(true));
    let address = addresses.get(preferred.unwrap_or(0)).map(wire::read_address).transpose()?;
    Ok(Contact {
        id: id.to_owned(),
        name: wire::text(fields, "name")?,
        email: fields.text("emailId")?.map(str::to_owned),
        language: None,
        is_vendor: fields.flag("vendor")?.unwrap_or(false),
        is_customer: fields.flag("customer")?.unwrap_or(false),
        blocked: fields.text("status")? == Some("INACTIVE") || fields.flag("deleted")?.unwrap_or(false),
        currency: fields.text("currencyCode")?.map(str::to_owned),
        address: address.unwrap_or_else(Address::default),
    })
}
