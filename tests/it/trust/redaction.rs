//! Nothing secret and nobody's address is in the logs, however much they are told to say.

use backorders::clock::SystemClock;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::program::Program;
use crate::support::shop::{BUYER, SELLER, Shop};
use crate::support::temp_dir::TempDir;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// Every secret that the process has, by what it is.
async fn canaries(shop: &Shop, key: &str) -> Vec<(&'static str, String)> {
    let mut all = vec![
        ("the master key", key.split_once(':').unwrap().1.to_owned()),
        ("the app's secret", "sandbox-secret".to_owned()),
        ("the buyer's address", BUYER.to_owned()),
        ("the seller's address", SELLER.to_owned()),
    ];
    for row in
        shop.database.client().await.query("SELECT access_token, refresh_token FROM connection", &[]).await.unwrap()
    {
        for field in ["access_token", "refresh_token"] {
            let token = shop.keyring.decrypt(shop.tenant, field, row.get(field)).unwrap();
            all.push(("a token", token.expose_secret().to_owned()));
        }
    }
    for row in shop.database.client().await.query("SELECT path_token FROM hook", &[]).await.unwrap() {
        let token = shop.keyring.decrypt(shop.tenant, "hook.path_token", row.get("path_token")).unwrap();
        all.push(("the address of a hook", token.expose_secret().to_owned()));
    }
    all
}

#[tokio::test]
async fn no_secret_and_no_address_is_ever_logged() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Ask, &key).await;
    let mut secret = canaries(&shop, key.expose_secret()).await;
    // the worker meets everything that may make it talk: tokens that end, answers that are wrong, mails that are refused
    shop.erp.control("/sandbox/expire-tokens", json!({})).await;
    for kind in ["html_body", "truncated_body", "cut_before"] {
        shop.erp.fault("GET", "/v1/", json!({ "kind": kind })).await;
    }
    shop.erp.fault("PATCH", "/v1/", json!({ "kind": "html_body" })).await;
    shop.erp.mail_fault(BUYER, &json!({ "kind": "refuse", "code": 550 }));
    shop.erp.mail_fault(SELLER, &json!({ "kind": "refuse_mail", "code": 451 }));
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(&[sale]).await;
    shop.request_sweep().await;
    let dir = TempDir::new();
    let process = Program::start(&shop, key.expose_secret(), &dir, &[("BACKORDERS_LOG_FILTER", "trace")]);
    shop.wait_for("SELECT EXISTS (SELECT FROM notice WHERE state = 'refused') AS done").await;
    secret.extend(canaries(&shop, key.expose_secret()).await);
    let (status, said) = process.stop();
    assert!(status.success());
    assert!(said.len() > 200, "it said little: {}", said.len());
    for (what, canary) in &secret {
        let told = said.iter().find(|line| line.contains(canary.as_str()));
        assert_eq!(told, None, "{what} is logged");
    }
}
