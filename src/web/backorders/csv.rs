//! The work list as a file.
//!
//! Invariant: no cell is taken for a formula by a spreadsheet (trust.md attack 53); figures and dates stand in the form
//! that every program reads.

use actix_web::HttpResponse;
use actix_web::http::header;
use jiff::civil::Date;

use crate::db::work_list::ListedBackorder;
use crate::web::text;
use crate::wording::Words;

/// Rows of one file.
pub(super) const MOST_ROWS: i64 = 20_000;

/// The rows as a file to be saved.
pub(super) fn file(listed: &[ListedBackorder], words: Words) -> HttpResponse {
    let head = [
        words.say("list-state"),
        words.say("list-document"),
        words.say("list-order"),
        words.say("list-customer"),
        words.say("list-item"),
        words.say("list-open"),
        words.say("list-from-stock"),
        words.say("list-short"),
        words.say("list-on-order"),
        words.say("list-purchase-order"),
        words.say("list-vendor"),
        words.say("list-ordered"),
        words.say("list-need-by"),
        words.say("list-promised"),
        words.say("list-expected"),
        words.say("list-owner"),
        words.say("list-warehouse"),
        words.say("list-value"),
        words.say("list-currency"),
        words.say("list-reason"),
    ];
    let mut file = String::from("\u{feff}");
    line(&mut file, &head.map(String::from));
    let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    for row in listed {
        let cells = [
            text::state(words, row.state),
            text::kind(words, row.document.kind),
            row.number.clone(),
            row.customer.clone(),
            row.item.clone(),
            row.open.normalize().to_string(),
            row.from_stock.normalize().to_string(),
            row.short.normalize().to_string(),
            row.on_order.normalize().to_string(),
            row.purchase_orders.join(" "),
            row.vendors.join("; "),
            day(row.ordered_on),
            day(row.need_by),
            day(row.first_promised),
            day(row.promise),
            row.owner.clone().unwrap_or_default(),
            row.warehouses.join("; "),
            row.value.map(|value| value.normalize().to_string()).unwrap_or_default(),
            row.currency.clone().unwrap_or_default(),
            row.reason.clone().or_else(|| row.cause.as_ref().map(|cause| words.remark(cause))).unwrap_or_default(),
        ];
        line(&mut file, &cells);
    }
    HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"backorders.csv\""))
        .body(file)
}

fn line(file: &mut String, cells: &[String]) {
    let cells: Vec<String> = cells.iter().map(|text| cell(text)).collect();
    file.push_str(&cells.join(","));
    file.push_str("\r\n");
}

fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
        && text.parse::<rust_decimal::Decimal>().is_err();
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_53_no_cell_is_a_formula() {
        for bad in ["=HYPERLINK(\"x\")", "@SUM(A1)", "+cmd|' /C calc'!A0", "\t=1", "-2+3"] {
            assert!(cell(bad).starts_with("\"'"), "{bad}");
        }
        assert_eq!(cell("-5"), "\"-5\"");
        assert_eq!(cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }
}
