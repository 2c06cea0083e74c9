//! Shapes that several documents share, between Deskera's JSON and the model.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::Reader;
use crate::sandbox::number;
use crate::sandbox::state::{Address, Company, Contact, CustomValue, Item, ItemKind, Link, Packing, Refusal};

/// `dd-MM-yyyy`.
pub(super) fn date(date: Date) -> String {
    date.strftime("%d-%m-%Y").to_string()
}

pub(super) fn parse_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| Date::strptime("%d-%m-%Y", text).ok()).flatten()
}

pub(super) fn address(address: &Address) -> Value {
    json!({
        "address1": address.address1,
        "address2": address.address2,
        "city": address.city,
        "contactName": address.contact,
        "country": address.country,
        "emailId": address.email,
        "mobileNumber": address.phone,
        "postalCode": address.postal_code,
        "state": address.state,
    })
}

pub(super) fn parse_address(value: &Value) -> Address {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Address {
        contact: text("contactName"),
        address1: text("address1"),
        address2: text("address2"),
        city: text("city"),
        state: text("state"),
        postal_code: text("postalCode"),
        country: text("country"),
        email: text("emailId"),
        phone: text("mobileNumber"),
    }
}

pub(super) fn links(links: &[Link]) -> Value {
    links.iter().map(link).collect()
}

pub(super) fn link(link: &Link) -> Value {
    json!({
        "documentCode": link.code,
        "documentSequenceCode": link.number,
        "documentType": link.document_type,
    })
}

pub(super) fn parse_links(value: &Value) -> Result<Vec<Link>, Refusal> {
    let items = value.as_array().ok_or_else(|| Refusal::invalid("linkedDocuments must be a list"))?;
    items.iter().map(parse_link).collect()
}

pub(super) fn parse_link(value: &Value) -> Result<Link, Refusal> {
    let mut reader = Reader::new(value, "documentInfo.");
    reader.require("documentCode");
    reader.require("documentType");
    let link = Link {
        code: reader.text("documentCode").unwrap_or_default(),
        number: reader.text("documentSequenceCode").unwrap_or_default(),
        document_type: reader.text("documentType").unwrap_or_default(),
    };
    reader.finish()?;
    Ok(link)
}

pub(super) fn custom(values: &[CustomValue]) -> Value {
    let one = |value: &CustomValue| {
        json!({
            "id": value.id,
            "label": value.label,
            "module": value.module,
            "fieldType": "TEXT",
            "value": value.value,
        })
    };
    values.iter().map(one).collect()
}

/// Sets the values of that list in `values`; a field that the company does not have in that module is refused.
pub(super) fn merge_custom(
    company: &Company,
    module: &str,
    list: &Value,
    values: &mut Vec<CustomValue>,
) -> Result<(), Refusal> {
    let list = list.as_array().ok_or_else(|| Refusal::invalid("customField must be a list"))?;
    for sent in list {
        let id = sent.get("id").and_then(Value::as_i64);
        let label = sent.get("label").and_then(Value::as_str);
        let known = company.custom_fields.iter().find(|field| {
            id.map_or(label == Some(&field.label), |id| field.id == id) && field.modules.iter().any(|one| one == module)
        });
        let name = label.unwrap_or("without a label");
        let field = known.ok_or_else(|| Refusal::invalid(format!("no custom field {name} in module {module}")))?;
        let value = CustomValue {
            id: field.id,
            label: field.label.clone(),
            module: module.to_owned(),
            value: sent.get("value").cloned().unwrap_or(Value::Null),
        };
        values.retain(|one| one.id != field.id);
        if !value.text().is_empty() {
            values.push(value);
        }
    }
    Ok(())
}

/// The unit of a document line: `1 source = factor sink`, the sink being the stock unit.
pub(super) fn uom_definition(company: &Company, item: &Item, packing: Option<&Packing>) -> Value {
    let (source, factor) = packing.map_or((item.uom, Decimal::ONE), |packing| (packing.uom, packing.factor));
    json!({
        "name": company.uom_name(source),
        "schemaId": item.uom,
        "sourceUOM": source,
        "sourceConversionFactor": 1,
        "sinkUOM": item.uom,
        "sinkConversionFactor": number::json(factor),
    })
}

/// The quantities, unit and price of a line, as its document prints them.
pub(super) fn line_units(
    company: &Company,
    item: &str,
    packing: Option<&Packing>,
    amounts: (Decimal, Decimal),
) -> Value {
    let (quantity, price) = amounts;
    let factor = packing.map_or(Decimal::ONE, |packing| packing.factor);
    let Ok(item) = company.item(item) else { return json!({}) };
    json!({
        "documentUom": packing.map_or(item.uom, |packing| packing.uom),
        "documentUOMSchemaDefinition": uom_definition(company, item, packing),
        "productQuantity": number::json(quantity),
        "unitPrice": number::json(price),
        "uomQuantity": number::json((quantity / factor).normalize()),
        "uomUnitPrice": number::json(price * factor),
    })
}

/// The members of both objects; those of the second win.
pub(super) fn joined(first: Value, second: Value) -> Value {
    match (first, second) {
        (Value::Object(mut first), Value::Object(second)) => {
            first.extend(second);
            Value::Object(first)
        }
        (first, _) => first,
    }
}

pub(super) fn line_type(kind: ItemKind) -> &'static str {
    match kind {
        ItemKind::Tracked | ItemKind::BillOfMaterials => "TRACKED",
        ItemKind::Nontracked => "NONTRACKED",
    }
}

pub(super) fn contact_info(contact: &Contact) -> Value {
    json!({ "name": contact.name, "address": contact.billing.line() })
}

pub(super) fn contact(contact: &Contact) -> Value {
    json!({
        "id": contact.id,
        "code": contact.code,
        "documentSequenceCode": contact.code,
        "name": contact.name,
        "emailId": contact.email,
        "currencyCode": contact.currency,
        "customer": contact.customer,
        "vendor": contact.vendor,
        "status": if contact.active { "ACTIVE" } else { "INACTIVE" },
        "deleted": false,
        "billingAddress": [address(&contact.billing)],
        "shippingAddress": [address(&contact.shipping)],
        "paymentTerm": "Net 30",
    })
}
