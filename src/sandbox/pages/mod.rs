//! The sandbox's own pages: plain forms, server-rendered, without scripts.
//!
//! Invariant: a form does what the control API does, by the same code; what is refused comes back to the page as a line
//! of text.

mod consent;
mod hooks;
mod icon;
mod purchase;
mod sale;
mod sell;
mod stock;

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, get, post};
use askama::Template;
use rust_decimal::Decimal;

use super::number;
use super::shared::Shared;
use super::state::{Company, Refusal};

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/", get().to(consent::page))
        .route("/allow", post().to(consent::allow))
        .route("/sell", get().to(sell::start))
        .route("/c/{company}/sell", get().to(sell::list))
        .route("/c/{company}/sell/new", get().to(sell::new))
        .route("/c/{company}/sell/new", post().to(sell::make))
        .route("/c/{company}/sales/{code}", get().to(sale::page))
        .route("/c/{company}/sales/{code}/{action}", post().to(sale::act))
        .route("/c/{company}/purchase", get().to(purchase::list))
        .route("/c/{company}/purchase/{code}", get().to(purchase::page))
        .route("/c/{company}/purchase/{code}/{action}", post().to(purchase::act))
        .route("/c/{company}/stock", get().to(stock::page))
        .route("/c/{company}/stock", post().to(stock::adjust))
        .route("/c/{company}/hooks", get().to(hooks::page))
        .route("/c/{company}/hooks", post().to(hooks::set))
        .route("/c/{company}/faults", post().to(hooks::fault));
}

/// A page, or a plain error if it cannot be written.
pub(super) fn html(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}

/// What stands around each page.
struct Frame {
    company: i64,
    company_name: String,
    companies: Vec<(i64, String)>,
    /// The section that is shown: `sell`, `purchase`, `stock`, `hooks`.
    here: &'static str,
    /// What became of the last form.
    said: String,
    mail_url: String,
}

impl Frame {
    fn new(shared: &Shared, company: i64, here: &'static str, said: Option<&str>) -> Result<Self, Refusal> {
        let companies: Vec<_> =
            shared.read(|world| world.companies.iter().map(|one| (one.id, one.name.clone())).collect());
        let company_name = shared.read(|world| world.company(company).map(|one| one.name.clone()))?;
        let said = said.unwrap_or_default().to_owned();
        Ok(Self { company, company_name, companies, here, said, mail_url: shared.mail_url.clone() })
    }
}

/// `?said=` after a form was handled.
#[derive(serde::Deserialize)]
struct Said {
    said: Option<String>,
}

/// The page, or its refusal as plain text.
fn shown<T: Template>(page: Result<T, Refusal>) -> HttpResponse {
    match page {
        Ok(page) => html(&page),
        Err(Refusal::Missing(what)) => HttpResponse::NotFound().body(format!("{what} does not exist.")),
        Err(refusal) => HttpResponse::BadRequest().body(refusal.to_string()),
    }
}

/// Back to a page, with what was refused in words.
fn back(target: &str, outcome: Result<(), Refusal>) -> HttpResponse {
    match outcome {
        Ok(()) => consent::to(target),
        Err(refusal) => {
            let said =
                url::form_urlencoded::Serializer::new(String::new()).append_pair("said", &refusal.to_string()).finish();
            consent::to(&format!("{target}?{said}"))
        }
    }
}

/// The fields of a form, in order; a name may come more than once.
type Fields = Vec<(String, String)>;

fn field<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

/// The quantity in that text; none where it is empty.
fn quantity(text: &str) -> Result<Option<Decimal>, Refusal> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    number::parse(text).map(Some).ok_or_else(|| Refusal::invalid(format!("{text} is not a number")))
}

/// The quantities of fields that are named `prefix` and a line's code; empty ones and 0 are left out.
fn quantities(fields: &Fields, prefix: &str) -> Result<Vec<(String, Decimal)>, Refusal> {
    let mut found = Vec::new();
    for (name, text) in fields {
        if let Some(line) = name.strip_prefix(prefix)
            && let Some(quantity) = quantity(text)?
        {
            found.push((line.to_owned(), quantity));
        }
    }
    Ok(found)
}

/// Money with two digits at least, and its thousands apart.
fn money(amount: Decimal) -> String {
    let mut amount = amount;
    amount.rescale(amount.normalize().scale().max(2));
    let text = amount.abs().to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    let mut grouped = String::new();
    for (position, digit) in whole.chars().enumerate() {
        if position > 0 && (whole.len() - position).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount.is_sign_negative() { "−" } else { "" };
    format!("{sign}{grouped}.{rest}")
}

/// The name of an item as a person knows it.
fn item_name(company: &Company, code: &str) -> (String, String) {
    company.item(code).map_or_else(|_| (code.to_owned(), String::new()), |item| (item.name.clone(), item.sku.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_grouped_and_keeps_its_digits() {
        let written = ["1548", "1234567.5", "0.125", "-12"].map(|text| money(text.parse().unwrap()));
        assert_eq!(written, ["1,548.00", "1,234,567.50", "0.125", "−12.00"]);
    }
}
