//! Sales orders on the wire, in whichever of the two documented shapes the company's setting asks for.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Reader, Route, created, ok};
use super::listing::{self, Row};
use super::sales::{self, SALES, made_from};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{
    Company, Link, NewSale, NewSaleLine, Refusal, Sale, SaleKind, SaleLine, SalesOrderShape, Status,
};

const KIND: SaleKind = SaleKind::SalesOrder;

/// The table below `/v1/orders/sales`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("GET", []) => Route::Read(list, ""),
        ("POST", []) => Route::Write(SALES, create, ""),
        ("PATCH", []) => Route::Write(SALES, patch, ""),
        ("GET", ["linked-quotation", code]) => Route::Read(of_quotation, code),
        ("GET", ["code", key] | [key]) => Route::Read(get, key),
        _ => return None,
    })
}

fn order(company: &Company, sale: &Sale) -> Value {
    match company.settings.sales_order_shape {
        SalesOrderShape::New => new_shape(company, sale),
        SalesOrderShape::Old => old_shape(company, sale),
    }
}

fn new_shape(company: &Company, sale: &Sale) -> Value {
    let of_type = |document_type: &str| -> Vec<Link> {
        sale.links.iter().filter(|link| link.document_type == document_type).cloned().collect()
    };
    let line = |(position, line): (usize, &SaleLine)| {
        wire::joined(
            sales::line(company, sale, line, position),
            json!({
                "salesOrderItemCode": line.code,
                "salesOrderLineNumber": (position + 1).to_string(),
                "itemFulfillmentStatus": line.fulfilment_status(),
                "quantityFulfilled": number::json(line.delivered()),
                "quantityFulfilledByUser": number::json(line.fulfilled),
                "pendingQuantity": number::json(sale.pending(line)),
            }),
        )
    };
    wire::joined(
        sales::head(company, sale),
        json!({
            "salesOrderCode": sale.code,
            "salesOrderDate": wire::date(sale.date),
            "salesOrderDueDate": wire::date(sale.due),
            "totalAmountInBaseCurrency": number::json(sale.total()),
            "linkedDocuments": wire::links(&sale.links),
            "linkedQuotationDocuments": wire::links(&of_type("QUOTATION")),
            "linkedSalesInvoiceDocuments": wire::links(&of_type("SALES_INVOICE")),
            "salesOrderItems": sale.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
        }),
    )
}

/// No back-order flag, no number, no status, no ship-to and no fulfilled quantity: what was documented first.
fn old_shape(company: &Company, sale: &Sale) -> Value {
    let line = |(position, line): (usize, &SaleLine)| {
        json!({
            "id": line.id,
            "productCode": line.item,
            "productDescription": company.item(&line.item).ok().map(|item| item.name.as_str()),
            "productOrder": position + 1,
            "productQuantity": number::json(line.quantity),
            "unitPrice": number::json(line.unit_price),
            "totalAmount": number::json(line.quantity * line.unit_price),
        })
    };
    json!({
        "id": sale.id,
        "soCode": sale.code,
        "contactCode": sale.customer,
        "contact": company.contact(&sale.customer).ok().map(wire::contact_info),
        "currencyCode": sale.currency,
        "exchangeRate": 1,
        "documentDate": wire::date(sale.date),
        "fulfillmentDate": sale.need_by.map(wire::date),
        "draft": sale.status == Status::Draft,
        "billed": sale.status == Status::Closed,
        "fulfilled": sale.fulfilment_status() == "FULLY_FULFILLED",
        "memo": sale.memo,
        "totalAmount": number::json(sale.total()),
        "customField": wire::custom(&sale.custom),
        "linkedDocuments": wire::links(&sale.links),
        "salesOrderItems": sale.lines.iter().enumerate().map(line).collect::<Vec<_>>(),
    })
}

fn list(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let orders = company.sales.iter().filter(|sale| sale.kind == KIND);
    let rows = orders.map(|sale| Row::sale(sale, || order(company, sale))).collect();
    listing::documents(company, rows, call)
}

fn get(company: &Company, _: &Call<'_>, key: &str) -> Outcome {
    ok(order(company, company.sale(Some(KIND), key)?))
}

/// The body is a free map; `contactCode` and `salesOrderItems` are what it needs.
fn create(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let mut reader = Reader::new(call.body, "");
    reader.require("contactCode");
    reader.require("salesOrderItems");
    let customer = reader.text("contactCode").unwrap_or_default();
    let items = reader.value("salesOrderItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let need_by = reader.date("shipByDate").or_else(|| reader.date("fulfillmentDate"));
    let new = NewSale {
        kind: KIND,
        customer,
        warehouse: reader.text("warehouseCode"),
        date: reader.date("documentDate").or_else(|| reader.date("salesOrderDate")),
        need_by,
        ship_to: reader.value("shipTo").map(wire::parse_address),
        memo: reader.text("memo").unwrap_or_default(),
        draft: reader.flag("draft").unwrap_or(false),
        drop_ship: false,
        from: None,
        lines: items.iter().enumerate().map(new_line).collect::<Result<_, _>>()?,
    };
    reader.finish()?;
    let code = company.create_sale(new, call.now)?;
    created(order(company, company.sale(Some(KIND), &code)?))
}

fn new_line((index, item): (usize, &Value)) -> Result<NewSaleLine, Refusal> {
    let mut reader = Reader::new(item, format!("salesOrderItems[{index}]."));
    reader.require("productCode");
    reader.require("productQuantity");
    let line = NewSaleLine {
        item: reader.text("productCode").unwrap_or_default(),
        quantity: reader.decimal("productQuantity").unwrap_or_default(),
        unit_price: reader.decimal("unitPrice"),
        packing: None,
        from_line: None,
    };
    reader.finish()?;
    Ok(line)
}

fn patch(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let code = call.required_param("code")?;
    let flagged = company.sale(Some(KIND), code)?.back_order;
    sales::apply(company, KIND, code, call.body, call.now)?;
    if company.settings.sales_order_shape == SalesOrderShape::Old {
        // The old shape has no such flag, so it is not kept.
        company.sale_mut(Some(KIND), code)?.back_order = flagged;
    }
    ok(order(company, company.sale(Some(KIND), code)?))
}

fn of_quotation(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(made_from(company, KIND, code).map(|sale| order(company, sale)).collect())
}
