//! The trace of a delivery goes with everything that comes of it, to the host's own requests.

use backorders::db;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;

use crate::support::shop::Shop;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

#[tokio::test]
async fn a_delivery_is_followed_to_the_purchase_order_and_to_the_mark_on_the_sale() {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_intake(&tx).await.unwrap();
    let changed = [(shop.tenant, &sale, Some(TRACE))];
    db::changed_document::mark_traced(&tx, &changed, backorders::clock::Clock::now(&*shop.clock)).await.unwrap();
    tx.commit().await.unwrap();
    drop(client);
    shop.work().await;

    let requests = shop.erp.requests().await;
    let of = |method: &str, path: &str| {
        let wanted = |request: &&serde_json::Value| {
            request["method"] == method && request["path"].as_str().unwrap().starts_with(path)
        };
        let found: Vec<_> = requests.iter().filter(wanted).map(|request| request["traceparent"].clone()).collect();
        assert!(!found.is_empty(), "no {method} {path}");
        found
    };
    for (method, path) in [("GET", "/v1/invoices"), ("POST", "/v1/orders/purchase"), ("PATCH", "/v1/invoices")] {
        let traces = of(method, path);
        assert!(traces.iter().any(|trace| trace == TRACE), "{method} {path}: {traces:?}");
    }
    let row = shop.database.client().await.query_one("SELECT traceparent FROM intent", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>("traceparent"), TRACE);
}
