//! The work list: what is short, oldest first, with the decisions that wait on top.

use askama::Template;

use super::asked::{Asked, asked};
use super::frame::Frame;
use super::text::{self, Here};
use super::words::{self, Chip};
use crate::db::connection::StoredConnection;
use crate::db::proposal::StoredProposal;
use crate::db::work_list::{After, Filter, ListedBackorder};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};

/// Rows of a page.
pub(super) const PAGE: usize = 50;
/// Decisions that are shown on top.
const MOST_DECISIONS: usize = 5;

#[derive(Debug, Template)]
#[template(path = "web/templates/work_list.html", config = ".askama.toml")]
pub(super) struct WorkList {
    frame: Frame,
    checked: String,
    decisions_title: String,
    decisions: Vec<Asked>,
    more_decisions: i64,
    tabs: Vec<Tab>,
    state: &'static str,
    text: String,
    to_decide: bool,
    late: bool,
    filtered: bool,
    empty: String,
    rows: Vec<Row>,
    next: Option<String>,
}

#[derive(Debug)]
struct Tab {
    label: &'static str,
    link: String,
    count: i64,
    chosen: bool,
}

#[derive(Debug)]
struct Row {
    chip: Chip,
    link: String,
    number: String,
    kind: &'static str,
    customer: String,
    item: String,
    item_note: String,
    open: String,
    from_stock: String,
    short: String,
    is_short: bool,
    on_order: String,
    need_by: String,
    expected: String,
    late: String,
    age: String,
}

/// What the list is made from.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) filter: &'a Filter,
    pub(super) rows: &'a [ListedBackorder],
    pub(super) counts: &'a [(BackorderState, i64)],
    pub(super) proposals: &'a [StoredProposal],
    pub(super) connection: Option<&'a StoredConnection>,
}

/// The page; `rows` may hold one more than [`PAGE`], which says that there is a next page.
pub(super) fn work_list(frame: Frame, found: &Found<'_>, here: &Here) -> WorkList {
    let filter = found.filter;
    let shown = &found.rows[..found.rows.len().min(PAGE)];
    let next = (found.rows.len() > PAGE).then(|| shown.last()).flatten().map(|last| address(filter, Some(last)));
    let waiting = frame.waiting;
    let decisions: Vec<Asked> = found.proposals.iter().take(MOST_DECISIONS).map(asked).collect();
    let shown_decisions = i64::try_from(decisions.len()).unwrap_or(i64::MAX);
    let filtered = *filter != Filter::default();
    let checked = checked(found.connection, here);
    let empty = if filtered {
        "Nothing fits these filters.".to_owned()
    } else {
        format!("Nothing is short. {checked}").trim().to_owned()
    };
    WorkList {
        decisions_title: match waiting {
            1 => "1 decision waits".to_owned(),
            many => format!("{many} decisions wait"),
        },
        more_decisions: (waiting - shown_decisions).max(0),
        decisions,
        tabs: tabs(filter, found.counts),
        state: filter.state.map(BackorderState::as_str).unwrap_or_default(),
        text: filter.text.clone(),
        to_decide: filter.to_decide,
        late: filter.late,
        filtered,
        empty,
        rows: shown.iter().map(|row| self::row(row, here)).collect(),
        next,
        checked,
        frame,
    }
}

/// "Last checked 09:40."
fn checked(connection: Option<&StoredConnection>, here: &Here) -> String {
    match connection.and_then(|connection| connection.last_checked_at) {
        Some(at) => format!("Last checked {}.", here.time(at)),
        None => "Not checked yet.".to_owned(),
    }
}

fn tabs(filter: &Filter, counts: &[(BackorderState, i64)]) -> Vec<Tab> {
    let of = |state: Option<BackorderState>| Filter { state, ..filter.clone() };
    let all = Tab {
        label: "All",
        link: address(&of(None), None),
        count: counts.iter().map(|(_, count)| count).sum(),
        chosen: filter.state.is_none(),
    };
    let states = BackorderState::ALL.into_iter().filter(|state| state.is_open()).map(|state| Tab {
        label: words::label(state),
        link: address(&of(Some(state)), None),
        count: counts.iter().find(|(of, _)| *of == state).map_or(0, |(_, count)| *count),
        chosen: filter.state == Some(state),
    });
    // "not to be bought" is rare: only where there is one
    std::iter::once(all)
        .chain(states.filter(|tab| tab.count > 0 || tab.chosen || tab.label != "Not to be bought"))
        .collect()
}

/// The list's own address, for these filters, after this row.
fn address(filter: &Filter, after: Option<&ListedBackorder>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(state) = filter.state {
        query.append_pair("state", state.as_str());
    }
    if !filter.text.is_empty() {
        query.append_pair("q", &filter.text);
    }
    if filter.to_decide {
        query.append_pair("decide", "1");
    }
    if filter.late {
        query.append_pair("late", "1");
    }
    if let Some(last) = after {
        let promise = last.backorder.promise.map(|date| date.to_string()).unwrap_or_default();
        let document = &last.backorder.document;
        query.append_pair("after", &format!("{promise}|{}|{}", document.kind.as_str(), document.id));
    }
    let query = query.finish();
    if query.is_empty() { "/backorders".to_owned() } else { format!("/backorders?{query}") }
}

/// The row that an address of ours names; none for anything else.
pub(super) fn after(text: &str) -> Option<After> {
    let mut parts = text.splitn(3, '|');
    let promise = parts.next()?;
    let kind = DocumentKind::parse(parts.next()?)?;
    let id = parts.next()?;
    let promise = if promise.is_empty() { None } else { Some(promise.parse().ok()?) };
    Some(After { promise, document: DocumentRef::new(kind, id) })
}

/// The page of a document.
pub(super) fn link(document: &DocumentRef) -> String {
    format!("/backorders/{}/{}", document.kind.as_str(), text::segment(&document.id))
}

fn row(row: &ListedBackorder, here: &Here) -> Row {
    let quantity = |value| text::quantity(value);
    let more = match row.more_items {
        0 => row.sku.clone(),
        1 => format!("{} and 1 more item", row.sku),
        many => format!("{} and {many} more items", row.sku),
    };
    Row {
        chip: words::chip(&row.backorder),
        link: link(&row.backorder.document),
        number: row.number.clone(),
        kind: words::kind(row.backorder.document.kind),
        customer: row.customer.clone(),
        item: row.item.clone(),
        item_note: more,
        open: quantity(row.open),
        from_stock: quantity(row.from_stock),
        short: quantity(row.short),
        is_short: !row.short.is_zero(),
        on_order: quantity(row.on_order),
        need_by: text::date_or_none(row.need_by),
        expected: row.backorder.promise.map_or_else(|| "no date yet".to_owned(), text::date),
        late: if row.late_days > 0 { row.late_days.to_string() } else { String::new() },
        age: here.age(row.backorder.since),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::db::backorder::Backorder;
    use jiff::tz::TimeZone;

    pub(crate) fn here() -> Here {
        Here { now: "2026-12-03T09:40:00Z".parse().unwrap(), zone: TimeZone::UTC }
    }

    pub(crate) fn frame() -> Frame {
        Frame {
            company: "Fairlight".into(),
            person: "Ann".into(),
            form_token: "token".into(),
            here: "backorders",
            waiting: 0,
            banner: None,
            said: None,
        }
    }

    pub(crate) fn connection() -> StoredConnection {
        StoredConnection {
            tenant: crate::domain::ids::TenantId(uuid::Uuid::nil()),
            tenant_name: "Fairlight".into(),
            time_zone: "UTC".into(),
            base_currency: None,
            host_kind: "deskera".into(),
            base_url: "https://erp.example/".into(),
            company: "1".into(),
            options: serde_json::json!({}),
            state: "connected".into(),
            state_reason: None,
            access_token: None,
            refresh_token: None,
            token_expires_at: None,
            token_version: 1,
            connected_by: "Ann".into(),
            connected_at: "2026-12-01T09:00:00Z".parse().unwrap(),
            last_checked_at: Some("2026-12-03T09:40:00Z".parse().unwrap()),
            last_missed: 0,
            last_repaired: 0,
            last_sweep_error: None,
        }
    }

    fn listed(number: &str) -> ListedBackorder {
        ListedBackorder {
            backorder: Backorder {
                document: DocumentRef::new(DocumentKind::Invoice, number),
                state: BackorderState::Short,
                promise: None,
                first_promised: None,
                since: "2026-12-01T09:40:00Z".parse().unwrap(),
                episode: 1,
                late_told: false,
                reason: None,
                assigned_to: None,
                changed_at: "2026-12-01T09:40:00Z".parse().unwrap(),
            },
            number: number.into(),
            customer: "Café <b>Ünal</b>".into(),
            ordered_on: "2026-12-01".parse().unwrap(),
            need_by: Some("2026-12-03".parse().unwrap()),
            open: "12.000".parse().unwrap(),
            from_stock: "4.0".parse().unwrap(),
            on_order: 0.into(),
            short: 8.into(),
            late_days: 0,
            sku: "GR-1".into(),
            item: "\"><script>alert(1)</script>".into(),
            more_items: 2,
        }
    }

    fn rendered(filter: &Filter, rows: &[ListedBackorder]) -> String {
        let connection = connection();
        let found = Found {
            filter,
            rows,
            counts: &[(BackorderState::Short, 3)],
            proposals: &[],
            connection: Some(&connection),
        };
        work_list(frame(), &found, &here()).render().unwrap()
    }

    #[test]
    fn an_empty_list_says_that_nothing_is_short_and_when_that_was_seen() {
        assert!(rendered(&Filter::default(), &[]).contains("Nothing is short. Last checked 09:40."));
        let filter = Filter { late: true, ..Filter::default() };
        assert!(rendered(&filter, &[]).contains("Nothing fits these filters."));
    }

    #[test]
    fn hostile_names_are_text() {
        let page = rendered(&Filter::default(), &[listed("INV-1\"><img src=x>")]);
        assert!(!page.contains("<script") && !page.contains("<b>Ünal") && !page.contains("<img"), "{page}");
        assert!(page.contains("Café"));
    }

    #[test]
    fn a_row_shows_its_state_in_a_word_beside_the_icon_and_numbers_without_needless_zeros() {
        let page = rendered(&Filter::default(), &[listed("INV-1")]);
        assert!(page.contains("class=\"pkg short\"") && page.contains("</svg>\nShort</span>"), "{page}");
        assert!(page.contains(">12<") && page.contains(">4<") && !page.contains("12.000"), "{page}");
        assert!(page.contains("GR-1 and 2 more items") && page.contains("3 Dec 2026") && page.contains("no date yet"));
    }

    #[test]
    fn the_next_page_begins_after_the_last_row() {
        let rows: Vec<_> = (0..=PAGE).map(|number| listed(&format!("INV-{number}"))).collect();
        let filter = Filter { text: "a&b".into(), ..Filter::default() };
        let page = rendered(&filter, &rows);
        assert!(page.contains("Next page") && page.contains("q=a%26b") && page.contains("after=%7Cinvoice%7CINV-49"));
        let read = after("2026-12-03|invoice|a|b").unwrap();
        assert_eq!((read.promise, read.document.id.as_str()), (Some("2026-12-03".parse().unwrap()), "a|b"));
        assert_eq!(after("x|invoice|1"), None);
    }
}
