//! Contacts, custom fields and the organisation on the wire.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Route, ok};
use super::listing::{self, Row};
use super::wire;
use crate::sandbox::state::{Company, CustomField, Refusal};

/// Digits after the point that the organisation shows.
const DECIMAL_SCALE: u32 = 2;

/// The table of `/v1/contacts`, `/v1/dimension`, `/v1/tenants` and `/v1/rel-txn`.
pub(super) fn route<'a>(method: &str, path: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, path) {
        ("GET", ["contacts"]) => Route::Read(list_contacts, ""),
        ("POST", ["contacts", "codes"]) => Route::Read(contacts_by_code, ""),
        ("GET", ["contacts", "code", key] | ["contacts", key]) => Route::Read(contact, key),
        ("GET", ["dimension"]) => Route::Read(list_fields, ""),
        ("POST", ["dimension", "custom-fields-by-modules"]) => Route::Read(fields_by_module, ""),
        ("GET", ["dimension", "supported-modules"]) => Route::Read(modules, ""),
        ("GET", ["tenants", "details" | "contact-info"]) => Route::Read(organisation, ""),
        ("GET", ["tenants", id, "settings", "info"]) => Route::Read(basic_info, id),
        ("GET", ["tenants", id]) => Route::Read(organisation, id),
        ("GET", ["rel-txn"]) => Route::Read(relations, ""),
        _ => return None,
    })
}

fn list_contacts(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let rows = company.contacts.iter().map(|one| Row::master(one.id, one.created, || wire::contact(one)));
    listing::page(rows.collect(), call)
}

fn contact(company: &Company, _: &Call<'_>, key: &str) -> Outcome {
    let id = key.parse::<i64>().ok();
    let found = company.contacts.iter().find(|one| one.code == key || id == Some(one.id));
    ok(wire::contact(found.ok_or_else(|| Refusal::missing(format!("contact {key}")))?))
}

fn contacts_by_code(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.codes()?;
    let found = company.contacts.iter().filter(|one| codes.contains(&one.code.as_str()));
    ok(found.map(wire::contact).collect())
}

fn list_fields(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let definition = |field: &CustomField| {
        json!({
            "id": field.id,
            "code": format!("CF-{}", field.id),
            "label": field.label,
            "appName": "ERP",
            "fieldType": "TEXT",
            "maxLength": 100,
            "mandatory": false,
            "modules": field.modules,
            "status": "ACTIVE",
        })
    };
    let at = jiff::Timestamp::UNIX_EPOCH;
    let rows = company.custom_fields.iter().map(|field| Row::master(field.id, at, || definition(field)));
    listing::page(rows.collect(), call)
}

/// One entry for each field and each module asked for that has it.
fn fields_by_module(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let modules = call.body.get("modules").and_then(Value::as_array);
    let modules = modules.ok_or_else(|| Refusal::Fields(vec![("modules".to_owned(), "is required".to_owned())]))?;
    let mut found = Vec::new();
    for module in modules.iter().filter_map(Value::as_str) {
        for field in company.custom_fields.iter().filter(|field| field.modules.iter().any(|one| one == module)) {
            found.push(json!({ "id": field.id, "label": field.label, "module": module, "fieldType": "TEXT" }));
        }
    }
    ok(Value::Array(found))
}

fn modules(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    let mut modules: Vec<&str> =
        company.custom_fields.iter().flat_map(|one| &one.modules).map(String::as_str).collect();
    modules.sort_unstable();
    modules.dedup();
    ok(json!(modules))
}

fn check_tenant(company: &Company, id: &str) -> Result<(), Refusal> {
    if id.is_empty() || id == company.id.to_string() {
        Ok(())
    } else {
        Err(Refusal::Forbidden(format!("the access token is not for tenant {id}")))
    }
}

fn organisation(company: &Company, _: &Call<'_>, id: &str) -> Outcome {
    check_tenant(company, id)?;
    ok(json!({
        "id": company.id,
        "name": company.name,
        "country": company.country,
        "currency": company.currency,
        "timezone": company.timezone,
        "dateFormat": "dd-MM-yyyy",
        "decimalScale": DECIMAL_SCALE,
        "allowNegativeInventory": company.settings.allow_negative_stock,
        "multicurrencyEnabled": false,
        "orgSetupCompleted": true,
        "address": wire::address(&company.address),
        "billingAddresses": [wire::address(&company.address)],
        "shippingAddresses": [wire::address(&company.address)],
    }))
}

fn basic_info(company: &Company, _: &Call<'_>, id: &str) -> Outcome {
    check_tenant(company, id)?;
    ok(json!({
        "name": company.name,
        "baseCurrency": company.currency,
        "timezone": company.timezone,
        "multicurrencyEnabled": false,
        "inventorySettings": { "allowNegativeInventory": company.settings.allow_negative_stock },
        "billingAddresses": [wire::address(&company.address)],
        "shippingAddresses": [wire::address(&company.address)],
    }))
}

/// The documents that one document is linked with; the first of them, as the model is a single one.
fn relations(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let code = call.required_param("documentCode")?;
    let links = match company.purchase_order(code) {
        Ok(order) => &order.links,
        Err(_) => &company.sale(None, code)?.links,
    };
    ok(match links.first() {
        Some(link) => json!({ "documentCode": link.code, "documentType": link.document_type, "order": 1 }),
        None => json!({}),
    })
}
