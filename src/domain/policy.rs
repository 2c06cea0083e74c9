//! The rules that a company has chosen, with the defaults of plan-format.md.
//!
//! Invariants: an absent key is its default; an unknown key is an error, because a typo must not silently change a
//! plan. A setting of the app becomes one of these before anything is planned.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::date_text;
use super::factor::Factor;
use super::name::Name;
use super::overrides::Override;
use super::quantity::Quantity;
use super::snapshot::OrderKind;
use super::snapshot::strict::strict;

/// Everything that can be chosen about a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting of its own")]
pub struct Policy {
    pub stock_scope: StockScope,
    pub count_incoming: CountIncoming,
    pub supply: SupplyRule,
    /// Goods received for a line are held for it, ahead of rank.
    pub hold_for_order: bool,
    /// Drafts of purchase orders that a person made count as incoming.
    pub count_foreign_drafts: bool,
    /// What decides between demands, first key first; number, line and component always follow.
    pub rank: Vec<RankKey>,
    /// Where the document says nothing.
    pub ship_policy: ShipPolicy,
    pub release_blocked_stock: bool,
    pub buy: Buy,
    pub vendor_choice: VendorChoice,
    pub group_by: GroupBy,
    /// False: one purchase order line per demand, each rounded apart.
    pub merge_equal_items: bool,
    pub min_qty_means: MinQtyMeans,
    pub fractional_vendor_units: bool,
    /// Stock units; a shortfall up to and including this is not bought.
    pub ignore_below: Quantity,
    /// Buy only what is needed within today + lead days + this many days.
    pub buy_ahead_days: Option<i32>,
    /// Buy again what a cancelled purchase order of ours was for.
    pub rebuy_after_cancel: bool,
    /// Kinds of documents that are bought for; the others rank after them.
    pub demand_kinds: BTreeSet<OrderKind>,
    pub base_currency: Option<Name>,
    /// Units of the base currency for one unit of the key.
    #[serde(deserialize_with = "each_once")]
    pub rates: BTreeMap<Name, Factor>,
    pub working_days: BTreeSet<WorkingDay>,
    #[serde(with = "date_text::set")]
    pub holidays: BTreeSet<Date>,
    pub overrides: Vec<Override>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            stock_scope: StockScope::OrderWarehouse,
            count_incoming: CountIncoming::InTime,
            supply: SupplyRule::Pegged,
            hold_for_order: true,
            count_foreign_drafts: false,
            rank: vec![RankKey::Priority, RankKey::NeedBy, RankKey::OrderDate, RankKey::Number],
            ship_policy: ShipPolicy::WholeOrder,
            release_blocked_stock: false,
            buy: Buy::Shortfall,
            vendor_choice: VendorChoice::Preferred,
            group_by: GroupBy::OrderAndVendor,
            merge_equal_items: true,
            min_qty_means: MinQtyMeans::Floor,
            fractional_vendor_units: false,
            ignore_below: Quantity::ZERO,
            buy_ahead_days: None,
            rebuy_after_cancel: false,
            demand_kinds: BTreeSet::from([OrderKind::SalesOrder, OrderKind::Invoice]),
            base_currency: None,
            rates: BTreeMap::new(),
            working_days: BTreeSet::from(WorkingDay::ALL),
            holidays: BTreeSet::new(),
            overrides: Vec::new(),
        }
    }
}

/// Which warehouses a demand draws on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum StockScope {
    /// The warehouse of the demand and no other.
    #[default]
    OrderWarehouse,
    /// Every warehouse, the demand's own first.
    All,
    /// The demand's own first, then these, in this order.
    Listed(Vec<Name>),
}

impl Serialize for StockScope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::OrderWarehouse => serializer.serialize_str("order_warehouse"),
            Self::All => serializer.serialize_str("all"),
            Self::Listed(warehouses) => warehouses.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for StockScope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScopeVisitor;

        impl<'de> Visitor<'de> for ScopeVisitor {
            type Value = StockScope;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"order_warehouse\", \"all\" or a list of warehouses")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<StockScope, E> {
                match text {
                    "order_warehouse" => Ok(StockScope::OrderWarehouse),
                    "all" => Ok(StockScope::All),
                    other => {
                        Err(E::custom(format_args!("not order_warehouse, all or a list of warehouses: {other:?}")))
                    }
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<StockScope, A::Error> {
                let mut warehouses = Vec::new();
                while let Some(warehouse) = list.next_element()? {
                    warehouses.push(warehouse);
                }
                Ok(StockScope::Listed(warehouses))
            }
        }

        deserializer.deserialize_any(ScopeVisitor)
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case", remote = "Self")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        strict! { choice $name }
    };
}

choice! {
    /// Which incoming goods that are not ours count.
    CountIncoming {
        /// Due by the need-by date, or no later than an order placed today with the vendor that would be chosen.
        InTime,
        /// At any date, also without one.
        Any,
        None,
    }
}
choice! {
    /// Whether purchase orders stay tied to the demands that they were raised for.
    SupplyRule { Pegged, Pooled }
}
choice! {
    /// A key of the rank.
    RankKey {
        /// High first.
        Priority,
        /// Early first, none last.
        NeedBy,
        /// Early first.
        OrderDate,
        /// Natural order of the document number.
        Number,
    }
}
choice! {
    /// What of a document may go before all of it can.
    ShipPolicy { WholeOrder, EachLine, AnyPart }
}
choice! {
    /// What is bought.
    Buy { Shortfall, Nothing }
}
choice! {
    /// Which of an item's vendors is chosen.
    VendorChoice {
        /// By the host's rank, then by name.
        Preferred,
        /// By price of one stock unit in the base currency.
        Cheapest,
        Earliest,
        /// The first by rank that is on time, else the earliest.
        OnTimeElseEarliest,
    }
}
choice! {
    /// What goes into one purchase order.
    GroupBy { OrderAndVendor, Vendor, Line }
}
choice! {
    /// How a vendor's minimum is meant.
    MinQtyMeans {
        /// Less is raised to it.
        Floor,
        /// The vendor is passed over for less; nothing is raised.
        PriceThreshold,
    }
}
choice! {
    /// A day of the week on which goods are received.
    WorkingDay { Mon, Tue, Wed, Thu, Fri, Sat, Sun }
}

impl WorkingDay {
    pub const ALL: [Self; 7] = [Self::Mon, Self::Tue, Self::Wed, Self::Thu, Self::Fri, Self::Sat, Self::Sun];
}

strict! { object Policy }

/// An object in which no key is there twice.
fn each_once<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Name, Factor>, D::Error> {
    struct RatesVisitor;

    impl<'de> Visitor<'de> for RatesVisitor {
        type Value = BTreeMap<Name, Factor>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut rates = BTreeMap::new();
            while let Some((currency, rate)) = map.next_entry::<Name, Factor>()? {
                if rates.insert(currency.clone(), rate).is_some() {
                    return Err(de::Error::custom(format_args!("{:?} is there twice", currency.as_str())));
                }
            }
            Ok(rates)
        }
    }

    deserializer.deserialize_map(RatesVisitor)
}
