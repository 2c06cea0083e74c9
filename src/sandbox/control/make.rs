//! The control calls that make and move things, each by the same code as the pages and the API.

use actix_web::web::{Data, Json, ServiceConfig, post};
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::Answer;
use crate::sandbox::number;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{
    Address, Adjustment, Company, Component, Contact, Item, ItemKind, NewSale, NewSaleLine, Refusal, SaleEdit,
    SaleKind, Status, World,
};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sandbox/sales", post().to(sell))
        .route("/sandbox/edit", post().to(edit))
        .route("/sandbox/fulfil", post().to(fulfil))
        .route("/sandbox/cancel", post().to(cancel))
        .route("/sandbox/reopen", post().to(reopen))
        .route("/sandbox/delete", post().to(remove))
        .route("/sandbox/issue", post().to(issue))
        .route("/sandbox/receive", post().to(receive))
        .route("/sandbox/undo-receipt", post().to(undo_receipt))
        .route("/sandbox/stock", post().to(stock))
        .route("/sandbox/items", post().to(item))
        .route("/sandbox/contacts", post().to(contact));
}

/// The company that is meant: the one named, or the first.
pub(super) fn company_id(world: &World, named: Option<i64>) -> Result<i64, Refusal> {
    let id = named.or_else(|| world.companies.first().map(|company| company.id));
    let id = id.ok_or_else(|| Refusal::missing("a company"))?;
    world.company(id).map(|company| company.id)
}

/// Reads members of a control call's body.
struct Body<'a>(&'a Value);

impl<'a> Body<'a> {
    fn value(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<&'a str, Refusal> {
        self.optional_text(name).ok_or_else(|| Refusal::Fields(vec![(name.to_owned(), "is required".to_owned())]))
    }

    fn optional_text(&self, name: &str) -> Option<&'a str> {
        self.value(name).and_then(Value::as_str)
    }

    fn flag(&self, name: &str) -> bool {
        self.value(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn decimal(&self, name: &str) -> Result<Option<Decimal>, Refusal> {
        let wrong = || Refusal::Fields(vec![(name.to_owned(), "is not a number".to_owned())]);
        self.value(name).map(|value| number::decimal(value).ok_or_else(wrong)).transpose()
    }

    /// A date as 2026-12-08.
    fn date(&self, name: &str) -> Result<Option<Date>, Refusal> {
        let wrong = || Refusal::Fields(vec![(name.to_owned(), "is not a date as 2026-12-08".to_owned())]);
        self.optional_text(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
    }

    fn list(&self, name: &str) -> impl Iterator<Item = Body<'a>> {
        self.value(name).and_then(Value::as_array).into_iter().flatten().map(Body)
    }

    fn address(&self, name: &str) -> Result<Option<Address>, Refusal> {
        self.value(name).cloned().map(super::read).transpose()
    }

    /// `[{"line": …, "quantity": …}]`
    fn quantities(&self, name: &str) -> Result<Vec<(String, Decimal)>, Refusal> {
        let missing = || Refusal::Fields(vec![("quantity".to_owned(), "is required".to_owned())]);
        self.list(name)
            .map(|one| Ok((one.text("line")?.to_owned(), one.decimal("quantity")?.ok_or_else(missing)?)))
            .collect()
    }
}

/// Runs a control call on the company that it names.
fn on_company(
    shared: &Shared,
    body: &Value,
    act: impl FnOnce(&mut Company, Body<'_>, jiff::Timestamp) -> Result<Value, Refusal>,
) -> Answer {
    let named = body.get("company").and_then(Value::as_i64);
    let id = shared.read(|world| company_id(world, named))?;
    Ok(Json(shared.change_company(id, |company, now| act(company, Body(body), now))?))
}

fn item_code(company: &Company, key: &str) -> Result<String, Refusal> {
    let named = |item: &&Item| item.code == key || item.sku == key || item.name == key;
    company
        .items
        .iter()
        .find(named)
        .map(|item| item.code.clone())
        .ok_or_else(|| Refusal::missing(format!("item {key}")))
}

fn contact_code(company: &Company, key: &str) -> Result<String, Refusal> {
    let found = company.contacts.iter().find(|one| one.code == key || one.name == key);
    found.map(|one| one.code.clone()).ok_or_else(|| Refusal::missing(format!("contact {key}")))
}

fn warehouse_code(company: &Company, key: Option<&str>) -> Result<String, Refusal> {
    let Some(key) = key else { return Ok(company.primary_warehouse()?.code.clone()) };
    let found = company.warehouses.iter().find(|one| one.code == key || one.name == key);
    found.map(|one| one.code.clone()).ok_or_else(|| Refusal::missing(format!("warehouse {key}")))
}

fn sale_lines<'a>(company: &Company, lines: impl Iterator<Item = Body<'a>>) -> Result<Vec<NewSaleLine>, Refusal> {
    let missing = || Refusal::Fields(vec![("quantity".to_owned(), "is required".to_owned())]);
    lines
        .map(|line| {
            let item = item_code(company, line.text("item")?)?;
            let quantity = line.decimal("quantity")?.ok_or_else(missing)?;
            let packing = company.item(&item)?.packing.clone().filter(|_| line.flag("packed"));
            let factor = packing.as_ref().map_or(Decimal::ONE, |packing| packing.factor);
            let unit_price = line.decimal("price")?;
            Ok(NewSaleLine { item, quantity: quantity * factor, unit_price, packing, from_line: None })
        })
        .collect()
}

fn sale_state(company: &Company, code: &str) -> Result<Value, Refusal> {
    let sale = company.sale(None, code)?;
    Ok(json!({
        "id": sale.id,
        "code": sale.code,
        "number": sale.number,
        "status": sale.status,
        "lines": sale.lines.iter().map(|line| &line.code).collect::<Vec<_>>(),
    }))
}

/// `{kind: quotation|sales_order|invoice, customer, lines: [{item, quantity, price?, packed?}], need_by?, warehouse?,
/// ship_to?, memo?, draft?, drop_ship?, from?}`; a packed line's quantity is in the item's other unit.
async fn sell(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let kind: SaleKind = super::read(json!(body.text("kind")?))?;
        let from = body.optional_text("from").map(|code| company.sale(None, code).cloned()).transpose()?;
        let customer = match (body.optional_text("customer"), &from) {
            (Some(key), _) => contact_code(company, key)?,
            (None, Some(from)) => from.customer.clone(),
            (None, None) => return Err(Refusal::Fields(vec![("customer".to_owned(), "is required".to_owned())])),
        };
        let new = NewSale {
            kind,
            customer,
            warehouse: Some(warehouse_code(company, body.optional_text("warehouse"))?),
            date: body.date("date")?,
            need_by: body.date("need_by")?,
            ship_to: body.address("ship_to")?,
            memo: body.optional_text("memo").unwrap_or_default().to_owned(),
            draft: body.flag("draft"),
            drop_ship: body.flag("drop_ship"),
            from: from.map(|from| from.code),
            lines: sale_lines(company, body.list("lines"))?,
        };
        let code = company.create_sale(new, now)?;
        sale_state(company, &code)
    })
}

/// A sale: `{code, lines?: [{line, quantity}], add?: [{item, quantity}], short_close?: [{line, quantity}], need_by?,
/// ship_to?, status?}`. A purchase order: `{code, lines: [{line, quantity}]}`.
async fn edit(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let code = body.text("code")?;
        if company.purchase_order(code).is_ok() {
            for (line, quantity) in body.quantities("lines")? {
                company.edit_purchase_order_line(code, &line, quantity, now)?;
            }
            return Ok(json!({ "code": code }));
        }
        let status = body.optional_text("status").map(|name| {
            Status::parse(name).ok_or_else(|| Refusal::Fields(vec![("status".to_owned(), format!("{name}?"))]))
        });
        let edit = SaleEdit {
            quantities: body.quantities("lines")?,
            add: sale_lines(company, body.list("add"))?,
            need_by: body.date("need_by")?,
            ship_to: body.address("ship_to")?,
            status: status.transpose()?,
            short_close: body.quantities("short_close")?,
        };
        company.edit_sale(code, edit, now)?;
        sale_state(company, code)
    })
}

/// `{code, lines?: [{line, quantity}]}`: delivers from stock, everything that is open if no line is named.
async fn fulfil(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let fulfilment = company.fulfil(body.text("code")?, &body.quantities("lines")?, now)?;
        Ok(json!({ "fulfilment": fulfilment }))
    })
}

fn set_status(company: &mut Company, code: &str, status: Status, now: jiff::Timestamp) -> Result<Value, Refusal> {
    if company.purchase_order(code).is_ok() {
        company.set_purchase_order_status(code, status, now)?;
    } else {
        company.edit_sale(code, SaleEdit { status: Some(status), ..SaleEdit::default() }, now)?;
    }
    Ok(json!({ "code": code, "status": status }))
}

/// `{code}` of a sale or purchase order: closed; what is open stays undelivered, what did not come will not come.
async fn cancel(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| set_status(company, body.text("code")?, Status::Closed, now))
}

async fn reopen(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| set_status(company, body.text("code")?, Status::Open, now))
}

/// `{code}` of a draft: it is open from now on.
async fn issue(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| set_status(company, body.text("code")?, Status::Open, now))
}

/// `{code}` of a sale or purchase order that nothing was delivered or received of.
async fn remove(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, _| {
        let code = body.text("code")?;
        if company.purchase_order(code).is_ok() {
            company.delete_purchase_order(code)?;
        } else {
            company.delete_sale(code)?;
        }
        Ok(json!({ "code": code }))
    })
}

/// `{code, lines?: [{line, quantity}], warehouse?}`: goods of a purchase order come in, all of them if no line is named;
/// for a drop shipment, the vendor has shipped.
async fn receive(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let warehouse = body.optional_text("warehouse").map(|key| warehouse_code(company, Some(key))).transpose()?;
        let receipt = company.receive(body.text("code")?, &body.quantities("lines")?, warehouse.as_deref(), now)?;
        Ok(json!({ "receipt": receipt }))
    })
}

/// `{receipt}`
async fn undo_receipt(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let order = company.undo_receipt(body.text("receipt")?, now)?;
        Ok(json!({ "purchase_order": order }))
    })
}

/// `{item, by | to, warehouse?}`
async fn stock(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, _| {
        let item = item_code(company, body.text("item")?)?;
        let warehouse = warehouse_code(company, body.optional_text("warehouse"))?;
        let adjustment = match (body.decimal("by")?, body.decimal("to")?) {
            (Some(by), None) => Adjustment::By(by),
            (None, Some(to)) => Adjustment::To(to),
            _ => return Err(Refusal::invalid("say by or to, one of them")),
        };
        let on_hand = company.adjust_stock(&warehouse, &item, adjustment)?;
        Ok(json!({ "item": item, "warehouse": warehouse, "on_hand": on_hand }))
    })
}

/// `{name, sku?, type?: TRACKED|NONTRACKED|BILL_OF_MATERIALS, cost?, price?, vendor?, lead_days?, stock?,
/// components?: [{item, quantity}]}`
async fn item(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let (id, code) = company.next_code("P");
        let parts = body.list("components").map(|part| {
            let item = item_code(company, part.text("item")?)?;
            Ok::<_, Refusal>(Component { item, quantity: part.decimal("quantity")?.unwrap_or(Decimal::ONE) })
        });
        let components = parts.collect::<Result<Vec<_>, _>>()?;
        let kind = if components.is_empty() { "TRACKED" } else { "BILL_OF_MATERIALS" };
        let kind: ItemKind = super::read(json!(body.optional_text("type").unwrap_or(kind)))?;
        let lead = body.value("lead_days").and_then(Value::as_u64).and_then(|days| u32::try_from(days).ok());
        let new = Item {
            id,
            sku: body.optional_text("sku").unwrap_or(&code).to_owned(),
            name: body.text("name")?.to_owned(),
            kind,
            uom: company.uoms.first().map_or(1, |uom| uom.id),
            packing: None,
            purchase_price: body.decimal("cost")?.unwrap_or(Decimal::TEN),
            sales_price: body.decimal("price")?.unwrap_or(Decimal::from(20)),
            vendor: body.optional_text("vendor").map(|key| contact_code(company, key)).transpose()?,
            lead_days: lead,
            components,
            active: true,
            created: now,
            code: code.clone(),
        };
        company.items.push(new);
        if let Some(stock) = body.decimal("stock")? {
            let warehouse = warehouse_code(company, None)?;
            company.adjust_stock(&warehouse, &code, Adjustment::To(stock))?;
        }
        Ok(json!({ "code": code }))
    })
}

/// `{name, email?, customer?, vendor?, currency?, address?}`
async fn contact(shared: Data<Shared>, body: Json<Value>) -> Answer {
    on_company(&shared, &body, |company, body, now| {
        let (id, code) = company.next_code("C");
        let address = body.address("address")?.unwrap_or_default();
        company.contacts.push(Contact {
            id,
            code: code.clone(),
            name: body.text("name")?.to_owned(),
            email: body.optional_text("email").unwrap_or_default().to_owned(),
            currency: body.optional_text("currency").unwrap_or(&company.currency).to_owned(),
            customer: body.flag("customer"),
            vendor: body.flag("vendor"),
            active: true,
            billing: address.clone(),
            shipping: address,
            created: now,
        });
        Ok(json!({ "code": code }))
    })
}
