//! What no HTTP client would send: bytes on the wire to the way in for hooks (trust.md section 9, attacks 22 to 33).

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::door::{BODY, Door};

/// Longer than any answer takes, also of a busy machine.
const AT_MOST: Duration = Duration::from_secs(60);

async fn connect(door: &Door) -> TcpStream {
    TcpStream::connect((door.app.url.host_str().unwrap(), door.app.url.port().unwrap())).await.unwrap()
}

/// The status lines of what is answered until the server closes, or until there are so many.
async fn statuses(socket: &mut TcpStream, at_most: usize) -> Vec<u16> {
    let mut heard = Vec::new();
    let listening = async {
        loop {
            let text = String::from_utf8_lossy(&heard);
            let found: Vec<u16> = text
                .split("HTTP/1.1 ")
                .skip(1)
                .filter(|rest| rest.contains("\r\n\r\n"))
                .map(|rest| rest[..3].parse().unwrap())
                .collect();
            if found.len() >= at_most {
                return found;
            }
            if matches!(socket.read_buf(&mut heard).await, Ok(0) | Err(_)) {
                return found;
            }
        }
    };
    tokio::time::timeout(AT_MOST, listening).await.unwrap_or_else(|_| panic!("no answer and no end"))
}

/// What is answered to these bytes. A server that hangs up before it heard all of them is fine.
async fn answered(door: &Door, bytes: &[u8]) -> Vec<u16> {
    let mut socket = connect(door).await;
    let _ = socket.write_all(bytes).await;
    statuses(&mut socket, 1).await
}

/// It takes what is right, after all that was wrong.
async fn still_takes(door: &Door) {
    assert_eq!(door.post(&door.plain, &[], BODY).await.status, 200);
}

#[tokio::test]
async fn attack_22_lengths_that_lie_are_refused() {
    let door = Door::new().await;
    for lengths in [
        "Content-Length: 5\r\nContent-Length: 27",
        "Content-Length: -1",
        "Content-Length: +27",
        "Content-Length: 0x1b",
        "Content-Length: 27, 27",
        "Content-Length: 99999999999999999999999",
        "Content-Length: ٢٧",
    ] {
        let request = format!("POST {} HTTP/1.1\r\nHost: x\r\n{lengths}\r\n\r\n{BODY}", door.plain);
        assert_eq!(answered(&door, request.as_bytes()).await, [400], "{lengths}");
    }
    assert_eq!(door.deliveries().await, 0);
    still_takes(&door).await;
}

#[tokio::test]
async fn attack_22_chunks_without_end_are_cut_off() {
    let door = Door::new().await;
    let mut socket = connect(&door).await;
    let head = format!("POST {} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", door.plain);
    socket.write_all(head.as_bytes()).await.unwrap();
    let chunk = [b"10000\r\n".as_slice(), &b"x".repeat(0x10000), b"\r\n"].concat();
    let (mut hears, mut says) = socket.split();
    let endless = async { while says.write_all(&chunk).await.is_ok() {} };
    let answer = async {
        let mut answer = [0; 12];
        hears.read_exact(&mut answer).await.unwrap();
        answer
    };
    let answer = tokio::time::timeout(AT_MOST, async {
        tokio::select! {
            answer = answer => answer,
            () = endless => panic!("hung up without a word"),
        }
    });
    assert_eq!(&answer.await.expect("an answer"), b"HTTP/1.1 413");
    assert_eq!(door.deliveries().await, 0);
    still_takes(&door).await;
}

#[tokio::test]
async fn attack_23_who_never_ends_a_head_or_a_body_is_told_that_it_took_too_long() {
    let door = Door::new().await;
    let head = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n", door.plain, BODY.len());
    for begun in [head.clone(), format!("{head}\r\n{}", &BODY[..5])] {
        assert_eq!(answered(&door, begun.as_bytes()).await, [408], "{begun}");
    }
    assert_eq!(door.deliveries().await, 0);
    still_takes(&door).await;
}

#[tokio::test]
async fn attack_24_a_request_with_two_ends_is_refused_and_nothing_is_smuggled() {
    let door = Door::new().await;
    let smuggled = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{BODY}", door.plain, BODY.len());
    for headers in [
        "Content-Length: 6\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 6",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
    ] {
        let request = format!("POST {} HTTP/1.1\r\nHost: x\r\n{headers}\r\n\r\n0\r\n\r\n{smuggled}", door.plain);
        let mut socket = connect(&door).await;
        let _ = socket.write_all(request.as_bytes()).await;
        assert_eq!(statuses(&mut socket, 2).await, [400], "{headers}");
    }
    assert_eq!(door.deliveries().await, 0);
    still_takes(&door).await;
}

#[tokio::test]
async fn attack_26_heads_that_are_too_large_are_refused() {
    let door = Door::new().await;
    let many = "X-Many: 1\r\n".repeat(200);
    let long = format!("X-Long: {}\r\n", "x".repeat(64 << 10));
    let endless = format!("X-Long: {}", "x".repeat(4 << 20));
    for headers in [many, long] {
        let request = format!("POST {} HTTP/1.1\r\nHost: x\r\n{headers}\r\n", door.plain);
        assert_eq!(answered(&door, request.as_bytes()).await, [431], "{}", headers.len());
    }
    // who is still talking when we hang up may not hear why
    let answer = answered(&door, format!("POST {} HTTP/1.1\r\nHost: x\r\n{endless}", door.plain).as_bytes()).await;
    assert!(answer.is_empty() || answer == [431], "{answer:?}");
    assert_eq!(door.deliveries().await, 0);
    still_takes(&door).await;
}

#[tokio::test]
async fn attack_28_what_is_no_address_of_ours_leads_nowhere() {
    let door = Door::new().await;
    let token = door.plain.trim_start_matches("/hooks/");
    for (line, expected) in [
        ("POST /hooks/x".to_owned(), 400),
        ("POST /hooks/x HTTP/0.9".to_owned(), 400),
        (format!("POST /x/..%2fhooks/{token} HTTP/1.1"), 404),
        (format!("POST /hooks/%2e%2e/hooks/{token} HTTP/1.1"), 404),
        (format!("POST //hooks/{token} HTTP/1.1"), 404),
        (format!("POST /hooks//{token} HTTP/1.1"), 404),
        (format!("POST /hooks/{token}/ HTTP/1.1"), 404),
        (format!("POST /HOOKS/{token} HTTP/1.1"), 404),
        (format!("POST /hooks/{token}%00 HTTP/1.1"), 404),
        ("PRI * HTTP/2.0".to_owned(), 400),
        (format!("POST {} HTTP/1.1\r\nHost: x\r\nno header", door.plain), 400),
    ] {
        let request = format!("{line}\r\nHost: x\r\nContent-Length: {}\r\n\r\n{BODY}", BODY.len());
        assert_eq!(answered(&door, request.as_bytes()).await, [expected], "{line}");
    }
    assert_eq!(door.deliveries().await, 0);
    still_takes(&door).await;
}

#[tokio::test]
async fn attack_31_a_thousand_requests_on_one_connection_are_each_answered() {
    let door = Door::new().await;
    let page = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    let mut socket = connect(&door).await;
    let (mut hears, mut says) = socket.split();
    let mut heard = Vec::new();
    let listening = async {
        while String::from_utf8_lossy(&heard).matches("HTTP/1.1 ").count() < 1000 {
            assert!(hears.read_buf(&mut heard).await.unwrap() > 0, "hung up");
        }
    };
    let both = async { tokio::join!(listening, async { says.write_all(page.as_bytes()).await.unwrap() }) };
    tokio::time::timeout(AT_MOST, both).await.expect("all answers");
    assert_eq!(String::from_utf8_lossy(&heard).matches("HTTP/1.1 200 OK").count(), 1000);
    still_takes(&door).await;
}
