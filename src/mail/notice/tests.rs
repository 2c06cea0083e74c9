//! What people read, event by event.

use super::*;
use crate::domain::ids::{DocumentKind, DocumentRef, ProposalId};
use crate::domain::notice::{NoticeDecision, NoticeLine, NoticePurchaseLine, NoticePurchaseOrder};

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

/// A notice in which every field is filled, with this as the name of everything that a host can name.
fn notice(event: NoticeEvent, name: &str) -> Notice {
    Notice {
        event,
        company: "Lim Lighting".to_owned(),
        document: Some(NoticeDocument {
            reference: DocumentRef::new(DocumentKind::SalesOrder, "17"),
            number: "SO-1042".to_owned(),
            customer: name.to_owned(),
            need_by: Some("2026-12-03".parse().unwrap()),
            promise: Some("2026-12-07".parse().unwrap()),
            url: Some("https://erp.example.com/so/17".to_owned()),
        }),
        lines: vec![NoticeLine {
            sku: "LAMP-1".to_owned(),
            name: name.to_owned(),
            unit: "pcs".to_owned(),
            open: decimal("12.000"),
            from_stock: decimal("4"),
            on_order: decimal("0"),
            short: decimal("8.50"),
            warehouse: Some("Main store".to_owned()),
            why: Some("12 ordered − 4 from stock = 8 short".to_owned()),
        }],
        purchase_order: Some(NoticePurchaseOrder {
            number: Some("PO-77".to_owned()),
            vendor: name.to_owned(),
            total: Some(decimal("120")),
            currency: Some("SGD".to_owned()),
            expected: Some("2026-12-07".parse().unwrap()),
            ship_to: Some("1 Dock Road, Singapore".to_owned()),
            url: Some("https://erp.example.com/po/77".to_owned()),
            lines: vec![NoticePurchaseLine {
                sku: "LAMP-1".to_owned(),
                name: name.to_owned(),
                quantity: decimal("2"),
                unit: "packs".to_owned(),
                price: Some(decimal("60.005")),
                why: "2 packs of 6 = 12, 4 over".to_owned(),
            }],
        }),
        decision: Some(NoticeDecision { proposal: ProposalId(uuid::Uuid::from_u128(1)), version: 1 }),
        watch: false,
        remark: None,
    }
}

fn links() -> NoticeLinks {
    NoticeLinks {
        open: Some("https://b.example.com/backorders/1".to_owned()),
        approve: Some("https://b.example.com/approve/t0ken".to_owned()),
        decline: Some("https://b.example.com/decline/t0ken".to_owned()),
        settings: Some("https://b.example.com/settings".to_owned()),
    }
}

#[test]
fn buyer_reads_what_is_short_and_what_would_be_bought() {
    let mail = render(&notice(NoticeEvent::ShortfallFound, "Desk lamp"), &links(), Words::default()).unwrap();
    insta::assert_snapshot!(format!("{}\n\n{}", mail.subject, mail.text), @r"
    SO-1042 is short: 8.5 × Desk lamp, from Desk lamp

    More is needed than there is. Below is what is missing, and the purchase that would cover exactly that.

    SO-1042 for Desk lamp, needed by 3 Dec 2026, expected 7 Dec 2026

      Desk lamp (LAMP-1): 12 pcs open, 4 in stock, 0 on order, 8.5 short
        Main store
        12 ordered − 4 from stock = 8 short

    PO-77 from Desk lamp, 120.00 SGD, expected 7 Dec 2026
    Straight to the customer: 1 Dock Road, Singapore
      2 packs Desk lamp (LAMP-1) at 60.005 SGD
        2 packs of 6 = 12, 4 over

    Approve: https://b.example.com/approve/t0ken
    Decline: https://b.example.com/decline/t0ken
    Open: https://b.example.com/backorders/1

    The links show what would be done; nothing happens until you confirm it there. They are yours: do not pass them on.

    --
    Lim Lighting, sent by Backorders
    Which mails you get: https://b.example.com/settings
    ");
}

#[test]
fn every_event_has_a_subject_a_text_and_a_page_that_name_the_order() {
    let of_an_order = |event: &NoticeEvent| *event != NoticeEvent::AccessRevoked;
    for event in NoticeEvent::ALL.into_iter().filter(of_an_order) {
        let mail = render(&notice(event, "Desk lamp"), &links(), Words::default()).unwrap();
        assert!(mail.subject.contains("SO-1042") || mail.subject.contains("PO-77"), "{event:?}: {}", mail.subject);
        assert!(!mail.subject.contains('\n') && mail.subject.chars().count() < 120, "{event:?}: {}", mail.subject);
        for body in [&mail.text, &mail.html] {
            assert!(
                body.contains("SO-1042") && body.contains("https://b.example.com/backorders/1"),
                "{event:?}: {body}"
            );
            assert!(!body.contains("{{") && !body.contains("{%") && !body.contains("12.000"), "{event:?}: {body}");
        }
        assert!(!mail.text.contains("\n\n\n") && !mail.text.starts_with('\n'), "{event:?}: {:?}", mail.text);
    }
}

#[test]
fn access_that_is_lost_is_told_of_the_company_with_where_to_sign_in() {
    let mut lost = notice(NoticeEvent::AccessRevoked, "Desk lamp");
    (lost.document, lost.purchase_order, lost.decision) = (None, None, None);
    lost.lines.clear();
    let links = NoticeLinks { open: Some("https://b.example.com/connect".to_owned()), ..NoticeLinks::default() };
    let mail = render(&lost, &links, Words::default()).unwrap();
    assert!(mail.subject.contains("Lim Lighting"), "{}", mail.subject);
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("https://b.example.com/connect"), "{body}");
    }
}

#[test]
fn notice_with_the_least_in_it_still_reads() {
    for event in NoticeEvent::ALL {
        let mut notice = notice(event, "Desk lamp");
        (notice.document, notice.purchase_order, notice.decision) = (None, None, None);
        notice.lines.clear();
        let mail = render(&notice, &NoticeLinks::default(), Words::default()).unwrap();
        assert!(!mail.text.contains("\n\n\n") && !mail.html.contains("href"), "{event:?}: {}", mail.text);
        assert!(mail.subject.contains("Lim Lighting"), "{event:?}: {}", mail.subject);
    }
}

#[test]
fn hostile_names_are_text_in_the_page() {
    for hostile in
        ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "{{7*7}}", "${7*7}", "' onmouseover='x"]
    {
        for event in NoticeEvent::ALL {
            let html = render(&notice(event, hostile), &links(), Words::default()).unwrap().html;
            let text_only = html.replace(&askama_escaped(hostile), "");
            for sign in ["<script", "<img", "onerror", "49", "onmouseover"] {
                assert!(!text_only.contains(sign), "{event:?} {hostile}: {sign}");
            }
        }
    }
}

fn askama_escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

#[test]
fn address_that_is_not_of_the_web_is_no_link() {
    for bad in ["javascript:alert(1)", "data:text/html,x", "https:", "//evil.example.com", "mailto:a@b.c"] {
        let mut notice = notice(NoticeEvent::Ready, "x");
        notice.document.as_mut().unwrap().url = Some(bad.to_owned());
        assert!(
            !render(&notice, &links(), Words::default()).unwrap().html.contains(&format!("href=\"{bad}\"")),
            "{bad}"
        );
    }
}

#[test]
fn mail_loads_nothing_from_elsewhere() {
    for event in NoticeEvent::ALL {
        let html = render(&notice(event, "x"), &links(), Words::default()).unwrap().html;
        for loader in [" src=", "url(", "@import", "<link", "<script", "<iframe", "background="] {
            assert!(!html.contains(loader), "{event:?}: {loader}");
        }
        assert_eq!(html.matches("http").count(), html.matches("href=\"http").count(), "{event:?}");
    }
}

#[test]
fn watching_is_said_and_long_lists_end() {
    let mut notice = notice(NoticeEvent::ShortfallFound, "Desk lamp");
    (notice.watch, notice.decision) = (true, None);
    notice.lines = vec![notice.lines[0].clone(); 1000];
    let mail = render(&notice, &NoticeLinks::default(), Words::default()).unwrap();
    assert_eq!(mail.subject, "SO-1042 is short: 1,000 items, from Desk lamp");
    for body in [&mail.text, &mail.html] {
        assert!(body.contains("and 970 more lines in the app") && body.contains("nothing was bought"));
        assert!(body.len() < 60_000, "{}", body.len());
    }
}

#[test]
fn amounts_have_their_currencys_cents_and_lose_none() {
    let notice = notice(NoticeEvent::Ready, "x");
    let view = View { notice: &notice, links: &NoticeLinks::default(), words: Words::default() };
    let money = |amount: &str, currency: &str| view.money(&decimal(amount), Some(&currency.to_owned()));
    assert_eq!(money("84", "EUR"), "84.00\u{a0}EUR");
    assert_eq!(money("84.5", "EUR"), "84.50\u{a0}EUR");
    assert_eq!(money("0.1235", "EUR"), "0.1235\u{a0}EUR");
    assert_eq!(money("84", "JPY"), "84\u{a0}JPY");
}
