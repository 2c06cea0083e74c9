//! When a customer is told, and when not.

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::*;
use crate::db::backorder::Backorder;
use crate::domain::backorder::{Recorded, Standing, step};
use crate::domain::ids::DocumentKind;
use crate::domain::sales_document::SalesDocument;

const ON: [CustomerEvent; 4] = CustomerEvent::ALL;

fn at(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(hour)
}

fn settings(events: &[CustomerEvent]) -> CustomerMail {
    CustomerMail { on: true, events: events.iter().map(|event| (*event, at(10))).collect(), ..CustomerMail::default() }
}

fn backorder(state: BackorderState, promise: Option<Date>, since: i64) -> Backorder {
    Backorder {
        document: DocumentRef::new(DocumentKind::SalesOrder, "SO-1"),
        state,
        promise,
        first_promised: promise,
        since: at(since),
        episode: 1,
        late_told: false,
        reason: None,
        assigned_to: None,
        changed_at: at(since),
    }
}

fn changed(before: Option<Backorder>, after: Backorder) -> Changed {
    let document = SalesDocument::blank(after.document.clone(), "SO-1", date(2026, 11, 23));
    let recorded = before.as_ref().map(|before| Recorded { state: before.state, episode: before.episode });
    let state = Some(after.state).filter(|state| state.is_open());
    let standing = Standing { state, ready: false, part_ready: false, short_of_stock: true };
    let step = step(recorded, standing, false).unwrap();
    Changed { document, before, after, step, covers: Vec::new() }
}

const TOLD: fn(Date) -> Option<Told> = |expected| Some(Told { episode: 1, expected });

#[test]
fn nothing_is_told_that_nobody_has_turned_on_or_that_began_before() {
    let on_order = || changed(None, backorder(BackorderState::OnOrder, Some(date(2026, 12, 3)), 12));
    assert_eq!(telling(&CustomerMail::default(), &on_order(), None), None);
    assert_eq!(telling(&CustomerMail { on: false, ..settings(&ON) }, &on_order(), None), None);
    let older = changed(None, backorder(BackorderState::OnOrder, Some(date(2026, 12, 3)), 9));
    assert_eq!(telling(&settings(&ON), &older, None), None);
}

#[test]
fn a_date_is_told_once_it_stands_and_once_an_episode() {
    let day = date(2026, 12, 3);
    for proposed in [BackorderState::Short, BackorderState::Asked] {
        let only_proposed = changed(None, backorder(proposed, Some(day), 12));
        assert_eq!(telling(&settings(&[CustomerEvent::Backorder]), &only_proposed, None), None, "{proposed:?}");
    }
    let on_order = changed(None, backorder(BackorderState::OnOrder, Some(day), 12));
    let telling_now = telling(&settings(&ON), &on_order, None).unwrap();
    assert_eq!(
        (telling_now.event, telling_now.expected, telling_now.attach),
        (CustomerEvent::Backorder, TOLD(day), true)
    );
    assert_eq!(telling(&settings(&ON), &on_order, TOLD(day)), None);
    let without_date = changed(None, backorder(BackorderState::OnOrder, None, 12));
    assert_eq!(telling(&settings(&[CustomerEvent::Backorder]), &without_date, None), None);
}

#[test]
fn a_later_date_is_told_and_an_earlier_one_is_not() {
    let (told_day, later, earlier) = (date(2026, 12, 3), date(2026, 12, 10), date(2026, 12, 1));
    let moved = |day| changed(None, backorder(BackorderState::OnOrder, Some(day), 12));
    let telling_now = telling(&settings(&ON), &moved(later), TOLD(told_day)).unwrap();
    assert_eq!((telling_now.event, telling_now.said_before), (CustomerEvent::DateMoved, Some(told_day)));
    assert!(telling_now.key.contains("2026-12-10"), "{}", telling_now.key);
    assert_eq!(telling(&settings(&ON), &moved(earlier), TOLD(told_day)), None);
    assert_eq!(telling(&settings(&[CustomerEvent::Backorder]), &moved(later), TOLD(told_day)), None);
}

#[test]
fn what_has_left_is_told_when_it_is_delivered() {
    let before = backorder(BackorderState::Ready, None, 12);
    let delivered = changed(Some(before), backorder(BackorderState::Delivered, None, 12));
    assert_eq!(telling(&settings(&ON), &delivered, None).unwrap().event, CustomerEvent::OnItsWay);
}

#[test]
fn the_document_goes_by_itself_only_where_no_notice_brings_it_along() {
    let short = changed(None, backorder(BackorderState::Short, None, 12));
    let alone = telling(&settings(&[CustomerEvent::Document]), &short, None).unwrap();
    assert_eq!((alone.event, alone.attach), (CustomerEvent::Document, true));
    assert_eq!(telling(&settings(&ON), &short, None), None);
}
