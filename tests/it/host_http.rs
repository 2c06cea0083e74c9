//! What each outcome of a call means, over real sockets: answers that are wrong, late, cut, too large or not there.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use backorders::host::address::AddressPolicy;
use backorders::host::http::{HostHttp, HttpSettings, TRACEPARENT};
use backorders::host::{Access, Host, HostApps, HostError, NotApplied};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;
use wiremock::matchers::{any, header};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::support::deskera::{app, connection, http, http_with};

const TOKEN: &str = "canary-access-token";
const REFRESH: &str = "canary-refresh-token";

fn host_at(http: &HostHttp, address: &str) -> Arc<dyn Host> {
    let url: Url = address.parse().unwrap();
    let access = Access { access_token: TOKEN.to_owned().into(), refresh_token: Some(REFRESH.to_owned().into()) };
    let apps = HostApps { deskera: Some(app(&url)), ..HostApps::default() };
    backorders::host::open(http, &apps, &connection(&url, "1001", &[]), access).unwrap()
}

/// What a read and a write make of the same behaviour of the host.
async fn read_and_write(http: &HostHttp, address: &str) -> (HostError, HostError) {
    let host = host_at(http, address);
    (host.read_warehouses().await.unwrap_err(), host.remove_hook("7").await.unwrap_err())
}

fn reason(error: &HostError) -> &NotApplied {
    let HostError::NotApplied { reason, .. } = error else { panic!("{error:?}") };
    reason
}

fn is_unknown(error: &HostError) -> bool {
    matches!(error, HostError::Unknown { .. })
}

/// A server that does to each connection what the test says, after it has read the request's head.
async fn raw<F, Fut>(act: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                match socket.read_u8().await {
                    Ok(byte) => head.push(byte),
                    Err(_) => break,
                }
            }
            tokio::spawn(act(socket));
        }
    });
    address
}

async fn says(status: u16, body: &str) -> MockServer {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_raw(body.to_owned(), "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

#[tokio::test]
async fn a_refusal_in_the_hosts_own_words_is_certain() {
    for status in [400, 403, 409, 415, 417, 422] {
        let body = format!(r#"{{"status":"X","code":{status},"message":"no such luck","requestPath":"/v1"}}"#);
        let server = says(status, &body).await;
        let (read, write) = read_and_write(&http(), &server.uri()).await;
        for error in [read, write] {
            let HostError::Rejected { code, detail } = error else { panic!("{status}: {error:?}") };
            assert_eq!((code, detail), (status.to_string(), format!("{status} no such luck")));
        }
    }
    let fields = r#"{"code":400,"errorMessage":"invalid","errors":[{"field":"dueDate","error":"is required"}]}"#;
    let (read, _) = read_and_write(&http(), &says(400, fields).await.uri()).await;
    assert!(read.to_string().ends_with("400 invalid (dueDate is required)"), "{read}");
}

#[tokio::test]
async fn what_a_proxy_answers_says_nothing_of_a_write() {
    for status in [301, 307, 400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504] {
        for body in ["<html>Bad gateway</html>", "", "{}", r#"{"message":"from a proxy"}"#, "[1]"] {
            let server = says(status, body).await;
            let (read, write) = read_and_write(&http(), &server.uri()).await;
            assert!(is_unknown(&write), "{status} {body}: {write:?}");
            let fits = match status {
                401 => read.is_unauthorized(),
                429 => matches!(reason(&read), NotApplied::RateLimited { .. }),
                500.. => *reason(&read) == NotApplied::HostFailed,
                _ => *reason(&read) == NotApplied::Unreadable,
            };
            assert!(fits, "{status} {body}: {read:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_accepted_changed_nothing() {
    let server = says(401, r#"{"status":"UNAUTHORIZED","code":401,"message":"expired","requestPath":"/"}"#).await;
    let (read, write) = read_and_write(&http(), &server.uri()).await;
    assert!(read.is_unauthorized() && write.is_unauthorized(), "{read:?} {write:?}");
}

#[tokio::test]
async fn answers_that_do_not_fit_are_unreadable_or_unknown() {
    for body in
        ["", "<html>", "{", "{\"content\":1}", "7", "\"x\"", "null", "{\"a\":1,\"a\":2}", "[{\"code\":7.5}]", "[3]"]
    {
        let server = says(200, body).await;
        let host = host_at(&http(), &server.uri());
        let error = host.read_warehouses().await.unwrap_err();
        assert_eq!(*reason(&error), NotApplied::Unreadable, "{body}");
        let error = host.register_hook("STOCK_IN", &"https://x.example/".parse().unwrap()).await.unwrap_err();
        assert!(is_unknown(&error), "{body}: {error:?}");
    }
    let errors = r#"{"errors":["stock is locked"],"hookId":1}"#;
    let host = host_at(&http(), &says(200, errors).await.uri());
    assert!(matches!(host.read_warehouses().await, Err(HostError::Rejected { .. })));
    let error = host.register_hook("STOCK_IN", &"https://x.example/".parse().unwrap()).await.unwrap_err();
    assert!(is_unknown(&error), "{error:?}");
}

#[tokio::test]
async fn attack_60_redirects_are_not_followed() {
    let target = says(200, "[]").await;
    for status in [301, 302, 303, 307, 308] {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).insert_header("location", target.uri());
        Mock::given(any()).respond_with(answer).mount(&server).await;
        read_and_write(&http(), &server.uri()).await;
    }
    assert!(target.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn attack_64_what_the_host_echoes_is_redacted_and_bounded() {
    let echo = format!(
        r#"{{"code":400,"message":"token {TOKEN} or {REFRESH} or sandbox-secret\n\u001b[31m {}"}}"#,
        "x".repeat(5000)
    );
    let html = format!("<h1>{TOKEN}</h1>{}", "y".repeat(5000));
    for (status, body) in [(400, echo), (502, html)] {
        let (read, write) = read_and_write(&http(), &says(status, &body).await.uri()).await;
        for error in [read, write] {
            let text = format!("{error:?} {error}");
            assert!(!text.contains("canary") && !text.contains("sandbox-secret"), "{text}");
            assert!(text.contains("[redacted]") && !text.contains('\u{1b}'), "{text}");
            assert!(error.to_string().chars().count() < 500, "{}", error.to_string().len());
        }
    }
}

#[tokio::test]
async fn attack_66_a_trace_of_the_hosts_inside_is_not_kept() {
    let body = r#"{"debug":"Traceback (most recent call last): secret.py","trace":"SELECT 1"}"#;
    let (read, _) = read_and_write(&http(), &says(500, body).await.uri()).await;
    assert!(read.to_string().ends_with("status 500"), "{read}");
}

#[tokio::test]
async fn attack_65_a_wish_to_wait_is_held_to_an_hour() {
    let body = r#"{"code":429,"message":"slow down"}"#;
    let cases: [(&str, u64); 8] = [
        ("7", 7),
        ("0", 1),
        ("-5", 1),
        ("1000000000", 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1),
        ("Mon, 23 Nov 2026 20:00:20 GMT", 20),
        ("soon", 30),
        ("", 30),
    ];
    for (text, seconds) in cases {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(429)
            .set_body_raw(body, "application/json")
            .insert_header("retry-after", text)
            .insert_header("date", "Mon, 23 Nov 2026 20:00:00 GMT");
        Mock::given(any()).respond_with(answer).mount(&server).await;
        let (read, write) = read_and_write(&http(), &server.uri()).await;
        for error in [read, write] {
            let expected = NotApplied::RateLimited { retry_after: Duration::from_secs(seconds) };
            assert_eq!(*reason(&error), expected, "{text}");
        }
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_changed_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (read, write) = read_and_write(&http(), &address).await;
    assert_eq!((reason(&read), reason(&write)), (&NotApplied::Unreachable, &NotApplied::Unreachable));
    assert!(!format!("{read:?}{write:?}").contains(&address), "no address in the text");
}

#[tokio::test]
async fn a_connection_that_is_cut_after_the_request_leaves_a_write_unknown() {
    let silent = raw(|socket| async move { drop(socket) }).await;
    let half = raw(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n[{\"code\"").await;
    })
    .await;
    let garbage = raw(|mut socket| async move {
        let _ = socket.write_all(b"SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    })
    .await;
    for address in [silent, half, garbage] {
        let (read, write) = read_and_write(&http(), &address).await;
        assert_eq!(*reason(&read), NotApplied::Unreachable);
        assert!(is_unknown(&write), "{write:?}");
    }
}

#[tokio::test]
async fn attack_61_slow_endless_and_huge_answers_end() {
    let settings = HttpSettings { total_timeout: Duration::from_millis(300), ..HttpSettings::default() };
    let slow = raw(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n").await;
        while socket.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let silent = raw(|socket| async move {
        std::future::pending::<()>().await;
        drop(socket);
    })
    .await;
    for address in [slow, silent] {
        let (read, write) = read_and_write(&http_with(settings.clone()), &address).await;
        assert_eq!(*reason(&read), NotApplied::Unreachable);
        assert!(is_unknown(&write), "{write:?}");
    }
    let endless = raw(|mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        let chunk = format!("{:x}\r\n{}\r\n", 65536, " ".repeat(65536));
        while socket.write_all(chunk.as_bytes()).await.is_ok() {}
    })
    .await;
    let (read, write) = read_and_write(&http(), &endless).await;
    assert!(read.to_string().contains("longer than"), "{read}");
    assert!(is_unknown(&write), "{write:?}");
}

#[tokio::test]
async fn attack_61_a_gzip_bomb_is_cut_off_while_it_unfolds() {
    let server = MockServer::start().await;
    let bomb = include_bytes!("../data/http/20_mib_of_spaces.json.gz");
    let answer = ResponseTemplate::new(200).insert_header("content-encoding", "gzip").set_body_bytes(bomb);
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let (read, write) = read_and_write(&http(), &server.uri()).await;
    assert!(read.to_string().contains("longer than"), "{read}");
    assert!(is_unknown(&write), "{write:?}");
}

#[tokio::test]
async fn private_addresses_are_not_called_unless_opened() {
    let server = says(200, "[]").await;
    let closed = HostHttp::new(HttpSettings::default()).unwrap();
    let port = server.address().port();
    for address in
        [format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}"), "https://127.0.0.1".to_owned()]
    {
        let (read, write) = read_and_write(&closed, &address).await;
        assert_eq!((reason(&read), reason(&write)), (&NotApplied::Unreachable, &NotApplied::Unreachable), "{address}");
    }
    let elsewhere = AddressPolicy::new(vec!["10.0.0.0/8".parse().unwrap()]);
    let elsewhere = HostHttp::new(HttpSettings { addresses: elsewhere, ..HttpSettings::default() }).unwrap();
    read_and_write(&elsewhere, &server.uri()).await;
    assert!(server.received_requests().await.unwrap().is_empty());
    assert!(host_at(&http(), &format!("http://localhost:{port}")).read_warehouses().await.is_ok());
}

#[tokio::test]
async fn the_token_and_the_trace_go_along_and_nothing_else_of_us() {
    let server = MockServer::start().await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    Mock::given(header("x-access-token", TOKEN))
        .and(header("traceparent", trace))
        .respond_with(ResponseTemplate::new(200).set_body_raw("[]", "application/json"))
        .expect(1)
        .mount(&server)
        .await;
    let host = host_at(&http(), &server.uri());
    TRACEPARENT.scope(trace.to_owned(), host.read_warehouses()).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let mut names: Vec<&str> = requests[0].headers.keys().map(reqwest::header::HeaderName::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "host", "traceparent", "user-agent", "x-access-token"]);
}

#[tokio::test]
async fn calls_in_flight_to_one_company_are_limited() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let seen = most.clone();
    let address = raw(move |mut socket| {
        let (now, most) = (now.clone(), most.clone());
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(30)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\n[]").await;
        }
    })
    .await;
    let http = http_with(HttpSettings { calls_in_flight: 2, ..HttpSettings::default() });
    // Two connections to the same company share the limit.
    let hosts = [host_at(&http, &address), host_at(&http, &address)];
    let calls = (0..8).map(|index| hosts[index % 2].read_warehouses());
    for outcome in futures_util::future::join_all(calls).await {
        outcome.unwrap();
    }
    assert_eq!(seen.load(Ordering::SeqCst), 2);
}
