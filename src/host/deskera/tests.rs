//! How each shape reads, what odd answers become, and that none of them ends in a panic.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::items::{self, Available};
use super::{printed, purchase, sales, signin};
use crate::domain::ids::DocumentKind;
use crate::domain::purchase_order::{PurchaseOrder, PurchaseState};
use crate::domain::sales_document::{DocumentStatus, SalesDocument, SalesLine};
use crate::host::json::{self, Fields, Misfit};

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// By way of its text, as it comes over the wire.
fn wire(value: &Value) -> Value {
    json::parse(value.to_string().as_bytes()).unwrap()
}

fn sale(kind: DocumentKind, value: &Value) -> Result<SalesDocument, Misfit> {
    let value = wire(value);
    sales::read(&Fields::of(&value, "document")?, kind, None).map(|reading| reading.document)
}

fn order(value: &Value) -> Result<PurchaseOrder, Misfit> {
    let value = wire(value);
    purchase::read(&Fields::of(&value, "order")?)
}

fn with(mut value: Value, pointer: &str, new: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[key] = new;
    value
}

fn invoice() -> Value {
    json!({
        "salesInvoiceCode": "SI-1", "documentSequenceCode": "INV-1", "salesInvoiceDate": "23-11-2026", "status": "OPEN",
        "draft": false, "contactCode": "C-1", "contact": { "name": "Blue Heron", "address": "27 Strand" },
        "currency": "EUR", "warehouseCode": "WH-1", "shipByDate": "05-12-2026", "salesInvoiceDueDate": "23-12-2026",
        "backOrder": false, "customField": [{ "id": 41, "label": "Backorder", "value": { "value": "Short" } }],
        "shipTo": { "address1": "27 Strand Street", "address2": "Yard 2", "city": "Galway", "postalCode": "H91" },
        "linkedDocuments": [{ "documentCode": "SO-9", "documentType": "SALES_ORDER" }],
        "salesInvoiceItems": [{
            "salesInvoiceItemCode": "L-1", "productCode": "P-1", "productQuantity": 12.50, "quantityFulfilled": 2,
            "shortClosedQuantity": 0.5, "type": "TRACKED", "unitPrice": 10.10, "uomQuantity": 1, "documentUom": 3
        }]
    })
}

fn quotation() -> Value {
    json!({
        "quotationCode": "Q-1", "documentDate": "23-11-2026", "status": "OPEN", "fulfillmentDate": "01-12-2026",
        "quotationItemDtoList": [{ "lineNumber": 1, "productCode": "P-1", "productQuantity": 5, "fulfilledQuantity": 1 }]
    })
}

fn legacy() -> Value {
    json!({
        "soCode": "SO-1", "documentDate": "23-11-2026", "fulfillmentDate": "05-12-2026", "fulfilled": false,
        "billed": false, "draft": false, "contactCode": "C-1", "currencyCode": "EUR",
        "salesOrderItems": [{ "id": 7, "productCode": "P-1", "productQuantity": 5 }]
    })
}

fn purchase_order() -> Value {
    json!({
        "poCode": "PO-1", "documentSequenceCode": "PO-00001", "vendorCode": "V-1", "status": "OPEN", "draft": false,
        "documentDate": "23-11-2026", "dueDate": "23-12-2026", "receiveByDate": "02-12-2026", "warehouseCode": "WH-1",
        "receiptStatus": "PARTIAL_RECEIVED", "currencyCode": "EUR", "memo": "x", "totalAmount": 100,
        "purchaseOrderItems": [{
            "purchaseOrderItemCode": "PL-1", "productCode": "P-1", "productQuantity": 10, "receivedQuantityInOrder": 3,
            "receivedQuantityInBills": 1, "unitPrice": 10, "uomQuantity": 10, "totalAmount": 100, "documentUom": 1
        }]
    })
}

fn product() -> Value {
    json!({
        "productId": "P-1", "name": "Kit", "documentSequenceCode": "K", "type": "BILL_OF_MATERIALS", "stockUom": 1,
        "uomSchemaDto": { "id": 1, "baseUOM": { "id": 1, "name": "piece" } }, "purchasePrice": 7.25,
        "reorderVendorCode": "V-2", "preferredVendorDetails": [{ "contactCode": "V-1", "preferred": true }, 7, null],
        "leadTimeDetails": [{ "contactCode": "V-1", "leadTime": 9 }, "x"],
        "bomProductsConfiguration": [
            { "productCode": "P-2", "quantity": 2 }, { "productCode": "P-3", "quantity": 1, "produceProductType": "SCRAP" }
        ]
    })
}

fn first(document: &SalesDocument) -> &SalesLine {
    &document.lines[0]
}

#[test]
fn an_invoice_reads_whole_and_exact() {
    let read = sale(DocumentKind::Invoice, &invoice()).unwrap();
    let line = first(&read);
    assert_eq!((line.ordered, line.fulfilled, line.closed), (dec("12.5"), dec("2"), dec("0.5")));
    assert_eq!(line.unit_price, Some(dec("10.1")));
    assert_eq!(read.need_by, Some(Date::constant(2026, 12, 5)));
    assert_eq!(read.ship_to.street, "27 Strand Street, Yard 2");
    assert_eq!(read.backorder_text.as_deref(), Some("Short"));
    let value = wire(&invoice());
    let reading = sales::read(&Fields::of(&value, "x").unwrap(), DocumentKind::Invoice, None).unwrap();
    assert_eq!(reading.made_from_orders, ["SO-9"]);
}

#[test]
fn the_due_date_is_a_term_of_payment_and_no_need_by_date() {
    let value = with(invoice(), "/shipByDate", Value::Null);
    assert_eq!(sale(DocumentKind::Invoice, &value).unwrap().need_by, None);
}

#[test]
fn statuses_say_whether_lines_carry_demand() {
    let status =
        |pointer: &str, value: Value| sale(DocumentKind::Invoice, &with(invoice(), pointer, value)).unwrap().status;
    for (text, expected) in [
        ("OPEN", DocumentStatus::Open),
        ("DRAFT", DocumentStatus::Draft),
        ("CLOSED", DocumentStatus::Closed),
        ("ARCHIVED", DocumentStatus::Closed),
        ("PROCESSED", DocumentStatus::Closed),
        ("SOMETHING_NEW", DocumentStatus::Open),
    ] {
        assert_eq!(status("/status", json!(text)), expected, "{text}");
    }
    assert_eq!(status("/draft", json!(true)), DocumentStatus::Draft);
    assert_eq!(status("/deleted", json!(true)), DocumentStatus::Cancelled);
    assert_eq!(status("/approvalStatus", json!("PENDING_FOR_APPROVAL")), DocumentStatus::Draft);
    assert_eq!(status("/approvalStatus", json!("NOT_REQUIRED")), DocumentStatus::Open);
}

#[test]
fn what_is_delivered_is_read_in_every_shape() {
    assert_eq!(first(&sale(DocumentKind::Quotation, &quotation()).unwrap()).fulfilled, dec("1"));
    let order = sale(DocumentKind::SalesOrder, &legacy()).unwrap();
    assert_eq!((order.reference.id.as_str(), first(&order).id.as_str()), ("SO-1", "7"));
    assert_eq!(first(&order).fulfilled, dec("0"));
    let done = sale(DocumentKind::SalesOrder, &with(legacy(), "/fulfilled", json!(true))).unwrap();
    assert_eq!(first(&done).fulfilled, dec("5"));
    let billed = sale(DocumentKind::SalesOrder, &with(legacy(), "/billed", json!(true))).unwrap();
    assert_eq!(billed.status, DocumentStatus::Closed);
    let mut pending = with(invoice(), "/salesInvoiceItems/0/pendingQuantity", json!(4));
    pending["salesInvoiceItems"][0].as_object_mut().unwrap().remove("quantityFulfilled");
    assert_eq!(first(&sale(DocumentKind::Invoice, &pending).unwrap()).fulfilled, dec("8.5"));
}

#[test]
fn short_closed_lines_are_no_longer_owed() {
    let all = with(invoice(), "/shortClosedStatus", json!("FULLY_SHORT_CLOSED"));
    assert_eq!(first(&sale(DocumentKind::Invoice, &all).unwrap()).closed, dec("10.5"));
    let mut line = with(invoice(), "/salesInvoiceItems/0/isShortClosed", json!(true));
    line["salesInvoiceItems"][0]["shortClosedQuantity"] = json!(0);
    assert_eq!(first(&sale(DocumentKind::Invoice, &line).unwrap()).closed, dec("10.5"));
}

#[test]
fn what_a_person_had_drop_shipped_is_not_bought_again_but_ours_stays_owed() {
    let mut value = with(invoice(), "/salesInvoiceItems/0/qtyConvertedToDropShip", json!(4));
    value["salesInvoiceItems"][0]["shortClosedQuantity"] = json!(0);
    let theirs = sale(DocumentKind::Invoice, &value).unwrap();
    assert!(first(&theirs).drop_ship);
    assert_eq!(first(&theirs).closed, dec("4"));
    let marker = format!("BO-{}", "B".repeat(26));
    let link = json!({ "documentCode": "PO-1", "documentType": "PURCHASE_ORDER", "documentSequenceCode": marker });
    let ours = sale(DocumentKind::Invoice, &with(value, "/linkedDocuments", json!([link]))).unwrap();
    assert_eq!(first(&ours).closed, dec("0"));
}

#[test]
fn a_drop_ship_document_is_drop_ship_in_every_line() {
    for (pointer, value) in [("/dropShip", json!(true)), ("/fulfillmentType", json!("Drop_Ship"))] {
        assert!(first(&sale(DocumentKind::Invoice, &with(invoice(), pointer, value)).unwrap()).drop_ship, "{pointer}");
    }
    let mixed = with(with(invoice(), "/dropShip", json!(false)), "/fulfillmentType", json!("DROP_SHIP"));
    assert!(!first(&sale(DocumentKind::Invoice, &mixed).unwrap()).drop_ship, "the flag of the document wins");
}

#[test]
fn a_converted_quotation_counts_in_what_was_made_of_it() {
    for key in ["/linkedSalesOrders", "/linkedSalesInvoices"] {
        let value = with(quotation(), key, json!([{ "documentSequenceCode": "X" }]));
        assert!(first(&sale(DocumentKind::Quotation, &value).unwrap()).counted_elsewhere, "{key}");
    }
}

#[test]
fn services_and_text_lines_carry_no_demand() {
    for (pointer, value) in [
        ("/salesInvoiceItems/0/type", json!("NONTRACKED")),
        ("/salesInvoiceItems/0/productCode", Value::Null),
        ("/salesInvoiceItems/0/productCode", json!("")),
    ] {
        assert!(!first(&sale(DocumentKind::Invoice, &with(invoice(), pointer, value)).unwrap()).tracked, "{pointer}");
    }
}

#[test]
fn wrong_figures_and_dates_make_a_document_unreadable_by_name() {
    for (pointer, value, problem) in [
        ("/salesInvoiceItems/0/productQuantity", json!(-1), "salesInvoiceItems[0].productQuantity: negative"),
        ("/salesInvoiceItems/0/productQuantity", json!("5,0"), "productQuantity: not a decimal within bounds"),
        ("/salesInvoiceItems/0/productQuantity", Value::Null, "productQuantity: missing"),
        ("/salesInvoiceItems/0/quantityFulfilled", json!([]), "quantityFulfilled: not a decimal within bounds"),
        ("/salesInvoiceDate", json!("2026-11-23"), "not a date of the form dd-MM-yyyy"),
        ("/salesInvoiceDate", json!("30-02-2026"), "not a date of the form dd-MM-yyyy"),
        ("/salesInvoiceCode", Value::Null, "salesInvoiceCode: missing"),
        ("/salesInvoiceItems", json!({}), "not a list"),
        ("/draft", json!("yes"), "not true or false"),
    ] {
        let misfit = sale(DocumentKind::Invoice, &with(invoice(), pointer, value)).unwrap_err().to_string();
        assert!(misfit.contains(problem), "{misfit}");
    }
    let twice = json!([invoice()["salesInvoiceItems"][0], invoice()["salesInvoiceItems"][0]]);
    let misfit = sale(DocumentKind::Invoice, &with(invoice(), "/salesInvoiceItems", twice)).unwrap_err();
    assert!(misfit.to_string().contains("same id"), "{misfit}");
}

#[test]
fn a_purchase_order_counts_receipts_and_bills() {
    let read = order(&purchase_order()).unwrap();
    assert_eq!((read.lines[0].received, read.lines[0].closed), (dec("4"), dec("0")));
    assert_eq!((read.state, read.expected), (PurchaseState::Confirmed, Some(Date::constant(2026, 12, 2))));
    assert_eq!(read.marker, None);
}

#[test]
fn purchase_states_say_what_may_still_come() {
    let state = |pointer: &str, value: Value| {
        let read = order(&with(purchase_order(), pointer, value)).unwrap();
        (read.state, read.lines[0].closed)
    };
    assert_eq!(state("/status", json!("DRAFT")), (PurchaseState::Draft, dec("0")));
    assert_eq!(state("/draft", json!(true)), (PurchaseState::Draft, dec("0")));
    assert_eq!(state("/status", json!("CLOSED")), (PurchaseState::Received, dec("6")));
    assert_eq!(state("/status", json!("PROCESSED")), (PurchaseState::Confirmed, dec("0")));
    assert_eq!(state("/status", json!("SOMETHING_NEW")), (PurchaseState::Confirmed, dec("0")));
    assert_eq!(state("/receiptStatus", json!("FULLY_RECEIVED")), (PurchaseState::Received, dec("6")));
    assert_eq!(state("/purchaseOrderItems/0/receivedQuantityInOrder", json!(9)), (PurchaseState::Received, dec("0")));
    let nothing_came = with(purchase_order(), "/purchaseOrderItems/0/receivedQuantityInOrder", json!(0));
    let nothing_came = with(nothing_came, "/purchaseOrderItems/0/receivedQuantityInBills", json!(0));
    let closed = order(&with(nothing_came, "/status", json!("ARCHIVED"))).unwrap();
    assert_eq!((closed.state, closed.lines[0].closed), (PurchaseState::Cancelled, dec("10")));
}

#[test]
fn a_vendors_term_of_payment_is_no_expected_date() {
    let value = with(purchase_order(), "/receiveByDate", Value::Null);
    assert_eq!(order(&value).unwrap().lines[0].due, None);
}

#[test]
fn a_kit_is_its_components_without_scrap_and_an_assembled_product_is_none() {
    let read = |value: &Value| {
        let value = wire(value);
        items::product(&Fields::of(&value, "product").unwrap(), Some("EUR")).unwrap()
    };
    let kit = read(&product());
    assert_eq!(kit.item.components.len(), 1);
    assert_eq!((kit.item.unit.as_str(), kit.item.cost), ("piece", Some(dec("7.25"))));
    let vendors: Vec<_> = kit.vendors.iter().map(|lead| (lead.vendor.as_str(), lead.lead_days)).collect();
    assert_eq!(vendors, [("V-1", 9), ("V-2", 0)]);
    let offers = items::offers(&kit, &[], Some("EUR"));
    assert_eq!((offers[0].rank, offers[0].prices[0].price), (1, dec("7.25")));
    assert!(read(&with(product(), "/hasBuildAssembly", json!(true))).item.components.is_empty());
    let free = read(&with(product(), "/purchasePrice", json!(0)));
    assert!(free.item.cost.is_none() && items::offers(&free, &[], Some("EUR"))[0].prices.is_empty());
}

#[test]
fn a_price_in_base_currency_is_no_price_of_a_vendor_who_is_paid_in_another() {
    let value = wire(&product());
    let product = items::product(&Fields::of(&value, "product").unwrap(), Some("EUR")).unwrap();
    let contact = wire(&json!({ "code": "V-1", "currencyCode": "USD", "status": "INACTIVE" }));
    let contact = items::contact(&Fields::of(&contact, "contact").unwrap()).unwrap();
    assert!(contact.blocked);
    let offers = items::offers(&product, &[contact], Some("EUR"));
    assert!(offers[0].prices.is_empty());
    assert_eq!(offers[0].currency.as_deref(), Some("USD"));
}

#[test]
fn stock_never_counts_more_than_can_be_there() {
    for (available, reserved, meaning, expected) in [
        ("4", "4", Available::Unknown, "4"),
        ("0", "4", Available::Unknown, "4"),
        ("10", "4", Available::Unknown, "10"),
        ("0", "4", Available::LessReserved, "4"),
        ("6", "4", Available::LessReserved, "10"),
        ("6", "4", Available::OnHand, "6"),
        ("-2", "0", Available::OnHand, "-2"),
    ] {
        assert_eq!(items::on_hand(dec(available), dec(reserved), meaning), dec(expected), "{available} {reserved}");
    }
}

#[test]
fn attack_74_tokens_that_are_no_jwt_tell_nothing_and_break_nothing() {
    for token in ["", ".", "..", "a.b.c", "a.!!.c", "a.e30.c", "a.bnVsbA.c", "opaque", "a.eyJleHAiOjFlOTl9.c"] {
        let claims = signin::claims(&token.to_owned().into());
        assert!(claims.is_none_or(|claims| claims.identity.company.is_empty()), "{token}");
    }
}

/// Every value of each sample is replaced by each of these in turn: an answer or an error, never a panic, and no
/// figure that was not there.
#[test]
fn no_answer_however_odd_ends_in_a_panic() {
    let odd = [
        Value::Null,
        json!(true),
        json!(""),
        json!("x"),
        json!("٥"),
        json!(-1),
        json!(0.1),
        json!([]),
        json!([null]),
        json!([[1]]),
        json!({}),
        json!({ "a": [] }),
        json!("99-99-9999"),
        json!("9".repeat(300)),
        json!(i64::MIN),
        json::parse(b"1e28").unwrap(),
        json::parse(b"0.0000000000000000000000000001").unwrap(),
        json::parse(b"123456789012345678901234567890").unwrap(),
    ];
    let read_any = |name: &str, value: &Value| {
        let Ok(fields) = Fields::of(value, name) else { return };
        for kind in [DocumentKind::Invoice, DocumentKind::Quotation, DocumentKind::SalesOrder] {
            let _ = sales::read(&fields, kind, None);
            let _ = sales::read(&fields, kind, Some("legacy"));
        }
        let _ = purchase::read(&fields);
        let _ = purchase::replacement(&fields, &[("PL-1".to_owned(), Decimal::MAX)].into());
        let _ = items::contact(&fields);
        let _ = items::warehouse(&fields);
        let _ = items::stock(&fields, &["P-1".to_owned()].into(), Available::LessReserved);
        if let Ok(product) = items::product(&fields, Some("EUR")) {
            let _ = items::offers(&product, &[], None);
        }
    };
    let stock = json!({ "warehouses": [{ "code": "W", "productAvailableQuantity": { "P-1": 4 }, "productReservedQuantity": {} }] });
    let contact =
        json!({ "code": "C-1", "name": "x", "vendor": true, "shippingAddress": [{ "preferred": true, "city": "x" }] });
    let samples = [invoice(), quotation(), legacy(), purchase_order(), product(), stock, contact];
    for sample in &samples {
        read_any("sample", sample);
        for pointer in pointers(sample, "") {
            for value in &odd {
                read_any("odd", &with(sample.clone(), &pointer, value.clone()));
            }
        }
    }
}

fn pointers(value: &Value, path: &str) -> Vec<String> {
    let inner: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (format!("{path}/{key}"), value)).collect(),
        // An element is replaced by way of its own members.
        Value::Array(list) => {
            return list.iter().enumerate().flat_map(|(at, one)| pointers(one, &format!("{path}/{at}"))).collect();
        }
        _ => return Vec::new(),
    };
    inner
        .into_iter()
        .flat_map(|(path, value)| {
            let mut all = pointers(value, &path);
            all.push(path);
            all
        })
        .collect()
}

#[test]
fn a_print_has_the_host_s_own_figures_and_no_others() {
    let print = |value: &Value, kind| {
        let value = wire(value);
        let fields = Fields::of(&value, "document").unwrap();
        printed::read(&fields, sales::read(&fields, kind, None).unwrap().document).unwrap()
    };
    let mut full = invoice();
    full["totalAmount"] = json!(151.88);
    full["taxAmount"] = json!(25.63);
    full["billTo"] = json!({ "address1": "1 Other Street", "city": "Cork" });
    full["customerOrderNumber"] = json!("PO-77");
    full["salesInvoiceItems"][0]["taxAmount"] = json!(25.63);
    full["salesInvoiceItems"][0]["totalAmount"] = json!(126.25);
    full["salesInvoiceItems"][0]["uomUnitPrice"] = json!(126.25);
    full["salesInvoiceItems"][0]["documentUOMSchemaDefinition"] = json!({ "name": "box" });
    let read = print(&full, DocumentKind::Invoice);
    assert_eq!((read.total, read.tax, read.untaxed), (Some(dec("151.88")), Some(dec("25.63")), None));
    assert_eq!(read.until, Some(Date::constant(2026, 12, 23)));
    assert_eq!((read.bill_to.unwrap().city.as_str(), read.ship_to.unwrap().city.as_str()), ("Cork", "Galway"));
    assert_eq!(read.customer_reference.as_deref(), Some("PO-77"));
    let line = &read.lines[0];
    assert_eq!((line.quantity, line.unit.as_str()), (Some(dec("1")), "box"));
    assert_eq!(
        (line.unit_price, line.amount, line.tax),
        (Some(dec("126.25")), Some(dec("126.25")), Some(dec("25.63")))
    );
    let bare = print(&quotation(), DocumentKind::Quotation);
    assert_eq!((bare.total, bare.tax, bare.lines[0].amount, bare.lines[0].unit_price), (None, None, None, None));
    assert_eq!(bare.lines[0].quantity, Some(dec("5")));
}
