//! The Odoo connector against a server that answers as was recorded: 17 by JSON-RPC, 19 by JSON-2.

use std::sync::{Arc, Mutex};

use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::purchase_order::{NewPurchaseLine, NewPurchaseOrder, PurchaseState};
use backorders::domain::sales_document::Party;
use backorders::host::{Access, BackorderMark, Connection, Host, HostApps, HostError, HostKind, odoo};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::support::deskera::http;

const KEY: &str = "0123456789abcdef0123456789abcdef01234567";

fn recorded(name: &str) -> Value {
    let path = format!("{}/tests/data/odoo/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    record["response"]["result"].clone()
}

fn marker() -> String {
    format!("BO-{}", "C".repeat(26))
}

/// One call as the server saw it.
#[derive(Debug, Clone)]
struct Seen {
    model: String,
    method: String,
    positional: Value,
    named: Value,
}

/// Answers what was recorded of a version; what was not, as that version's models have it.
#[derive(Clone)]
struct Recorded {
    version: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    /// The purchase order, once it was loaded.
    made: Arc<Mutex<Option<Value>>>,
}

/// The people and companies of the recordings.
fn who(model: &str) -> Value {
    match model {
        "res.partner" => json!([{
            "id": 9, "name": "Northwind Supply", "email": false, "lang": "en_US", "active": true, "supplier_rank": 1,
            "customer_rank": 0, "street": "1 Dock Rd", "street2": false, "city": "Hull", "zip": "HU1",
            "state_id": false, "country_id": [231, "United Kingdom"],
        }]),
        "res.users" => json!([{
            "id": 2, "name": "Administrator", "email": "admin@example.com", "tz": "Europe/Brussels",
            "company_id": [1, "My Company"], "company_ids": [1],
        }]),
        "res.company" => json!([{ "id": 1, "name": "My Company", "currency_id": [1, "USD"] }]),
        "res.currency" => json!([{ "id": 1, "name": "USD" }]),
        other => panic!("{other} was not expected"),
    }
}

impl Recorded {
    fn answer(&self, seen: &Seen) -> Value {
        let named = |key: &str| seen.named.get(key).cloned().unwrap_or(Value::Null);
        let wants = |field: &str| named("fields").as_array().is_some_and(|fields| fields.contains(&json!(field)));
        let file = |name: &str| recorded(&format!("{}_{name}", self.version));
        let asked = serde_json::to_string(&named("domain")).unwrap();
        match (seen.model.as_str(), seen.method.as_str()) {
            ("sale.order", "search_read") => file("so_read_full"),
            ("sale.order.line", "search_read") => file("sol_read_full"),
            ("product.supplierinfo", "search_read") => file("supplierinfo_read"),
            ("product.product", "search_read") if wants("qty_available") => file("stock_read_warehouse_ctx"),
            ("product.product", "search_read") => [1, 2, 3]
                .into_iter()
                .filter(|id| asked.contains(&id.to_string()))
                .map(|id| {
                    json!({
                        "id": id, "name": format!("W-{id}00"), "default_code": format!("W-{id}00"), "uom_id": [1, "Units"],
                        "detailed_type": "product", "type": "consu", "is_storable": true, "standard_price": 3.5,
                        "cost_currency_id": [1, "USD"], "product_tmpl_id": [id, "x"], "route_ids": [],
                        "uom_po_id": [1, "Units"],
                    })
                })
                .collect(),
            ("uom.uom", _) => json!([{ "id": 1, "name": "Units", "factor": 1.0, "factor_inv": 1.0 }]),
            ("stock.warehouse", _) => json!([{ "id": 1, "name": "My Company" }]),
            ("stock.picking.type", _) => json!([
                { "id": 1, "code": "incoming", "warehouse_id": [1, "My Company"] },
                { "id": 6, "code": "dropship", "warehouse_id": false },
            ]),
            ("stock.rule", _) => json!([{ "id": 4, "route_id": [6, "Dropship"] }]),
            (model, "search_read") if model.starts_with("res.") => who(model),
            ("purchase.order", "load") => {
                let (columns, row) = (&seen.argument(0, "fields"), &seen.argument(1, "data")[0]);
                let column = |name: &str| {
                    let at = columns.as_array().unwrap().iter().position(|one| one == name).unwrap();
                    row[at].clone()
                };
                *self.made.lock().unwrap() = Some(json!({
                    "id": 18, "name": "P00018", "state": "draft", "partner_id": [9, "Northwind Supply"],
                    "partner_ref": column("partner_ref"), "picking_type_id": [1, "Receipts"],
                    "currency_id": [1, "USD"], "dest_address_id": false, "date_planned": "2026-12-02 12:00:00",
                }));
                file("load_po_limited_user")
            }
            ("purchase.order", "button_confirm") => {
                self.made.lock().unwrap().as_mut().unwrap()["state"] = json!("purchase");
                json!(true)
            }
            ("purchase.order", "search_read") => {
                let made = self.made.lock().unwrap().clone();
                made.into_iter().collect()
            }
            ("purchase.order.line", "search_read") if asked.contains("order_id") => json!([{
                "id": 31, "order_id": [18, "P00018"], "product_id": [2, "[W-200] Camp Stove"], "product_qty": 5.0,
                "product_uom_qty": 5.0, "qty_received": 0.0, "date_planned": "2026-12-02 12:00:00", "price_unit": 21.5,
                "display_type": false,
            }]),
            ("purchase.order.line", _) | ("mail.activity", "search_read") => json!([]),
            ("sale.order", "fields_get") => json!({ "x_backorder": { "type": "boolean" }, "x_backorder_state": { "type": "char" }, "x_backorder_text": { "type": "char" } }),
            (_, "fields_get") => json!({}),
            ("sale.order", "write") => json!(true),
            ("sale.order", "message_post") => file("message_post_note"),
            (model, method) => panic!("{model} {method} was not expected"),
        }
    }
}

impl Seen {
    /// An argument, by its place or its name.
    fn argument(&self, at: usize, name: &str) -> Value {
        self.positional.get(at).or_else(|| self.named.get(name)).cloned().unwrap()
    }
}

impl Respond for Recorded {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let path: Vec<&str> = request.url.path().trim_matches('/').split('/').collect();
        let json = |value: Value| ResponseTemplate::new(200).set_body_raw(value.to_string(), "application/json");
        let rpc = |result: Value| json(json!({ "jsonrpc": "2.0", "id": 1, "result": result }));
        let seen = if path == ["jsonrpc"] {
            let (service, args) = (&body["params"]["service"], &body["params"]["args"]);
            match (service.as_str().unwrap(), body["params"]["method"].as_str().unwrap()) {
                ("common", "version") => return rpc(json!({ "server_serie": format!("{}.0", self.version) })),
                ("common", "authenticate") if args[2] == KEY => return rpc(recorded("17_auth_ok")),
                ("common", "authenticate") => return rpc(recorded("17_auth_bad_password")),
                _ => {}
            }
            assert_eq!(self.version, "17", "19 has a better way");
            assert_eq!((&args[0], &args[1], &args[2]), (&json!("db"), &json!(2), &json!(KEY)));
            let text = |at: usize| args[at].as_str().unwrap().to_owned();
            Seen { model: text(3), method: text(4), positional: args[5].clone(), named: args[6].clone() }
        } else {
            assert_eq!((path[0], path[1], self.version), ("json", "2", "19"));
            assert_eq!(request.headers["authorization"], format!("bearer {KEY}"));
            assert_eq!(request.headers["x-odoo-database"], "db");
            Seen { model: path[2].to_owned(), method: path[3].to_owned(), positional: json!([]), named: body }
        };
        let answer = self.answer(&seen);
        self.seen.lock().unwrap().push(seen);
        if self.version == "17" { rpc(answer) } else { json(answer) }
    }
}

struct Erp {
    server: MockServer,
    recorded: Recorded,
}

impl Erp {
    async fn start(version: &'static str) -> Self {
        let recorded = Recorded { version, seen: Arc::default(), made: Arc::default() };
        let server = MockServer::start().await;
        Mock::given(any()).respond_with(recorded.clone()).mount(&server).await;
        Self { server, recorded }
    }

    fn host(&self) -> Arc<dyn Host> {
        let connection = Connection {
            kind: HostKind::Odoo,
            base_url: self.server.uri().parse().unwrap(),
            company: "db".to_owned(),
            options: [("login".to_owned(), "worker".to_owned())].into(),
        };
        let access = Access { access_token: KEY.to_owned().into(), refresh_token: None };
        backorders::host::open(&http(), &HostApps::default(), &connection, access).unwrap()
    }

    fn calls(&self, method: &str) -> Vec<Seen> {
        self.recorded.seen.lock().unwrap().iter().filter(|seen| seen.method == method).cloned().collect()
    }
}

fn order() -> NewPurchaseOrder {
    NewPurchaseOrder {
        marker: marker(),
        vendor: Party { id: "9".to_owned(), name: String::new() },
        currency: Some("USD".to_owned()),
        warehouse: Some("1".to_owned()),
        ship_to: None,
        date: "2026-11-23".parse().unwrap(),
        expected: Some("2026-12-02".parse().unwrap()),
        links: Vec::new(),
        lines: vec![NewPurchaseLine {
            item: "2".to_owned(),
            description: String::new(),
            quantity: Decimal::from(5),
            unit: None,
            stock_quantity: Decimal::from(5),
            unit_price: Some("21.50".parse().unwrap()),
            expected: None,
            why: String::new(),
        }],
        note: String::new(),
    }
}

#[tokio::test]
async fn a_sales_order_is_read_with_all_that_it_needs_and_as_in_the_list() {
    for version in ["17", "19"] {
        let erp = Erp::start(version).await;
        let host = erp.host();
        let reference = DocumentRef::new(DocumentKind::SalesOrder, "1");
        let read = host.read_sales_document(&reference).await.unwrap().unwrap();
        assert_eq!((read.value.number.as_str(), read.value.lines.len()), ("S00001", 3));
        assert_eq!(read.value.owner_email.as_deref(), Some("admin@example.com"));
        assert_eq!(read.value.lines[0].ordered, Decimal::from(12));
        let page = host.list_documents(DocumentKind::SalesOrder, 0).await.unwrap();
        assert_eq!(page.documents[0].fingerprint, read.fingerprint, "{version}");
        assert!(page.last);
        let quotation = DocumentRef::new(DocumentKind::Quotation, "1");
        assert_eq!(host.read_sales_document(&quotation).await.unwrap(), None, "it was confirmed");
        let strange = DocumentRef::new(DocumentKind::SalesOrder, "1 or 1=1");
        assert_eq!(host.read_sales_document(&strange).await.unwrap(), None);
    }
}

#[tokio::test]
async fn items_come_with_stock_by_warehouse_and_offers() {
    for version in ["17", "19"] {
        let erp = Erp::start(version).await;
        let facts = erp.host().read_items(&["1".to_owned(), "2".to_owned(), "nonsense".to_owned()]).await.unwrap();
        assert_eq!(facts.items.len(), 2);
        assert_eq!((facts.stock[0].item.as_str(), facts.stock[0].on_hand), ("1", Decimal::from(7)));
        assert_eq!(facts.offers.len(), 3, "two vendors of one item, one of the other");
        assert_eq!(facts.vendors[0].name, "Northwind Supply");
        assert!(facts.vendors[0].is_vendor && !facts.vendors[0].blocked);
        assert_eq!(facts.vendors[0].language.as_deref(), Some("en-US"));
    }
}

#[tokio::test]
async fn a_purchase_order_is_loaded_once_and_never_again() {
    for version in ["17", "19"] {
        let erp = Erp::start(version).await;
        let host = erp.host();
        let made = host.create_purchase_order(&order()).await.unwrap();
        assert_eq!((made.id.as_str(), made.state, made.marker.clone()), ("18", PurchaseState::Draft, Some(marker())));
        assert_eq!(made.lines[0].warehouse.as_deref(), Some("1"));
        let again = host.create_purchase_order(&order()).await.unwrap();
        assert_eq!(again.id, made.id);
        let loads = erp.calls("load");
        assert_eq!(loads.len(), 1, "an id that exists would be updated");
        let (columns, rows) = (loads[0].argument(0, "fields"), loads[0].argument(1, "data"));
        assert_eq!(columns[0], "id");
        assert_eq!(rows[0][0], format!("__backorders__.{}", marker()));
        assert_eq!(host.find_by_marker(&marker()).await.unwrap().len(), 1);
        assert_eq!(host.confirm_purchase_order(&made.id).await.unwrap().state, PurchaseState::Confirmed);
        let late = host.delete_draft(&made.id).await.unwrap_err();
        assert!(matches!(&late, HostError::Rejected { code, .. } if code == "not_our_draft"), "{late:?}");
    }
}

#[tokio::test]
async fn a_drop_shipment_without_its_sale_is_refused_before_anything_is_written() {
    let erp = Erp::start("19").await;
    let mut order = order();
    (order.warehouse, order.ship_to) = (None, Some(backorders::domain::sales_document::Address::default()));
    assert!(matches!(erp.host().create_purchase_order(&order).await, Err(HostError::Rejected { .. })));
    assert!(erp.calls("load").is_empty() && erp.calls("write").is_empty());
}

#[tokio::test]
async fn a_backorder_shows_in_our_fields_and_in_the_chatter() {
    for version in ["17", "19"] {
        let erp = Erp::start(version).await;
        let mark = BackorderMark {
            state: Some(BackorderState::OnOrder),
            document: backorders::domain::purchase_order::LinkedDocument {
                reference: DocumentRef::new(DocumentKind::SalesOrder, "1"),
                number: "S00001".to_owned(),
            },
            backorder: true,
            text: Some("On order 02-12-2026".to_owned()),
            purchase_orders: Vec::new(),
            note: Some("5 short of W-100".to_owned()),
        };
        erp.host().mark_backorder(&mark).await.unwrap();
        let written = erp.calls("write")[0].argument(1, "vals");
        assert_eq!(
            written,
            json!({ "x_backorder": true, "x_backorder_state": "on_order", "x_backorder_text": "On order 02-12-2026" })
        );
        let note = &erp.calls("message_post")[0];
        assert_eq!(
            (&note.named["body"], &note.named["subtype_xmlid"]),
            (&json!("5 short of W-100"), &json!("mail.mt_note"))
        );
    }
}

#[tokio::test]
async fn a_key_is_tried_before_it_is_kept() {
    for version in ["17", "19"] {
        let erp = Erp::start(version).await;
        let entered = |key: &str, company: Option<&str>| odoo::Credentials {
            base_url: erp.server.uri().parse().unwrap(),
            database: "db".to_owned(),
            login: "worker".to_owned(),
            key: key.to_owned().into(),
            company: company.map(str::to_owned),
        };
        let grant = odoo::sign_in(&http(), &entered(KEY, None)).await.unwrap();
        assert_eq!((grant.identity.company.as_str(), grant.identity.company_name.as_str()), ("db#1", "My Company"));
        assert_eq!(grant.identity.currency.as_deref(), Some("USD"));
        let named = odoo::sign_in(&http(), &entered(KEY, Some(" my company "))).await.unwrap();
        assert_eq!(named.identity.company, "db#1");
        let foreign = odoo::sign_in(&http(), &entered(KEY, Some("2"))).await.unwrap_err();
        let HostError::Rejected { code, detail } = &foreign else { panic!("{foreign:?}") };
        assert_eq!((code.as_str(), detail.as_str()), (odoo::NO_COMPANY, "My Company"));
        let wrong = odoo::sign_in(&http(), &entered("wrong", None)).await.unwrap_err();
        assert!(matches!(wrong, HostError::Rejected { .. }), "{wrong:?}");
    }
    let erp = Erp::start("16").await;
    let entered = odoo::Credentials {
        base_url: erp.server.uri().parse().unwrap(),
        database: "db".to_owned(),
        login: "worker".to_owned(),
        key: KEY.to_owned().into(),
        company: None,
    };
    let old = odoo::sign_in(&http(), &entered).await.unwrap_err();
    assert!(old.to_string().contains("17, 18 and 19"), "{old}");
}
