//! The model: a store that commits, rolls back or leaves it unknown; a host that fails, is late and lags; a mailbox.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use backorders::domain::backorder::Recorded;
use backorders::domain::purchase_order::{
    NewPurchaseLine, NewPurchaseOrder, PurchaseLine, PurchaseOrder, PurchaseState,
};
use backorders::domain::sales_document::Party;
use jiff::Timestamp;
use rust_decimal::Decimal;

/// The longest call to the host.
pub(crate) const CALL: Duration = Duration::from_secs(30);
/// The host may work on a request this long after its caller gave up: less than the quarantine.
pub(crate) const HOST_LIMIT: i64 = 120;
pub(crate) const QUARANTINE: Duration = Duration::from_secs(150);
pub(crate) const LEASE: Duration = Duration::from_secs(45);
/// A lease is renewed this often, in seconds.
pub(crate) const BEAT: i64 = 15;
pub(crate) const MARGIN: Duration = Duration::from_secs(5);
/// A transaction that does nothing for that long is ended, in seconds.
pub(crate) const IDLE_LIMIT: i64 = 10;
/// A server may work on a mail this long after it was cut.
pub(crate) const MAIL_WAIT: Duration = Duration::from_secs(600);

/// A mistake that is made on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bug {
    /// A worker writes although another has taken over.
    NoFence,
    /// An unknown outcome is looked up at once.
    NoQuarantine,
    /// The call leaves before `sending` is committed.
    CallBeforeSending,
    /// An unknown outcome is sent again without looking.
    NoLookup,
    /// What was made is issued at once, without looking whether it is the only one.
    IssueAtOnce,
    /// A document is done up to the newest change, not up to the one that was read.
    SeenNewest,
    /// A document is done before its plan is committed.
    SeenFirst,
    /// Only what the host lists counts as ordered.
    SupplyFromListOnly,
    /// A worker that was held up calls although its lease is over.
    NoRecheck,
    /// An error of the server counts as "certainly not done".
    ErrorMeansNotDone,
    /// Each try of a mail has an id of its own.
    FreshMessageId,
    /// A mail counts as sent before it is.
    MailSentFirst,
    /// What an answer came to is written while a replan reads.
    SettleWithoutLock,
    /// A delivery is answered with 200 whether or not it was committed.
    AckBeforeCommit,
}

impl Bug {
    pub(crate) const ALL: [Self; 14] = [
        Self::NoFence,
        Self::NoQuarantine,
        Self::CallBeforeSending,
        Self::NoLookup,
        Self::IssueAtOnce,
        Self::SeenNewest,
        Self::SeenFirst,
        Self::SupplyFromListOnly,
        Self::NoRecheck,
        Self::ErrorMeansNotDone,
        Self::FreshMessageId,
        Self::MailSentFirst,
        Self::SettleWithoutLock,
        Self::AckBeforeCommit,
    ];
}

/// `SplitMix64`: all chance of a run comes from its seed.
#[derive(Debug)]
pub(crate) struct Chance(pub u64);

impl Chance {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    pub(crate) fn one_in(&mut self, most: u64) -> bool {
        self.below(most) == 0
    }

    pub(crate) fn seconds(&mut self, most: i64) -> i64 {
        i64::try_from(self.below(most.unsigned_abs().max(1))).unwrap()
    }
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

pub(crate) fn second(at: Timestamp) -> i64 {
    at.as_second() - 1_700_000_000
}

/// A row that is claimed under a lease with a fence.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Claimable {
    pub due: i64,
    pub lease_until: Option<i64>,
    pub fence: i64,
    pub attempt: i32,
}

impl Claimable {
    pub(crate) fn is_free(&self, now: i64) -> bool {
        self.due <= now && self.lease_until.is_none_or(|until| until < now)
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    pub row: Claimable,
    pub changed: i64,
    pub seen: i64,
    /// What the last plan knew: needed, received.
    pub planned: (i64, i64),
    /// Deliveries about it that were committed.
    pub kept: u64,
    pub backorder: Option<Recorded>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Intent {
    pub row: Claimable,
    pub state: &'static str,
    pub document: usize,
    pub quantity: i64,
    pub created: i64,
    pub sent: Option<i64>,
    /// How often.
    pub sends: i32,
    pub bound: Option<usize>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mail {
    pub row: Claimable,
    pub state: &'static str,
    pub key: String,
}

/// Our database.
#[derive(Debug, Default)]
pub(crate) struct Store {
    pub documents: Vec<Document>,
    pub intents: Vec<Intent>,
    pub mails: Vec<Mail>,
    /// The purchase orders that were read, by their number in the host.
    pub mirror: BTreeSet<usize>,
    /// The tenant's row, which a replan holds from its first read to its commit: by whom, since when.
    pub lock: Option<(usize, i64)>,
}

impl Store {
    /// Whether a transaction of somebody else holds the tenant's row. One that sleeps is ended.
    pub(crate) fn is_locked(&self, worker: usize, now: i64) -> bool {
        self.lock.is_some_and(|(by, since)| by != worker && now - since <= IDLE_LIMIT)
    }
}

/// A purchase order in the host.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub marker: usize,
    pub quantity: i64,
    pub state: PurchaseState,
    pub received: bool,
    /// The list shows it from then on.
    pub listed_from: i64,
}

/// The host: the truth.
#[derive(Debug, Default)]
pub(crate) struct Host {
    /// What each document needs beyond stock.
    pub needed: Vec<i64>,
    pub orders: Vec<Order>,
    /// Requests that it still works on: when they are done, for which intent.
    pub late: Vec<(i64, usize, i64)>,
    /// Message-IDs by key, as the mailbox has them.
    pub mailbox: BTreeMap<String, Vec<String>>,
}

impl Host {
    pub(crate) fn make(&mut self, marker: usize, quantity: i64, listed_from: i64) -> usize {
        let state = PurchaseState::Draft;
        self.orders.push(Order { marker, quantity, state, received: false, listed_from });
        self.orders.len() - 1
    }

    pub(crate) fn finish_late(&mut self, now: i64) {
        let (done, late) = std::mem::take(&mut self.late).into_iter().partition(|(at, ..)| *at <= now);
        self.late = late;
        for (at, marker, quantity) in done {
            self.make(marker, quantity, at);
        }
    }

    pub(crate) fn order(&self, id: usize) -> PurchaseOrder {
        let order = &self.orders[id];
        order_of(id, order)
    }

    pub(crate) fn by_marker(&self, marker: usize, now: i64) -> Vec<PurchaseOrder> {
        let listed = |order: &&(usize, &Order)| order.1.marker == marker && order.1.listed_from <= now;
        self.orders
            .iter()
            .enumerate()
            .collect::<Vec<_>>()
            .iter()
            .filter(listed)
            .map(|(id, o)| order_of(*id, o))
            .collect()
    }

    pub(crate) fn live(&self, marker: usize) -> usize {
        self.orders.iter().filter(|order| order.marker == marker && order.state != PurchaseState::Cancelled).count()
    }

    pub(crate) fn confirmed(&self, marker: usize) -> usize {
        self.orders.iter().filter(|order| order.marker == marker && order.state == PurchaseState::Confirmed).count()
    }
}

fn order_of(id: usize, order: &Order) -> PurchaseOrder {
    PurchaseOrder {
        id: id.to_string(),
        number: id.to_string(),
        state: order.state,
        vendor: vendor(),
        marker: Some(order.marker.to_string()),
        drop_ship: false,
        ship_to: None,
        currency: None,
        expected: None,
        url: None,
        lines: vec![PurchaseLine {
            id: "1".into(),
            item: "I".into(),
            warehouse: None,
            ordered: exactly(order.quantity),
            received: Decimal::ZERO,
            closed: Decimal::ZERO,
            due: None,
            unit_price: None,
            pegs: Vec::new(),
        }],
    }
}

/// Quantities are counted in thousandths.
pub(crate) fn exactly(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, 3)
}

fn vendor() -> Party {
    Party { id: "V".into(), name: "V".into() }
}

/// What an intent asks for.
pub(crate) fn asked_for(marker: usize, quantity: i64) -> NewPurchaseOrder {
    NewPurchaseOrder {
        marker: marker.to_string(),
        vendor: vendor(),
        currency: None,
        warehouse: None,
        ship_to: None,
        date: jiff::civil::date(2026, 11, 23),
        expected: None,
        links: Vec::new(),
        lines: vec![NewPurchaseLine {
            item: "I".into(),
            description: String::new(),
            quantity: exactly(quantity),
            unit: None,
            stock_quantity: exactly(quantity),
            unit_price: None,
            expected: None,
            why: String::new(),
        }],
        note: String::new(),
    }
}
