//! Mail to customers over real HTTP, PostgreSQL and SMTP: only when a person has turned it on, once, with the document's
//! PDF, and no more when the customer has had enough; and the digest of the staff.

use std::sync::Arc;
use std::time::Duration;

use backorders::clock::{Clock as _, SystemClock};
use backorders::domain::alerts::AlertRow;
use backorders::domain::backorder::BackorderState;
use backorders::domain::customer_mail::{CustomerEvent, CustomerMail, Letterhead};
use backorders::domain::ids::DocumentKind;
use backorders::domain::notice::{Audience, NoticeEvent};
use backorders::domain::settings::{Mode, Settings};
use backorders::sandbox::mailbox::Mail;
use backorders::wording::Language;
use base64::Engine as _;
use jiff::Timestamp;
use reqwest::Method;

use crate::support::app::App;
use crate::support::face::Face;
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";
/// Of the customer that the sandbox's sales are for.
const CUSTOMER: &str = "einkauf@anselm.test";

fn settings(mode: Mode, events: &[CustomerEvent]) -> Settings {
    let letterhead = Letterhead {
        name: "Fairlight Coffee Works".to_owned(),
        address: "1 Quay Street\nDublin".to_owned(),
        invoice_terms: "Zahlbar in 30 Tagen.".to_owned(),
        ..Letterhead::default()
    };
    let events = events.iter().map(|event| (*event, Timestamp::UNIX_EPOCH)).collect();
    let customer_mail =
        CustomerMail { on: true, events, language: Language::De, letterhead, ..CustomerMail::default() };
    Settings { mode, issue: true, customer_mail, ..Settings::default() }
}

fn attachment(mail: &Mail) -> Vec<u8> {
    let raw = base64::engine::general_purpose::STANDARD.decode(&mail.raw).unwrap();
    let message = mail_parser::MessageParser::default().parse(&raw).unwrap();
    let part = message.attachments().next().unwrap_or_else(|| panic!("no attachment: {}", mail.subject));
    part.contents().to_vec()
}

/// The mail's attachment, as a reader copies its text.
fn pdf_text(mail: &Mail) -> String {
    let pdf = lopdf::Document::load_mem(&attachment(mail)).unwrap();
    let pages: Vec<u32> = pdf.get_pages().keys().copied().collect();
    pdf.extract_text(&pages).unwrap().replace('\u{a0}', " ")
}

fn header<'a>(mail: &'a Mail, name: &str) -> &'a str {
    let found = mail.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("no {name} in {:?}", mail.headers)).1.trim()
}

#[tokio::test]
async fn a_customer_is_told_once_with_the_date_and_the_document_to_the_cent_and_no_more_when_that_is_enough() {
    let shop = Shop::open_with(settings(Mode::Automatic, &[CustomerEvent::Backorder, CustomerEvent::Document])).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    let told = shop.mails_to(CUSTOMER, "");
    let [mail] = &told[..] else { panic!("one mail to the customer: {:?}", shop.subjects()) };
    let in_erp = shop.sale(&sale).await;
    let number = in_erp["number"].as_str().unwrap();
    assert!(mail.subject.contains(number) && mail.subject.contains("einige Artikel folgen"), "{}", mail.subject);
    assert!(mail.text.contains("Rösterei Anselm") && mail.text.contains('8'), "{}", mail.text);
    assert_eq!(mail.attachments[0].name, format!("{number}.pdf"));
    let price: rust_decimal::Decimal = in_erp["lines"][0]["unit_price"].as_str().unwrap().parse().unwrap();
    let total =
        backorders::wording::Words::of(Language::De).money(Some(price * rust_decimal::Decimal::from(12)), Some("EUR"));
    let text = pdf_text(mail);
    for expected in [number, "Rechnung", "Rösterei Anselm", "Zahlbar in 30 Tagen.", &total.replace('\u{a0}', " ")] {
        assert!(text.contains(expected), "{expected} in:\n{text}");
    }
    assert_eq!(shop.audited("mail").await, i64::try_from(shop.mails().len()).unwrap(), "each mail is in the timeline");

    // one click, sent by the customer's mail provider: no cookie, another origin
    let link = header(mail, "List-Unsubscribe").trim_matches(['<', '>']).to_owned();
    assert_eq!(header(mail, "List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    let path = link.strip_prefix("http://127.0.0.1:8080").unwrap();
    let app = App::over(shop.pool.clone(), &shop.erp, Arc::new(SystemClock));
    let mut provider = app.browser();
    let shown = provider.get(path).await;
    assert!(shown.status == 200 && shown.text.contains(CUSTOMER), "{}", shown.text);
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "cross-site")];
    let done = provider.send(Method::POST, path, &headers, Some("List-Unsubscribe=One-Click".to_owned())).await;
    assert_eq!(done.status, 200, "{}", done.text);
    assert_eq!(provider.get("/u/AAAA").await.status, 404);

    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 3)]).await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(CUSTOMER, "").len(), 1, "{:?}", shop.subjects());

    assert_eq!(provider.post(path, &[("act", "again")]).await.status, 200);
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 2)]).await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(CUSTOMER, "").len(), 2, "{:?}", shop.subjects());
}

#[tokio::test]
async fn an_odoos_own_print_goes_to_the_customer_and_ours_where_it_can_make_none() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop =
            Shop::open_with(settings(Mode::Automatic, &[CustomerEvent::Backorder, CustomerEvent::Document])).await;
        shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        shop.until_settled().await;
        let told = shop.mails_to(CUSTOMER, "");
        let [mail] = &told[..] else { panic!("{face:?}: one mail: {:?}", shop.subjects()) };
        assert!(attachment(mail).starts_with(b"%PDF-"), "{face:?}");
        let print = String::from_utf8(attachment(mail)).unwrap();
        assert!(print.contains("as Odoo prints it"), "{face:?}: {print}");
        let name = &mail.attachments[0].name;
        assert!(print.contains(name.trim_end_matches(".pdf")), "{face:?}: {name}: {print}");
        let open = &shop.erp.control_state("odoo").await["sessions"];
        assert_eq!(open, &serde_json::json!([]), "{face:?}: no session is left open");

        shop.erp.control("/sandbox/settings", serde_json::json!({ "odoo_prints": false })).await;
        shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 3)]).await;
        shop.sweep().await;
        shop.until_settled().await;
        let told = shop.mails_to(CUSTOMER, "");
        assert_eq!(told.len(), 2, "{face:?}: {:?}", shop.subjects());
        assert!(pdf_text(&told[1]).contains("Rösterei Anselm"), "{face:?}: {}", pdf_text(&told[1]));
    }
}

#[tokio::test]
async fn nothing_goes_to_a_customer_that_nobody_has_turned_on() {
    let all = CustomerEvent::ALL;
    let off = Settings { customer_mail: CustomerMail::default(), ..settings(Mode::Automatic, &all) };
    for settings in [off, settings(Mode::Watch, &all)] {
        let shop = Shop::open_with(settings).await;
        let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        assert!(shop.state(&sale).await.is_some());
        assert!(shop.mails_to(CUSTOMER, "").is_empty(), "{:?}", shop.subjects());
    }
}

#[tokio::test]
async fn a_mail_by_hand_goes_once_however_often_its_form_is_sent_and_only_while_it_is_on() {
    let shop = Shop::open_with(settings(Mode::Ask, &[])).await;
    let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = App::over(shop.pool.clone(), &shop.erp, Arc::new(SystemClock));
    let mut seller = app.member(shop.tenant, "seller").await;
    let path = format!("/backorders/sales_order/{}/email", sale.id);
    let page = seller.get(&path).await;
    let (token, id) = (page.field("form_token"), page.field("mail_id"));
    let fields = [
        ("form_token", token.as_str()),
        ("mail_id", &id),
        ("event", "document"),
        ("language", "en"),
        ("message", "As we said on the phone.\r\n\r\nBcc: evil@example.com"),
    ];
    for _ in 0..2 {
        assert_eq!(seller.post(&path, &fields).await.status, 303);
    }
    shop.work().await;
    let told = shop.mails_to(CUSTOMER, "");
    let [mail] = &told[..] else { panic!("one mail: {:?}", shop.subjects()) };
    assert!(mail.text.contains("As we said on the phone."), "{}", mail.text);
    assert!(!mail.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("bcc")));
    assert!(pdf_text(mail).contains("Order SO-"), "{}", pdf_text(mail));

    shop.set(|settings| settings.customer_mail.on = false).await;
    let page = seller.get(&path).await;
    assert!(!page.text.contains("mail_id"), "{}", page.text);
    let another = SystemClock.new_id().to_string();
    let refused = seller.post(&path, &[("form_token", &token), ("mail_id", &another), ("event", "document")]).await;
    assert!((400..500).contains(&refused.status), "{}", refused.status);
}

#[tokio::test]
async fn a_template_that_reaches_out_is_refused_and_one_s_own_is_used_and_tried_out() {
    let shop = Shop::open_with(settings(Mode::Ask, &[])).await;
    let app = App::over(shop.pool.clone(), &shop.erp, Arc::new(SystemClock));
    let mut admin = app.member(shop.tenant, "admin").await;
    let path = "/settings/customer-mail/document/en";
    let token = admin.get(path).await.field("form_token");
    let form =
        |act, body| [("form_token", token.as_str()), ("act", act), ("subject", "Hello {{ customer }}"), ("body", body)];
    let refused = admin.post(path, &form("save", "{% include '/etc/passwd' %}")).await;
    assert!(refused.status == 200 && refused.text.contains("role=\"alert\""), "{}", refused.text);
    let preview = admin.post(&format!("{path}/preview"), &form("", "Dear <b>{{ customer }}</b>")).await;
    assert!(preview.text.contains("&#60;b&#62;") && !preview.text.contains("<b>"), "{}", preview.text);
    let policy = preview.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("sandbox") && policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(admin.post(path, &form("test", "Our own words.")).await.status, 303);
    shop.work().await;
    let tested = shop.mails_to("admin@fairlight.test", "Hello");
    let [mail] = &tested[..] else { panic!("one test: {:?}", shop.subjects()) };
    assert!(mail.text.contains("Our own words."), "{}", mail.text);
    assert_eq!(admin.post(path, &form("reset", "x")).await.status, 303);
    assert!(!admin.get(path).await.text.contains("Our own words."));
}

#[tokio::test]
async fn a_digest_is_one_mail_at_its_hour_with_all_that_happened() {
    let mut settings = Settings { mode: Mode::Ask, ..Settings::default() };
    let row = AlertRow { digest: [Audience::Buyer].into(), ..AlertRow::default() };
    settings.alerts.rows.insert(NoticeEvent::ShortfallFound, row);
    let shop = Shop::open_with(settings).await;
    for _ in 0..2 {
        shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        shop.sweep().await;
    }
    assert!(shop.mails_to(BUYER, "").is_empty(), "{:?}", shop.subjects());
    shop.clock.advance(Duration::from_secs(24 * 3600));
    shop.work().await;
    let told = shop.mails_to(BUYER, "");
    let [mail] = &told[..] else { panic!("one mail: {:?}", shop.subjects()) };
    assert!(mail.subject.contains("2 pieces of news"), "{}", mail.subject);
    assert_eq!(mail.text.matches("is short").count(), 2, "{}", mail.text);
    assert!(mail.text.contains("Decide: "), "{}", mail.text);
    shop.clock.advance(Duration::from_secs(24 * 3600));
    shop.work().await;
    assert_eq!(shop.mails_to(BUYER, "").len(), 1, "{:?}", shop.subjects());
}

#[tokio::test]
async fn a_flood_becomes_one_mail_at_the_end_of_the_hour() {
    let mut settings = Settings { mode: Mode::Ask, ..Settings::default() };
    settings.alerts.hourly = 1;
    let shop = Shop::open_with(settings).await;
    for _ in 0..3 {
        shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        shop.sweep().await;
    }
    assert_eq!(shop.mails_to(BUYER, "is short").len(), 1, "{:?}", shop.subjects());
    shop.clock.advance(Duration::from_secs(3600));
    shop.work().await;
    assert_eq!(shop.mails_to(BUYER, "2 pieces of news").len(), 1, "{:?}", shop.subjects());
}
