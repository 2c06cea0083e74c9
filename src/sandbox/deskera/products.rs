//! Products and units of measure on the wire.
//!
//! `preferredVendorDetails` and `leadTimeDetails` are lists of objects that are not documented; the sandbox sends
//! `{contactCode, contactName, preferred}` and `{contactCode, leadTime}` with days.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Route, ok};
use super::listing::{self, Row};
use crate::sandbox::number;
use crate::sandbox::state::{Company, Item, ItemKind, Uom};

/// The table below `/v1/products` that is not receipts, fulfilment or inventories.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("GET", []) => Route::Read(list, ""),
        ("POST", ["code", "details"] | ["details"]) => Route::Read(details, ""),
        ("POST", ["doc-seq-codes"]) => Route::Read(details_by_number, ""),
        ("POST", ["info"]) => Route::Read(info, ""),
        ("GET", ["brief"]) => Route::Read(briefs, ""),
        ("GET", ["brief-search"]) => Route::Read(search_briefs, ""),
        ("GET", ["uom"]) => Route::Read(uoms, ""),
        ("GET", ["uom-schema", "active"]) => Route::Read(uom_schemas, ""),
        _ => return None,
    })
}

/// What the documentation calls the product's type.
fn type_name(item: &Item) -> &'static str {
    match item.kind {
        ItemKind::Tracked => "TRACKED",
        ItemKind::Nontracked => "NONTRACKED",
        ItemKind::BillOfMaterials => "BILL_OF_MATERIALS",
    }
}

fn product(company: &Company, item: &Item) -> Value {
    let vendor = item.vendor.as_deref().and_then(|code| company.contact(code).ok());
    let preferred = vendor.map(|one| json!({ "contactCode": one.code, "contactName": one.name, "preferred": true }));
    let lead = vendor.zip(item.lead_days).map(|(one, days)| json!({ "contactCode": one.code, "leadTime": days }));
    json!({
        "id": item.id,
        "productId": item.code,
        "documentSequenceCode": item.sku,
        "name": item.name,
        "description": item.name,
        "type": type_name(item),
        "productTransactionType": "BOTH",
        "active": item.active,
        "deleted": false,
        "isArchived": !item.active,
        "hasVariants": false,
        "advancedTracking": "NONE",
        "purchasePrice": number::json(item.purchase_price),
        "salesPrice": number::json(item.sales_price),
        "stockUom": item.uom,
        "uomSchema": item.uom,
        "uomSchemaDto": uom_schema(company, item),
        "multipleUomSchema": item.packing.is_some(),
        "reorderVendorCode": item.vendor,
        "reorderVendorName": vendor.map(|vendor| vendor.name.as_str()),
        "preferredVendorDetails": preferred.into_iter().collect::<Vec<_>>(),
        "leadTimeDetails": lead.into_iter().collect::<Vec<_>>(),
        "bomProductsConfiguration": components(company, item),
        "incomingQty": number::json(company.incoming(&item.code)),
        "outgoingQty": number::json(company.outgoing(&item.code)),
        "inventoryWarehouseDetails": by_warehouse(company, item),
    })
}

fn by_warehouse(company: &Company, item: &Item) -> Value {
    let row = |warehouse: &crate::sandbox::state::Warehouse| {
        json!({
            "warehouseCode": warehouse.code,
            "availableQuantity": number::json(company.available(&warehouse.code, &item.code)),
        })
    };
    company.warehouses.iter().map(row).collect()
}

fn components(company: &Company, item: &Item) -> Value {
    let one = |component: &crate::sandbox::state::Component| {
        let part = company.item(&component.item).ok();
        json!({
            "itemId": part.map(|part| part.id),
            "itemName": part.map(|part| part.name.as_str()),
            "productCode": component.item,
            "quantity": number::json(component.quantity),
            "stockUom": part.map(|part| part.uom),
            "produceProductType": "NONE",
        })
    };
    item.components.iter().map(one).collect()
}

fn uom_schema(company: &Company, item: &Item) -> Value {
    let definitions = item.packing.iter().map(|packing| {
        json!({
            "sourceUOM": packing.uom,
            "sourceConversionFactor": 1,
            "sinkUOM": item.uom,
            "sinkConversionFactor": number::json(packing.factor),
        })
    });
    json!({
        "id": item.uom,
        "name": company.uom_name(item.uom),
        "active": true,
        "baseUOM": company.uoms.iter().find(|uom| uom.id == item.uom).map(uom),
        "uomSchemaDefinitions": definitions.collect::<Vec<_>>(),
    })
}

fn uom(uom: &Uom) -> Value {
    json!({ "id": uom.id, "name": uom.name, "description": uom.name, "active": true })
}

fn list(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let vendor = call.param("contactCode").filter(|code| !code.is_empty());
    let items = company.items.iter().filter(|item| vendor.is_none() || item.vendor.as_deref() == vendor);
    let rows = items.map(|item| Row::master(item.id, item.created, || product(company, item))).collect();
    listing::page(rows, call)
}

/// `ProductDetails`, as a list: the documentation leaves the form open.
fn details_of(company: &Company, item: &Item) -> Value {
    json!({
        "id": item.id,
        "pid": item.code,
        "documentSequenceCode": item.sku,
        "name": item.name,
        "description": item.name,
        "type": type_name(item),
        "active": item.active,
        "availableQuantity": number::json(company.available_everywhere(&item.code)),
        "reservedQuantity": number::json(company.reserved_everywhere(&item.code)),
        "purchasePrice": number::json(item.purchase_price),
        "salesPrice": number::json(item.sales_price),
        "stockUom": item.uom,
        "uomSchema": item.uom,
        "uomSchemaDto": uom_schema(company, item),
        "bomItems": item.components.iter().map(|one| (one.item.clone(), number::json(one.quantity))).collect::<Value>(),
    })
}

fn details(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.codes()?;
    let items = company.items.iter().filter(|item| codes.contains(&item.code.as_str()));
    ok(items.map(|item| details_of(company, item)).collect())
}

fn details_by_number(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let numbers = call.codes()?;
    let items = company.items.iter().filter(|item| numbers.contains(&item.sku.as_str()));
    ok(items.map(|item| details_of(company, item)).collect())
}

/// `ProductInformation`: the product with its totals over all warehouses, without its vendors and lead times.
fn info(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.codes()?;
    let items = company.items.iter().filter(|item| codes.contains(&item.code.as_str()));
    let one = |item: &Item| {
        json!({
            "id": item.id,
            "productId": item.code,
            "documentSequenceCode": item.sku,
            "name": item.name,
            "type": type_name(item),
            "active": item.active,
            "availableQuantity": number::json(company.available_everywhere(&item.code)),
            "reservedQuantity": number::json(company.reserved_everywhere(&item.code)),
            "incomingQty": number::json(company.incoming(&item.code)),
            "outgoingQty": number::json(company.outgoing(&item.code)),
            "inventoryWarehouseDetails": by_warehouse(company, item),
            "purchasePrice": number::json(item.purchase_price),
            "stockUom": item.uom,
            "uomSchema": item.uom,
            "uomSchemaDto": uom_schema(company, item),
            "reorderVendorCode": item.vendor,
            "reorderVendorName": item.vendor.as_deref().and_then(|code| company.contact(code).ok()).map(|one| &one.name),
            "bomProductsConfiguration": components(company, item),
        })
    };
    ok(items.map(one).collect())
}

fn brief(company: &Company, item: &Item) -> Value {
    let mut details = details_of(company, item);
    if let Some(members) = details.as_object_mut() {
        members.remove("bomItems");
    }
    super::wire::joined(
        details,
        json!({
            "product_transaction_type": "BOTH",
            "bomProductsConfiguration": components(company, item),
            "incomingQty": number::json(company.incoming(&item.code)),
            "outgoingQty": number::json(company.outgoing(&item.code)),
        }),
    )
}

fn briefs(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    ok(company.items.iter().map(|item| brief(company, item)).collect())
}

fn search_briefs(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let search = call.param("search").unwrap_or_default().to_lowercase();
    let found = company.items.iter().filter(|item| {
        [&item.name, &item.sku, &item.code].into_iter().any(|text| text.to_lowercase().contains(&search))
    });
    ok(found.map(|item| brief(company, item)).collect())
}

fn uoms(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    ok(company.uoms.iter().map(uom).collect())
}

fn uom_schemas(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    ok(company.items.iter().map(|item| uom_schema(company, item)).collect())
}
