//! `backorders replay`: by time, company and document; it only says what it would do unless told to do it.

use std::process::Command;

use backorders::clock::{Clock as _, SystemClock};
use backorders::db::{self, delivery};
use backorders::domain::ids::{DeliveryId, DocumentKind, DocumentRef, TenantId};
use backorders::domain::settings::Mode;
use jiff::{SignedDuration, Timestamp};

use crate::support::shop::Shop;
use crate::support::temp_dir::TempDir;

/// What it said; an error is what it complained of.
fn replay(shop: &Shop, arguments: &[&str]) -> Result<String, String> {
    let dir = TempDir::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_backorders"));
    command.env_clear().env("PATH", "/usr/bin:/bin").env("DATABASE_URL", shop.database.url());
    command.env("BACKORDERS_MASTER_KEYS", "k:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=");
    command.env("BACKORDERS_STATE_DIR", dir.path()).env("BACKORDERS_MAIL_DIR", dir.path());
    command.env("BACKORDERS_MAIL_FROM", "b@example.com").env("BACKORDERS_LOG_FILTER", "off");
    let output = command.arg("replay").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// A delivery that named these invoices, at that time.
async fn delivered(shop: &Shop, tenant: TenantId, at: Timestamp, invoices: &[&str]) {
    let delivery = delivery::Delivery {
        tenant,
        id: DeliveryId(SystemClock.new_id()),
        received_at: at,
        readable_at: at,
        event: "CREATE_INVOICE".to_owned(),
        source_event_id: None,
        outcome: delivery::Outcome::Accepted,
        documents: invoices.iter().map(|id| DocumentRef::new(DocumentKind::Invoice, *id)).collect(),
        detail: None,
        body: None,
        traceparent: None,
    };
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_intake(&tx).await.unwrap();
    delivery::insert(&tx, &[delivery]).await.unwrap();
    tx.commit().await.unwrap();
}

/// The documents of a company that wait to be looked at.
async fn waiting(shop: &Shop, tenant: TenantId) -> Vec<String> {
    const WAITING: &str = "
        SELECT kind || ':' || document_id AS what FROM changed_document
        WHERE tenant_id = $1 AND seen_seq < changed_seq ORDER BY 1";
    let rows = shop.database.client().await.query(WAITING, &[&tenant.0]).await.unwrap();
    rows.iter().map(|row| row.get("what")).collect()
}

#[tokio::test]
async fn documents_of_a_time_are_looked_at_again_only_when_told_to() {
    let shop = Shop::open(Mode::Watch).await;
    let other = TenantId(uuid::Uuid::from_u128(9));
    let now = shop.clock.now();
    let ago = |minutes| now - SignedDuration::from_mins(minutes);
    delivered(&shop, shop.tenant, ago(90), &["SI-OLD"]).await;
    delivered(&shop, shop.tenant, ago(50), &["SI-A", "SI-B"]).await;
    delivered(&shop, shop.tenant, ago(40), &["SI-B"]).await;
    delivered(&shop, shop.tenant, ago(10), &["SI-NEW"]).await;
    delivered(&shop, other, ago(45), &["SI-OTHER"]).await;
    let tenant = shop.tenant.to_string();
    let (from, to) = (ago(60).to_string(), ago(30).to_string());
    let range = ["--tenant", &tenant, "--from", &from, "--to", &to];

    let said = replay(&shop, &range).unwrap();
    assert_eq!(said.lines().filter(|line| line.contains("SI-")).count(), 2, "{said}");
    assert!(said.contains("2 documents would be looked at again; --apply does it"), "{said}");
    assert_eq!(waiting(&shop, shop.tenant).await, [""; 0], "a dry run writes nothing");

    let said = replay(&shop, &[&range[..], &["--apply"]].concat()).unwrap();
    assert!(said.contains("2 documents will be looked at again"), "{said}");
    assert_eq!(waiting(&shop, shop.tenant).await, ["invoice:SI-A", "invoice:SI-B"]);
    assert_eq!(waiting(&shop, other).await, [""; 0], "another company's are left alone");
}

#[tokio::test]
async fn named_documents_are_looked_at_again_and_wrong_arguments_are_told() {
    let shop = Shop::open(Mode::Watch).await;
    let tenant = shop.tenant.to_string();
    let named = ["--tenant", &tenant, "--document", "invoice:SI-7", "--document", "sales_order:SO-1", "--apply"];
    replay(&shop, &named).unwrap();
    assert_eq!(waiting(&shop, shop.tenant).await, ["invoice:SI-7", "sales_order:SO-1"]);
    // looked at once, as if an event had come
    shop.work().await;
    assert_eq!(waiting(&shop, shop.tenant).await, [""; 0]);

    let error = replay(&shop, &["--tenant", &tenant]).unwrap_err();
    assert!(error.contains("say --from or --document"), "{error}");
    let error = replay(&shop, &["--tenant", &tenant, "--document", "bill:1"]).unwrap_err();
    assert!(error.contains("'bill' is no kind of document"), "{error}");
    assert!(replay(&shop, &["--tenant", "somebody", "--document", "invoice:SI-7"]).is_err());
}
