//! Purchase orders: made, issued, received in parts, undone, closed; drop shipments.

use reqwest::Method;
use serde_json::{Value, json};

use super::erp::{Erp, order};

async fn read(erp: &Erp, code: &Value) -> Value {
    erp.get(&format!("/v1/orders/purchase/code/{}", code.as_str().unwrap())).await
}

async fn receive(erp: &Erp, code: &Value, quantity: u32) -> Value {
    let lines = json!([{ "line": "P-0000001", "quantity": quantity }]);
    erp.control("receive", json!({ "code": code, "lines": lines })).await["receipt"].clone()
}

#[tokio::test]
async fn goods_come_in_parts_too_many_and_are_undone_again() {
    let erp = Erp::start().await;
    let code = erp.buy(|_| {}).await["poCode"].clone();
    let first = receive(&erp, &code, 3).await;
    let order = read(&erp, &code).await;
    assert_eq!((&order["receiptStatus"], &order["pendingReceipt"]), (&json!("PARTIAL_RECEIVED"), &json!(true)));
    let line = &order["purchaseOrderItems"][0];
    assert_eq!((&line["receivedQuantityInOrder"], &line["pendingQuantity"]), (&json!(3), &json!(5)));
    assert_eq!(erp.on_hand("P-0000001").await, "7");
    receive(&erp, &code, 6).await;
    let order = read(&erp, &code).await;
    assert_eq!((&order["receiptStatus"], &order["pendingReceipt"]), (&json!("FULLY_RECEIVED"), &json!(false)));
    assert_eq!(erp.on_hand("P-0000001").await, "13");
    erp.control("undo-receipt", json!({ "receipt": first })).await;
    assert_eq!(erp.on_hand("P-0000001").await, "10");
    assert_eq!(read(&erp, &code).await["receiptStatus"], json!("PARTIAL_RECEIVED"));
    let path = format!("/v1/products/goodsreceipt/documentCode/{}?documentType=PURCHASE_ORDER", code.as_str().unwrap());
    assert_eq!(erp.get(&path).await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn goods_that_have_left_again_cannot_be_undone() {
    let erp = Erp::start().await;
    let code = erp.buy(|_| {}).await["poCode"].clone();
    let receipt = receive(&erp, &code, 8).await;
    erp.control("stock", json!({ "item": "GR-2", "to": 5 })).await;
    let (status, _) = erp.try_control("undo-receipt", json!({ "receipt": receipt })).await;
    assert_eq!((status, erp.on_hand("P-0000001").await), (400, "5".to_owned()));
    assert_eq!(read(&erp, &code).await["receiptStatus"], json!("FULLY_RECEIVED"));
}

#[tokio::test]
async fn a_draft_is_not_received_before_it_is_issued() {
    let erp = Erp::start().await;
    let made = erp.buy(|order| order["draft"] = json!(true)).await;
    let code = &made["poCode"];
    assert_eq!(made["status"], json!("DRAFT"));
    assert_eq!(erp.try_control("receive", json!({ "code": code })).await.0, 400);
    let path = format!("/v1/orders/purchase?orderCode={}", code.as_str().unwrap());
    let (status, issued) = erp.call(Method::PATCH, &path, Some(&json!({ "draft": false, "status": "OPEN" }))).await;
    assert_eq!((status, &issued["status"], &issued["draft"]), (200, &json!("OPEN"), &json!(false)));
    erp.control("receive", json!({ "code": code })).await;
    assert_eq!(erp.on_hand("P-0000001").await, "12");
}

#[tokio::test]
async fn a_closed_order_brings_nothing_more() {
    let erp = Erp::start().await;
    let code = erp.buy(|_| {}).await["poCode"].clone();
    receive(&erp, &code, 3).await;
    erp.control("cancel", json!({ "code": code })).await;
    let order = read(&erp, &code).await;
    assert_eq!((&order["status"], &order["purchaseOrderItems"][0]["pendingQuantity"]), (&json!("CLOSED"), &json!(0)));
    assert_eq!(erp.try_control("receive", json!({ "code": code })).await.0, 400);
}

#[tokio::test]
async fn a_deleted_order_is_gone_and_known_as_deleted() {
    let erp = Erp::start().await;
    let code = erp.buy(|_| {}).await["poCode"].clone();
    let receipt = receive(&erp, &code, 1).await;
    let path = format!("/v1/orders/purchase/{}", code.as_str().unwrap());
    assert_eq!(erp.call(Method::DELETE, &path, None).await.0, 400, "its receipts stand in the way");
    erp.control("undo-receipt", json!({ "receipt": receipt })).await;
    assert_eq!(erp.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(erp.call(Method::GET, &path, None).await.0, 404);
    erp.get(&format!("/v1/orders/purchase/get-deleted/{}", code.as_str().unwrap())).await;
}

#[tokio::test]
async fn a_drop_shipment_touches_no_stock() {
    let erp = Erp::start().await;
    let made = erp
        .buy(|order| {
            order["dropShip"] = json!(true);
            order["shipTo"] =
                json!({ "contactName": "Blue Heron Café", "address1": "27 Strand Street", "city": "Galway" });
        })
        .await;
    assert_eq!(made["shipTo"]["city"], json!("Galway"));
    receive(&erp, &made["poCode"], 8).await;
    assert_eq!(read(&erp, &made["poCode"]).await["receiptStatus"], json!("FULLY_RECEIVED"));
    assert_eq!(erp.on_hand("P-0000001").await, "4");
    let mut nowhere = order();
    nowhere["dropShip"] = json!(true);
    assert_eq!(erp.call(Method::POST, "/v1/orders/purchase", Some(&nowhere)).await.0, 400);
}

#[tokio::test]
async fn two_orders_may_have_the_same_number_unless_the_company_says_no() {
    let erp = Erp::start().await;
    let number = |order: &mut Value| order["documentSequenceCode"] = json!("BO-SAME");
    let (first, second) = (erp.buy(number).await, erp.buy(number).await);
    assert_ne!(first["poCode"], second["poCode"]);
    let path = "/v1/orders/purchase/bulk-details-by-seq";
    let (_, found) = erp.call(Method::POST, path, Some(&json!(["BO-SAME"]))).await;
    assert_eq!(found.as_array().unwrap().len(), 2);
    erp.control("settings", json!({ "unique_order_numbers": true })).await;
    let mut third = order();
    number(&mut third);
    assert_eq!(erp.call(Method::POST, "/v1/orders/purchase", Some(&third)).await.0, 400);
}

#[tokio::test]
async fn quantities_and_prices_come_back_digit_for_digit() {
    let erp = Erp::start().await;
    let body = include_str!("exact_order.json");
    let sent: Value = serde_json::from_str(body).unwrap();
    let (status, made) = erp.call(Method::POST, "/v1/orders/purchase", Some(&sent)).await;
    assert_eq!(status, 201, "{made}");
    let line = &made["purchaseOrderItems"][0];
    assert_eq!(line["uomUnitPrice"].to_string(), "0.123456789012345678");
    assert_eq!(line["productQuantity"].to_string(), "123456789.000001");
    assert_eq!(made["totalAmount"].to_string(), "15241578.75");
}

#[tokio::test]
async fn a_line_in_the_vendors_unit_is_counted_in_the_stock_unit() {
    let erp = Erp::start().await;
    let packed = |quantity: Value| {
        move |order: &mut Value| {
            let line = &mut order["purchaseOrderItems"][0];
            line["productCode"] = json!("P-0000006");
            line["documentUom"] = json!(2);
            line["uomQuantity"] = json!(2);
            line["productQuantity"] = quantity;
        }
    };
    let made = erp.buy(packed(json!(24))).await;
    let line = &made["purchaseOrderItems"][0];
    assert_eq!((&line["productQuantity"], &line["uomQuantity"]), (&json!(24), &json!(2)));
    assert_eq!(line["documentUOMSchemaDefinition"]["sinkConversionFactor"], json!(12));
    let mut wrong = order();
    packed(json!(2))(&mut wrong);
    assert_eq!(erp.call(Method::POST, "/v1/orders/purchase", Some(&wrong)).await.0, 400, "2 cases are not 2 pieces");
}

#[tokio::test]
async fn an_order_is_changed_as_a_whole_and_keeps_its_lines_and_receipts() {
    let erp = Erp::start().await;
    let made = erp.buy(|_| {}).await;
    receive(&erp, &made["poCode"], 3).await;
    let mut changed = order();
    changed["purchaseOrderItems"][0]["id"] = made["purchaseOrderItems"][0]["id"].clone();
    for (quantity, expected) in [(5, 200), (2, 400)] {
        for key in ["productQuantity", "uomQuantity"] {
            changed["purchaseOrderItems"][0][key] = json!(quantity);
        }
        let path = format!("/v1/orders/purchase/{}", made["poCode"].as_str().unwrap());
        assert_eq!(erp.call(Method::PUT, &path, Some(&changed)).await.0, expected, "to {quantity} with 3 received");
    }
    let order = read(&erp, &made["poCode"]).await;
    let line = &order["purchaseOrderItems"][0];
    assert_eq!((&line["productQuantity"], &line["receivedQuantityInOrder"]), (&json!(5), &json!(3)));
    assert_eq!(line["purchaseOrderItemCode"], made["purchaseOrderItems"][0]["purchaseOrderItemCode"]);
}

#[tokio::test]
async fn the_links_of_a_back_order_stand_on_both_sides() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "GR-2", 12).await;
    let made = erp
        .buy(|order| {
            order["backOrder"] = json!(true);
            order["linkedDocuments"] = json!([{ "documentType": "SALES_INVOICE", "documentCode": invoice }]);
        })
        .await;
    assert_eq!(made["linkedDocuments"][0]["documentCode"], json!(invoice));
    let info = json!({ "documentType": "PURCHASE_ORDER", "documentCode": made["poCode"] });
    let link = json!({ "documentInfo": info, "salesDocumentCode": invoice, "salesDocumentType": "SALES_INVOICE" });
    for _ in 0..2 {
        let path = "/v1/invoices/sales/update/linkedBackOrder";
        assert_eq!(erp.call(Method::POST, path, Some(&link)).await.0, 200);
    }
    let read = erp.get(&format!("/v1/invoices/sales/code/{invoice}")).await;
    assert_eq!(read["backOrder"], json!(true));
    assert_eq!(read["linkedDocuments"].as_array().unwrap().len(), 1, "linked once, however often it is told");
}
