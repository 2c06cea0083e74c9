//! Quotations on the wire. The documented model has no id or code of its own, though other calls need them, so `id`,
//! `quotationCode` and `quotationItemCode` are added.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Route, done, no_content, ok};
use super::listing::{self, Row};
use super::sales::{self, SALES, made_from};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, Sale, SaleKind, SaleLine};

const KIND: SaleKind = SaleKind::Quotation;

/// The table below `/v1/quotations`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("GET", []) => Route::Read(list, ""),
        ("POST", ["status"]) => Route::Write(SALES, set_attributes, ""),
        ("PATCH", ["status", code]) => Route::Write(SALES, refresh_status, code),
        ("PUT", ["batch"]) => Route::Write(SALES, batch, ""),
        ("PUT", ["dropshipupdatequotation"]) => Route::Write(SALES, drop_ship, ""),
        ("POST", ["update", "linkedBackOrder"]) => Route::Write(SALES, link_back_order, ""),
        ("POST", ["update", "linkedDocument"]) => Route::Write(SALES, replace_link, ""),
        ("POST", ["quotes-quantity"]) => Route::Read(quantities, ""),
        ("POST", ["unreserve-quotations"]) => Route::Write(SALES, unreserve, ""),
        ("GET", ["code", code]) => Route::Read(get, code),
        ("PATCH", [id]) => Route::Write(SALES, patch, id),
        _ => return None,
    })
}

fn quotation(company: &Company, sale: &Sale) -> Value {
    let lines = sale.lines.iter().enumerate().map(|(position, one)| line(company, sale, one, position));
    let invoices = made_from(company, SaleKind::Invoice, &sale.code).map(|one| {
        json!({
            "documentSequenceCode": one.number,
            "salesInvoiceCode": one.code,
            "salesInvoiceDate": wire::date(one.date),
            "fulfillmentStatus": one.fulfilment_status(),
            "totalAmount": number::json(one.total()),
        })
    });
    let orders = made_from(company, SaleKind::SalesOrder, &sale.code).map(|one| {
        json!({
            "documentSequenceCode": one.number,
            "salesOrderCode": one.code,
            "salesOrderDate": wire::date(one.date),
            "fulfillmentStatus": one.fulfilment_status(),
        })
    });
    wire::joined(
        sales::head(company, sale),
        json!({
            "quotationCode": sale.code,
            "tenantId": company.id,
            "documentDate": wire::date(sale.date),
            "validTillDate": wire::date(sale.due),
            "deleted": false,
            "recurring": false,
            "linkedDocuments": wire::links(&sale.links),
            "linkedSalesInvoices": invoices.collect::<Vec<_>>(),
            "linkedSalesOrders": orders.collect::<Vec<_>>(),
            "quotationItemDtoList": lines.collect::<Vec<_>>(),
        }),
    )
}

fn line(company: &Company, sale: &Sale, line: &SaleLine, position: usize) -> Value {
    wire::joined(
        sales::line(company, sale, line, position),
        json!({
            "quotationItemCode": line.code,
            "productName": company.item(&line.item).ok().map(|item| item.name.as_str()),
            "fulfilledQuantity": number::json(line.delivered()),
            "fulfilledQuantityByUser": number::json(line.fulfilled),
            "pendingQuantity": number::json(sale.pending(line)),
        }),
    )
}

fn list(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let quotations = company.sales.iter().filter(|sale| sale.kind == KIND);
    let rows = quotations.map(|sale| Row::sale(sale, || quotation(company, sale))).collect();
    listing::documents(company, rows, call)
}

fn get(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(quotation(company, company.sale(Some(KIND), code)?))
}

fn patch(company: &mut Company, call: &Call<'_>, id: &str) -> Outcome {
    sales::apply(company, KIND, id, call.body, call.now)?;
    ok(quotation(company, company.sale(Some(KIND), id)?))
}

fn set_attributes(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::apply(company, KIND, call.required_param("quotationCode")?, call.body, call.now)?;
    done()
}

/// Status is always computed here, so there is nothing to refresh.
fn refresh_status(company: &mut Company, _: &Call<'_>, code: &str) -> Outcome {
    company.sale(Some(KIND), code)?;
    no_content()
}

fn batch(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::apply_all(company, call, KIND, "quotationCode")
}

fn drop_ship(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::drop_ship_all(company, call, KIND, "quotationCode")
}

fn link_back_order(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::link_back_order(company, call, KIND)
}

fn replace_link(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::replace_link(company, call, KIND)
}

fn quantities(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::pending_quantities(company, call, KIND)
}

fn unreserve(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    sales::unreserve(company, call, KIND)
}
