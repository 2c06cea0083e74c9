//! What stands behind the `?` of the work list: filters, order, columns and place.
//!
//! Invariants: whatever stands there gives a list, a value that cannot be read counts as not given; what is written is
//! read as the same.

use jiff::civil::Date;
use url::form_urlencoded;

use crate::db::work_list::{After, Filter, SortBy};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};

/// Characters of a search or a name.
const MOST_CHARACTERS: usize = 100;

/// A column that is shown only if it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Warehouse,
    DropShip,
    Value,
    Reason,
}

impl Column {
    pub(super) const ALL: [Self; 4] = [Self::Warehouse, Self::DropShip, Self::Value, Self::Reason];

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Warehouse => "warehouse",
            Self::DropShip => "drop_ship",
            Self::Value => "value",
            Self::Reason => "reason",
        }
    }
}

/// What is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) filter: Filter,
    pub(super) columns: Vec<Column>,
    pub(super) after: Option<After>,
    /// As it was asked for: `me`, `nobody` or an address.
    pub(super) owner: Option<String>,
    pub(super) overdue: bool,
}

impl Wanted {
    /// Reads a query; `me` is the reader's own address, `today` the company's day.
    pub(super) fn read(query: &str, me: Option<&str>, today: Date) -> Self {
        let mut wanted = Self::default();
        let (mut after_value, mut after_document) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let value: String = value.trim().chars().filter(|c| !c.is_control()).take(MOST_CHARACTERS * 4).collect();
            if value.is_empty() {
                continue;
            }
            let short = || Some(value.chars().take(MOST_CHARACTERS).collect::<String>());
            let day = || value.parse::<Date>().ok();
            let filter = &mut wanted.filter;
            match &*name {
                "state" => filter.state = BackorderState::parse(&value),
                "search" => filter.search = short(),
                "late" => filter.late = true,
                "overdue" => wanted.overdue = true,
                "drop_ship" => filter.drop_ship = true,
                "no_vendor" => filter.no_vendor = true,
                "cause" => filter.cause = short(),
                "vendor" => filter.vendor = short(),
                "customer" => filter.customer = short(),
                "warehouse" => filter.warehouse = short(),
                "owner" => wanted.owner = short(),
                "ordered_from" => filter.ordered.0 = day(),
                "ordered_to" => filter.ordered.1 = day(),
                "need_from" => filter.need_by.0 = day(),
                "need_to" => filter.need_by.1 = day(),
                "expected_from" => filter.expected.0 = day(),
                "expected_to" => filter.expected.1 = day(),
                "sort" => filter.sort = SortBy::parse(&value).unwrap_or_default(),
                "desc" => filter.descending = true,
                "column" => {
                    wanted.columns.extend(Column::ALL.into_iter().find(|column| column.as_str() == value));
                }
                "after" => after_value = Some(value),
                "after_document" => after_document = document(&value),
                _ => {}
            }
        }
        wanted.filter.overdue = wanted.overdue.then_some(today);
        wanted.filter.owner = wanted.owner.as_deref().map(|owner| match owner {
            "me" => me.unwrap_or_default().to_owned(),
            "nobody" => String::new(),
            address => address.to_owned(),
        });
        wanted.after = after_value.zip(after_document).and_then(|(value, document)| {
            let readable = match wanted.filter.sort {
                SortBy::Expected | SortBy::NeedBy => value == "infinity" || value.parse::<Date>().is_ok(),
                SortBy::Age => value.parse::<jiff::Timestamp>().is_ok(),
                SortBy::Number | SortBy::Customer => true,
            };
            readable.then_some(After { value, document })
        });
        wanted
    }

    /// The same as a query.
    pub(super) fn query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let filter = &self.filter;
        let texts = [
            ("state", filter.state.map(|state| state.as_str().to_owned())),
            ("search", filter.search.clone()),
            ("cause", filter.cause.clone()),
            ("vendor", filter.vendor.clone()),
            ("customer", filter.customer.clone()),
            ("warehouse", filter.warehouse.clone()),
            ("owner", self.owner.clone()),
        ];
        let ticks = [
            ("late", filter.late),
            ("overdue", self.overdue),
            ("drop_ship", filter.drop_ship),
            ("no_vendor", filter.no_vendor),
            ("desc", filter.descending),
        ];
        let days = [
            ("ordered_from", filter.ordered.0),
            ("ordered_to", filter.ordered.1),
            ("need_from", filter.need_by.0),
            ("need_to", filter.need_by.1),
            ("expected_from", filter.expected.0),
            ("expected_to", filter.expected.1),
        ];
        for (name, text) in texts.into_iter().filter_map(|(name, text)| Some((name, text?))) {
            query.append_pair(name, &text);
        }
        for (name, day) in days.into_iter().filter_map(|(name, day)| Some((name, day?))) {
            query.append_pair(name, &day.to_string());
        }
        for (name, _) in ticks.into_iter().filter(|(_, on)| *on) {
            query.append_pair(name, "1");
        }
        for column in &self.columns {
            query.append_pair("column", column.as_str());
        }
        if filter.sort != SortBy::default() {
            query.append_pair("sort", filter.sort.as_str());
        }
        if let Some(after) = &self.after {
            query.append_pair("after", &after.value);
            query.append_pair("after_document", &key(&after.document));
        }
        query.finish()
    }

    /// The same list from its beginning, changed.
    pub(super) fn changed(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut other = Self { after: None, ..self.clone() };
        change(&mut other);
        other.query()
    }

    /// The first page of the same list.
    pub(super) fn start(&self) -> String {
        self.changed(|_| {})
    }

    pub(super) fn is_vendor(&self, name: &str) -> bool {
        self.filter.vendor.as_deref() == Some(name)
    }

    pub(super) fn is_cause(&self, kind: &str) -> bool {
        self.filter.cause.as_deref() == Some(kind)
    }

    pub(super) fn is_warehouse(&self, name: &str) -> bool {
        self.filter.warehouse.as_deref() == Some(name)
    }

    pub(super) fn is_owner(&self, name: &str) -> bool {
        self.owner.as_deref() == Some(name)
    }

    /// The days as date fields have them: ordered, needed and expected, from and to.
    pub(super) fn days(&self) -> [String; 6] {
        let filter = &self.filter;
        let pairs = [filter.ordered, filter.need_by, filter.expected];
        let days = [pairs[0].0, pairs[0].1, pairs[1].0, pairs[1].1, pairs[2].0, pairs[2].1];
        days.map(|day| day.map_or_else(String::new, |day| day.to_string()))
    }

    /// Whether a filter or column is chosen that is folded away otherwise.
    pub(super) fn has_more(&self) -> bool {
        let plain = Filter {
            state: self.filter.state,
            search: self.filter.search.clone(),
            late: self.filter.late,
            sort: self.filter.sort,
            descending: self.filter.descending,
            ..Filter::default()
        };
        self.filter != plain || !self.columns.is_empty()
    }

    /// Whether something narrows the list.
    pub(super) fn is_filtered(&self) -> bool {
        let plain = Filter { sort: self.filter.sort, descending: self.filter.descending, ..Filter::default() };
        self.filter != plain
    }
}

/// A document as a tick box names it.
pub(super) fn key(document: &DocumentRef) -> String {
    format!("{}/{}", document.kind, document.id)
}

/// The document that a tick box names.
pub(super) fn document(key: &str) -> Option<DocumentRef> {
    let (kind, id) = key.split_once('/')?;
    let kind = DocumentKind::parse(kind).filter(|kind| kind.is_sales())?;
    Some(DocumentRef::new(kind, id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> Date {
        jiff::civil::date(2026, 11, 28)
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let query = "state=asked&search=a%26b&cause=no_vendor&vendor=V+%26+Co&customer=C&warehouse=Cork&owner=me&ordered_from=2026-11-01\
            &ordered_to=2026-11-02&need_from=2026-11-03&need_to=2026-11-04&expected_from=2026-11-05&expected_to=2026-11-06\
            &late=1&overdue=1&drop_ship=1&no_vendor=1&desc=1&column=value&column=reason&sort=need_by&after=2026-12-03\
            &after_document=invoice%2FSI%2F1";
        let wanted = Wanted::read(query, Some("a@b.c"), today());
        assert_eq!(wanted.query(), query);
        assert_eq!(wanted.filter.owner.as_deref(), Some("a@b.c"));
        assert_eq!(wanted.filter.overdue, Some(today()));
        assert_eq!(wanted.after.clone().unwrap().document, DocumentRef::new(DocumentKind::Invoice, "SI/1"));
        assert_eq!(Wanted::read(&wanted.query(), Some("a@b.c"), today()), wanted);
        assert!(!wanted.changed(|_| {}).contains("after"), "another order begins at the beginning");
    }

    proptest! {
        #[test]
        fn whatever_stands_there_gives_a_list(query in ".{0,80}", sort in 0_usize..5, after in "\\PC{0,20}") {
            let sort = SortBy::ALL[sort].as_str();
            let wanted = Wanted::read(&format!("{query}&sort={sort}&after={after}&after_document=invoice/1"), None, today());
            if let Some(after) = wanted.after {
                match wanted.filter.sort {
                    SortBy::Expected | SortBy::NeedBy => {
                        prop_assert!(after.value == "infinity" || after.value.parse::<Date>().is_ok());
                    }
                    SortBy::Age => prop_assert!(after.value.parse::<jiff::Timestamp>().is_ok()),
                    SortBy::Number | SortBy::Customer => {}
                }
            }
        }
    }
}
