//! Every answer that was recorded from running systems is read here, and what it must read as is said.

use std::fs;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::client::{self, without_false};
use super::sales::{Around, ProductFacts};
use super::series::Series;
use super::wire::{Unit, Units};
use super::{Odoo, buy, coming, event, items, printed, purchase, sales, tied};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::purchase_order::{HostPeg, NewPurchaseLine, NewPurchaseOrder, PurchaseOrder, PurchaseState};
use crate::domain::sales_document::{DocumentStatus, Party};
use crate::host::http::{Channel, Effect, HostHttp, HttpSettings};
use crate::host::json::{self, Fields};
use crate::host::{Access, Connection, HostError, HostKind, NotApplied};

fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/data/odoo/{name}.json", env!("CARGO_MANIFEST_DIR"));
    json::parse(&fs::read(path).unwrap()).unwrap()
}

fn all() -> Vec<(String, Value)> {
    let folder = format!("{}/tests/data/odoo", env!("CARGO_MANIFEST_DIR"));
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
        .collect();
    names.sort();
    assert!(names.len() > 150, "{}", names.len());
    names.into_iter().map(|name| (name.clone(), recorded(&name))).collect()
}

fn odoo() -> Odoo {
    let connection = Connection {
        kind: HostKind::Odoo,
        base_url: "https://erp.example.com".parse().unwrap(),
        company: "db".to_owned(),
        options: [("login".to_owned(), "worker".to_owned())].into(),
    };
    let access = Access { access_token: "a-key-that-must-not-show".to_owned().into(), refresh_token: None };
    Odoo::open(&HostHttp::new(HttpSettings::default()).unwrap(), &super::KnownOdoos::default(), &connection, access)
}

fn channel() -> Channel {
    odoo().client.channel
}

/// The rows of a recorded answer.
fn rows(name: &str) -> Vec<Value> {
    let answer = client::outcome(&channel(), Effect::Read, recorded(name)["response"].clone()).unwrap();
    without_false(answer).as_array().unwrap().clone()
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn series(name: &str) -> Series {
    if name.starts_with("17") { Series::V17 } else { Series::V19 }
}

#[tokio::test]
async fn every_recorded_answer_is_a_result_or_an_error_with_a_reaction() {
    let channel = channel();
    let (mut results, mut errors) = (0, 0);
    for (name, record) in all() {
        let answer = &record["response"];
        if answer["jsonrpc"] == "2.0" {
            let outcome = client::outcome(&channel, Effect::Write, answer.clone());
            assert_eq!(outcome.is_err(), answer.get("error").is_some(), "{name}");
            match outcome {
                Ok(_) => results += 1,
                Err(error) => {
                    errors += 1;
                    assert!(!matches!(error, HostError::Unknown { .. }), "{name}: it was rolled back");
                    assert!(!error.to_string().contains("Traceback"), "{name}: {error}");
                }
            }
        } else if name.contains("json2") {
            let refused = record["status"].as_u64().unwrap() >= 400;
            let text = client::error_text(answer);
            assert_eq!(text.is_some(), refused, "{name}");
            assert!(text.is_none_or(|text| !text.contains("Traceback")), "{name}");
        }
    }
    assert!(results > 100 && errors > 20, "{results} {errors}");
}

#[tokio::test]
async fn errors_are_told_apart_by_their_name() {
    let channel = channel();
    let outcome =
        |name: &str| client::outcome(&channel, Effect::Write, recorded(name)["response"].clone()).unwrap_err();
    for version in ["17", "19"] {
        let denied = outcome(&format!("{version}_call_bad_password"));
        assert!(denied.is_unauthorized(), "{denied:?}");
        for (name, expected) in [
            ("err_access_automation", "AccessError"),
            ("err_so_confirm_twice", "UserError"),
            ("err_iso_date", "ValueError"),
            ("err_unknown_method", "AttributeError"),
            ("err_missing_record_write", "404"),
        ] {
            let error = outcome(&format!("{version}_{name}"));
            assert!(
                matches!(&error, HostError::Rejected { code, .. } if code == expected),
                "{version} {name}: {error:?}"
            );
        }
        let unknown = outcome(&format!("{version}_auth_bad_db"));
        let failed = matches!(&unknown, HostError::NotApplied { reason: NotApplied::HostFailed, .. });
        assert!(failed && !unknown.to_string().contains("port"), "it would tell where the database is: {unknown}");
    }
}

#[tokio::test]
async fn an_answer_of_neither_form_leaves_a_write_unknown() {
    for answer in [
        json!({}),
        json!([]),
        json!(null),
        json!({ "error": {} }),
        json!({ "error": "x" }),
        json!({ "error": { "data": [] } }),
    ] {
        let outcome = client::outcome(&channel(), Effect::Write, answer.clone());
        assert!(matches!(outcome, Err(HostError::Unknown { .. })), "{answer}");
    }
}

fn around() -> Around<'static> {
    static NO_UNITS: super::wire::Units = super::wire::Units::new();
    let product = |storable| ProductFacts { storable, unit: 1, routes: [].into() };
    let dropped = ProductFacts { routes: [6].into(), ..product(true) };
    Around {
        products: [(1, product(true)), (2, product(true)), (3, dropped)].into(),
        drop_ship_routes: [6].into(),
        emails: [(2, "seller@example.com".to_owned())].into(),
        addresses: [].into(),
        units: &NO_UNITS,
        link: &|id| Some(format!("https://odoo.example/{id}")),
    }
}

#[tokio::test]
async fn a_recorded_sales_order_reads_in_domain_terms() {
    for version in ["17", "19"] {
        let names = series(version).names();
        let (orders, lines) = (rows(&format!("{version}_so_read_full")), rows(&format!("{version}_sol_read_full")));
        let lines: Vec<Fields<'_>> = lines.iter().map(|line| Fields::of(line, "line").unwrap()).collect();
        let order = Fields::of(&orders[0], "order").unwrap();
        let read = sales::read(&order, &lines, DocumentKind::SalesOrder, &around(), names).unwrap();
        assert_eq!((read.reference.to_string(), read.number.as_str()), ("sales_order:1".to_owned(), "S00001"));
        assert_eq!((read.status, read.need_by), (DocumentStatus::Open, None));
        assert_eq!(read.customer.name, "Harbour Outfitters");
        assert_eq!(read.currency.as_deref(), Some("USD"));
        assert_eq!(read.ship_policy.as_deref(), Some("any_part"));
        assert_eq!(read.owner_email.as_deref(), Some("seller@example.com"));
        assert_eq!(read.date.to_string(), "2026-11-23");
        let lantern = &read.lines[0];
        assert_eq!((lantern.item.as_str(), lantern.ordered, lantern.fulfilled), ("1", dec("12"), dec("0")));
        assert_eq!((lantern.unit_price, lantern.warehouse.as_deref()), (Some(dec("19.95")), Some("1")));
        assert!(lantern.tracked && !lantern.drop_ship && lantern.closed.is_zero());
        let tent = &read.lines[2];
        assert!(tent.drop_ship, "{version}: by the product's route");
        assert!(tent.closed.is_zero(), "{version}: what Odoo has ordered for it is on order, and owed");
        assert_eq!(read.url.as_deref(), Some("https://odoo.example/1"));
    }
}

#[tokio::test]
async fn quantities_in_another_unit_are_converted_and_an_unknown_unit_is_an_error() {
    let names = Series::V17.names();
    let mut line = rows("17_sol_read_full")[0].clone();
    line["product_uom"] = json!([9, "Dozen"]);
    line["product_uom_qty"] = json!(2.5);
    let orders = rows("17_so_read_full");
    let order = Fields::of(&orders[0], "order").unwrap();
    let lines = [Fields::of(&line, "line").unwrap()];
    let read = |units: Units| {
        let around = Around { units: &units, ..around() };
        sales::read(&order, &lines, DocumentKind::SalesOrder, &around, names).map(|read| read.lines[0].ordered)
    };
    let unit = |size: &str| Unit { name: String::new(), size: dec(size) };
    assert_eq!(read([(1, unit("1")), (9, unit("12.000000000000002"))].into()), Ok(dec("30")));
    assert!(read([(1, unit("1"))].into()).unwrap_err().to_string().contains("unknown unit"));
    assert!(read([(1, unit("0")), (9, unit("12"))].into()).is_err());
}

#[tokio::test]
async fn states_tell_quotations_orders_and_cancelled_ones_apart() {
    let orders = rows("19_so_read_full");
    for (state, asked, kind, status) in [
        ("draft", DocumentKind::SalesOrder, DocumentKind::Quotation, DocumentStatus::Open),
        ("sent", DocumentKind::Quotation, DocumentKind::Quotation, DocumentStatus::Open),
        ("sale", DocumentKind::Quotation, DocumentKind::SalesOrder, DocumentStatus::Open),
        ("done", DocumentKind::SalesOrder, DocumentKind::SalesOrder, DocumentStatus::Open),
        ("cancel", DocumentKind::Quotation, DocumentKind::Quotation, DocumentStatus::Cancelled),
        ("cancel", DocumentKind::SalesOrder, DocumentKind::SalesOrder, DocumentStatus::Cancelled),
    ] {
        let mut order = orders[0].clone();
        order["state"] = json!(state);
        let fields = Fields::of(&order, "order").unwrap();
        let read = sales::read(&fields, &[], asked, &around(), Series::V19.names()).unwrap();
        assert_eq!((read.reference.kind, read.status), (kind, status), "{state}");
    }
}

#[tokio::test]
async fn recorded_purchase_lines_read_in_the_products_unit() {
    for version in ["17", "19"] {
        let lines = rows(&format!("{version}_pol_read_full"));
        let of = lines[0]["order_id"][0].clone();
        let order = json!({
            "id": of, "name": "P00002", "state": "purchase", "partner_id": [9, "Northwind Supply"],
            "partner_ref": format!("BO-{}", "A".repeat(26)), "picking_type_id": [1, "Receipts"],
            "date_planned": "2026-11-28 07:25:06", "currency_id": [1, "USD"],
        });
        let types = [purchase::OperationType { id: 1, code: "incoming".to_owned(), warehouse: Some(1) }];
        let fields: Vec<Fields<'_>> = lines.iter().map(|line| Fields::of(line, "line").unwrap()).collect();
        let read = |order: &Value| {
            let order = json::parse(order.to_string().as_bytes()).unwrap();
            purchase::read(&Fields::of(&order, "order").unwrap(), &fields, &bought(&types)).unwrap()
        };
        let confirmed = read(&order);
        assert_eq!(confirmed.state, PurchaseState::Confirmed);
        assert!(confirmed.marker.is_some() && !confirmed.drop_ship);
        assert_eq!((confirmed.lines[0].item.as_str(), confirmed.lines[0].ordered), ("2", dec("6")));
        assert_eq!(confirmed.lines[0].warehouse.as_deref(), Some("1"));
        let mut cancelled = order.clone();
        cancelled["state"] = json!("cancel");
        assert_eq!(read(&cancelled).lines[0].closed, dec("6"));
        let mut draft = order;
        draft["state"] = json!("sent");
        assert_eq!(read(&draft).state, PurchaseState::Draft);
    }
}

fn bought(types: &[purchase::OperationType]) -> purchase::Around<'_> {
    purchase::Around { types, addresses: [].into(), tied: [].into(), coming: [].into(), link: &|_| None }
}

/// An order of one line, whose moves these are.
fn with_moves(state: &str, line: &Value, moves: &[Value]) -> PurchaseOrder {
    let order = json!({ "id": 1, "name": "P00001", "state": state });
    let read = |value: &Value| json::parse(value.to_string().as_bytes()).unwrap();
    let (order, line, moves) = (read(&order), read(line), moves.iter().map(read).collect::<Vec<_>>());
    let moves = moves.iter().map(|row| coming::read(&Fields::of(row, "move").unwrap()).unwrap());
    let around = purchase::Around { coming: coming::by_line(moves.collect()), ..bought(&[]) };
    purchase::read(&Fields::of(&order, "order").unwrap(), &[Fields::of(&line, "line").unwrap()], &around).unwrap()
}

#[test]
fn what_no_live_move_brings_is_closed() {
    use PurchaseState::{Cancelled, Confirmed, Draft, Received};
    let line = |received: i64| json!({ "id": 1, "order_id": [1, "P"], "product_id": [2, "x"], "product_qty": 8, "product_uom_qty": 8, "qty_received": received });
    let one = |item: i64, quantity: f64, state: &str| json!({ "purchase_line_id": [1, "x"], "product_id": [item, "x"], "product_qty": quantity, "state": state });
    let closed = |state: &str, received: i64, moves: &[Value]| {
        let read = with_moves(state, &line(received), moves);
        (read.state, read.lines[0].closed.to_string())
    };
    let is = |state: PurchaseState, closed: &str| (state, closed.to_owned());
    let mut cancelled = rows("19_moves_of_receipt_cancelled");
    cancelled.push(one(2, 3.0, "draft"));
    assert_eq!(closed("purchase", 0, &cancelled[..1]), is(Cancelled, "8"), "it does not come");
    assert_eq!(closed("done", 0, &cancelled[..1]), is(Cancelled, "8"), "locked");
    assert_eq!(closed("purchase", 0, &cancelled), is(Confirmed, "5"), "three come once more");
    for unsent in ["draft", "sent"] {
        assert_eq!(closed(unsent, 0, &cancelled[..1]), is(Draft, "0"), "it begins anew");
    }
    assert_eq!(closed("to approve", 0, &cancelled[..1]), is(Confirmed, "0"));
    assert_eq!(closed("purchase", 0, &[]), is(Confirmed, "0"), "a service has no moves");

    let in_part = one(2, 8.0, "done");
    assert_eq!(closed("purchase", 3, std::slice::from_ref(&in_part)), is(Received, "5"), "its back order was refused");
    let live: Vec<Value> = ["waiting", "confirmed", "partially_available", "assigned"]
        .map(|state| one(2, 1.0, state))
        .into_iter()
        .chain([in_part.clone(), one(2, 1.0, "cancel")])
        .collect();
    assert_eq!(closed("purchase", 3, &live), is(Confirmed, "1"));
    assert_eq!(closed("purchase", 0, std::slice::from_ref(&in_part)), is(Received, "8"), "it came and went back");
    assert_eq!(closed("purchase", 9, &[in_part]), is(Received, "0"), "more than was ordered");
    assert_eq!(closed("purchase", 0, &[one(2, -1.0, "draft"), one(2, 8.0, "assigned")]), is(Confirmed, "0"));
    assert_eq!(closed("purchase", 0, &[one(7, 16.0, "assigned")]), is(Confirmed, "0"), "a kit comes as its parts");
    assert_eq!(closed("purchase", 0, &[one(7, 16.0, "cancel")]), is(Cancelled, "8"), "or does not");
}

#[test]
fn what_the_conversion_of_units_rounds_off_is_not_closed() {
    let line =
        json!({ "id": 1, "order_id": [1, "P"], "product_id": [2, "x"], "product_qty": 10.0, "product_uom_qty": 4.54 });
    let moved = |quantity: f64| json!({ "purchase_line_id": [1, "x"], "product_id": [2, "x"], "product_qty": quantity, "state": "assigned" });
    for (quantity, expected) in [(4.53, "0"), (4.54, "0"), (4.55, "0"), (4.0, "0.54")] {
        let read = with_moves("purchase", &line, &[moved(quantity)]);
        assert_eq!(read.lines[0].closed, dec(expected), "{quantity}");
        assert_eq!(read.state, PurchaseState::Confirmed, "{quantity}");
    }
}

#[test]
fn what_odoo_took_below_zero_orders_nothing() {
    let line = json::parse(br#"{"id":3,"order_id":[1,"P"],"product_id":[2,"x"],"product_qty":-5.0,"product_uom_qty":-5.0,"price_unit":5.0}"#);
    let (line, order) = (line.unwrap(), json::parse(br#"{"id":1,"name":"P","state":"draft"}"#).unwrap());
    let read =
        purchase::read(&Fields::of(&order, "order").unwrap(), &[Fields::of(&line, "line").unwrap()], &bought(&[]));
    let line = &read.unwrap().lines[0];
    assert!(line.ordered.is_zero() && line.pegs.is_empty(), "{line:?}");
}

#[test]
fn what_odoo_ordered_for_sales_is_pegged_to_their_lines() {
    let peg = |line: &str, quantity: &str| HostPeg {
        document: DocumentRef::new(DocumentKind::SalesOrder, "7"),
        line: line.to_owned(),
        quantity: dec(quantity),
    };
    let pegs = |line: Value| {
        let line = json::parse(line.to_string().as_bytes()).unwrap();
        let tied = [(2, peg("21", "6")), (10, peg("21", "1")), (3, peg("22", "5"))].into();
        tied::pegs(&Fields::of(&line, "line").unwrap(), dec("12"), &tied).unwrap()
    };
    assert_eq!(pegs(json!({ "sale_line_id": [21, "S"], "sale_order_id": [7, "S"] })), [peg("21", "12")]);
    // a part was delivered: the rest is a move of its own; the fourth is of a cancelled sale
    assert_eq!(pegs(json!({ "move_dest_ids": [2, 10, 3, 4] })), [peg("21", "7"), peg("22", "5")]);
    assert_eq!(pegs(json!({ "move_dest_ids": [], "orderpoint_id": [1, "OP"] })), []);
}

#[tokio::test]
async fn a_purchase_line_in_another_unit_keeps_its_ratio() {
    let line = json::parse(
        br#"{"id":1,"order_id":[1,"P"],"product_id":[2,"x"],"product_qty":2.0,"product_uom_qty":24.0,"qty_received":0.5,"price_unit":60.0}"#,
    )
    .unwrap();
    let order = json::parse(br#"{"id":1,"name":"P","state":"purchase"}"#).unwrap();
    let lines = [Fields::of(&line, "line").unwrap()];
    let read = purchase::read(&Fields::of(&order, "order").unwrap(), &lines, &bought(&[])).unwrap();
    let line = &read.lines[0];
    assert_eq!((line.ordered, line.received, line.unit_price), (dec("24"), dec("6"), Some(dec("5"))));
}

#[tokio::test]
async fn recorded_price_lists_become_offers_with_tiers() {
    for version in ["17", "19"] {
        let list = rows(&format!("{version}_supplierinfo_read"));
        let list: Vec<_> = list
            .iter()
            .map(|row| items::supplier_row(&Fields::of(row, "row").unwrap(), "product_uom_id").unwrap())
            .collect();
        let product = |id: i64| {
            let row = json!({ "id": id, "uom_id": [1, "Units"], "is_storable": true, "product_tmpl_id": [id, "x"], "name": "x" });
            let row = json::parse(row.to_string().as_bytes()).unwrap();
            items::product(&Fields::of(&row, "product").unwrap(), None).unwrap()
        };
        let stove = items::offers(&product(2), &list, &Units::new());
        assert_eq!(stove.len(), 1);
        assert_eq!((stove[0].min_qty, stove[0].lead_days), (dec("5"), 9));
        let tiers: Vec<_> = stove[0].prices.iter().map(|tier| (tier.from_qty, tier.price)).collect();
        assert_eq!(tiers, [(dec("5"), dec("21.5")), (dec("50"), dec("19"))]);
        let lantern = items::offers(&product(1), &list, &Units::new());
        assert_eq!(lantern.len(), 2, "two vendors");
        assert_eq!(lantern.iter().map(|offer| offer.lead_days).collect::<Vec<_>>(), [5, 2]);
        assert!(items::offers(&product(99), &list, &Units::new()).is_empty());
    }
}

#[tokio::test]
async fn a_load_is_as_it_was_recorded_and_its_answer_gives_the_id() {
    let order = NewPurchaseOrder {
        marker: format!("BO-{}", "A".repeat(26)),
        vendor: Party { id: "9".to_owned(), name: String::new() },
        currency: None,
        warehouse: Some("1".to_owned()),
        ship_to: None,
        date: "2026-11-23".parse().unwrap(),
        expected: None,
        links: Vec::new(),
        lines: ["2", "1"].map(|item| line(item, "5")).to_vec(),
        note: String::new(),
    };
    let units = [("1".to_owned(), 1), ("2".to_owned(), 1)].into();
    let (columns, data) = purchase::load(&order, 4, None, &units, &[].into(), Series::V19.names()).unwrap();
    let recorded_columns = recorded("19_load_po_limited_user")["request"]["params"]["args"][5][0].clone();
    for column in recorded_columns.as_array().unwrap() {
        assert!(columns.as_array().unwrap().contains(column), "{column}");
    }
    assert!(columns.as_array().unwrap().contains(&json!("order_line/product_uom_id/.id")));
    let rows = data.as_array().unwrap();
    assert_eq!(rows[0][0], format!("__backorders__.{}", order.marker));
    assert_eq!(rows[1][0], "", "later rows leave the order's own columns empty");
    for row in rows {
        assert_eq!(row.as_array().unwrap().len(), columns.as_array().unwrap().len());
        assert!(row.as_array().unwrap().iter().all(Value::is_string));
    }
    assert!(purchase::load(&order, 4, None, &[].into(), &[].into(), Series::V17.names()).is_err());

    let odoo = odoo();
    for name in ["17_load_upsert", "19_load_upsert", "17_load_po_limited_user", "19_load_po_limited_user"] {
        assert!(buy::loaded(&odoo, &recorded(name)["response"]["result"]).unwrap() > 0, "{name}");
    }
    let lost = json!({ "ids": null, "messages": [{ "type": "error", "message": "could not serialize access due to concurrent update\n" }] });
    let error = buy::loaded(&odoo, &lost).unwrap_err();
    assert!(matches!(error, HostError::NotApplied { reason: NotApplied::HostFailed, .. }), "{error:?}");
    let wrong = json!({ "ids": null, "messages": [{ "type": "error", "message": "No matching record found" }] });
    assert!(matches!(buy::loaded(&odoo, &wrong), Err(HostError::Rejected { .. })));
    assert!(matches!(buy::loaded(&odoo, &json!({})), Err(HostError::Unknown { .. })));
}

fn line(item: &str, quantity: &str) -> NewPurchaseLine {
    NewPurchaseLine {
        item: item.to_owned(),
        description: String::new(),
        quantity: dec(quantity),
        unit: None,
        stock_quantity: dec(quantity),
        unit_price: Some(dec("21.50")),
        expected: None,
        why: String::new(),
    }
}

#[test]
fn every_recorded_delivery_names_its_document() {
    let samples = recorded("webhook_samples");
    let mut named = 0;
    for sample in samples.as_array().unwrap() {
        let body = sample["body"].as_str().unwrap();
        let Ok(parsed) = serde_json::from_str::<Value>(body) else { continue };
        let documents = event::changed_documents(body.as_bytes()).unwrap();
        let texts: Vec<String> = documents.iter().map(ToString::to_string).collect();
        let id = &parsed["_id"];
        match parsed["_model"].as_str() {
            Some("sale.order") => assert_eq!(texts, [format!("quotation:{id}"), format!("sales_order:{id}")]),
            Some("sale.order.line") => assert_eq!(texts[1], format!("sales_order:{}", parsed["order_id"])),
            Some("purchase.order") => assert_eq!(texts, [format!("purchase_order:{id}")]),
            Some("stock.move") => assert!(texts[0].starts_with("item:") || texts[0].starts_with("list:"), "{texts:?}"),
            _ => assert!(!texts.is_empty() && texts.iter().all(|text| text.starts_with("list:")), "{texts:?}"),
        }
        named += 1;
    }
    assert!(named > 20, "{named}");
}

#[test]
fn deliveries_that_are_none_are_kept_for_a_person() {
    for body in ["", "x", "{}", "[]", "null", r#"{"_id":1}"#, r#"{"_model":7}"#, r#"{"_model":"a","_model":"b"}"#] {
        assert!(event::changed_documents(body.as_bytes()).is_err(), "{body}");
    }
    assert_eq!(event::changed_documents(br#"{"_model":"res.partner","_id":1}"#), Ok(Vec::new()));
    for body in
        [r#"{"_model":"sale.order"}"#, r#"{"_model":"sale.order","_id":-1}"#, r#"{"_model":"sale.order","_id":"1"}"#]
    {
        let texts: Vec<String> =
            event::changed_documents(body.as_bytes()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["list:quotation", "list:sales_order"], "{body}");
    }
}

#[test]
fn a_recorded_order_prints_with_the_taxes_and_totals_of_odoo() {
    for version in ["17", "19"] {
        let order = rows(&format!("{version}_so_read_full")).remove(0);
        let unit = series(version).names().line_unit;
        let lines = rows(&format!("{version}_sol_read_full"));
        let lines = lines.iter().map(|line| printed::line(&Fields::of(line, "line").unwrap(), unit).unwrap()).collect();
        let reference = DocumentRef::new(DocumentKind::SalesOrder, "1");
        let print = printed::head(&Fields::of(&order, "order").unwrap(), &reference, None, None, lines).unwrap();
        assert_eq!(
            (print.untaxed, print.tax, print.total),
            (Some(dec("665.4")), Some(dec("99.81")), Some(dec("765.21")))
        );
        assert_eq!((print.currency.as_deref(), print.customer_reference.as_deref()), (Some("USD"), Some("PO-778")));
        assert_eq!(print.until, Some(jiff::civil::date(2026, 12, 23)));
        let line = &print.lines[0];
        assert_eq!(
            (line.sku.as_str(), line.description.as_str(), line.unit.as_str()),
            ("W-100", "Trail Lantern", "Units")
        );
        assert_eq!(
            (line.quantity, line.unit_price, line.amount),
            (Some(dec("12")), Some(dec("19.95")), Some(dec("239.4")))
        );
        assert_eq!(line.discount, None);
    }
}

#[test]
fn what_17_tells_of_is_read_after_it_had_time_to_commit() {
    let seventeen =
        event::settling(br#"{"_action": "Send Webhook Notification(#449)", "_id": 2, "_model": "sale.order"}"#);
    assert!(!seventeen.is_zero());
    assert!(
        event::settling(br#"{"_action": "Backorders: sale.order(#479)", "_id": 1, "_model": "sale.order"}"#).is_zero()
    );
    assert!(event::settling(b"no JSON").is_zero());
}
