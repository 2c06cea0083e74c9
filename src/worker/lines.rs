//! What becomes of each sales line is kept and judged, for DIFOT (domain.md section 7).
//!
//! Invariants: written in the replan's own commit, only where something changed; quotations are no orders and are not
//! kept; a figure that is no sensible quantity is the planner's to tell of, and is not counted.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use super::replan::Ground;
use super::{WorkError, Worker};
use crate::db;
use crate::db::backorder::Allocation;
use crate::db::connection::StoredConnection;
use crate::db::line_record::{self, BoughtFor, Judged, OpenValue, RecordedLine};
use crate::domain::difot::{self, Course, DifotRule};
use crate::domain::fulfilment::{Fulfilment, SeenLine};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::quantity::Quantity;
use crate::domain::sales_document::{DocumentStatus, SalesDocument, SalesLine};

/// Lines that one sweep judges again after the rule was changed.
const JUDGED_AGAIN: i64 = 5000;

type LineKey = (DocumentRef, String);

impl Worker {
    /// Keeps the lines of these documents as they are now; `allocations` are all recorded ones of theirs.
    pub(super) async fn record_lines(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        documents: &[SalesDocument],
        allocations: &[Allocation],
    ) -> Result<(), WorkError> {
        let orders = || documents.iter().filter(|document| is_order(&document.reference));
        let references: Vec<DocumentRef> = orders().map(|document| document.reference.clone()).collect();
        if references.is_empty() {
            return Ok(());
        }
        let mut known: HashMap<LineKey, RecordedLine> = line_record::of_documents(tx, ground.tenant, &references)
            .await?
            .into_iter()
            .map(|line| ((line.document.clone(), line.line.clone()), line))
            .collect();
        let covers = Covers::new(allocations);
        let mut seen: Vec<RecordedLine> = Vec::new();
        let mut kept: Vec<RecordedLine> = Vec::new();
        for document in orders() {
            for line in document.lines.iter().filter(|line| counts(line)) {
                let key = (document.reference.clone(), line.id.clone());
                let before = known.remove(&key);
                let Some(now) = covers.seen(document, line) else { continue };
                if before.is_none() && !now.alive {
                    continue;
                }
                let after = Fulfilment::step(before.as_ref().map(|line| line.fulfilment.clone()), &now, ground.today);
                let (reference, line_id) = key;
                let judged = before.as_ref().map(|line| line.judged.clone()).unwrap_or_default();
                let drop_ship = line.drop_ship || covers.is_drop_ship(&reference, &line_id);
                seen.push(RecordedLine { document: reference, line: line_id, drop_ship, fulfilment: after, judged });
                kept.extend(before);
            }
        }
        // lines that are no longer on their document
        for line in known.into_values() {
            let gone = SeenLine { declined: covers.declined(&line.document, &line.line), ..SeenLine::default() };
            let gone = SeenLine { fulfilled: delivered(&line.fulfilment), ..gone };
            let fulfilment = Fulfilment::step(Some(line.fulfilment.clone()), &gone, ground.today);
            seen.push(RecordedLine { fulfilment, ..line.clone() });
            kept.push(line);
        }
        let courses = courses(line_record::bought_for(tx, ground.tenant, &references).await?, ground);
        let unknown = Course::default();
        for line in &mut seen {
            let course = courses.get(&(line.document.clone(), line.line.clone())).unwrap_or(&unknown);
            judge(line, course, &ground.settings.difot, ground.today);
        }
        let before: HashMap<LineKey, &RecordedLine> =
            kept.iter().map(|line| ((line.document.clone(), line.line.clone()), line)).collect();
        seen.retain(|line| before.get(&(line.document.clone(), line.line.clone())).is_none_or(|known| *known != line));
        Ok(line_record::put(tx, ground.tenant, &seen).await?)
    }

    /// Keeps what is open of these backorders, in money.
    pub(super) async fn record_values(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        backorders: &[&SalesDocument],
    ) -> Result<(), WorkError> {
        let values: Vec<OpenValue> = backorders.iter().map(|document| open_value(document)).collect();
        Ok(line_record::put_open_values(tx, ground.tenant, &values).await?)
    }

    /// Lines that were judged by a rule that has changed since have their documents looked at again.
    pub(super) async fn judge_again(&self, connection: &StoredConnection) -> Result<(), WorkError> {
        let tenant = connection.tenant;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let stored = db::settings::load(&tx, tenant, true).await?;
        let now = self.clock.now();
        let today = super::replan::today(&stored, now);
        let rule = &stored.settings.difot;
        let mut lines = line_record::judged_otherwise(&tx, tenant, &rule_text(rule), JUDGED_AGAIN).await?;
        let mut documents: Vec<DocumentRef> = lines.iter().map(|line| line.document.clone()).collect();
        documents.sort();
        documents.dedup();
        let zone = super::replan::zone(&stored.time_zone);
        let courses = courses_in(line_record::bought_for(&tx, tenant, &documents).await?, &zone);
        let unknown = Course::default();
        for line in &mut lines {
            let course = courses.get(&(line.document.clone(), line.line.clone())).unwrap_or(&unknown);
            judge(line, course, rule, today);
        }
        line_record::put(&tx, tenant, &lines).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// A quotation is a question, not an order.
fn is_order(document: &DocumentRef) -> bool {
    matches!(document.kind, DocumentKind::SalesOrder | DocumentKind::Invoice)
}

fn counts(line: &SalesLine) -> bool {
    line.tracked && !line.counted_elsewhere && !line.item.is_empty()
}

fn delivered(fulfilment: &Fulfilment) -> Quantity {
    fulfilment.deliveries.iter().map(|(_, qty)| *qty).fold(Quantity::ZERO, Quantity::plus)
}

/// How the recorded allocations cover lines.
struct Covers<'a> {
    of_line: HashMap<LineKey, Vec<&'a Allocation>>,
    /// Stock that is given out, by item.
    given: HashMap<&'a str, Decimal>,
}

impl<'a> Covers<'a> {
    fn new(allocations: &'a [Allocation]) -> Self {
        let mut covers = Self { of_line: HashMap::new(), given: HashMap::new() };
        for row in allocations {
            let key = (DocumentRef::new(row.kind, row.document_id.clone()), row.line_id.clone());
            covers.of_line.entry(key).or_default().push(row);
            *covers.given.entry(&row.item_id).or_default() += row.from_stock;
        }
        covers
    }

    fn rows(&self, document: &DocumentRef, line: &str) -> &[&'a Allocation] {
        self.of_line.get(&(document.clone(), line.to_owned())).map_or(&[], Vec::as_slice)
    }

    fn is_drop_ship(&self, document: &DocumentRef, line: &str) -> bool {
        self.rows(document, line).iter().any(|row| row.drop_ship)
    }

    fn declined(&self, document: &DocumentRef, line: &str) -> bool {
        self.rows(document, line).iter().any(|row| row.not_bought > Decimal::ZERO)
    }

    /// The line as it is now. `None`: a figure of it is no quantity.
    fn seen(&self, document: &SalesDocument, line: &SalesLine) -> Option<SeenLine> {
        let (wanted, fulfilled) = (line.ordered - line.closed, line.fulfilled);
        let figure = |value: Decimal| Some(Quantity::from_decimal(value)).filter(|quantity| quantity.is_sensible());
        let rows = self.rows(&document.reference, &line.id);
        let open: Vec<&&Allocation> = rows.iter().filter(|row| row.open > Decimal::ZERO).collect();
        let short = |row: &Allocation| row.drop_ship || row.from_stock < row.open;
        let others = |row: &Allocation| {
            let given = self.given.get(row.item_id.as_str()).copied().unwrap_or_default();
            !row.drop_ship && given - row.from_stock >= row.open - row.from_stock
        };
        let is_covered = !open.iter().any(|row| short(row));
        let promised = open.iter().all(|row| row.promise.is_some());
        let delivered = fulfilled >= wanted;
        Some(SeenLine {
            wanted: figure(wanted.max(Decimal::ZERO))?,
            fulfilled: figure(fulfilled.max(Decimal::ZERO))?,
            alive: match document.status {
                DocumentStatus::Open => true,
                DocumentStatus::Closed => delivered,
                DocumentStatus::Draft | DocumentStatus::Cancelled => false,
            },
            promise: if promised { open.iter().filter_map(|row| row.promise).max() } else { None },
            need_by: line.need_by.or(document.need_by),
            covered: is_covered,
            others_hold_it: !is_covered && open.iter().filter(|row| short(row)).all(|row| others(row)),
            declined: self.declined(&document.reference, &line.id),
        })
    }
}

fn rule_text(rule: &DifotRule) -> String {
    serde_json::to_string(rule).unwrap_or_default()
}

fn judge(line: &mut RecordedLine, course: &Course, rule: &DifotRule, today: Date) {
    let mut record = line.fulfilment.record();
    record.course = Course {
        ready_on: line.fulfilment.ready_on,
        given_to_others: line.fulfilment.given_to_others,
        ..course.clone()
    };
    let counted = rule.drop_ship_counted || !line.drop_ship;
    let verdict = difot::verdict(rule, &record, today).filter(|_| counted);
    // a verdict that stands is not dated anew each day
    let since = line.judged.counts_from.filter(|from| *from <= today);
    let miss = verdict.and_then(|verdict| verdict.miss).map(|cause| cause.as_str().to_owned());
    line.judged = Judged {
        counts_from: verdict.map(|verdict| since.map_or(verdict.from, |since| since.min(verdict.from))),
        miss,
        delivered_by_due: difot::delivered_by_due(&record),
        rule: rule_text(rule),
    };
}

fn courses(bought: Vec<BoughtFor>, ground: &Ground<'_>) -> HashMap<LineKey, Course> {
    courses_in(bought, &ground.zone)
}

fn courses_in(bought: Vec<BoughtFor>, zone: &TimeZone) -> HashMap<LineKey, Course> {
    let day = |at: Option<Timestamp>| at.map(|at| at.to_zoned(zone.clone()).date());
    bought
        .into_iter()
        .map(|line| {
            let course = Course {
                asked_on: day(line.asked_at),
                decided_on: day(line.decided_at),
                bought_on: day(line.bought_at),
                vendor_due: line.vendor_due,
                received_on: line.received_on,
                ..Course::default()
            };
            ((line.document, line.line), course)
        })
        .collect()
}

/// What is still owed of a document, at its own prices.
fn open_value(document: &SalesDocument) -> OpenValue {
    let value = document
        .lines
        .iter()
        .filter(|line| counts(line))
        .map(|line| ((line.ordered - line.closed - line.fulfilled).max(Decimal::ZERO), line.unit_price))
        .filter(|(open, _)| *open > Decimal::ZERO)
        .map(|(open, price)| price?.checked_mul(open))
        .try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value?));
    OpenValue {
        kind: document.reference.kind,
        document_id: document.reference.id.clone(),
        value,
        currency: document.currency.clone(),
    }
}
