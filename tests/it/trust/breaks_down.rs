//! A job, a disk or a clock breaks down in the middle of the work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use backorders::clock::{Clock, SystemClock};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::support::full_disk::full_disk;
use crate::support::shop::{MovableClock, Shop};

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// Breaks down whoever asks it for a new id, as long as it is told to.
#[derive(Debug)]
struct BreakingClock {
    time: Arc<MovableClock>,
    breaks: AtomicBool,
}

impl Clock for BreakingClock {
    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn random(&self, buffer: &mut [u8]) {
        assert!(!self.breaks.load(Ordering::SeqCst), "no randomness");
        SystemClock.random(buffer);
    }
}

#[tokio::test]
async fn f9_a_job_that_breaks_down_keeps_no_other_waiting_and_buys_once_when_it_can() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let clock = Arc::new(BreakingClock { time: shop.clock.clone(), breaks: AtomicBool::new(true) });
    let short = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    // nothing is there under that number: read, forgotten, no id is needed for it
    let gone = DocumentRef::new(DocumentKind::Invoice, "SI-9999999");
    shop.event(&[short.clone(), gone]).await;
    let (stop, stopping) = watch::channel(false);
    let worker = Arc::new(shop.worker_by(&(clock.clone() as Arc<dyn Clock>)));
    let working = tokio::spawn(worker.run(stopping, Duration::ZERO));
    shop.wait_for("SELECT bool_and(attempt > 0) AS done FROM changed_document WHERE seen_seq < changed_seq").await;
    // one look at both broke down: after its lease each is looked at alone
    shop.clock.advance(Duration::from_secs(60));
    shop.wait_for(
        "SELECT bool_or(seen_seq = changed_seq) AS done FROM changed_document WHERE document_id = 'SI-9999999'",
    )
    .await;
    for attempt in [2, 3] {
        let tried =
            format!("SELECT attempt >= {attempt} AS done FROM changed_document WHERE document_id = '{}'", short.id);
        shop.wait_for(&tried).await;
        shop.clock.advance(Duration::from_secs(60));
    }
    assert_eq!(shop.purchase_orders().await.len(), before);
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    backorders::db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let stuck = backorders::db::changed_document::stuck(&tx, shop.tenant, 10).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(stuck.iter().map(|stuck| (&stuck.document, &stuck.error)).collect::<Vec<_>>(), [(&short, &None)]);

    clock.breaks.store(false, Ordering::SeqCst);
    shop.clock.advance(Duration::from_secs(60));
    shop.wait_for("SELECT bool_or(state = 'confirmed') AS done FROM intent").await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    stop.send_replace(true);
    working.await.unwrap();
}

#[tokio::test]
async fn f13_a_full_disk_before_or_after_the_order_was_made_buys_once() {
    for (on, when) in [("INSERT", "true"), ("UPDATE", "NEW.state = 'sending'"), ("UPDATE", "NEW.state = 'created'")] {
        let shop = Shop::open(Mode::Automatic).await;
        let before = shop.purchase_orders().await.len();
        let client = shop.database.client().await;
        client.batch_execute(&full_disk("intent", on, when)).await.unwrap();
        let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        shop.event(std::slice::from_ref(&sale)).await;
        for _ in 0..5 {
            shop.work().await;
            shop.clock.advance(Duration::from_secs(60));
        }
        assert_ne!(shop.waiting().await, Vec::<String>::new(), "{when}: it is not forgotten");
        client.batch_execute("DROP TRIGGER full_disk ON intent").await.unwrap();
        shop.clock.advance(Duration::from_secs(3600));
        shop.until_settled().await;
        assert_eq!(shop.purchase_orders().await.len(), before + 1, "{when}");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{when}");
    }
}

#[tokio::test]
async fn f6_a_clock_that_goes_back_an_hour_delays_what_waited_and_nothing_else() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let waiting = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(std::slice::from_ref(&waiting)).await;
    shop.clock.go_back(Duration::from_secs(3600));
    shop.work().await;
    assert_eq!(shop.state(&waiting).await, None, "it is due in an hour");
    let later = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 5)]).await;
    shop.event(std::slice::from_ref(&later)).await;
    shop.work().await;
    assert_ne!(shop.state(&later).await, None, "what comes now is looked at now");
    shop.clock.advance(Duration::from_secs(3600));
    shop.until_settled().await;
    // 17 are wanted, 4 are in stock
    let orders = shop.purchase_orders().await;
    let lines = orders[before..].iter().flat_map(|order| order["lines"].as_array().unwrap());
    let bought = lines.map(|line| line["quantity"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap());
    assert_eq!(bought.sum::<rust_decimal::Decimal>(), 13.into(), "{:#?}", &orders[before..]);
    for sale in [&waiting, &later] {
        assert_eq!(shop.state(sale).await, Some(BackorderState::OnOrder));
    }
}
