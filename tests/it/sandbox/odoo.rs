//! The Odoo face against the recordings: its answers have their shapes, its errors their names and words.

use std::collections::BTreeMap;

use backorders::domain::ids::DocumentKind;
use serde_json::{Value, json};

use crate::support::deskera::Erp;
use crate::support::face::Face;

const BOTH: [Face; 2] = [Face::Odoo17, Face::Odoo19];

fn recorded(face: Face, name: &str) -> Value {
    let path = format!("{}/tests/data/odoo/{}_{name}.json", env!("CARGO_MANIFEST_DIR"), face.series());
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The sandbox as its administrator asks it over the wire.
struct Odoo {
    erp: Erp,
    client: reqwest::Client,
    key: String,
}

impl Odoo {
    async fn start(face: Face) -> Self {
        face.set();
        let erp = Erp::start().await;
        let key = erp.control("/sandbox/odoo", json!({})).await["key"].as_str().unwrap().to_owned();
        Self { erp, client: reqwest::Client::builder().no_proxy().build().unwrap(), key }
    }

    async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> (u16, Value) {
        let mut request = self.client.post(self.erp.url.join(path).unwrap()).json(body);
        if let Some(key) = key {
            request = request.header("authorization", format!("bearer {key}"));
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or(Value::Null))
    }

    /// What JSON-RPC answers, whole.
    async fn rpc(&self, service: &str, method: &str, args: Value) -> Value {
        let params = json!({ "service": service, "method": method, "args": args });
        let body = json!({ "jsonrpc": "2.0", "method": "call", "params": params, "id": 7 });
        let (status, answer) = self.post("/jsonrpc", &body, None).await;
        assert_eq!(status, 200, "whatever happened: {answer}");
        assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
        answer
    }

    /// The same call as was recorded, but of a record that is here.
    async fn call(&self, model: &str, method: &str, positional: Value, named: Value) -> Value {
        let args = json!(["sandbox_1001", 4, self.key, model, method, positional, named]);
        self.rpc("object", "execute_kw", args).await
    }

    async fn result(&self, model: &str, method: &str, positional: Value, named: Value) -> Value {
        let answer = self.call(model, method, positional, named).await;
        assert!(answer.get("error").is_none(), "{model} {method}: {answer}");
        answer["result"].clone()
    }

    async fn sell(&self) -> i64 {
        self.erp.sell(DocumentKind::SalesOrder, &[("P-0000001", 12)]).await.id.parse().unwrap()
    }

    /// Makes a purchase order by `load`, with an external id.
    async fn load(&self, external: &str, quantity: &str) -> Value {
        let columns = [
            "id",
            "partner_id/.id",
            "origin",
            "partner_ref",
            "order_line/id",
            "order_line/product_id/.id",
            "order_line/product_qty",
            "order_line/price_unit",
        ];
        let row = [
            &format!("__backorders__.{external}"),
            "1",
            "S1",
            "BO-x",
            &format!("__backorders__.{external}_1"),
            "1",
            quantity,
            "21.5",
        ];
        self.result("purchase.order", "load", json!([columns, [row]]), json!({})).await
    }
}

/// What a value is, as far as readers must tell.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Bool(false) => "empty",
        Value::Bool(true) => "true",
        Value::Number(number) if number.to_string().contains('.') => "float",
        Value::Number(_) => "whole",
        Value::String(text) if text.len() == 19 && text.as_bytes()[10] == b' ' => "time",
        Value::String(_) => "text",
        Value::Array(pair) if pair.len() == 2 && pair[0].is_number() && pair[1].is_string() => "relation",
        Value::Array(ids) if ids.iter().all(Value::is_number) => "ids",
        _ => "something else",
    }
}

/// Every field of a record that the sandbox gives has the kind that was recorded; either may be empty.
fn holds_shape(what: &str, recorded: &Value, given: &Value) {
    let recorded = recorded.as_object().unwrap();
    for (field, value) in given.as_object().unwrap() {
        let Some(known) = recorded.get(field) else { panic!("{what}: there is no field {field}") };
        let (known, found) = (kind(known), kind(value));
        assert!(known == found || known == "empty" || found == "empty", "{what}.{field}: {found}, recorded {known}");
    }
}

#[tokio::test]
async fn records_read_in_the_shapes_that_were_recorded() {
    for face in BOTH {
        let odoo = Odoo::start(face).await;
        let sale = odoo.sell().await;
        // fields of ours are not in the recording under these names
        let without_ours = |mut row: Value| {
            row.as_object_mut().unwrap().retain(|name, _| !name.starts_with("x_"));
            row
        };
        let order = odoo.result("sale.order", "read", json!([[sale]]), json!({})).await[0].clone();
        holds_shape(
            "sale.order",
            &recorded(face, "so_read_full")["response"]["result"][0],
            &without_ours(order.clone()),
        );
        let lines = odoo.result("sale.order.line", "read", json!([order["order_line"]]), json!({})).await;
        holds_shape("sale.order.line", &recorded(face, "sol_read_full")["response"]["result"][0], &lines[0]);
        let made = odoo.load("po_shape", "5").await["ids"][0].clone();
        let bought = odoo.result("purchase.order", "read", json!([[made], ["order_line"]]), json!({})).await;
        let bought = odoo.result("purchase.order.line", "read", json!([bought[0]["order_line"]]), json!({})).await;
        holds_shape("purchase.order.line", &recorded(face, "pol_read_full")["response"]["result"][0], &bought[0]);

        let request = recorded(face, "supplierinfo_read");
        let fields = request["request"]["params"]["args"][6]["fields"].clone();
        let domain = json!([[["product_tmpl_id.product_variant_ids", "in", [1, 2]]]]);
        let offers = odoo.result("product.supplierinfo", "search_read", domain, json!({ "fields": fields })).await;
        assert_eq!(offers.as_array().unwrap().len(), 2, "{offers}");
        holds_shape("product.supplierinfo", &request["response"]["result"][0], &offers[0]);
        odoo.erp.stop().await;
    }
}

#[tokio::test]
async fn fields_have_the_types_that_were_recorded() {
    for face in BOTH {
        let odoo = Odoo::start(face).await;
        for model in ["sale.order", "purchase.order", "product.product"] {
            let known = recorded(face, &format!("fields_{model}"));
            let given = odoo.result(model, "fields_get", json!([]), json!({ "attributes": ["type"] })).await;
            for (name, about) in given.as_object().unwrap() {
                // ours, and what manufacturing brings, were not there
                if name.starts_with("x_") || name == "is_kits" {
                    continue;
                }
                let kind = |about: &Value| match about["type"].as_str().unwrap() {
                    "many2many" => "one2many".to_owned(),
                    "text" => "char".to_owned(),
                    kind => kind.to_owned(),
                };
                assert!(known.get(name).is_some(), "{model}.{name} is no field of {face:?}");
                assert_eq!(kind(about), kind(&known[name]), "{model}.{name}");
                if let Some(relation) = about.get("relation").filter(|_| known[name].get("relation").is_some()) {
                    assert_eq!(relation, &known[name]["relation"], "{model}.{name}");
                }
            }
        }
        odoo.erp.stop().await;
    }
}

#[tokio::test]
async fn errors_are_those_that_were_recorded_and_never_a_status() {
    for face in BOTH {
        let odoo = Odoo::start(face).await;
        let sale = odoo.sell().await;
        let made = odoo.load("po_errors", "5").await["ids"][0].clone();
        // the recording, and the call with our records in place of theirs
        let calls: Vec<(&str, &str, &str, Value)> = vec![
            ("err_unknown_model", "nope.model", "search", json!([[]])),
            ("err_unknown_method", "sale.order", "nope", json!([[]])),
            ("err_private_method", "sale.order", "_action_confirm", json!([[sale]])),
            ("err_unknown_field_read", "sale.order", "read", json!([[sale], ["nope"]])),
            ("err_missing_record_write", "sale.order", "write", json!([[999_999], { "x_backorder": true }])),
            ("err_iso_date", "purchase.order", "write", json!([[made], { "date_planned": "2026-12-01T10:00:00Z" }])),
            ("err_so_confirm_twice", "sale.order", "action_confirm", json!([[sale]])),
            ("err_unlink_confirmed_so", "sale.order", "unlink", json!([[sale]])),
            (
                "err_field_bad_name",
                "ir.model.fields",
                "create",
                json!([{ "name": "backorder", "model_id": 1, "ttype": "boolean" }]),
            ),
            (
                "err_field_duplicate",
                "ir.model.fields",
                "create",
                json!([{ "name": "x_backorder", "model_id": 1, "ttype": "boolean" }]),
            ),
        ];
        for (name, model, method, args) in calls {
            let known = recorded(face, name)["response"]["error"].clone();
            let given = odoo.call(model, method, args, json!({})).await["error"].clone();
            assert_eq!((&given["code"], &given["message"]), (&known["code"], &known["message"]), "{name}: {given}");
            assert_eq!(given["data"]["name"], known["data"]["name"], "{name}: {given}");
            let number = format!("SO-{:05}", 1);
            let said = known["data"]["message"].as_str().unwrap().replace("S00001", &number).trim().to_owned();
            assert_eq!(given["data"]["message"].as_str().unwrap().trim(), said, "{name}");
        }
        let gone = odoo.result("sale.order", "read", json!([[999_999], ["name"]]), json!({})).await;
        assert_eq!(gone, json!([]), "what is gone is no error to a reader");
        odoo.erp.stop().await;
    }
}

#[tokio::test]
async fn who_may_not_is_told_as_was_recorded() {
    for face in BOTH {
        let odoo = Odoo::start(face).await;
        let login = "admin@fairlight.test";
        let wrong = odoo.rpc("common", "authenticate", json!(["sandbox_1001", login, "nope", {}])).await;
        assert_eq!(wrong["result"], recorded(face, "auth_bad_password")["response"]["result"], "no error but false");
        let right = odoo.rpc("common", "authenticate", json!(["sandbox_1001", login, odoo.key, {}])).await;
        assert_eq!(kind(&right["result"]), kind(&recorded(face, "auth_ok")["response"]["result"]));
        let nowhere = odoo.rpc("common", "authenticate", json!(["nodb", login, odoo.key, {}])).await;
        let known = recorded(face, "auth_bad_db")["response"]["error"]["data"]["name"].clone();
        assert_eq!(nowhere["error"]["data"]["name"], known);
        let args = json!(["sandbox_1001", 4, "nope", "res.partner", "search_count", [[]], {}]);
        let denied = odoo.rpc("object", "execute_kw", args).await["error"].clone();
        let known = recorded(face, "call_bad_password")["response"]["error"].clone();
        for place in ["/code", "/data/name", "/data/message"] {
            assert_eq!(denied.pointer(place), known.pointer(place), "{place}");
        }
        // the integration user may make no rule
        let access = secrecy::ExposeSecret::expose_secret(&odoo.erp.grant.access.access_token).to_owned();
        let login = odoo.erp.connection.options["login"].clone();
        let user =
            odoo.rpc("common", "authenticate", json!(["sandbox_1001", login, access, {}])).await["result"].clone();
        let rule = json!([{ "name": "x", "model_id": 1, "trigger": "on_create" }]);
        let args = json!(["sandbox_1001", user, access, "base.automation", "create", rule, {}]);
        let refused = odoo.rpc("object", "execute_kw", args).await["error"]["data"].clone();
        let known = recorded(face, "err_access_automation")["response"]["error"]["data"].clone();
        assert_eq!(refused["name"], known["name"], "{refused}");
        let group = if face == Face::Odoo17 { "Administration/Settings" } else { "Role / Administrator" };
        assert!(refused["message"].as_str().unwrap().contains(group) && known["message"].to_string().contains(group));
        odoo.erp.stop().await;
    }
}

#[tokio::test]
async fn json_2_has_proper_statuses_and_bare_results() {
    let odoo = Odoo::start(Face::Odoo19).await;
    let sale = odoo.sell().await;
    let calls: Vec<(&str, &str, Value, Option<&str>)> = vec![
        (
            "json2_ok",
            "sale.order/search_read",
            json!({ "domain": [], "fields": ["name", "commitment_date"], "limit": 1 }),
            Some(&odoo.key),
        ),
        ("json2_missing", "sale.order/read", json!({ "ids": [99_999], "fields": ["name"] }), Some(&odoo.key)),
        ("json2_post", "sale.order/message_post", json!({ "ids": [sale], "body": "via json2" }), Some(&odoo.key)),
        ("json2_badkey", "sale.order/search_read", json!({}), Some("nope")),
        ("json2_badarg", "sale.order/read", json!({ "ids": [sale], "nope": 1 }), Some(&odoo.key)),
        ("json2_nomethod", "sale.order/nope", json!({ "ids": [sale] }), Some(&odoo.key)),
        ("json2_nomodel", "nope.x/search", json!({ "domain": [] }), Some(&odoo.key)),
        ("json2_usererr", "sale.order/action_confirm", json!({ "ids": [sale] }), Some(&odoo.key)),
    ];
    for (name, path, body, key) in calls {
        let known = recorded(Face::Odoo19, name);
        let (status, given) = odoo.post(&format!("/json/2/{path}"), &body, key).await;
        assert_eq!(status, u16::try_from(known["status"].as_u64().unwrap()).unwrap(), "{name}: {given}");
        let known = &known["response"];
        if known.get("arguments").is_some() {
            for part in ["name", "message", "arguments"] {
                assert_eq!(given[part], known[part], "{name}");
            }
        } else {
            assert_eq!(given.as_array().unwrap().len(), known.as_array().unwrap().len(), "{name}: {given}");
        }
    }
    odoo.erp.stop().await;
    let odoo = Odoo::start(Face::Odoo17).await;
    let (status, _) = odoo.post("/json/2/sale.order/search_read", &json!({}), Some(&odoo.key)).await;
    assert_eq!(status, 404, "17 has no such thing");
    odoo.erp.stop().await;
}

#[tokio::test]
async fn loading_an_external_id_again_updates_its_order() {
    for face in BOTH {
        let odoo = Odoo::start(face).await;
        let known = recorded(face, "load_po_limited_user")["response"]["result"].clone();
        let first = odoo.load("po_twice", "5").await;
        assert_eq!((&first["messages"], &first["nextrow"]), (&known["messages"], &known["nextrow"]));
        let again = odoo.load("po_twice", "7").await;
        assert_eq!(first["ids"], again["ids"], "never two");
        let orders = odoo.result("purchase.order", "read", json!([first["ids"], ["order_line"]]), json!({})).await;
        let lines = odoo
            .result("purchase.order.line", "read", json!([orders[0]["order_line"], ["product_qty"]]), json!({}))
            .await;
        assert_eq!(lines.as_array().unwrap().len(), 1);
        assert_eq!(lines[0]["product_qty"].to_string(), "7.0");
        let columns = ["id", "partner_id/.id", "order_line/product_id/.id", "order_line/product_qty"];
        let row = ["__backorders__.po_bad", "999999", "1", "2"];
        let refused = odoo.result("purchase.order", "load", json!([columns, [row]]), json!({})).await;
        assert_eq!((&refused["ids"], &refused["messages"][0]["type"]), (&json!(false), &json!("error")), "{refused}");
        odoo.erp.stop().await;
    }
}

#[tokio::test]
async fn notes_and_activities_are_answered_as_recorded() {
    for face in BOTH {
        let odoo = Odoo::start(face).await;
        let sale = odoo.sell().await;
        let note = json!({ "body": "2 < 3", "message_type": "comment", "subtype_xmlid": "mail.mt_note" });
        let posted = odoo.result("sale.order", "message_post", json!([[sale]]), note).await;
        assert_eq!(kind(&posted), kind(&recorded(face, "message_post_note")["response"]["result"]), "{posted}");
        let messages = odoo
            .result("mail.message", "search_read", json!([[["res_id", "=", sale]]]), json!({ "fields": ["body"] }))
            .await;
        assert_eq!(messages[0]["body"], "<p>2 &lt; 3</p>", "plain text is escaped");
        let about = json!({ "act_type_xmlid": "mail.mail_activity_data_todo", "summary": "decide" });
        let planned = odoo.result("sale.order", "activity_schedule", json!([[sale]]), about).await;
        assert_eq!(kind(&planned), kind(&recorded(face, "activity_schedule")["response"]["result"]), "{planned}");
        let of_sale = json!([[sale], ["activity_ids"]]);
        let open = odoo.result("sale.order", "read", of_sale.clone(), json!({})).await[0]["activity_ids"].clone();
        let done =
            odoo.result("mail.activity", "action_feedback", json!([open]), json!({ "feedback": "handled" })).await;
        assert_eq!(kind(&done), kind(&recorded(face, "activity_feedback")["response"]["result"]));
        let open = odoo.result("sale.order", "read", of_sale, json!({})).await[0]["activity_ids"].clone();
        assert_eq!(open, json!([]));
        odoo.erp.stop().await;
    }
}

#[tokio::test]
async fn a_purchase_order_that_is_worth_much_waits_for_its_approval() {
    let odoo = Odoo::start(Face::Odoo19).await;
    odoo.erp.control("/sandbox/settings", json!({ "approval_from": "100" })).await;
    let id = odoo.load("po_dear", "5").await["ids"][0].clone();
    let state =
        async || odoo.result("purchase.order", "read", json!([[id], ["state"]]), json!({})).await[0]["state"].clone();
    assert_eq!(odoo.result("purchase.order", "button_confirm", json!([[id]]), json!({})).await, json!(true));
    assert_eq!(state().await, "to approve");
    odoo.result("purchase.order", "button_approve", json!([[id]]), json!({})).await;
    assert_eq!(state().await, "purchase");
    assert_eq!(
        odoo.result("purchase.order", "button_confirm", json!([[id]]), json!({})).await,
        json!(true),
        "twice is harmless"
    );
    odoo.erp.stop().await;
}

#[tokio::test]
async fn a_domain_finds_what_odoos_would() {
    let odoo = Odoo::start(Face::Odoo19).await;
    let sale = odoo.sell().await;
    let finds: BTreeMap<&str, (Value, usize)> = [
        ("all", (json!([]), 1)),
        ("by state", (json!([["state", "=", "sale"]]), 1)),
        ("not", (json!([["state", "!=", "sale"]]), 0)),
        ("or", (json!(["|", ["state", "=", "cancel"], ["id", "=", sale]]), 1)),
        ("and is left out", (json!([["state", "=", "cancel"], ["id", "=", sale]]), 0)),
        ("never", (json!(["!", ["id", "in", [sale]]]), 0)),
        ("of a line", (json!([["order_line.product_id", "in", [1]]]), 1)),
        ("of a line's name", (json!([["order_line.product_id.default_code", "=like", "GR%"]]), 1)),
        ("empty", (json!([["client_order_ref", "=", false]]), 1)),
        ("later", (json!([["write_date", ">=", "2026-01-01 00:00:00"]]), 1)),
        ("earlier", (json!([["write_date", "<", "2026-01-01 00:00:00"]]), 0)),
    ]
    .into();
    for (what, (domain, count)) in finds {
        let found = odoo.result("sale.order", "search_count", json!([domain]), json!({})).await;
        assert_eq!(found, json!(count), "{what}");
    }
    odoo.erp.stop().await;
}
