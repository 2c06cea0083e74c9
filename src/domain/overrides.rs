//! What holds for one vendor, customer or item in place of the company's rule.
//!
//! Invariants: the most particular override that says something wins: item, then customer, then vendor; of equally
//! particular ones the first. A rule can only be said of those whom it is decided by: what becomes of goods on their way
//! and of a vendor's terms is decided before anybody knows the customer, what is held for an order knows no vendor, and
//! whether supply is pooled is decided for an item as a whole.
//!
//! What is nobody's own: `rank`, `release_blocked_stock` and `demand_kinds` set all documents of the company in one
//! order, `stock_scope` says what it moves between its warehouses, working days and holidays are those on which it
//! receives goods, and currency and rates are of its books.

use serde::{Deserialize, Serialize};

use super::name::Name;
use super::policy::{Buy, CountIncoming, GroupBy, MinQtyMeans, Policy, ShipPolicy, SupplyRule, VendorChoice};
use super::quantity::Quantity;
use super::snapshot::strict::strict;

/// A choice for one vendor, customer or item.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, remote = "Self")]
pub struct Override {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_choice: Option<VendorChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_policy: Option<ShipPolicy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buy: Option<Buy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ignore_below: Option<Quantity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buy_ahead_days: Option<i32>,
    /// The vendor is whom the goods come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_incoming: Option<CountIncoming>,
    /// The vendor is whom the goods come from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count_foreign_drafts: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub supply: Option<SupplyRule>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_for_order: Option<bool>,
    /// The vendor is the one that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_by: Option<GroupBy>,
    /// The vendor is the one that was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merge_equal_items: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_qty_means: Option<MinQtyMeans>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fractional_vendor_units: Option<bool>,
    /// The vendor is the one whose purchase order was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rebuy_after_cancel: Option<bool>,
}

strict! { object Override }

/// Whom something concerns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Concerned<'a> {
    pub vendor: Option<&'a Name>,
    pub customer: Option<&'a Name>,
    pub item: Option<&'a Name>,
    /// What the item is a part of: what is said of a kit holds for its components.
    pub kit: Option<&'a Name>,
}

impl Policy {
    /// What the most particular override that fits says.
    pub fn particular<T>(&self, concerned: Concerned<'_>, said: impl Fn(&Override) -> Option<T>) -> Option<T> {
        let fits = |wanted: Option<&Name>, actual: Option<&Name>| wanted.is_none() || wanted == actual;
        self.overrides
            .iter()
            .filter_map(|rule| Some((rule, said(rule)?)))
            .filter(|(rule, _)| {
                let item = rule.item.as_ref();
                (fits(item, concerned.item) || item == concerned.kit)
                    && fits(rule.customer.as_ref(), concerned.customer)
                    && fits(rule.vendor.as_ref(), concerned.vendor)
            })
            .map(|(rule, said)| ((rule.item.is_some(), rule.customer.is_some(), rule.vendor.is_some()), said))
            // The first of equally particular ones.
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, said)| said)
    }
}

impl Override {
    /// The first key that nobody decides by those whom this is for, and by whom it is decided.
    #[must_use]
    pub fn misplaced(&self) -> Option<(&'static str, &'static str)> {
        let (vendor, customer) = (self.vendor.is_some(), self.customer.is_some());
        [
            ("count_incoming", self.count_incoming.is_some() && customer, "vendor or item"),
            ("count_foreign_drafts", self.count_foreign_drafts.is_some() && customer, "vendor or item"),
            ("supply", self.supply.is_some() && (customer || vendor), "item"),
            ("hold_for_order", self.hold_for_order.is_some() && vendor, "customer or item"),
            ("min_qty_means", self.min_qty_means.is_some() && customer, "vendor or item"),
            ("fractional_vendor_units", self.fractional_vendor_units.is_some() && customer, "vendor or item"),
        ]
        .into_iter()
        .find_map(|(key, is_misplaced, by)| is_misplaced.then_some((key, by)))
    }
}
