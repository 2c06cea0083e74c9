//! Sales: lists and their query grammar, both shapes of the sales order, changes, deliveries.

use reqwest::Method;
use serde_json::{Value, json};

use super::erp::Erp;

fn codes<'a>(page: &'a Value, key: &str) -> Vec<&'a str> {
    page["content"].as_array().unwrap().iter().map(|one| one[key].as_str().unwrap()).collect()
}

#[tokio::test]
async fn lists_are_narrowed_sorted_and_paged() {
    let erp = Erp::start().await;
    let mut made = Vec::new();
    for (item, quantity) in [("GR-2", 1), ("KT-10", 2), ("GR-2", 3), ("MJ-06", 4)] {
        erp.clock.advance(jiff::SignedDuration::from_secs(60));
        made.push(erp.sell("invoice", item, quantity).await);
    }
    erp.control("cancel", json!({ "code": made[2] })).await;
    let list = "/v1/invoices/sales";
    let query = |query: &str| format!("{list}?query={}", query.replace('=', "%3D").replace(',', "%2C"));
    let newest = erp.get(&format!("{list}?sort=createdDate&sortDir=DESC&limit=2&page=0")).await;
    assert_eq!(codes(&newest, "salesInvoiceCode"), [&made[3], &made[2]]);
    assert_eq!(
        (&newest["totalElements"], &newest["totalPages"], &newest["last"]),
        (&json!(4), &json!(2), &json!(false))
    );
    let second = erp.get(&format!("{list}?sort=createdDate&sortDir=desc&limit=2&page=1")).await;
    assert_eq!(codes(&second, "salesInvoiceCode"), [&made[1], &made[0]]);
    assert_eq!(second["last"], json!(true));
    let open = erp.get(&query("status=OPEN,salesInvoiceItems.productCode=P-0000001")).await;
    assert_eq!(codes(&open, "salesInvoiceCode"), [&made[0]]);
    let either =
        erp.get(&query("salesInvoiceItems.productCode=P-0000003,salesInvoiceItems.productCode=P-0000004")).await;
    assert_eq!(codes(&either, "salesInvoiceCode"), [&made[1], &made[3]]);
    assert_eq!(codes(&erp.get(&query("shipByDate!null")).await, "salesInvoiceCode").len(), 4);
    assert_eq!(codes(&erp.get(&format!("{list}?search=blue+heron")).await, "salesInvoiceCode").len(), 4);
    assert_eq!(codes(&erp.get(&format!("{list}?contactCodes=C-0000005")).await, "salesInvoiceCode").len(), 0);
    let (status, _) = erp.call(Method::GET, &query("status"), None).await;
    assert_eq!(status, 400, "a term of neither form");
    assert_eq!(erp.get(list).await["size"], json!(10), "the SDK's default");
}

#[tokio::test]
async fn a_sales_order_has_one_shape_or_the_other() {
    let erp = Erp::start().await;
    let order = erp.sell("sales_order", "GR-2", 12).await;
    let path = format!("/v1/orders/sales/{order}");
    let new = erp.get(&path).await;
    assert_eq!(new["salesOrderCode"], json!(order));
    assert_eq!(new["salesOrderItems"][0]["pendingQuantity"], json!(12));
    let patch = json!({ "backOrder": true, "memo": "short" });
    let (status, changed) = erp.call(Method::PATCH, &format!("/v1/orders/sales?code={order}"), Some(&patch)).await;
    assert_eq!((status, &changed["backOrder"]), (200, &json!(true)));
    erp.control("settings", json!({ "sales_order_shape": "old" })).await;
    let old = erp.get(&path).await;
    assert_eq!(old["soCode"], json!(order));
    assert_eq!(old["fulfillmentDate"], json!("10-12-2026"));
    for absent in ["backOrder", "status", "documentSequenceCode", "shipTo", "salesOrderCode"] {
        assert!(old.get(absent).is_none(), "the old shape has no {absent}");
    }
    assert!(old["salesOrderItems"][0].get("quantityFulfilled").is_none());
}

#[tokio::test]
async fn an_invoice_made_from_an_order_is_linked_with_it_and_delivers_for_it() {
    let erp = Erp::start().await;
    let order = erp.sell("sales_order", "KT-10", 6).await;
    let invoice = erp.control("sales", json!({ "kind": "invoice", "from": order })).await;
    let invoice = invoice["code"].as_str().unwrap();
    let read = erp.get(&format!("/v1/invoices/sales/code/{invoice}")).await;
    assert_eq!(read["linkedDocuments"][0]["documentCode"], json!(order));
    let from = erp.get(&format!("/v1/orders/sales/{order}")).await;
    assert_eq!(from["linkedSalesInvoiceDocuments"][0]["documentCode"], json!(invoice));
    let lines = json!([{ "line": "P-0000003", "quantity": 4 }]);
    erp.control("fulfil", json!({ "code": invoice, "lines": lines })).await;
    let from = erp.get(&format!("/v1/orders/sales/{order}")).await;
    assert_eq!(from["salesOrderItems"][0]["quantityFulfilled"], json!(4));
    assert_eq!(erp.on_hand("P-0000003").await, "14");
}

#[tokio::test]
async fn more_than_there_is_cannot_be_delivered_and_nothing_moves() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "GR-2", 12).await;
    let (status, refused) = erp.try_control("fulfil", json!({ "code": invoice })).await;
    assert_eq!(status, 400);
    assert_eq!(refused["error"], json!("only 4 of Burr grinder G2 in the warehouse, 12 needed"));
    let read = erp.get(&format!("/v1/invoices/sales/code/{invoice}")).await;
    assert_eq!((&read["fulfillmentStatus"], erp.on_hand("P-0000001").await), (&json!("UNFULFILLED"), "4".to_owned()));
    erp.control("settings", json!({ "allow_negative_stock": true })).await;
    erp.control("fulfil", json!({ "code": invoice })).await;
    assert_eq!(erp.on_hand("P-0000001").await, "-8");
}

#[tokio::test]
async fn a_kit_leaves_the_warehouse_as_its_components() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "SK-1", 3).await;
    erp.control("fulfil", json!({ "code": invoice })).await;
    let left = [erp.on_hand("P-0000001").await, erp.on_hand("P-0000003").await, erp.on_hand("P-0000005").await];
    assert_eq!(left, ["1", "15", "114"]);
    let kit = erp.get("/v1/products?query=documentSequenceCode%3DSK-1").await;
    assert_eq!(kit["content"][0]["bomProductsConfiguration"][2]["quantity"], json!(2));
}

#[tokio::test]
async fn a_sale_is_amended_cancelled_reopened_and_deleted() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "GR-2", 12).await;
    let path = format!("/v1/invoices/sales/code/{invoice}");
    let lines = json!([{ "line": "P-0000001", "quantity": 9 }]);
    erp.control("edit", json!({ "code": invoice, "lines": lines, "add": [{ "item": "KT-10", "quantity": "1.5" }] }))
        .await;
    let read = erp.get(&path).await;
    let quantities = read["salesInvoiceItems"].as_array().unwrap().iter().map(|one| one["productQuantity"].to_string());
    assert_eq!(quantities.collect::<Vec<_>>(), ["9", "1.5"]);
    let closed = json!([{ "line": "P-0000001", "quantity": 2 }]);
    erp.control("edit", json!({ "code": invoice, "short_close": closed })).await;
    assert_eq!(erp.get(&path).await["shortClosedStatus"], json!("PARTIALLY_SHORT_CLOSED"));
    erp.control("cancel", json!({ "code": invoice })).await;
    assert_eq!(erp.get(&path).await["status"], json!("CLOSED"));
    erp.control("reopen", json!({ "code": invoice })).await;
    assert_eq!(erp.get(&path).await["status"], json!("OPEN"));
    erp.control("delete", json!({ "code": invoice })).await;
    assert_eq!(erp.call(Method::GET, &path, None).await.0, 404);
}

#[tokio::test]
async fn a_custom_field_is_kept_and_one_that_does_not_exist_is_refused() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "GR-2", 12).await;
    let path = format!("/v1/invoices/sales/code/{invoice}");
    for text in ["Short", "On order 08-12-2026"] {
        let field = json!([{ "label": "Backorder", "module": "INVOICE", "value": { "value": text } }]);
        let (status, read) = erp.call(Method::PATCH, &path, Some(&json!({ "customField": field }))).await;
        assert_eq!(status, 200);
        assert_eq!(read["customField"].as_array().unwrap().len(), 1);
        assert_eq!(read["customField"][0]["value"]["value"], json!(text));
    }
    let field = json!([{ "label": "Nonsense", "module": "INVOICE", "value": { "value": "x" } }]);
    assert_eq!(erp.call(Method::PATCH, &path, Some(&json!({ "customField": field }))).await.0, 400);
    assert_eq!(erp.call(Method::PATCH, &path, Some(&json!({ "nonsense": 1 }))).await.0, 400);
}

#[tokio::test]
async fn what_the_vendor_shipped_counts_once_however_often_it_is_told() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "GR-2", 12).await;
    let update = json!([{ "salesInvoiceCode": invoice, "fulfillmentType": "DROP_SHIP",
        "itemToFulfilledQtyMap": { "P-0000001": 8 } }]);
    for _ in 0..2 {
        let path = "/v1/invoices/sales/dropshipupdateinvoice";
        assert_eq!(erp.call(Method::PUT, path, Some(&update)).await.0, 200);
    }
    let read = erp.get(&format!("/v1/invoices/sales/code/{invoice}")).await;
    assert_eq!(read["salesInvoiceItems"][0]["qtyFulfilledFromToDropShip"], json!(8));
    assert_eq!(read["salesInvoiceItems"][0]["quantityFulfilled"], json!(8));
    assert_eq!(erp.on_hand("P-0000001").await, "4");
}

#[tokio::test]
async fn two_companies_have_the_same_codes_and_do_not_see_each_other() {
    let erp = Erp::seeded(backorders::sandbox::Seed::TwoCompanies).await;
    let ours = erp.sell("invoice", "GR-2", 12).await;
    let lines = json!([{ "item": "GR-2", "quantity": 1 }]);
    let theirs = json!({ "company": 1002, "kind": "invoice", "customer": "Blue Heron Café", "lines": lines });
    assert_eq!(erp.control("sales", theirs).await["code"], json!(ours));
    let other = erp.token_of(1002, 4).await;
    let path = format!("/v1/invoices/sales/code/{ours}");
    let (_, read) = erp.call_as(&other, Method::GET, &path, None).await;
    assert_eq!(read["salesInvoiceItems"][0]["productQuantity"], json!(1));
    assert_eq!(erp.get(&path).await["salesInvoiceItems"][0]["productQuantity"], json!(12));
}
