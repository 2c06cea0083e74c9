//! The Deskera connector against the sandbox ERP; each call that it makes is held against the documented API.

use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::purchase_order::{
    LinkedDocument, NewPurchaseLine, NewPurchaseOrder, PurchaseLineChange, PurchaseOrder, PurchaseOrderChange,
    PurchaseState,
};
use backorders::domain::sales_document::{Address, DocumentStatus, Party};
use backorders::domain::stock::WarehouseUse;
use backorders::host::{BackorderMark, Host, HostError, NotApplied, deskera};
use rust_decimal::Decimal;
use serde_json::json;

use crate::support::deskera::{Erp, NEED_BY, app};

const GRINDER: &str = "P-0000001";
const KETTLE: &str = "P-0000003";
const KIT: &str = "P-0000007";
const SERVICE: &str = "P-0000008";
const MAIN: &str = "WH-0000001";

fn marker(end: char) -> String {
    format!("BO-{}{end}", "A".repeat(25))
}

fn dec(text: &str) -> Decimal {
    text.parse().unwrap()
}

fn order_for(sale: &DocumentRef, marker: &str, quantity: &str) -> NewPurchaseOrder {
    NewPurchaseOrder {
        marker: marker.to_owned(),
        vendor: Party { id: "C-0000001".to_owned(), name: "Molino".to_owned() },
        currency: Some("EUR".to_owned()),
        warehouse: Some(MAIN.to_owned()),
        ship_to: None,
        date: "2026-11-23".parse().unwrap(),
        expected: Some("2026-12-02".parse().unwrap()),
        links: vec![LinkedDocument { reference: sale.clone(), number: "INV-1".to_owned() }],
        lines: vec![NewPurchaseLine {
            item: GRINDER.to_owned(),
            description: "Burr grinder G2".to_owned(),
            quantity: dec(quantity),
            unit: None,
            stock_quantity: dec(quantity),
            unit_price: Some(dec("84.00")),
            expected: Some("2026-12-02".parse().unwrap()),
            why: "12 ordered − 4 from stock = 8 short".to_owned(),
        }],
        note: "8 short of Burr grinder G2: 12 ordered − 4 from stock".to_owned(),
    }
}

async fn bought(erp: &Erp, host: &dyn Host, marker: &str) -> (DocumentRef, PurchaseOrder) {
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let order = host.create_purchase_order(&order_for(&sale, marker, "8")).await.unwrap();
    (sale, order)
}

#[tokio::test]
async fn signing_in_tells_who_and_until_when() {
    let erp = Erp::start().await;
    let identity = &erp.grant.identity;
    assert_eq!((identity.company.as_str(), identity.company_name.as_str()), ("1001", "Fairlight Coffee Works"));
    assert_eq!(identity.currency.as_deref(), Some("EUR"));
    assert_eq!(identity.time_zone.as_deref(), Some("Europe/Dublin"));
    assert_eq!(identity.email.as_deref(), Some("admin@fairlight.test"));
    assert!(erp.grant.expires_at.is_some());
    let consent = deskera::consent_url(&app(&erp.url), "a state & more");
    assert!(consent.as_str().ends_with("client_id=backorders&response_type=code&scope=write&state=a+state+%26+more"));
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn a_refresh_gives_new_tokens_and_a_used_one_is_refused() {
    let erp = Erp::start().await;
    let old = erp.grant.access.refresh_token.clone().unwrap();
    let new = deskera::refresh(&erp.http, &app(&erp.url), &erp.url, &old).await.unwrap();
    assert_eq!(new.identity.company, "1001");
    assert!(new.access.refresh_token.is_some());
    let again = deskera::refresh(&erp.http, &app(&erp.url), &erp.url, &old).await.unwrap_err();
    let text = format!("{again:?}");
    assert!(matches!(again, HostError::Rejected { .. }), "{text}");
    assert!(!text.contains(secrecy::ExposeSecret::expose_secret(&old)), "{text}");
    let wrong = deskera::exchange_code(&erp.http, &app(&erp.url), &erp.url, "no such code").await.unwrap_err();
    assert!(matches!(wrong, HostError::Rejected { .. }), "{wrong:?}");
    erp.stop().await;
}

#[tokio::test]
async fn an_expired_access_token_asks_for_a_refresh() {
    let erp = Erp::start().await;
    erp.fault("GET", "warehouses", json!({ "kind": "expired_token" })).await;
    let error = erp.host().read_warehouses().await.unwrap_err();
    assert!(error.is_unauthorized(), "{error:?}");
    erp.stop().await;
}

#[tokio::test]
async fn an_invoice_reads_in_domain_terms() {
    let erp = Erp::start().await;
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 12), (SERVICE, 1)]).await;
    let read = erp.host().read_sales_document(&sale).await.unwrap().unwrap();
    let document = &read.value;
    assert_eq!(document.reference, sale);
    assert_eq!(document.status, DocumentStatus::Open);
    assert_eq!(document.need_by, Some(*NEED_BY));
    assert_eq!(document.customer, Party { id: "C-0000005".to_owned(), name: "Rösterei Anselm".to_owned() });
    assert_eq!(document.ship_to.one_line(), "Rösterei Anselm, Schillerstr. 40, 04109, Leipzig, Germany");
    assert!(!document.backorder_flag);
    let [grinder, service] = &document.lines[..] else { panic!("{document:?}") };
    assert_eq!((grinder.item.as_str(), grinder.ordered, grinder.fulfilled), (GRINDER, dec("12"), dec("0")));
    assert_eq!(grinder.warehouse.as_deref(), Some(MAIN));
    assert!(grinder.tracked && !grinder.drop_ship && !grinder.counted_elsewhere);
    assert!(!service.tracked);

    erp.control("/sandbox/fulfil", json!({ "code": sale.id, "lines": [{ "line": GRINDER, "quantity": 4 }] })).await;
    let after = erp.host().read_sales_document(&sale).await.unwrap().unwrap();
    assert_eq!(after.value.lines[0].fulfilled, dec("4"));
    assert_ne!(after.fingerprint, read.fingerprint);
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn a_list_tells_the_fingerprint_that_the_whole_document_has() {
    let erp = Erp::start().await;
    let host = erp.host();
    for kind in [DocumentKind::Invoice, DocumentKind::SalesOrder, DocumentKind::Quotation] {
        let first = erp.sell(kind, &[(GRINDER, 1)]).await;
        let second = erp.sell(kind, &[(GRINDER, 2), (KETTLE, 1)]).await;
        let page = host.list_documents(kind, 0).await.unwrap();
        assert!(page.last);
        let listed: Vec<_> = page.documents.iter().map(|row| row.reference.clone()).collect();
        assert_eq!(listed, [second.clone(), first], "newest first");
        let whole = host.read_sales_document(&second).await.unwrap().unwrap();
        assert_eq!(page.documents[0].fingerprint, whole.fingerprint);
        erp.control("/sandbox/cancel", json!({ "code": second.id })).await;
        assert_eq!(host.list_documents(kind, 0).await.unwrap().documents.len(), 1, "closed ones are not listed");
    }
    let (_, order) = bought(&erp, &*host, &marker('B')).await;
    let page = host.list_documents(DocumentKind::PurchaseOrder, 0).await.unwrap();
    let whole = host.read_purchase_order(&order.id).await.unwrap().unwrap();
    assert_eq!(page.documents[0].fingerprint, whole.fingerprint);
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn a_sales_order_reads_alike_in_both_shapes() {
    for (shape, number_known) in [("new", true), ("old", false)] {
        let erp = Erp::start().await;
        erp.control("/sandbox/settings", json!({ "sales_order_shape": shape })).await;
        let sale = erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        let document = erp.host().read_sales_document(&sale).await.unwrap().unwrap().value;
        assert_eq!(document.reference, sale, "{shape}");
        assert_eq!(document.status, DocumentStatus::Open);
        assert_eq!(document.need_by, Some(*NEED_BY));
        assert_eq!(document.lines[0].ordered, dec("12"));
        assert_eq!(document.lines[0].warehouse.as_deref(), Some(MAIN), "the primary one where none is named");
        assert_eq!(document.number != sale.id, number_known);
        let set = if number_known { "new" } else { "legacy" };
        let host = erp.host_with(&[("sales_order_shape", set)]);
        assert_eq!(host.list_documents(DocumentKind::SalesOrder, 0).await.unwrap().documents.len(), 1);
        assert!(host.read_sales_document(&sale).await.unwrap().is_some());
        erp.stop_with_documented_calls_only().await;
    }
}

#[tokio::test]
async fn demand_of_linked_documents_counts_once() {
    let erp = Erp::start().await;
    let host = erp.host();
    let quotation = erp.sell(DocumentKind::Quotation, &[(GRINDER, 5)]).await;
    let made = json!({ "kind": "sales_order", "from": quotation.id });
    let order = erp.control("/sandbox/sales", made).await["code"].as_str().unwrap().to_owned();
    let made = json!({ "kind": "invoice", "from": order, "lines": [] });
    let invoice = erp.control("/sandbox/sales", made).await["code"].as_str().unwrap().to_owned();
    let counted = |reference: DocumentRef| {
        let host = host.clone();
        async move {
            let document = host.read_sales_document(&reference).await.unwrap().unwrap().value;
            let open = document.status == DocumentStatus::Open;
            open && document.lines.iter().any(|line| !line.counted_elsewhere)
        }
    };
    assert!(!counted(quotation).await, "the order was made from it");
    assert!(counted(DocumentRef::new(DocumentKind::SalesOrder, order.as_str())).await);
    assert!(!counted(DocumentRef::new(DocumentKind::Invoice, invoice.as_str())).await, "the order counts");
    erp.control("/sandbox/cancel", json!({ "code": order })).await;
    assert!(counted(DocumentRef::new(DocumentKind::Invoice, invoice)).await, "nothing else counts any more");
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn items_come_with_components_stock_vendors_and_prices() {
    let erp = Erp::start().await;
    let host = erp.host();
    let facts = host.read_items(&[KIT.to_owned(), SERVICE.to_owned(), "P-gone".to_owned()]).await.unwrap();
    let item = |id: &str| facts.items.iter().find(|item| item.id == id);
    assert!(item("P-gone").is_none());
    assert!(!item(SERVICE).unwrap().tracked);
    let parts: Vec<_> = item(KIT).unwrap().components.iter().map(|part| (part.item.as_str(), part.quantity)).collect();
    assert_eq!(parts, [(GRINDER, dec("1")), (KETTLE, dec("1")), ("P-0000005", dec("2"))]);
    let grinder = item(GRINDER).unwrap();
    assert_eq!((grinder.cost, grinder.cost_currency.as_deref()), (Some(dec("84")), Some("EUR")));
    let on_hand = |id: &str, warehouse: &str| {
        facts.stock.iter().find(|row| row.item == id && row.warehouse == warehouse).map(|row| row.on_hand)
    };
    assert_eq!(on_hand(GRINDER, MAIN), Some(dec("4")));
    assert_eq!(on_hand(KETTLE, "WH-0000002"), Some(dec("5")));
    let offer = facts.offers.iter().find(|offer| offer.item == GRINDER).unwrap();
    assert_eq!((offer.vendor.as_str(), offer.lead_days), ("C-0000001", 9));
    assert_eq!(offer.prices[0].price, dec("84"));
    assert!(facts.vendors.iter().any(|vendor| vendor.id == "C-0000001" && vendor.is_vendor && !vendor.blocked));

    let warehouses = host.read_warehouses().await.unwrap();
    let uses: Vec<_> = warehouses.iter().map(|one| (one.use_as, one.primary)).collect();
    assert_eq!(uses, [(WarehouseUse::Stock, true), (WarehouseUse::Stock, false), (WarehouseUse::NotStock, false)]);
    let contact = host.read_contact("C-0000006").await.unwrap().unwrap();
    assert_eq!(contact.email.as_deref(), Some("supply@cascade.test"));
    assert!(host.read_contact("C-none").await.unwrap().is_none());
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn reserved_goods_are_there_whatever_the_host_calls_available() {
    let erp = Erp::start().await;
    let host = erp.host();
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 4)]).await;
    erp.reserve(GRINDER, &sale.id, 4).await;
    for less_reserved in [false, true] {
        erp.control("/sandbox/settings", json!({ "available_less_reserved": less_reserved })).await;
        let facts = host.read_items(&[GRINDER.to_owned()]).await.unwrap();
        assert_eq!(facts.stock[0].on_hand, dec("4"), "less reserved: {less_reserved}");
    }
    erp.stop().await;
}

#[tokio::test]
async fn a_purchase_order_is_made_as_a_draft_linked_and_found_by_its_marker() {
    let erp = Erp::start().await;
    let host = erp.host();
    let (sale, order) = bought(&erp, &*host, &marker('C')).await;
    assert_eq!(order.state, PurchaseState::Draft);
    assert_eq!(order.marker, Some(marker('C')));
    assert_eq!(order.lines[0].ordered, dec("8"));
    assert_eq!(order.expected, Some("2026-12-02".parse().unwrap()));
    let raw = &erp.control_state("purchase_orders").await[0];
    assert_eq!(raw["back_order"], true);
    assert_eq!(raw["links"][0]["code"], sale.id.as_str());
    assert_eq!(raw["total"], "672");
    assert!(raw["memo"].as_str().unwrap().contains("8 short"));
    let found = host.find_by_marker(&marker('C')).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].id, order.id);
    assert!(host.find_by_marker(&marker('D')).await.unwrap().is_empty());
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn an_order_whose_number_was_replaced_is_found_by_its_memo() {
    let erp = Erp::start().await;
    let host = erp.host();
    let (_, order) = bought(&erp, &*host, &marker('C')).await;
    let token = secrecy::ExposeSecret::expose_secret(&erp.grant.access.access_token).to_owned();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = erp.url.join(&format!("/v1/orders/purchase?orderCode={}", order.id)).unwrap();
    let renamed = json!({ "documentSequenceCode": "PO-00077" });
    client.patch(url).header("x-access-token", token).json(&renamed).send().await.unwrap().error_for_status().unwrap();
    let found = host.find_by_marker(&marker('C')).await.unwrap();
    assert_eq!(found.iter().map(|one| one.number.as_str()).collect::<Vec<_>>(), ["PO-00077"]);
    erp.stop().await;
}

#[tokio::test]
async fn a_draft_is_issued_and_issuing_it_again_changes_nothing() {
    let erp = Erp::start().await;
    let host = erp.host();
    let (_, order) = bought(&erp, &*host, &marker('C')).await;
    for _ in 0..2 {
        assert_eq!(host.confirm_purchase_order(&order.id).await.unwrap().state, PurchaseState::Confirmed);
    }
    let open = host.open_purchase_orders(&[GRINDER.to_owned(), KETTLE.to_owned()]).await.unwrap();
    assert_eq!(open.len(), 1);
    assert!(host.open_purchase_orders(&[KETTLE.to_owned()]).await.unwrap().is_empty());
    erp.control("/sandbox/receive", json!({ "code": order.id, "lines": [{ "line": GRINDER, "quantity": 3 }] })).await;
    let part = host.read_purchase_order(&order.id).await.unwrap().unwrap().value;
    assert_eq!((part.state, part.lines[0].received), (PurchaseState::Confirmed, dec("3")));
    erp.control("/sandbox/receive", json!({ "code": order.id })).await;
    let whole = host.read_purchase_order(&order.id).await.unwrap().unwrap().value;
    assert_eq!((whole.state, whole.lines[0].received), (PurchaseState::Received, dec("8")));
    assert!(host.open_purchase_orders(&[GRINDER.to_owned()]).await.unwrap().is_empty());
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn only_our_own_draft_is_changed_or_deleted() {
    let erp = Erp::start().await;
    let host = erp.host();
    let (_, order) = bought(&erp, &*host, &marker('C')).await;
    let line = order.lines[0].id.clone();
    let to = |to: &str| PurchaseOrderChange {
        id: order.id.clone(),
        lines: vec![PurchaseLineChange { line: line.clone(), to: dec(to) }],
        cancel: false,
    };
    host.change_purchase_order(&to("5")).await.unwrap();
    let changed = host.read_purchase_order(&order.id).await.unwrap().unwrap().value;
    assert_eq!(
        (changed.lines[0].ordered, changed.state, changed.marker),
        (dec("5"), PurchaseState::Draft, Some(marker('C')))
    );
    assert_eq!(erp.control_state("purchase_orders").await[0]["total"], "420");

    host.confirm_purchase_order(&order.id).await.unwrap();
    for error in
        [host.change_purchase_order(&to("4")).await.unwrap_err(), host.delete_draft(&order.id).await.unwrap_err()]
    {
        assert!(matches!(&error, HostError::Rejected { code, .. } if code == "not_our_draft"), "{error:?}");
    }
    let (_, other) = bought(&erp, &*host, &marker('D')).await;
    host.change_purchase_order(&PurchaseOrderChange { id: other.id.clone(), lines: Vec::new(), cancel: true })
        .await
        .unwrap();
    assert!(host.read_purchase_order(&other.id).await.unwrap().is_none());
    host.delete_draft(&other.id).await.unwrap();
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn a_drop_shipment_goes_to_the_customers_own_address_and_marks_the_sale() {
    for kind in [DocumentKind::Invoice, DocumentKind::Quotation, DocumentKind::SalesOrder] {
        let erp = Erp::start().await;
        let host = erp.host();
        let sale = erp.sell(kind, &[(GRINDER, 12)]).await;
        let document = host.read_sales_document(&sale).await.unwrap().unwrap().value;
        let mut new = order_for(&sale, &marker('E'), "8");
        (new.warehouse, new.ship_to) = (None, Some(document.ship_to.clone()));
        let order = host.create_purchase_order(&new).await.unwrap();
        assert!(order.drop_ship);
        assert_eq!(order.ship_to, Some(document.ship_to));
        assert_eq!(order.lines[0].warehouse, None);

        let (line, sale_link) =
            (&document.lines[0].id, LinkedDocument { reference: sale.clone(), number: document.number });
        let reference = DocumentRef::new(DocumentKind::PurchaseOrder, order.id.as_str());
        let order_link = LinkedDocument { reference, number: order.number };
        for _ in 0..2 {
            host.mark_drop_shipped(&sale_link, &order_link, &[(line.clone(), dec("5"))]).await.unwrap();
            let marked = host.read_sales_document(&sale).await.unwrap().unwrap().value;
            assert_eq!(marked.lines[0].fulfilled, dec("5"), "{kind}");
        }
        host.mark_drop_shipped(&sale_link, &order_link, &[(line.clone(), dec("12"))]).await.unwrap();
        let marked = host.read_sales_document(&sale).await.unwrap().unwrap().value;
        assert_eq!((marked.lines[0].fulfilled, marked.lines[0].closed), (dec("12"), dec("0")), "{kind}");
        erp.stop_with_documented_calls_only().await;
    }
}

#[tokio::test]
async fn a_sale_shows_that_it_is_a_backorder_and_no_longer() {
    for kind in [DocumentKind::Invoice, DocumentKind::Quotation, DocumentKind::SalesOrder] {
        let erp = Erp::start().await;
        let host = erp.host();
        let sale = erp.sell(kind, &[(GRINDER, 12)]).await;
        let order = host.create_purchase_order(&order_for(&sale, &marker('F'), "8")).await.unwrap();
        let reference = DocumentRef::new(DocumentKind::PurchaseOrder, order.id.as_str());
        let mut mark = BackorderMark {
            state: None,
            document: LinkedDocument { reference: sale.clone(), number: "1".to_owned() },
            backorder: true,
            text: Some("On order 02-12-2026".to_owned()),
            purchase_orders: vec![LinkedDocument { reference, number: order.number.clone() }],
            note: None,
        };
        host.mark_backorder(&mark).await.unwrap();
        let shown = host.read_sales_document(&sale).await.unwrap().unwrap().value;
        assert!(shown.backorder_flag, "{kind}");
        assert_eq!(shown.backorder_text.as_deref(), Some("On order 02-12-2026"));
        let before = erp.requests().await.len();
        host.mark_backorder(&mark).await.unwrap();
        let again = &erp.requests().await[before..];
        assert!(again.iter().all(|request| request["method"] == "GET"), "a second time writes nothing: {again:?}");
        let sales = erp.control_state("sales").await;
        assert_eq!(sales[0]["links"].as_array().unwrap().len(), 1, "{kind}");

        (mark.backorder, mark.text) = (false, None);
        host.mark_backorder(&mark).await.unwrap();
        let shown = host.read_sales_document(&sale).await.unwrap().unwrap().value;
        assert!(!shown.backorder_flag, "{kind}");
        assert_eq!(shown.backorder_text, None);
        erp.stop_with_documented_calls_only().await;
    }
}

#[tokio::test]
async fn hooks_are_registered_listed_and_removed() {
    let erp = Erp::start().await;
    let host = erp.host();
    for event in host.capabilities().events {
        let url = "https://worker.example.com/hooks/abc".parse().unwrap();
        let hook = host.register_hook(event, &url).await.unwrap();
        assert_eq!((hook.event.as_str(), hook.enabled), (*event, true));
    }
    let listed = host.list_hooks().await.unwrap();
    assert_eq!(listed.len(), host.capabilities().events.len());
    host.remove_hook(&listed[0].host_id).await.unwrap();
    host.remove_hook(&listed[0].host_id).await.unwrap();
    assert_eq!(host.list_hooks().await.unwrap().len(), listed.len() - 1);
    erp.stop_with_documented_calls_only().await;
}

#[tokio::test]
async fn country_twins_stand_after_the_resource() {
    let erp = Erp::start().await;
    let host = erp.host_with(&[("country", "in")]);
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    assert!(host.read_sales_document(&sale).await.unwrap().is_some());
    host.list_documents(DocumentKind::Quotation, 0).await.unwrap();
    host.create_purchase_order(&order_for(&sale, &marker('G'), "8")).await.unwrap();
    let paths: Vec<String> =
        erp.requests().await.iter().map(|request| request["path"].as_str().unwrap().to_owned()).collect();
    for path in
        [format!("/v1/invoices/sales/in/code/{}", sale.id), "/v1/quotations/in".into(), "/v1/orders/purchase/in".into()]
    {
        assert!(paths.contains(&path), "{path}: {paths:?}");
    }
    assert!(paths.contains(&"/v1/products".to_owned()));
    erp.stop().await;
}

#[tokio::test]
async fn documents_that_are_gone_are_none_and_strange_ids_reach_no_other_resource() {
    let erp = Erp::start().await;
    let host = erp.host();
    for id in ["SI-none", "../../x", "' OR 1=1--", "a/b", "1e3", "?x=1", "%2e%2e"] {
        let reference = DocumentRef::new(DocumentKind::Invoice, id);
        assert_eq!(host.read_sales_document(&reference).await.unwrap(), None, "{id}");
        assert_eq!(host.read_purchase_order(id).await.unwrap(), None, "{id}");
    }
    for id in ["", ".", ".."] {
        assert!(host.delete_draft(id).await.is_err(), "{id:?}");
        assert!(host.remove_hook(id).await.is_err(), "{id:?}");
    }
    erp.stop().await;
}

#[tokio::test]
async fn the_outcome_of_a_create_is_told_by_what_is_known() {
    type Fits = fn(&HostError) -> bool;
    let unknown: Fits = |error| matches!(error, HostError::Unknown { .. });
    let cases: [(serde_json::Value, Fits, usize); 11] = [
        (json!({ "kind": "status_before", "status": 500 }), unknown, 0),
        (json!({ "kind": "status_after_commit", "status": 500 }), unknown, 1),
        (json!({ "kind": "status_after_commit", "status": 504 }), unknown, 1),
        (json!({ "kind": "cut_before" }), unknown, 0),
        (json!({ "kind": "cut_after_commit" }), unknown, 1),
        (json!({ "kind": "truncated_body" }), unknown, 1),
        (json!({ "kind": "html_body" }), unknown, 1),
        (json!({ "kind": "empty_body" }), unknown, 1),
        (json!({ "kind": "status_before", "status": 400 }), |e| matches!(e, HostError::Rejected { .. }), 0),
        (json!({ "kind": "expired_token" }), HostError::is_unauthorized, 0),
        (
            json!({ "kind": "too_many_requests", "retry_after": "7" }),
            |e| matches!(e, HostError::NotApplied { reason: NotApplied::RateLimited { retry_after }, .. } if retry_after.as_secs() == 7),
            0,
        ),
    ];
    for (fault, fits, made) in cases {
        let erp = Erp::start().await;
        let host = erp.host();
        let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        erp.fault("POST", "/v1/orders/purchase", fault.clone()).await;
        let error = host.create_purchase_order(&order_for(&sale, &marker('H'), "8")).await.unwrap_err();
        assert!(fits(&error), "{fault}: {error:?}");
        assert_eq!(host.find_by_marker(&marker('H')).await.unwrap().len(), made, "{fault}");
        erp.stop().await;
    }
}

#[tokio::test]
async fn a_create_for_a_vendor_that_is_gone_is_refused_before_anything_is_written() {
    let erp = Erp::start().await;
    let host = erp.host();
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let mut order = order_for(&sale, &marker('J'), "8");
    order.vendor.id = "C-none".to_owned();
    let error = host.create_purchase_order(&order).await.unwrap_err();
    assert!(matches!(&error, HostError::Rejected { code, .. } if code == "vendor"), "{error:?}");
    order = order_for(&sale, &marker('J'), "8");
    order.lines[0].item = "P-none".to_owned();
    assert!(matches!(host.create_purchase_order(&order).await, Err(HostError::Rejected { .. })));
    assert!(erp.control_state("purchase_orders").await.as_array().unwrap().is_empty());
    erp.stop().await;
}

#[tokio::test]
async fn quantities_stay_exact_from_wire_to_wire() {
    let erp = Erp::start().await;
    let host = erp.host();
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 1)]).await;
    for quantity in ["0.1", "0.000001", "123456789.123456", "1000000000000"] {
        let marker = format!("BO-{}", quantity.replace(['.', '0', '1', '8', '9'], "A"))
            .chars()
            .chain("A".repeat(30).chars())
            .take(29)
            .collect::<String>();
        let mut order = order_for(&sale, &marker, quantity);
        order.lines[0].unit_price = Some(dec("0.01"));
        let made = host.create_purchase_order(&order).await.unwrap();
        assert_eq!(made.lines[0].ordered, dec(quantity));
        assert_eq!(made.lines[0].unit_price, Some(dec("0.01")));
        host.delete_draft(&made.id).await.unwrap();
    }
    erp.stop_with_documented_calls_only().await;
}

#[test]
fn options_are_known_or_refused() {
    use backorders::host::{HostKind, check_options};
    let check = |key: &str, value: &str| {
        check_options(HostKind::Deskera, &[(key.to_owned(), value.to_owned())].into_iter().collect())
    };
    for (key, value) in [
        ("country", "in"),
        ("sales_order_shape", "legacy"),
        ("available_is", "on_hand"),
        ("web_url", "https://booksplus.deskera.com/{kind}/{code}"),
    ] {
        assert_eq!(check(key, value), Ok(()), "{key}");
    }
    for (key, value) in [
        ("country", "us"),
        ("country", "../x"),
        ("sales_order_shape", ""),
        ("web_url", "javascript:1"),
        ("contry", "in"),
    ] {
        assert!(check(key, value).is_err(), "{key}={value}");
    }
}

#[tokio::test]
async fn a_document_opens_where_the_connection_says() {
    let erp = Erp::start().await;
    let host = erp.host_with(&[("web_url", "http://erp.example/{kind}/{code}?n={number}")]);
    let sale = erp.sell(DocumentKind::Invoice, &[(GRINDER, 1)]).await;
    let document = host.read_sales_document(&sale).await.unwrap().unwrap().value;
    assert_eq!(document.url, Some(format!("http://erp.example/invoice/{}?n={}", sale.id, document.number)));
    assert_eq!(document.ship_to.host_id, Address::default().host_id);
    erp.stop().await;
}
