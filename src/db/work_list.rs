//! What the pages read: the work list, purchase orders of a document, names of items.
//!
//! Invariant: a page costs the same whether there are ten backorders or a hundred thousand: keyset paging in the
//! order of an index, sums only for the rows that are shown. Only a search, and a filter that has
//! no index of its own, looks through the rows of the company.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Transaction};

use super::{DbError, DbResult, json, reference};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentRef, TenantId};
use crate::domain::remark::Remark;

/// A row of the work list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedBackorder {
    pub document: DocumentRef,
    pub state: BackorderState,
    pub promise: Option<Date>,
    pub first_promised: Option<Date>,
    pub since: Timestamp,
    pub reason: Option<String>,
    pub number: String,
    pub customer: String,
    pub ordered_on: Option<Date>,
    pub need_by: Option<Date>,
    /// Whom it was assigned to, else its owner in the host.
    pub owner: Option<String>,
    pub drop_ship: bool,
    pub no_vendor: bool,
    pub warehouses: Vec<String>,
    pub vendors: Vec<String>,
    pub value: Option<Decimal>,
    pub currency: Option<String>,
    pub open: Decimal,
    pub from_stock: Decimal,
    pub on_order: Decimal,
    pub short: Decimal,
    /// Why it is short and nobody is asked, of the line that lacks the most.
    pub cause: Option<Remark>,
    /// "sku name" of the first short or waiting line, and how many more there are.
    pub item: String,
    pub more_items: i64,
    /// Numbers of our purchase orders for it; empty: it is being made.
    pub purchase_orders: Vec<String>,
}

/// What the work list is sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SortBy {
    #[default]
    Expected,
    NeedBy,
    Number,
    Customer,
    Age,
}

impl SortBy {
    pub const ALL: [Self; 5] = [Self::Expected, Self::NeedBy, Self::Number, Self::Customer, Self::Age];

    /// The name used in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::NeedBy => "need_by",
            Self::Number => "number",
            Self::Customer => "customer",
            Self::Age => "age",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == name)
    }
}

/// Where a page of the work list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// What it is sorted by, as text.
    pub value: String,
    pub document: DocumentRef,
}

impl ListedBackorder {
    /// Where the page after this row begins.
    #[must_use]
    pub fn place(&self, sort: SortBy) -> After {
        let day = |date: Option<Date>| date.map_or_else(|| "infinity".to_owned(), |date| date.to_string());
        let value = match sort {
            SortBy::Expected => day(self.promise),
            SortBy::NeedBy => day(self.need_by),
            SortBy::Number => self.number.clone(),
            SortBy::Customer => self.customer.clone(),
            SortBy::Age => self.since.to_string(),
        };
        After { value, document: self.document.clone() }
    }
}

/// What of the work list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<BackorderState>,
    /// Part of a number, customer, item, vendor or purchase order.
    pub search: Option<String>,
    /// Expected too late, or no date yet.
    pub late: bool,
    /// The need-by date is before this day.
    pub overdue: Option<Date>,
    pub drop_ship: bool,
    pub no_vendor: bool,
    /// A kind of cause, or `declined`.
    pub cause: Option<String>,
    pub vendor: Option<String>,
    pub customer: Option<String>,
    pub warehouse: Option<String>,
    /// An address; empty: nobody's.
    pub owner: Option<String>,
    pub ordered: (Option<Date>, Option<Date>),
    pub need_by: (Option<Date>, Option<Date>),
    pub expected: (Option<Date>, Option<Date>),
    pub sort: SortBy,
    /// The other way round.
    pub descending: bool,
}

/// What is shown of the rows that `$from` gives, in the order of a key.
macro_rules! shown {
    ($from:expr, $key:literal, $direction:literal) => {
        concat!(
            "
        SELECT b.kind, b.document_id, b.state, b.promise, b.first_promised, b.since, b.reason, b.number, b.customer,
            b.ordered_on, b.need_by, b.owner, b.drop_ship, b.no_vendor, b.warehouses, b.vendors, b.open_value, b.currency,
            sums.open, sums.from_stock, sums.on_order, sums.short, sums.cause, sums.item, sums.items - 1 AS more_items,
            orders.numbers
        FROM (",
            $from,
            "
            ORDER BY ",
            $key,
            " ",
            $direction,
            ", b.kind ",
            $direction,
            ", b.document_id ",
            $direction,
            "
            LIMIT $2
        ) AS b
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(a.open), 0) AS open, COALESCE(sum(a.from_stock), 0) AS from_stock,
                COALESCE(sum(a.from_own + a.from_incoming), 0) AS on_order, COALESCE(sum(a.shortfall), 0) AS short,
                count(DISTINCT a.item_id) AS items,
                (array_agg(a.cause ORDER BY a.shortfall DESC, a.line_id, a.component)
                    FILTER (WHERE a.cause IS NOT NULL))[1] AS cause,
                (array_agg(i.sku || ' ' || i.name ORDER BY a.shortfall DESC, a.open - a.from_stock DESC))[1] AS item
            FROM allocation a
            LEFT JOIN item i USING (tenant_id, item_id)
            WHERE a.tenant_id = $1 AND a.kind = b.kind AND a.document_id = b.document_id
        ) AS sums
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT COALESCE(t.purchase_order_number, '')) AS numbers
            FROM intent t
            WHERE t.tenant_id = $1 AND t.action = 'create' AND t.state NOT IN ('rejected', 'cancelled')
                AND t.intent_id IN (SELECT g.intent_id FROM peg g
                    WHERE g.tenant_id = $1 AND g.kind = b.kind AND g.document_id = b.document_id)
        ) AS orders
        ORDER BY ",
            $key,
            " ",
            $direction,
            ", b.kind ",
            $direction,
            ", b.document_id ",
            $direction
        )
    };
}

/// The list in the order of one of its keys, of the type that the key has. Where a parameter is null its condition is
/// gone before the statement is planned, and where a page begins is a range of the key's index.
macro_rules! list_by {
    ($key:literal, $type:literal, $beyond:literal, $direction:literal) => {
        shown!(
            concat!(
                "
            SELECT * FROM backorder b
            WHERE b.tenant_id = $1 AND b.state NOT IN ('delivered', 'cancelled')
                AND ($3::text IS NULL OR b.state = $3)
                AND ($4::text IS NULL OR b.search LIKE $4)
                AND (NOT $5 OR b.promise IS NULL OR b.promise > b.need_by)
                AND ($6::date IS NULL OR b.needed_on < $6)
                AND (NOT $7 OR b.drop_ship)
                AND (NOT $8 OR b.no_vendor)
                AND ($23::text IS NULL OR b.cause = $23)
                AND ($9::text IS NULL OR $9 = ANY(b.vendors))
                AND ($10::text IS NULL OR b.customer = $10)
                AND ($11::text IS NULL OR $11 = ANY(b.warehouses))
                AND ($12::text IS NULL OR b.owner = $12) AND (NOT $13 OR b.owner IS NULL)
                AND ($14::date IS NULL OR b.ordered_on >= $14) AND ($15::date IS NULL OR b.ordered_on <= $15)
                AND ($16::date IS NULL OR b.needed_on >= $16 AND b.need_by IS NOT NULL)
                AND ($17::date IS NULL OR b.needed_on <= $17)
                AND ($18::date IS NULL OR b.expected_on >= $18 AND b.promise IS NOT NULL)
                AND ($19::date IS NULL OR b.expected_on <= $19)
                AND ($20::text IS NULL OR (",
                $key,
                ", b.kind, b.document_id) ",
                $beyond,
                " ($20::",
                $type,
                ", $21, $22))"
            ),
            $key,
            $direction
        )
    };
}

/// A page of the open backorders.
pub async fn list(
    tx: &Transaction<'_>,
    tenant: TenantId,
    filter: &Filter,
    after: Option<&After>,
    limit: i64,
) -> DbResult<Vec<ListedBackorder>> {
    const BY: [[&str; 2]; 5] = [
        [list_by!("b.expected_on", "date", ">", "ASC"), list_by!("b.expected_on", "date", "<", "DESC")],
        [list_by!("b.needed_on", "date", ">", "ASC"), list_by!("b.needed_on", "date", "<", "DESC")],
        [list_by!("b.number", "text", ">", "ASC"), list_by!("b.number", "text", "<", "DESC")],
        [list_by!("b.customer", "text", ">", "ASC"), list_by!("b.customer", "text", "<", "DESC")],
        [list_by!("b.since", "timestamptz", ">", "ASC"), list_by!("b.since", "timestamptz", "<", "DESC")],
    ];
    let sql = BY[filter.sort as usize][usize::from(filter.descending)];
    let state = filter.state.map(BackorderState::as_str);
    let search = filter.search.as_deref().map(containing);
    let owner = filter.owner.as_deref().filter(|owner| !owner.is_empty());
    let nobody = filter.owner.is_some() && owner.is_none();
    let value = after.map(|after| after.value.as_str());
    let kind = after.map(|after| after.document.kind.as_str());
    let id = after.map(|after| after.document.id.as_str());
    let parameters: [(&(dyn ToSql + Sync), Type); 23] = [
        (&tenant.0, Type::UUID),
        (&limit, Type::INT8),
        (&state, Type::TEXT),
        (&search, Type::TEXT),
        (&filter.late, Type::BOOL),
        (&filter.overdue, Type::DATE),
        (&filter.drop_ship, Type::BOOL),
        (&filter.no_vendor, Type::BOOL),
        (&filter.vendor, Type::TEXT),
        (&filter.customer, Type::TEXT),
        (&filter.warehouse, Type::TEXT),
        (&owner, Type::TEXT),
        (&nobody, Type::BOOL),
        (&filter.ordered.0, Type::DATE),
        (&filter.ordered.1, Type::DATE),
        (&filter.need_by.0, Type::DATE),
        (&filter.need_by.1, Type::DATE),
        (&filter.expected.0, Type::DATE),
        (&filter.expected.1, Type::DATE),
        (&value, Type::TEXT),
        (&kind, Type::TEXT),
        (&id, Type::TEXT),
        (&filter.cause, Type::TEXT),
    ];
    tx.query_typed(sql, &parameters).await?.iter().map(listed).collect()
}

/// Those of these documents that are open backorders, the first expected first.
pub async fn chosen(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<Vec<ListedBackorder>> {
    const CHOSEN: &str = shown!(
        "
            SELECT b.* FROM unnest($3::text[], $4::text[]) AS wanted (kind, document_id)
            JOIN backorder b ON b.tenant_id = $1 AND b.kind = wanted.kind AND b.document_id = wanted.document_id
            WHERE b.state NOT IN ('delivered', 'cancelled')",
        "b.expected_on",
        "ASC"
    );
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let limit = i64::try_from(documents.len()).unwrap_or(i64::MAX);
    let parameters: [(&(dyn ToSql + Sync), Type); 4] =
        [(&tenant.0, Type::UUID), (&limit, Type::INT8), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)];
    tx.query_typed(CHOSEN, &parameters).await?.iter().map(listed).collect()
}

/// A pattern that fits whatever contains the text, in lower case.
fn containing(text: &str) -> String {
    format!("%{}%", text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

fn listed(row: &Row) -> DbResult<ListedBackorder> {
    Ok(ListedBackorder {
        document: reference(row, "backorder")?,
        state: state(row)?,
        promise: row.try_get("promise")?,
        first_promised: row.try_get("first_promised")?,
        since: row.try_get("since")?,
        reason: row.try_get("reason")?,
        number: row.try_get("number")?,
        customer: row.try_get("customer")?,
        ordered_on: row.try_get("ordered_on")?,
        need_by: row.try_get("need_by")?,
        owner: row.try_get("owner")?,
        drop_ship: row.try_get("drop_ship")?,
        no_vendor: row.try_get("no_vendor")?,
        warehouses: row.try_get("warehouses")?,
        vendors: row.try_get("vendors")?,
        value: row.try_get("open_value")?,
        currency: row.try_get("currency")?,
        open: row.try_get("open")?,
        from_stock: row.try_get("from_stock")?,
        on_order: row.try_get("on_order")?,
        short: row.try_get("short")?,
        cause: row.try_get::<_, Option<Value>>("cause")?.map(|cause| json(cause, "allocation", "cause")).transpose()?,
        item: row.try_get::<_, Option<String>>("item")?.unwrap_or_default(),
        more_items: row.try_get("more_items")?,
        purchase_orders: row.try_get::<_, Option<Vec<String>>>("numbers")?.unwrap_or_default(),
    })
}

pub(super) fn state(row: &Row) -> DbResult<BackorderState> {
    let state: String = row.try_get("state")?;
    BackorderState::parse(&state).ok_or(DbError::Inconsistent { table: "backorder", column: "state", detail: state })
}

/// What an item is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemName {
    pub id: String,
    pub sku: String,
    pub name: String,
    pub unit: String,
}

/// The names of these items, as far as they are known.
pub async fn item_names(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<ItemName>> {
    const NAMES: &str = "
        SELECT item_id, sku, name, unit FROM item WHERE tenant_id = $1 AND item_id = ANY($2)";
    let rows = tx.query_typed(NAMES, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(ItemName {
                id: row.try_get("item_id")?,
                sku: row.try_get("sku")?,
                name: row.try_get("name")?,
                unit: row.try_get("unit")?,
            })
        })
        .collect()
}

/// A purchase order that was decided for a document, by us or by the host itself: how far it is, here and in the host.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFor {
    /// Of the intent: planned … cancelled; `host` where the host itself ordered it.
    pub state: String,
    pub vendor: String,
    pub made_by: String,
    /// None where the host itself ordered it.
    pub created_at: Option<Timestamp>,
    pub expected: Option<Date>,
    pub drop_ship: bool,
    /// Ordered for this document, in stock units.
    pub quantity: Decimal,
    pub number: Option<String>,
    pub error: Option<String>,
    /// In the host: draft, confirmed, received, cancelled; None until it has been seen there.
    pub host_state: Option<String>,
    pub url: Option<String>,
    /// "sku: sum" of each line.
    pub why: Vec<String>,
}

/// The purchase orders that were decided for a document: ours, oldest first, then the host's own.
pub async fn orders_for(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<Vec<OrderFor>> {
    const ORDERS: &str = "
        SELECT t.state, t.payload #>> '{vendor,name}' AS vendor, t.made_by, t.created_at,
            COALESCE(p.expected, (t.payload ->> 'expected')::date) AS expected,
            t.payload -> 'ship_to' <> 'null' AS drop_ship, pegged.quantity, pegged.why, t.last_error,
            COALESCE(p.number, t.purchase_order_number) AS number, p.url,
            CASE WHEN p.gone THEN 'cancelled' ELSE p.state END AS host_state
        FROM (
            SELECT g.intent_id, sum(g.quantity) AS quantity, array_agg(DISTINCT l.why) AS why
            FROM peg g
            JOIN intent_line l ON l.tenant_id = $1 AND l.intent_id = g.intent_id AND l.line_no = g.line_no
            WHERE g.tenant_id = $1 AND g.kind = $2 AND g.document_id = $3
            GROUP BY g.intent_id
        ) AS pegged
        JOIN intent t ON t.tenant_id = $1 AND t.intent_id = pegged.intent_id AND t.action = 'create'
        LEFT JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = t.purchase_order_id
        UNION ALL
        SELECT 'host', p.vendor_name, '', NULL, p.expected, p.drop_ship, tied.quantity, '{}', NULL, p.number, p.url,
            p.state
        FROM (
            SELECT h.purchase_order_id, sum(h.quantity) AS quantity
            FROM host_peg h
            WHERE h.tenant_id = $1 AND h.kind = $2 AND h.document_id = $3
            GROUP BY h.purchase_order_id
        ) AS tied
        JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = tied.purchase_order_id
        WHERE NOT p.gone AND p.state <> 'cancelled'
        ORDER BY created_at, number";
    let rows = tx
        .query_typed(
            ORDERS,
            &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OrderFor {
                state: row.try_get("state")?,
                vendor: row.try_get::<_, Option<String>>("vendor")?.unwrap_or_default(),
                made_by: row.try_get("made_by")?,
                created_at: row.try_get("created_at")?,
                expected: row.try_get("expected")?,
                drop_ship: row.try_get::<_, Option<bool>>("drop_ship")?.unwrap_or(false),
                quantity: row.try_get("quantity")?,
                number: row.try_get("number")?,
                error: row.try_get("last_error")?,
                host_state: row.try_get("host_state")?,
                url: row.try_get("url")?,
                why: row.try_get("why")?,
            })
        })
        .collect()
}
