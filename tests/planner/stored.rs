//! What the database, the pages and the mails hold of a company: stable names, and what its settings say.

use std::fmt::Debug;

use backorders::domain::backorder::BackorderState;
use backorders::domain::customer_mail::{CustomerEvent, CustomerMail};
use backorders::domain::difot::MissCause;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::language::Language;
use backorders::domain::notice::{Audience, NoticeEvent};
use backorders::domain::policy::GroupBy;
use backorders::domain::proposal::{Proposal, ProposalDocument, PurchaseOption, marker};
use backorders::domain::purchase_order::PurchaseState;
use backorders::domain::sales_document::{Address, DocumentStatus, Party};
use backorders::domain::scope::{Concerns, Scope, ScopeOf};
use backorders::domain::settings::{Mode, Settings};
use backorders::domain::snapshot::OrderKind;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;

/// Each value is written by its name, and read from nothing else.
fn have_names<T: Copy + PartialEq + Debug>(
    names: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
) {
    let written: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
    assert_eq!(written.join(" "), names);
    for value in all {
        assert_eq!(parse(as_str(*value)), Some(*value));
    }
    assert_eq!(parse("something else"), None);
}

#[test]
fn what_is_stored_by_its_name_is_read_by_it() {
    use BackorderState as State;
    have_names(
        "short asked declined on_order part_ready ready delivered cancelled",
        &State::ALL,
        State::as_str,
        State::parse,
    );
    have_names(
        "document backorder date_moved on_its_way",
        &CustomerEvent::ALL,
        CustomerEvent::as_str,
        CustomerEvent::parse,
    );
    have_names(
        "vendor_late waiting_for_approval allocated_elsewhere ordered_too_late not_shipped_though_ready",
        &MissCause::ALL,
        MissCause::as_str,
        MissCause::parse,
    );
    have_names(
        "quotation sales_order invoice purchase_order item list",
        &DocumentKind::ALL,
        DocumentKind::as_str,
        DocumentKind::parse,
    );
    have_names(
        "shortfall_found purchase_order_made ready part_ready not_ready late purchase_order_cancelled no_vendor \
         outcome_unknown purchase_order_refused change_proposed access_revoked",
        &NoticeEvent::ALL,
        NoticeEvent::as_str,
        NoticeEvent::parse,
    );
    have_names("en de fr es ms zh", &Language::ALL, Language::as_str, Language::parse);
    have_names("vendor customer item", &ScopeOf::ALL, ScopeOf::as_str, ScopeOf::parse);
    let states = ["draft", "confirmed", "received", "cancelled"].map(|name| PurchaseState::parse(name).unwrap());
    have_names("draft confirmed received cancelled", &states, PurchaseState::as_str, PurchaseState::parse);
    let statuses = ["draft", "open", "closed", "cancelled"].map(|name| DocumentStatus::parse(name).unwrap());
    have_names("draft open closed cancelled", &statuses, DocumentStatus::as_str, DocumentStatus::parse);
    assert_eq!([Mode::Watch, Mode::Ask, Mode::Automatic].map(Mode::as_str), ["watch", "ask", "automatic"]);
    assert_eq!(Audience::ALL.map(Audience::as_str), ["owner", "buyer", "team"]);
}

#[test]
fn an_open_backorder_has_a_word_beside_its_icon_and_a_delivered_or_cancelled_one_has_none() {
    let words = BackorderState::ALL.map(BackorderState::word);
    assert_eq!(words, ["Short", "Asked", "Short", "On order", "Part ready", "Ready", "", ""]);
    for state in BackorderState::ALL {
        assert_eq!(state.is_open(), !state.word().is_empty());
    }
}

#[test]
fn documents_of_the_host_are_known_by_kind_and_id_and_only_some_are_sales() {
    assert_eq!(DocumentRef::new(DocumentKind::SalesOrder, "SO-1").to_string(), "sales_order:SO-1");
    let sales: Vec<DocumentKind> = DocumentKind::ALL.into_iter().filter(|kind| kind.is_sales()).collect();
    assert_eq!(sales, [DocumentKind::Quotation, DocumentKind::SalesOrder, DocumentKind::Invoice]);
    assert_eq!(
        sales.into_iter().map(OrderKind::of).collect::<Vec<_>>(),
        [OrderKind::Quotation, OrderKind::SalesOrder, OrderKind::Invoice]
    );
}

#[test]
fn a_language_is_found_by_the_tag_of_a_host_or_a_browser() {
    for (tag, language) in [
        ("de_DE", Some(Language::De)),
        ("ZH-Hans", Some(Language::Zh)),
        ("es.UTF-8", Some(Language::Es)),
        ("tlh", None),
    ] {
        assert_eq!(Language::of_tag(tag), language, "{tag}");
    }
    assert_eq!(Language::ALL.map(Language::tag), ["en", "de", "fr", "es", "ms", "zh-Hans"]);
    let names = Language::ALL.map(Language::own_name);
    assert_eq!(names, ["English", "Deutsch", "Français", "Español", "Bahasa Melayu", "简体中文"]);
}

#[test]
fn the_hosts_document_gets_a_note_of_a_shortfall_of_a_purchase_order_and_when_it_is_ready() {
    let noted: Vec<NoticeEvent> = NoticeEvent::ALL.into_iter().filter(|event| event.noted_by_default()).collect();
    assert_eq!(noted, [NoticeEvent::ShortfallFound, NoticeEvent::PurchaseOrderMade, NoticeEvent::Ready]);
}

#[test]
fn customers_are_told_of_backorders_that_began_after_it_was_turned_on() {
    let turned_on: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    let second = 1.second();
    let mut mail = CustomerMail { events: [(CustomerEvent::Backorder, turned_on)].into(), ..CustomerMail::default() };
    assert!(!mail.tells(CustomerEvent::Backorder, turned_on), "the mail as a whole is off");
    mail.on = true;
    assert!(mail.tells(CustomerEvent::Backorder, turned_on));
    assert!(!mail.tells(CustomerEvent::Backorder, turned_on - second));
    assert!(!mail.tells(CustomerEvent::DateMoved, turned_on));
}

#[test]
fn only_grouping_by_vendor_waits_for_more_and_until_the_time_is_over() {
    let now: Timestamp = "2026-01-05T08:00:00Z".parse().unwrap();
    let later = now + 20.minutes();
    let mut settings = Settings { wait_minutes: 20, ..Settings::default() };
    assert_eq!(settings.gathers((GroupBy::OrderAndVendor, "V"), None, now), None, "each order for itself");
    let of_vendor = (GroupBy::Vendor, "V");
    assert_eq!(settings.gathers(of_vendor, None, now), Some(later));
    assert_eq!(settings.gathers(of_vendor, Some(later), now + 5.minutes()), Some(later));
    assert_eq!(settings.gathers(of_vendor, Some(later), later), None);
    assert_eq!(settings.gathers(of_vendor, Some(later), later + 1.minute()), None);
    settings.scopes.push(Scope { wait_minutes: Some(5), ..Scope::new(ScopeOf::Vendor, "V", "") });
    assert_eq!(settings.gathers(of_vendor, None, now), Some(now + 5.minutes()));
    assert_eq!(settings.gathers((GroupBy::Vendor, "U"), None, now), Some(later), "another vendor's own");
    settings.wait_minutes = 0;
    assert_eq!(settings.gathers((GroupBy::Vendor, "U"), Some(later), now), None);
}

#[test]
fn who_buys_approves_and_hears_of_it_may_differ() {
    let list = |one: &str| vec![one.to_owned()];
    let mut settings = Settings { buyer_emails: list("all"), approver_emails: list("head"), ..Settings::default() };
    settings.seller_emails = list("sales");
    settings.scopes = vec![
        Scope {
            buyer_emails: Some(list("own")),
            approver_emails: Some(Vec::new()),
            escalate_hours: Some(3),
            ..Scope::new(ScopeOf::Vendor, "V", "")
        },
        Scope { seller_emails: Some(list("key account")), ..Scope::new(ScopeOf::Customer, "C", "") },
        Scope { buyer_emails: Some(list("metal")), ..Scope::new(ScopeOf::Item, "A", "") },
    ];
    let of = |vendor, item| Concerns { vendor: Some(vendor), customer: Some("C"), item: Some(item) };
    let buyers = |concerns: &[Concerns<'_>]| settings.buyers(concerns.iter().copied()).into_iter().collect::<Vec<_>>();
    assert_eq!(buyers(&[]), ["all"]);
    assert_eq!(buyers(&[of("U", "B")]), ["all"]);
    assert_eq!(buyers(&[of("V", "B")]), ["own"]);
    assert_eq!(buyers(&[of("V", "A"), of("V", "B")]), ["metal", "own"]);
    assert_eq!((settings.approvers("V"), settings.approvers("U")), (&[][..], &list("head")[..]));
    assert_eq!((settings.escalate_after("V"), settings.escalate_after("U")), (3, 0));
    assert_eq!((settings.sellers(Some("C")), settings.sellers(Some("D"))), (list("key account"), list("sales")));
}

#[test]
fn an_override_that_says_nothing_is_known_as_such() {
    let mut scope = Scope::new(ScopeOf::Vendor, "V1", "First");
    assert!(scope.is_empty());
    scope.issue = Some(true);
    assert!(!scope.is_empty());
}

#[test]
fn an_address_is_one_line_without_its_empty_parts() {
    let address = Address { name: " Ann ".to_owned(), city: "Rome".to_owned(), ..Address::default() };
    assert_eq!(address.one_line(), "Ann, Rome");
}

fn option(ship_to: Option<Address>) -> PurchaseOption {
    PurchaseOption {
        vendor: Party::default(),
        warehouse: None,
        ship_to,
        currency: None,
        total: None,
        expected: jiff::civil::date(2026, 1, 9),
        lines: Vec::new(),
    }
}

#[test]
fn a_question_shows_something_else_when_its_documents_or_options_are_others() {
    let document = ProposalDocument {
        reference: DocumentRef::new(DocumentKind::SalesOrder, "SO-1"),
        number: "SO-1".to_owned(),
        customer: "Ann".to_owned(),
        customer_id: "1".to_owned(),
    };
    let asked =
        Proposal { documents: vec![document], options: vec![option(None)], basis: "before".to_owned(), limit: None };
    let on_another_basis = Proposal { basis: "after".to_owned(), ..asked.clone() };
    assert!(asked.shows_the_same(&on_another_basis));
    assert!(!asked.shows_the_same(&Proposal { documents: Vec::new(), ..asked.clone() }));
    assert!(!asked.shows_the_same(&Proposal { options: vec![option(Some(Address::default()))], ..asked.clone() }));
}

#[test]
fn what_is_frozen_is_a_drop_shipment_only_if_it_goes_to_the_customer() {
    let today = jiff::civil::date(2026, 1, 5);
    for ship_to in [None, Some(Address::default())] {
        let frozen = option(ship_to.clone()).freeze("BO-".to_owned(), &[], today);
        assert_eq!(frozen.is_drop_ship(), ship_to.is_some());
    }
}

proptest! {
    /// RFC 4648: five bits a letter, the highest first, what is left over filled up with zeros.
    #[test]
    fn a_marker_is_the_base_32_of_128_bits(digest: [u8; 32]) {
        let number = u128::from_be_bytes(digest[..16].try_into().unwrap());
        let letter = |place: u32| {
            let shift = 123_i32 - 5 * i32::try_from(place).unwrap();
            let bits = if shift >= 0 { number >> shift } else { number << -shift } & 31;
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::try_from(bits).unwrap()])
        };
        let expected: String = (0..26).map(letter).collect();
        prop_assert_eq!(marker(&digest), format!("BO-{expected}"));
    }
}
