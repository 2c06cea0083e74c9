//! One purchase order takes all of a vendor, and waits for more before it is asked or made.

use std::time::Duration;

use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::policy::{GroupBy, Policy};
use backorders::domain::settings::{Mode, Settings};

use crate::support::app::App;
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock, of Molino Meccanica.
const GRINDER: &str = "P-0000001";

async fn gathers(mode: Mode) -> Shop {
    let policy = Policy { group_by: GroupBy::Vendor, ..Policy::default() };
    Shop::open_with(Settings { mode, issue: true, wait_minutes: 30, policy, ..Settings::default() }).await
}

#[tokio::test]
async fn a_vendor_s_purchase_order_is_asked_when_it_has_waited_and_once() {
    let shop = gathers(Mode::Ask).await;
    let first = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert!(shop.mails_to(BUYER, "").is_empty(), "{:?}", shop.subjects());
    assert_eq!(shop.state(&first).await, Some(BackorderState::Short));
    let waits = shop.proposals().await.remove(0).gathers_until;
    assert!(waits.is_some());
    let app = App::over(shop.pool.clone(), &shop.erp, shop.clock.clone());
    let page = app.member(shop.tenant, "buyer").await.get("/decisions").await;
    assert!(page.text.contains("waits for more until"), "{}", page.text);

    shop.clock.advance(Duration::from_secs(20 * 60));
    let second = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 5)]).await;
    shop.sweep().await;
    assert_eq!(shop.proposals().await.remove(0).gathers_until, waits, "what comes later does not make it wait longer");
    assert!(shop.mails_to(BUYER, "").is_empty(), "{:?}", shop.subjects());

    shop.clock.advance(Duration::from_secs(11 * 60));
    shop.sweep().await;
    assert_eq!(shop.mails_to(BUYER, "").len(), 1, "{:?}", shop.subjects());
    let proposals = shop.proposals().await;
    assert_eq!((proposals.len(), proposals[0].body.documents.len()), (1, 2));
    for sale in [&first, &second] {
        assert_eq!(shop.state(sale).await, Some(BackorderState::Asked));
    }
    // what is asked already does not wait again
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 3)]).await;
    shop.sweep().await;
    assert_eq!(shop.proposals().await[0].gathers_until, None);
}

#[tokio::test]
async fn automatic_makes_one_purchase_order_of_what_came_while_it_waited() {
    let shop = gathers(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    for quantity in [12, 5] {
        shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, quantity)]).await;
        shop.sweep().await;
        shop.clock.advance(Duration::from_secs(10 * 60));
    }
    assert_eq!(shop.purchase_orders().await.len(), before);
    shop.clock.advance(Duration::from_secs(11 * 60));
    shop.sweep().await;
    shop.until_settled().await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    assert_eq!(orders.last().unwrap()["lines"][0]["quantity"], "13", "12 and 5, of which 4 are in stock");
}

#[tokio::test]
async fn back_in_watch_nothing_waits_and_nothing_is_planned_again_for_it() {
    let shop = gathers(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert!(shop.proposals().await.remove(0).gathers_until.is_some());
    shop.set(|settings| settings.mode = Mode::Watch).await;
    shop.clock.advance(Duration::from_secs(31 * 60));
    shop.sweep().await;
    let watched = shop.proposals().await.remove(0);
    assert_eq!((watched.state.as_str(), watched.gathers_until), ("watched", None));
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Short));
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    backorders::db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let now = backorders::clock::Clock::now(&*shop.clock);
    assert_eq!(backorders::db::proposal::gathered(&tx, shop.tenant, now).await.unwrap(), []);
}
