//! Sales invoices on the wire.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Route, ok};
use super::listing::{self, Row};
use super::sales::{self, SALES, made_from};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, Sale, SaleKind, SaleLine, Status};

const KIND: SaleKind = SaleKind::Invoice;

/// The table below `/v1/invoices/sales`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("GET", []) => Route::Read(list, ""),
        ("PUT", ["bulk"]) => Route::Write(SALES, bulk, ""),
        ("PUT", ["dropshipupdateinvoice"]) => Route::Write(SALES, drop_ship, ""),
        ("POST", ["update", "linkedBackOrder"]) => Route::Write(SALES, link_back_order, ""),
        ("POST", ["unreserve-invoices"]) => Route::Write(SALES, unreserve, ""),
        ("GET", ["unfulfillment-seq-codes"]) => Route::Read(unfulfilled, ""),
        ("GET", ["linked-order" | "linked-salesorder" | "linked-quotation", code]) => Route::Read(of_document, code),
        ("GET", ["code", key] | [key]) => Route::Read(get, key),
        ("PATCH", ["code", key] | [key]) => Route::Write(SALES, patch, key),
        _ => return None,
    })
}

pub(super) fn invoice(company: &Company, sale: &Sale) -> Value {
    let short_closed = sale.lines.iter().filter(|line| !line.short_closed.is_zero()).count();
    let lines = sale.lines.iter().enumerate().map(|(position, one)| line(company, sale, one, position));
    wire::joined(
        sales::head(company, sale),
        json!({
            "salesInvoiceCode": sale.code,
            "salesInvoiceDate": wire::date(sale.date),
            "salesInvoiceDueDate": wire::date(sale.due),
            "createdDate": wire::date(company.today(sale.created)),
            "dueAmount": number::json(sale.total()),
            "totalAmountInBaseCurrency": number::json(sale.total()),
            "paymentStatus": "PENDING",
            "recurring": false,
            "dropShip": sale.drop_ship,
            "manuallyClosed": sale.status == Status::Closed,
            "shortClosedStatus": match short_closed {
                0 => "NONE",
                some if some < sale.lines.len() => "PARTIALLY_SHORT_CLOSED",
                _ => "FULLY_SHORT_CLOSED",
            },
            "linkedDocuments": wire::links(&sale.links),
            "salesInvoiceItems": lines.collect::<Vec<_>>(),
        }),
    )
}

fn line(company: &Company, sale: &Sale, line: &SaleLine, position: usize) -> Value {
    wire::joined(
        sales::line(company, sale, line, position),
        json!({
            "salesInvoiceItemCode": line.code,
            "invoiceLineNumber": (position + 1).to_string(),
            "itemFulfillmentStatus": line.fulfilment_status(),
            "quantityFulfilled": number::json(line.delivered()),
            "quantityFulfilledByUser": number::json(line.fulfilled),
            "qtyConvertedToDropShip": number::json(line.drop_shipped),
            "qtyFulfilledFromToDropShip": number::json(line.drop_shipped),
            "qtyConvertedToPps": 0,
            "shortClosedQuantity": number::json(line.short_closed),
            "isShortClosed": !line.short_closed.is_zero(),
        }),
    )
}

fn list(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let contacts = call.param("contactCodes").filter(|codes| !codes.is_empty());
    let invoices = company.sales.iter().filter(|sale| sale.kind == KIND);
    let invoices =
        invoices.filter(|sale| contacts.is_none_or(|codes| codes.split(',').any(|code| code == sale.customer)));
    let rows = invoices.map(|sale| Row::sale(sale, || invoice(company, sale))).collect();
    listing::documents(company, rows, call)
}

fn get(company: &Company, _: &Call<'_>, key: &str) -> Outcome {
    ok(invoice(company, company.sale(Some(KIND), key)?))
}

fn patch(company: &mut Company, call: &Call<'_>, key: &str) -> Outcome {
    sales::apply(company, KIND, key, call.body, call.now)?;
    ok(invoice(company, company.sale(Some(KIND), key)?))
}

fn bulk(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::apply_all(company, call, KIND, "salesInvoiceCode")
}

fn drop_ship(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::drop_ship_all(company, call, KIND, "salesInvoiceCode")
}

fn link_back_order(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::link_back_order(company, call, KIND)
}

fn unreserve(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::unreserve(company, call, KIND)
}

fn of_document(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(made_from(company, KIND, code).map(|sale| invoice(company, sale)).collect())
}

fn unfulfilled(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    let open = company.sales.iter().filter(|sale| sale.kind == KIND && sale.status == Status::Open);
    let open = open.filter(|sale| sale.fulfilment_status() != "FULLY_FULFILLED");
    ok(open.map(|sale| json!({ "documentSequenceCode": sale.number, "documentCode": sale.code })).collect())
}
