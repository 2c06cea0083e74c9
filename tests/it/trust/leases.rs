//! A claim is held while its job goes on, and no longer.

use std::time::Duration;

use backorders::clock::Clock as _;
use backorders::db::lease::{self, Due, Held, Lease};
use backorders::db::{self, changed_document, notice};
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use jiff::{SignedDuration, Timestamp};

use crate::support::shop::Shop;

async fn claim(shop: &Shop, now: Timestamp) -> Vec<changed_document::Claim> {
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_queue(&tx).await.unwrap();
    let until = now + SignedDuration::from_secs(45);
    let due = Due { now, until, limit: 50, busy: &[] };
    let claims = changed_document::claim(&tx, &due).await.unwrap();
    tx.commit().await.unwrap();
    claims
}

async fn write(shop: &Shop, held: &Held, lease: Lease) -> bool {
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_queue(&tx).await.unwrap();
    let written = lease::write(&tx, held, lease).await.unwrap();
    tx.commit().await.unwrap();
    written
}

#[tokio::test]
async fn a_claim_that_is_renewed_is_not_taken_over_and_one_that_is_not_is() {
    let shop = Shop::open(Mode::Automatic).await;
    shop.event(&[DocumentRef::new(DocumentKind::Invoice, "SI-1"), DocumentRef::new(DocumentKind::Invoice, "SI-2")])
        .await;
    let now = shop.clock.now();
    let first = claim(&shop, now).await;
    assert_eq!(first.len(), 2);
    let later = now + SignedDuration::from_secs(30);
    assert!(write(&shop, &Held::Documents(first.clone()), Lease::Until(later + SignedDuration::from_secs(45))).await);
    assert_eq!(claim(&shop, now + SignedDuration::from_secs(60)).await, [], "it was renewed");
    // nobody renewed it; each alone, for one of them may have broken its job down
    let mut taken_over = claim(&shop, now + SignedDuration::from_secs(80)).await;
    assert_eq!(taken_over.len(), 1);
    taken_over.extend(claim(&shop, now + SignedDuration::from_secs(80)).await);
    assert_eq!(taken_over.len(), 2);
    // the one that slept writes nothing any more
    assert!(!write(&shop, &Held::Documents(first), Lease::GivenBack).await);

    let again = Held::Documents(taken_over);
    assert!(write(&shop, &again, Lease::NotBegun).await);
    let third = claim(&shop, now + SignedDuration::from_secs(81)).await;
    assert_eq!(
        third.iter().map(|claim| claim.attempt).collect::<Vec<_>>(),
        [2, 2],
        "what was not begun does not count"
    );
    assert!(!write(&shop, &again, Lease::Until(Timestamp::MAX)).await, "it was given back");
}

#[tokio::test]
async fn what_was_settled_is_not_held_again_by_a_renewal_that_comes_late() {
    let shop = Shop::open(Mode::Automatic).await;
    let document = DocumentRef::new(DocumentKind::Invoice, "SI-1");
    shop.event(std::slice::from_ref(&document)).await;
    let claims = claim(&shop, shop.clock.now()).await;
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    changed_document::finish(&tx, &claims).await.unwrap();
    tx.commit().await.unwrap();
    assert!(
        !write(&shop, &Held::Documents(claims), Lease::Until(shop.clock.now() + SignedDuration::from_secs(45))).await
    );
    shop.event(&[document]).await;
    shop.clock.advance(Duration::from_secs(1));
    assert_eq!(claim(&shop, shop.clock.now()).await.len(), 1, "it is free");
}

#[tokio::test]
async fn a_process_that_sleeps_in_the_middle_of_a_commit_does_not_hold_its_locks_for_ever() {
    let shop = Shop::open(Mode::Automatic).await;
    let mut client = shop.pool.get().await.unwrap();
    for enter in ["tenant", "intake", "queue"] {
        let tx = client.transaction().await.unwrap();
        match enter {
            "tenant" => db::enter_tenant(&tx, shop.tenant).await.unwrap(),
            "intake" => db::enter_intake(&tx).await.unwrap(),
            _ => db::enter_queue(&tx).await.unwrap(),
        }
        let row = tx.query_one("SHOW idle_in_transaction_session_timeout", &[]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), "10s", "{enter}");
        tx.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn of_one_document_only_one_write_is_under_way() {
    let shop = Shop::open(Mode::Automatic).await;
    // bought from two vendors: two purchase orders for one sale
    let sale = shop.erp.sell(DocumentKind::Invoice, &[("P-0000001", 12), ("P-0000003", 40)]).await;
    shop.event(std::slice::from_ref(&sale)).await;
    while shop.database.client().await.query("SELECT FROM intent", &[]).await.unwrap().is_empty() {
        shop.worker.run_once().await.unwrap();
    }
    let intents = shop.database.client().await;
    let count = intents.query_one("SELECT count(*) AS n FROM intent WHERE state = 'planned'", &[]).await.unwrap();
    assert!(count.get::<_, i64>("n") > 1, "the sale needs two vendors");
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_queue(&tx).await.unwrap();
    let now = shop.clock.now();
    let until = now + SignedDuration::from_secs(45);
    let due = Due { now, until, limit: 10, busy: &[] };
    assert_eq!(db::intent::claim(&tx, &due).await.unwrap().len(), 1);
    assert_eq!(db::intent::claim(&tx, &due).await.unwrap().len(), 0, "the other waits for the first");
    tx.rollback().await.unwrap();
    drop(client);
    shop.until_settled().await;
    let made = intents.query_one("SELECT bool_and(state = 'confirmed') AS all FROM intent", &[]).await.unwrap();
    assert!(made.get::<_, bool>("all"));
}

#[tokio::test]
async fn a_mark_that_is_wanted_while_another_is_shown_is_shown_whatever_becomes_of_that() {
    let shop = Shop::open(Mode::Automatic).await;
    let document = DocumentRef::new(DocumentKind::Invoice, "SI-1");
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let want = async |mark: &str| {
        let marks = [(document.clone(), serde_json::json!({ "mark": mark }))];
        notice::want_marks(&tx, shop.tenant, &marks, shop.clock.now()).await.unwrap();
    };
    let claim = async || {
        let until = shop.clock.now() + SignedDuration::from_secs(45);
        let due = Due { now: shop.clock.now(), until, limit: 10, busy: &[] };
        notice::claim_marks(&tx, &due).await.unwrap()
    };
    want("short").await;
    let [old] = &claim().await[..] else { panic!("one is due") };
    want("on order").await;
    notice::settle_mark(&tx, old, Err((None, "refused"))).await.unwrap();
    let [new] = &claim().await[..] else { panic!("the one that was wanted meanwhile is due") };
    notice::settle_mark(&tx, new, Err((None, "refused"))).await.unwrap();
    assert!(claim().await.is_empty(), "it is given up until it changes");
}
