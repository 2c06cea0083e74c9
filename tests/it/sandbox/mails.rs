//! The mail catcher: a real SMTP server, its faults, its page.

use std::time::Duration;

use backorders::sandbox::{SmtpFault, SmtpFaultKind};
use lettre::message::MultiPart;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

use super::erp::{Erp, answer};

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn transport(erp: &Erp) -> Transport {
    let address = erp.running.smtp_address;
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string()).port(address.port()).build()
}

fn mail(to: &str) -> Message {
    let html = "<html><head></head><body><p>8 short</p><script>alert(1)</script></body></html>";
    Message::builder()
        .from("app@fairlight.test".parse().unwrap())
        .to(to.parse().unwrap())
        .subject("Zu wenig: Mühle G2")
        .message_id(Some("<alert-1@fairlight.test>".to_owned()))
        .multipart(MultiPart::alternative_plain_html("8 short\n.\n.hidden".to_owned(), html.to_owned()))
        .unwrap()
}

fn fault(kind: SmtpFaultKind, recipient: &str) -> SmtpFault {
    SmtpFault { recipient: recipient.to_owned(), times: Some(1), struck: 0, kind }
}

#[tokio::test]
async fn a_mail_is_kept_with_its_parts_and_headers() {
    let erp = Erp::start().await;
    transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap();
    let mails = erp.running.mailbox.mails();
    assert_eq!(mails.len(), 1);
    let kept = &mails[0];
    assert_eq!((kept.from.as_str(), &kept.to[..]), ("app@fairlight.test", &["buyer@fairlight.test".to_owned()][..]));
    assert_eq!(kept.subject, "Zu wenig: Mühle G2");
    assert_eq!(kept.message_id, "alert-1@fairlight.test");
    assert_eq!(kept.text.replace("\r\n", "\n").trim_end(), "8 short\n.\n.hidden");
    assert!(kept.html.as_ref().unwrap().contains("8 short"));
    assert!(kept.headers.iter().any(|(name, _)| name == "Message-ID"));
}

#[tokio::test]
async fn a_recipient_is_refused_as_often_as_told() {
    let erp = Erp::start().await;
    for (code, permanent) in [(450, false), (421, false), (550, true)] {
        erp.running.mailbox.add_fault(fault(SmtpFaultKind::Refuse { code }, "buyer@"));
        let error = transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap_err();
        assert_eq!((error.is_permanent(), error.is_transient()), (permanent, !permanent), "{code}: {error}");
        transport(&erp).send(mail("seller@fairlight.test")).await.unwrap();
        transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap();
    }
    assert_eq!(erp.running.mailbox.mails().len(), 6);
}

#[tokio::test]
async fn a_connection_cut_after_the_dot_leaves_the_mail_with_us() {
    let erp = Erp::start().await;
    erp.running.mailbox.add_fault(fault(SmtpFaultKind::CutAfterDot, ""));
    let error = transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap_err();
    assert!(!error.is_permanent() && !error.is_transient(), "no answer at all: {error}");
    assert_eq!(erp.running.mailbox.mails().len(), 1);
    erp.running.mailbox.add_fault(fault(SmtpFaultKind::CutInData, ""));
    transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap_err();
    erp.running.mailbox.add_fault(fault(SmtpFaultKind::RefuseMail { code: 454 }, ""));
    assert!(transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap_err().is_transient());
    assert_eq!(erp.running.mailbox.mails().len(), 1, "those two were not kept");
}

#[tokio::test]
async fn a_slow_server_is_slow() {
    let erp = Erp::start().await;
    erp.running.mailbox.add_fault(fault(SmtpFaultKind::Slow { ms: 60_000 }, ""));
    let sender = transport(&erp);
    let sending = sender.send(mail("buyer@fairlight.test"));
    tokio::time::timeout(Duration::from_millis(200), sending).await.unwrap_err();
    erp.running.mailbox.clear_faults();
    transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap();
}

#[tokio::test]
async fn starttls_is_not_offered_so_a_sender_that_requires_it_sends_nothing() {
    let erp = Erp::start().await;
    let address = erp.running.smtp_address;
    let parameters = TlsParameters::new(address.ip().to_string()).unwrap();
    let strict = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(address.ip().to_string())
        .port(address.port())
        .tls(Tls::Required(parameters))
        .build();
    strict.send(mail("buyer@fairlight.test")).await.unwrap_err();
    assert!(erp.running.mailbox.mails().is_empty());
}

#[tokio::test]
async fn the_page_shows_a_mail_and_runs_nothing_of_it() {
    let erp = Erp::start().await;
    transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap();
    let base = format!("http://{}", erp.running.mail_page_address);
    let (_, page) = answer(erp.http.get(&base).send().await.unwrap()).await;
    let page = page.as_str().unwrap();
    assert!(page.contains("Zu wenig: Mühle G2") && page.contains("<iframe title=\"The mail\" sandbox="));
    assert!(!page.contains("<script"), "the HTML of the mail stands in the frame only");
    let html = erp.http.get(format!("{base}/mails/1/html")).send().await.unwrap();
    let policy = html.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("sandbox") && !policy.contains("allow-scripts"));
    let (_, text) = answer(erp.http.get(format!("{base}/?part=text")).send().await.unwrap()).await;
    assert!(text.as_str().unwrap().contains("8 short"));
    let (_, listed) = answer(erp.http.get(format!("{base}/mails")).send().await.unwrap()).await;
    assert_eq!(listed[0]["message_id"], "alert-1@fairlight.test");
    let asked = serde_json::json!({ "kind": "refuse", "code": 550, "recipient": "buyer@", "times": 1 });
    let set = erp.http.post(format!("{base}/faults")).json(&asked).send().await.unwrap();
    assert_eq!(set.status().as_u16(), 204);
    assert!(transport(&erp).send(mail("buyer@fairlight.test")).await.unwrap_err().is_permanent());
}
