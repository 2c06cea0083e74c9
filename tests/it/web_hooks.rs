//! Hooks in, over real HTTP and PostgreSQL (trust.md section 1 and attacks 1 to 47).

use std::time::Duration;

use backorders::clock::{Clock as _, SystemClock};
use backorders::db;
use backorders::secret::Token;
use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::app::Page;
use crate::support::db::TestDatabase;
use crate::support::door::{BODY, Door, TENANT, mac};
use crate::support::full_disk::full_disk;
use crate::support::proxy::Proxy;

#[tokio::test]
async fn w6_a_delivery_is_in_the_database_when_it_is_answered() {
    let door = Door::new().await;
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let page = door.post(&door.plain, &[("traceparent", trace)], BODY).await;
    assert_eq!((page.status, page.text.as_str()), (200, ""));
    assert!(!page.headers.contains_key("set-cookie"));
    let row = "SELECT count(*) FROM changed_document WHERE kind = 'invoice' AND document_id = 'SI-1'
        AND changed_seq = 1 AND traceparent LIKE '00-4bf9%'";
    assert_eq!((door.deliveries().await, door.count(row).await), (1, 1));
}

#[tokio::test]
async fn w9_equal_bodies_of_a_host_without_ids_are_each_looked_at() {
    let door = Door::new().await;
    for _ in 0..2 {
        assert_eq!(door.post(&door.plain, &[], BODY).await.status, 200);
    }
    assert_eq!(door.count("SELECT changed_seq FROM changed_document").await, 2);
}

#[tokio::test]
async fn w8_one_id_sent_a_hundred_times_at_once_is_one_delivery() {
    let door = Door::new().await;
    let body = r#"{"type":"sales_order.changed","data":{"id":"SO-1"}}"#;
    let pages = futures_util::future::join_all((0..100).map(|_| door.sign("msg_1", 0, body, None))).await;
    assert!(pages.iter().all(|page| page.status == 200));
    assert_eq!(door.deliveries().await, 1);
    assert_eq!(door.count("SELECT changed_seq FROM changed_document").await, 1);
}

#[tokio::test]
async fn deliveries_at_the_same_time_are_all_kept() {
    let door = Door::new().await;
    let bodies: Vec<String> = (0..200).map(|n| format!(r#"{{"salesInvoiceCode":"SI-{}"}}"#, n % 20)).collect();
    let pages = futures_util::future::join_all(bodies.iter().map(|body| door.post(&door.plain, &[], body))).await;
    assert!(pages.iter().all(|page| page.status == 200));
    assert_eq!(door.deliveries().await, 200);
    assert_eq!(door.count("SELECT count(*) FROM changed_document").await, 20);
}

#[tokio::test]
async fn w2_attacks_1_to_15_what_is_not_signed_by_the_host_is_refused() {
    let door = Door::new().await;
    let body = r#"{"type":"sales_order.changed","data":{"id":"SO-1"}}"#;
    let stamp = door.clock.now().as_second();
    let right = mac(&format!("m.{stamp}.{body}"));
    let hex = right.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let long = "v1,".to_owned() + &"A".repeat(6000);
    let wrong = [
        "v1,".to_owned(),
        format!("v1,{}", &right[..43]),
        format!("v1,{}", &right[..1]),
        format!("v1,{right}x"),
        format!("v1,{hex}"),
        format!("v1,{}", right.trim_end_matches('=')),
        format!("v1a,{right}"),
        long,
    ];
    for signature in &wrong {
        let page = door.sign("m", 0, body, Some(signature)).await;
        assert_eq!((page.status, page.text.as_str()), (401, ""), "{}", &signature[..signature.len().min(60)]);
        assert!(!page.headers.contains_key("set-cookie"));
    }
    assert_eq!(door.post(&door.signed, &[], body).await.status, 401, "no signature");
    for seconds in [-301, 301, 1_000_000] {
        assert_eq!(door.sign("m", seconds, body, None).await.status, 401, "{seconds}");
    }
    assert_eq!(door.sign("m.1", 0, body, None).await.status, 401, "a dot in the id");
    assert_eq!(door.deliveries().await, 0);
    assert_eq!(door.sign("m", 0, body, None).await.status, 200);
}

#[tokio::test]
async fn w12_a_path_that_is_not_ours_looks_like_any_that_does_not_exist() {
    let door = Door::new().await;
    let foreign = format!("/hooks/{}", Token::new(TENANT, &SystemClock).expose());
    let nowhere = door.post("/nowhere", &[], BODY).await;
    for path in [foreign.as_str(), "/hooks/x", "/hooks/..%2fsettings"] {
        let page = door.post(path, &[], BODY).await;
        assert_eq!((page.status, page.text.as_str()), (404, ""), "{path}");
        assert_eq!(page.status, nowhere.status);
    }
    assert_eq!(nowhere.text, "");
}

#[tokio::test]
async fn w16_only_post_is_taken() {
    let door = Door::new().await;
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::OPTIONS, Method::PATCH] {
        let page = door.app.browser().send(method.clone(), &door.plain, &[], None).await;
        assert_eq!(page.status, 405, "{method}");
        assert_eq!(page.headers["allow"], "POST", "{method}");
    }
}

#[tokio::test]
async fn w1_attacks_21_and_25_too_much_and_compressed_bodies_are_refused() {
    let door = Door::new().await;
    let large = " ".repeat((1 << 20) + 1);
    assert_eq!(door.post(&door.plain, &[], &large).await.status, 413);
    assert_eq!(door.post(&door.plain, &[("content-encoding", "gzip")], BODY).await.status, 415);
    let fits = format!("{BODY}{}", " ".repeat((1 << 20) - BODY.len()));
    assert_eq!(door.post(&door.plain, &[], &fits).await.status, 200);
    assert_eq!(door.deliveries().await, 1);
}

#[tokio::test]
async fn w17_attacks_34_to_43_what_cannot_be_read_is_kept_whole() {
    let door = Door::new().await;
    let deep = "[".repeat(10_000);
    let bad = ["{", "", "a=b", "{\"salesInvoiceCode\":\"\\u0000\"}", "{\"x\":1,\"x\":2}", "{\"x\":NaN}", &deep];
    for body in bad {
        assert_eq!(door.post(&door.plain, &[], body).await.status, 200, "{}", &body[..body.len().min(30)]);
    }
    let kept = door.count("SELECT count(*) FROM delivery WHERE outcome = 'unreadable' AND body IS NOT NULL").await;
    assert_eq!(kept, i64::try_from(bad.len()).unwrap());
    assert_eq!(door.count("SELECT count(*) FROM changed_document").await, 0);
}

#[tokio::test]
async fn w6_without_a_database_the_host_is_asked_to_come_again() {
    let door = Door::new().await;
    door.app.pool.close();
    let page = door.post(&door.plain, &[], BODY).await;
    assert_eq!((page.status, page.text.as_str()), (503, ""));
    assert!(page.headers.contains_key("retry-after"));
    assert_eq!(door.deliveries().await, 0);
}

#[tokio::test]
async fn f13_with_a_full_disk_the_host_is_asked_to_come_again() {
    let door = Door::new().await;
    let client = door.database.client().await;
    client.batch_execute(&full_disk("delivery", "INSERT", "true")).await.unwrap();
    let page = door.post(&door.plain, &[], BODY).await;
    assert_eq!((page.status, page.text.as_str()), (503, ""));
    assert!(page.headers.contains_key("retry-after"));
    assert_eq!(door.deliveries().await, 0);
    client.batch_execute("DROP TRIGGER full_disk ON delivery").await.unwrap();
    assert_eq!(door.post(&door.plain, &[], BODY).await.status, 200);
    assert_eq!(door.deliveries().await, 1);
}

#[tokio::test]
async fn f14_a_database_that_goes_silent_keeps_no_sender_waiting_and_is_asked_again_on_another_way() {
    let database = TestDatabase::new().await;
    let (proxy, by) = Proxy::before_database(&database.url()).await;
    let limits = db::PoolLimits { wait: Duration::from_secs(3), ..db::PoolLimits::default() };
    let pool = db::pool(&by, limits).unwrap();
    let door = Door::before(database, pool, &[]).await;
    for asked in ["FROM hook h", "INSERT INTO delivery"] {
        proxy.lose_answer(asked);
        let page = tokio::time::timeout(Duration::from_secs(60), door.post(&door.plain, &[], BODY)).await.expect(asked);
        assert_eq!((page.status, page.text.as_str()), (503, ""), "{asked}");
        assert!(page.headers.contains_key("retry-after"), "{asked}");
        // the way that leads nowhere is not taken again
        until_kept(&door).await;
    }
}

/// A sender that comes again until its delivery is kept.
async fn until_kept(door: &Door) {
    let kept = async { while door.post(&door.plain, &[], BODY).await.status != 200 {} };
    tokio::time::timeout(Duration::from_secs(60), kept).await.unwrap();
}

#[tokio::test]
async fn w6_a_deadlock_with_the_worker_is_tried_again_before_anybody_hears_of_it() {
    let door = Door::new().await;
    // what PostgreSQL answers to the one of the two that it stops; a sequence is not rolled back with it
    let stopped = "CREATE SEQUENCE tries;
        CREATE FUNCTION stopped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        DECLARE try bigint := nextval('public.tries');
        BEGIN
            IF try = 1 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END IF;
            IF try = 2 THEN RAISE EXCEPTION 'concurrent update' USING ERRCODE = 'serialization_failure'; END IF;
            RETURN NULL;
        END $$;
        CREATE TRIGGER stopped AFTER INSERT ON delivery FOR EACH STATEMENT EXECUTE FUNCTION stopped()";
    door.database.client().await.batch_execute(stopped).await.unwrap();
    let pages = futures_util::future::join_all((0..50).map(|_| door.post(&door.plain, &[], BODY))).await;
    assert!(pages.iter().all(|page| page.status == 200));
    assert_eq!(door.deliveries().await, 50);
    assert!(door.count("SELECT last_value FROM tries").await > 2, "it was tried again");
}

#[tokio::test]
async fn a_body_is_taken_only_for_a_hook_that_there_is() {
    let door = Door::new().await;
    let foreign = format!("/hooks/{}", Token::new(TENANT, &SystemClock).expose());
    let address = (door.app.url.host_str().unwrap().to_owned(), door.app.url.port().unwrap());
    let mut answers = Vec::new();
    for path in [foreign.as_str(), "/nowhere"] {
        let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
        // the body never comes
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 2000000\r\n\r\n");
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = async {
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(socket.read_u8().await.unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(30), read).await.expect("an answer without the body");
        let head = String::from_utf8(answer).unwrap();
        // the order of headers is nobody's
        let (status, headers) = head.split_once("\r\n").unwrap();
        let mut headers: Vec<String> = headers.lines().map(str::to_owned).collect();
        headers.retain(|line| !line.starts_with("date:"));
        headers.sort();
        assert_eq!(status, "HTTP/1.1 404 Not Found", "{path}");
        answers.push(headers);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn attack_19_who_tries_many_paths_is_slowed_down_also_from_many_addresses_of_one_network() {
    let database = TestDatabase::new().await;
    let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
    let door = Door::before(database, pool, &["127.0.0.0/8"]).await;
    let ask = async |address: String| door.post("/hooks/x", &[("x-forwarded-for", &address)], BODY).await;
    let pages = futures_util::future::join_all((0..3000).map(|n| ask(format!("2001:db8:1:1::{n:x}")))).await;
    let refused: Vec<&Page> = pages.iter().filter(|page| page.status == 429).collect();
    assert!(refused.iter().all(|page| page.headers.contains_key("retry-after") && page.text.is_empty()));
    assert!(pages.iter().all(|page| matches!(page.status, 404 | 429)));
    assert!(!refused.is_empty(), "it is slowed down");
    assert_eq!(ask("2001:db8:1:2::1".to_owned()).await.status, 404, "another network is not");
    assert_eq!(
        door.post(&door.plain, &[("x-forwarded-for", "2001:db8:1:1::1")], BODY).await.status,
        200,
        "a hook is not"
    );
}

#[tokio::test]
async fn attack_30_an_address_that_the_sender_itself_claims_frees_nobody() {
    let door = Door::new().await;
    let pages = (0..3000).map(|n| {
        let claimed = format!("198.51.{}.{}", n / 250, n % 250);
        let door = &door;
        async move { door.post("/hooks/x", &[("x-forwarded-for", &claimed)], BODY).await.status }
    });
    let pages = futures_util::future::join_all(pages).await;
    assert!(pages.contains(&429), "no proxy of ours said it");
}

#[tokio::test]
async fn a_hook_of_a_disconnected_company_leads_nowhere() {
    let door = Door::new().await;
    door.database.client().await.execute("UPDATE connection SET state = 'disconnected'", &[]).await.unwrap();
    assert_eq!(door.post(&door.plain, &[], BODY).await.status, 404);
}

#[tokio::test]
async fn w18_a_sender_that_goes_away_leaves_a_whole_delivery_or_none() {
    let door = Door::new().await;
    let address = (door.app.url.host_str().unwrap().to_owned(), door.app.url.port().unwrap());
    let head = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n", door.plain, BODY.len());
    let whole = format!("{head}{BODY}");
    for cut in (1..whole.len()).step_by(7) {
        let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
        socket.write_all(&whole.as_bytes()[..cut]).await.unwrap();
        drop(socket);
    }
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    socket.write_all(whole.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
    assert_eq!(door.deliveries().await, 1, "what was cut left nothing");
}
