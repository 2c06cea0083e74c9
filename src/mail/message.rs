//! Builds the bytes of a mail.
//!
//! Invariants: plain ASCII; a line ends with CR LF and in no other way; no line is longer than 998 bytes; bodies are
//! base64. So no text can begin a line with a dot or end the mail early, whatever the transport makes of such
//! lines (RUSTSEC-2026-0561, RUSTSEC-2021-0069).

use std::time::SystemTime;

use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, Message, MultiPart, SinglePart};

use super::{Attachment, EmailAddress, MailError, OutgoingMail, Sender};

/// Letters of a subject; more is cut.
const SUBJECT_LETTERS: usize = 200;
/// Bytes of a line without its end (RFC 5322).
const LINE_BYTES: usize = 998;

/// The whole mail as it goes to the server, before the transport doubles leading dots.
pub(super) fn build(from: &Sender, mail: &OutgoingMail) -> Result<Vec<u8>, MailError> {
    if !is_message_id(&mail.message_id) {
        return Err(refused("its Message-ID is not of our making"));
    }
    let mut builder = Message::builder()
        .from(mailbox(from.name.clone(), &from.address)?)
        .to(mailbox(None, &mail.to)?)
        .subject(clean(&mail.content.subject, SUBJECT_LETTERS))
        .date(SystemTime::from(mail.date))
        .message_id(Some(format!("<{}>", mail.message_id)))
        .header(AutoSubmitted);
    if let Some(reply_to) = &mail.reply_to {
        builder = builder.reply_to(mailbox(None, reply_to)?);
    }
    if let Some(address) = &mail.unsubscribe {
        if !is_web_address(address) {
            return Err(refused("its link to unsubscribe is not of our making"));
        }
        builder = builder.header(ListUnsubscribe(address.clone())).header(ListUnsubscribePost);
    }
    let alternative = MultiPart::alternative()
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.content.text)?)
        .singlepart(part(ContentType::TEXT_HTML, &mail.content.html)?);
    let content = if mail.attachments.is_empty() {
        alternative
    } else {
        let mixed = MultiPart::mixed().multipart(alternative);
        mail.attachments.iter().try_fold(mixed, |mixed, file| attachment(file).map(|part| mixed.singlepart(part)))?
    };
    let message = builder.multipart(content).map_err(|error| refused(&error.to_string()))?;
    let bytes = message.formatted();
    check(&bytes)?;
    Ok(bytes)
}

fn refused(why: &str) -> MailError {
    MailError::Refused(why.to_owned())
}

fn mailbox(name: Option<String>, address: &EmailAddress) -> Result<Mailbox, MailError> {
    let address = address.as_str().parse().map_err(|_| refused("its address is not one for mail"))?;
    Ok(Mailbox::new(name.map(|name| clean(&name, SUBJECT_LETTERS)), address))
}

fn part(content_type: ContentType, text: &str) -> Result<SinglePart, MailError> {
    // The lines inside the encoding end as mail's lines do.
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
    Ok(SinglePart::builder().header(content_type).body(encoded(text.into_bytes())?))
}

fn attachment(file: &Attachment) -> Result<SinglePart, MailError> {
    let content_type = ContentType::parse(&file.media_type).map_err(|_| refused("an attachment has no known type"))?;
    let name = clean(&file.file_name, 100).replace(['/', '\\', '"'], "_");
    Ok(lettre::message::Attachment::new(name).body(encoded(file.bytes.clone())?, content_type))
}

fn encoded(bytes: Vec<u8>) -> Result<Body, MailError> {
    Body::new_with_encoding(bytes, ContentTransferEncoding::Base64).map_err(|_| refused("its text cannot be encoded"))
}

/// Text for a header: one line, no control and no direction characters, no more than so many letters.
fn clean(text: &str, most: usize) -> String {
    let is_direction =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let spaced: String = text
        .chars()
        .filter(|c| !is_direction(*c))
        .map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c })
        .collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= most {
        return words;
    }
    words.chars().take(most - 1).chain(['…']).collect()
}

/// `id@domain` of our own making: nothing that could leave its header.
fn is_message_id(id: &str) -> bool {
    id.len() <= 255
        && id.matches('@').count() == 1
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"@.-_".contains(&byte))
}

/// The last look before the bytes leave.
fn check(bytes: &[u8]) -> Result<(), MailError> {
    let whole = bytes.strip_suffix(b"\r\n").unwrap_or(bytes);
    for line in whole.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let is_plain = line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        if !is_plain || line.len() > LINE_BYTES {
            return Err(refused("it holds a byte or a line that mail does not allow"));
        }
    }
    let bare = bytes.iter().enumerate().any(|(at, byte)| *byte == b'\n' && (at == 0 || bytes[at - 1] != b'\r'));
    if bare { Err(refused("it holds a bare line end")) } else { Ok(()) }
}

/// An address of ours as it may stand in a header.
fn is_web_address(address: &str) -> bool {
    (address.starts_with("https://") || address.starts_with("http://"))
        && address.len() < 900
        && address.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"\\,".contains(&byte))
}

/// Where such mails are ended (RFC 2369).
#[derive(Clone)]
struct ListUnsubscribe(String);

impl Header for ListUnsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }

    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self(text.trim_matches(['<', '>']).to_owned()))
    }

    fn display(&self) -> HeaderValue {
        let value = format!("<{}>", self.0);
        // an address cannot be folded: it goes out as it is
        HeaderValue::dangerous_new_pre_encoded(Self::name(), value.clone(), value)
    }
}

/// That a POST to that address is enough (RFC 8058).
#[derive(Clone)]
struct ListUnsubscribePost;

impl Header for ListUnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// Tells other machines not to answer (RFC 3834).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::MailContent;
    use super::*;

    fn mail(subject: &str, text: &str) -> OutgoingMail {
        OutgoingMail {
            message_id: "0190@example.com".to_owned(),
            to: "anna@example.com".parse().unwrap(),
            reply_to: None,
            date: "2026-11-23T20:00:00Z".parse().unwrap(),
            content: MailContent { subject: subject.to_owned(), text: text.to_owned(), html: format!("<p>{text}</p>") },
            attachments: Vec::new(),
            unsubscribe: None,
        }
    }

    fn built(subject: &str, text: &str) -> String {
        let from = "Backorders <b@example.com>".parse().unwrap();
        String::from_utf8(build(&from, &mail(subject, text)).unwrap()).unwrap()
    }

    /// Subject and text as a mail program shows them.
    fn read(bytes: &str) -> (String, String) {
        let message = mail_parser::MessageParser::default().parse(bytes).unwrap();
        (message.subject().unwrap().to_owned(), message.body_text(0).unwrap().into_owned())
    }

    #[test]
    fn hostile_names_become_neither_header_nor_line() {
        for hostile in [
            "x\n.\nMAIL FROM:<a>",
            "\r\n\r\n.\r\nRSET\r\n",
            "x\r\nBcc: evil@example.com",
            "\r.\r",
            ".",
            "..",
            "\n.\n",
            "a\0b",
            "\u{202e}txt.exe",
            "é\r\n.\r\n",
            "x\u{2028}.\u{2028}y",
            &"long ".repeat(2000),
            &"x".repeat(5000),
        ] {
            let bytes = built(hostile, hostile);
            assert!(!bytes.contains("\r\n."), "{hostile:?}");
            assert_eq!(bytes.to_lowercase().matches("\r\nbcc:").count(), 0, "{hostile:?}");
            assert_eq!(bytes.matches('\n').count(), bytes.matches("\r\n").count(), "{hostile:?}");
            let (subject, text) = read(&bytes);
            assert!(!subject.contains(['\r', '\n', '\0', '\u{202e}']) && subject.chars().count() <= 200, "{subject:?}");
            let lines = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
            assert_eq!(lines(&text), lines(hostile), "the text itself arrives whole");
        }
    }

    #[test]
    fn ordinary_mail_reads_as_it_was_written() {
        let (subject, text) = read(&built("SO-7 is short: 8 × Lampe für Tische 台灯", "Zwölf bestellt\nvier da\n"));
        assert_eq!(subject, "SO-7 is short: 8 × Lampe für Tische 台灯");
        assert_eq!(text, "Zwölf bestellt\r\nvier da\r\n");
    }

    #[test]
    fn same_mail_keeps_its_message_id_and_asks_for_no_automatic_answer() {
        let bytes = built("s", "t");
        assert!(bytes.contains("Message-ID: <0190@example.com>\r\n"), "{bytes}");
        assert!(bytes.contains("Auto-Submitted: auto-generated\r\n"), "{bytes}");
    }

    #[test]
    fn mail_can_be_ended_with_one_click() {
        let from = "Backorders <b@example.com>".parse().unwrap();
        let mut mail = mail("s", "t");
        let address = format!("https://backorders.example.com/u/{}", "a".repeat(90));
        mail.unsubscribe = Some(address.clone());
        let bytes = String::from_utf8(build(&from, &mail).unwrap()).unwrap();
        assert!(bytes.contains(&format!("List-Unsubscribe: <{address}>\r\n")), "{bytes}");
        assert!(bytes.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{bytes}");
        for bad in ["https://x/\r\nBcc: y@z.com", "https://x/ y", "https://x/>", "mailto:a@b.com", "https://x/,<y>"] {
            mail.unsubscribe = Some(bad.to_owned());
            assert!(build(&from, &mail).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn message_id_that_could_leave_its_header_is_refused() {
        for bad in ["", "a", "a@b\r\nX: y", "a@b>", "a@b@c", "a b@c"] {
            let mut mail = mail("s", "t");
            bad.clone_into(&mut mail.message_id);
            assert!(build(&"b@example.com".parse().unwrap(), &mail).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn attachment_arrives_byte_for_byte_under_a_harmless_name() {
        let mut mail = mail("s", "t");
        let bytes: Vec<u8> = (0..=255).collect();
        mail.attachments.push(Attachment {
            file_name: "../\r\nPO \"7\".pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: bytes.clone(),
        });
        let built = build(&"b@example.com".parse().unwrap(), &mail).unwrap();
        let message = mail_parser::MessageParser::default().parse(&built).unwrap();
        let attachment = message.attachments().next().unwrap();
        assert_eq!(attachment.contents(), bytes);
        assert_eq!(mail_parser::MimeHeaders::attachment_name(attachment), Some(".._ PO _7_.pdf"));
    }
}
