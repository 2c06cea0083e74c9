//! What is asked for together stays together, whichever of its items changes.

use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use serde_json::json;

use crate::support::shop::Shop;

/// Burr grinder: 4 in stock. Espresso machine: 3. Of one vendor.
const GRINDER: &str = "P-0000001";
const MACHINE: &str = "P-0000002";

/// The items that are asked for, by proposal.
async fn asked(shop: &Shop) -> Vec<Vec<String>> {
    let items = |stored: backorders::db::proposal::StoredProposal| {
        let mut items: Vec<_> = stored.body.options[0].lines.iter().map(|line| line.item.clone()).collect();
        items.sort();
        items
    };
    shop.proposals().await.into_iter().map(items).collect()
}

#[tokio::test]
async fn a_change_of_one_item_leaves_the_others_of_the_proposal_asked_for() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12), (MACHINE, 9)]).await;
    shop.event(&[sale]).await;
    shop.work().await;
    assert_eq!(asked(&shop).await, [[GRINDER, MACHINE]]);
    for item in [GRINDER, MACHINE] {
        shop.erp.control("/sandbox/stock", json!({ "item": item, "by": 1 })).await;
        shop.event(&[DocumentRef::new(DocumentKind::Item, item)]).await;
        shop.work().await;
        assert_eq!(asked(&shop).await, [[GRINDER, MACHINE]]);
        assert_eq!(shop.waiting().await.into_iter().find(|what| what.starts_with("document")), None);
    }
}

#[tokio::test]
async fn an_item_that_becomes_short_later_joins_the_open_proposal() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12), (MACHINE, 3)]).await;
    shop.event(&[sale]).await;
    shop.work().await;
    assert_eq!(asked(&shop).await, [[GRINDER]]);
    shop.erp.control("/sandbox/stock", json!({ "item": MACHINE, "to": 0 })).await;
    shop.event(&[DocumentRef::new(DocumentKind::Item, MACHINE)]).await;
    shop.work().await;
    assert_eq!(asked(&shop).await, [[GRINDER, MACHINE]], "{:?}", shop.waiting().await);
}
