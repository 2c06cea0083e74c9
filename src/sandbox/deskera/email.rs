//! The calls that send a document by e-mail. Nothing is sent: the sandbox checks the request and says so in its log.

use serde_json::Value;

use super::call::{Call, Outcome, Reader, Route, done, ok};
use super::invoices;
use crate::sandbox::state::{Company, Refusal, SaleKind};

/// The table of `/v1/invoices/email` and `/v1/invoices/bulk-email`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("POST", ["email"]) => Route::Write("email", invoice, ""),
        ("POST", ["bulk-email"]) => Route::Write("email", many_invoices, ""),
        _ => return None,
    })
}

/// The code of the document that the request names, once it has all that a mail needs.
fn document(request: &Value) -> Result<String, Refusal> {
    let mut reader = Reader::new(request, "");
    reader.require("sendEmailRequest");
    let mail = reader.value("sendEmailRequest").unwrap_or(&Value::Null);
    reader.finish()?;
    let mut reader = Reader::new(mail, "sendEmailRequest.");
    for name in ["to", "subject", "exportDocumentRequest"] {
        reader.require(name);
    }
    let export = reader.value("exportDocumentRequest").unwrap_or(&Value::Null);
    reader.finish()?;
    let mut reader = Reader::new(export, "sendEmailRequest.exportDocumentRequest.");
    reader.require("documentCode");
    let code = reader.text("documentCode").unwrap_or_default();
    reader.finish()?;
    Ok(code)
}

pub(super) fn order(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    company.purchase_order(&document(call.body)?)?;
    done()
}

pub(super) fn orders(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    for request in call.objects()? {
        company.purchase_order(&document(request)?)?;
    }
    done()
}

fn invoice(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let sale = company.sale(Some(SaleKind::Invoice), &document(call.body)?)?;
    ok(invoices::invoice(company, sale))
}

fn many_invoices(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    for request in call.objects()? {
        company.sale(Some(SaleKind::Invoice), &document(request)?)?;
    }
    done()
}
