//! Mail over real SMTP: what arrives, and what an error means for the next attempt.

use backorders::mail::{MailConfig, MailContent, MailError, Mailer, OutgoingMail, SmtpConfig, SmtpTls};
use mail_parser::{MessageParser, MimeHeaders as _};

use crate::support::mailbox::{Behaviour, Mailbox};
use crate::support::temp_dir::TempDir;

fn mailer(mailbox: &Mailbox, tls: SmtpTls) -> Mailer {
    let from = "Backorders <b@example.com>".parse().unwrap();
    let config = SmtpConfig { host: "127.0.0.1".to_owned(), port: mailbox.port, tls, login: None, from };
    Mailer::new(MailConfig::Smtp(config)).unwrap()
}

fn mail(text: &str) -> OutgoingMail {
    OutgoingMail {
        message_id: "0190aaaa@example.com".to_owned(),
        to: "anna@example.com".parse().unwrap(),
        reply_to: Some("ben@example.com".parse().unwrap()),
        date: "2026-11-23T20:00:00Z".parse().unwrap(),
        content: MailContent { subject: text.to_owned(), text: text.to_owned(), html: format!("<p>{text}</p>") },
        attachments: Vec::new(),
        unsubscribe: None,
    }
}

#[tokio::test]
async fn mail_arrives_with_both_its_forms() {
    let mailbox = Mailbox::start().await;
    mailer(&mailbox, SmtpTls::None).send(&mail("8 Lampen für Müller")).await.unwrap();
    let [kept] = &mailbox.kept()[..] else { panic!("one mail: {:?}", mailbox.kept()) };
    assert_eq!((kept.from.as_str(), kept.to.as_str()), ("MAIL FROM:<b@example.com>", "RCPT TO:<anna@example.com>"));
    let message = MessageParser::default().parse(&kept.content).unwrap();
    assert_eq!(message.subject(), Some("8 Lampen für Müller"));
    assert_eq!(message.body_text(0).as_deref(), Some("8 Lampen für Müller"));
    assert_eq!(message.body_html(0).as_deref(), Some("<p>8 Lampen für Müller</p>"));
    assert_eq!(message.message_id(), Some("0190aaaa@example.com"));
    assert_eq!(message.text_bodies().next().and_then(|part| part.content_type()?.subtype()), Some("plain"));
}

#[tokio::test]
async fn name_with_a_lone_dot_is_no_command_to_the_server() {
    for hostile in ["x\n.\nMAIL FROM:<evil@example.com>", "\r\n\r\n.\r\nRSET", "\r.\rQUIT", ".\n", "x\r\n.\r\n"] {
        let mailbox = Mailbox::start().await;
        mailer(&mailbox, SmtpTls::None).send(&mail(hostile)).await.unwrap();
        let verbs: Vec<_> = mailbox.commands().iter().map(|line| line[..4].to_owned()).collect();
        assert_eq!(verbs, ["EHLO", "MAIL", "RCPT", "DATA"], "{hostile:?}: {:?}", mailbox.commands());
        assert_eq!(mailbox.kept().len(), 1, "{hostile:?}");
    }
}

#[tokio::test]
async fn error_says_whether_the_mail_may_have_gone() {
    let mailbox = Mailbox::start().await;
    let mailer = mailer(&mailbox, SmtpTls::None);
    for (behaviour, expected) in [
        (Behaviour::AtRecipient("450 later"), "mail not sent"),
        (Behaviour::AtRecipient("550 nobody here"), "mail refused"),
        (Behaviour::AfterContent("454 too fast"), "mail not sent"),
        (Behaviour::AfterContent("554 no"), "mail refused"),
        (Behaviour::CutAfterContent, "mail may have been sent"),
        (Behaviour::CutBefore, "mail not sent"),
    ] {
        mailbox.behave(behaviour);
        let error = mailer.send(&mail("x")).await.unwrap_err();
        let told = match error {
            MailError::NotSent(_) => "mail not sent",
            MailError::Refused(_) => "mail refused",
            MailError::Unknown(_) => "mail may have been sent",
        };
        assert_eq!(told, expected, "{behaviour:?}: {error}");
    }
    mailbox.behave(Behaviour::Take);
    mailer.send(&mail("x")).await.unwrap();
    let ids: Vec<_> =
        mailbox.kept().iter().map(|kept| kept.content.matches("<0190aaaa@example.com>").count()).collect();
    assert_eq!(ids, [1, 1], "the one of unknown outcome and its repetition have the same Message-ID");
}

#[tokio::test]
async fn server_that_is_not_there_means_not_sent() {
    let mut mailbox = Mailbox::start().await;
    mailbox.port = 1;
    let error = mailer(&mailbox, SmtpTls::None).send(&mail("x")).await.unwrap_err();
    assert!(matches!(error, MailError::NotSent(_)), "{error}");
}

#[tokio::test]
async fn without_the_tls_that_was_asked_for_nothing_is_sent() {
    for tls in [SmtpTls::StartTls, SmtpTls::Implicit] {
        let mailbox = Mailbox::start().await;
        let error = mailer(&mailbox, tls).send(&mail("canary")).await.unwrap_err();
        assert!(matches!(error, MailError::NotSent(_)), "{tls:?}: {error}");
        assert!(!mailbox.commands().iter().any(|line| line.starts_with("MAIL")), "{:?}", mailbox.commands());
        assert!(mailbox.kept().is_empty());
    }
}

#[tokio::test]
async fn connection_is_used_again_for_the_next_mail() {
    let mailbox = Mailbox::start().await;
    let mailer = mailer(&mailbox, SmtpTls::None);
    for _ in 0..3 {
        mailer.send(&mail("x")).await.unwrap();
    }
    assert_eq!((mailbox.kept().len(), mailbox.connections()), (3, 1));
}

#[tokio::test]
async fn folder_gets_one_file_for_each_message_id() {
    let dir = TempDir::new();
    let from = "b@example.com".parse().unwrap();
    let mailer = Mailer::new(MailConfig::Folder { dir: dir.path().join("mails"), from }).unwrap();
    mailer.send(&mail("first")).await.unwrap();
    mailer.send(&mail("again")).await.unwrap();
    let files: Vec<_> =
        std::fs::read_dir(dir.path().join("mails")).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["0190aaaa@example.com.eml"]);
}
