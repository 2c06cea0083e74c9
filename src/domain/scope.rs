//! What holds for one vendor, customer or item in place of what holds for all.
//!
//! Invariants: the most particular that says something wins: item, then customer, then vendor, then the company; for a
//! purchase order of several lines the most careful of theirs holds.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::DocumentRef;
use super::name::Name;
use super::overrides::Override;
use super::policy::{Buy, CountIncoming, GroupBy, MinQtyMeans, Policy, ShipPolicy, SupplyRule, VendorChoice};
use super::proposal::{Proposal, PurchaseOption};
use super::quantity::Quantity;
use super::settings::{DropShipment, Mode, Settings};

/// What an override is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScopeOf {
    Vendor,
    Customer,
    Item,
}

impl ScopeOf {
    pub const ALL: [Self; 3] = [Self::Vendor, Self::Customer, Self::Item];

    /// The stable name, as stored and in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vendor => "vendor",
            Self::Customer => "customer",
            Self::Item => "item",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|of| of.as_str() == name)
    }
}

/// What holds for one of them; None: what holds without it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    pub of: ScopeOf,
    /// The host's id.
    pub id: String,
    /// As people call it.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub mode: Option<Mode>,
    #[serde(default)]
    pub issue: Option<bool>,
    /// In the base currency.
    #[serde(default)]
    pub ask_above: Option<Decimal>,
    #[serde(default)]
    pub vendor_choice: Option<VendorChoice>,
    #[serde(default)]
    pub ship_policy: Option<ShipPolicy>,
    #[serde(default)]
    pub drop_shipment: Option<DropShipment>,
    #[serde(default)]
    pub buy: Option<Buy>,
    /// Stock units; a shortfall up to and including this is not bought.
    #[serde(default)]
    pub ignore_below: Option<Quantity>,
    #[serde(default)]
    pub buy_ahead_days: Option<i32>,
    /// Of an item only: stock units of each warehouse that count as held back.
    #[serde(default)]
    pub safety_stock: Option<Decimal>,
    #[serde(default)]
    pub count_incoming: Option<CountIncoming>,
    #[serde(default)]
    pub count_foreign_drafts: Option<bool>,
    #[serde(default)]
    pub supply: Option<SupplyRule>,
    #[serde(default)]
    pub hold_for_order: Option<bool>,
    #[serde(default)]
    pub group_by: Option<GroupBy>,
    /// Of a vendor only, as are its approvers and when they are asked: a purchase order has one vendor.
    #[serde(default)]
    pub wait_minutes: Option<u32>,
    #[serde(default)]
    pub merge_equal_items: Option<bool>,
    #[serde(default)]
    pub min_qty_means: Option<MinQtyMeans>,
    #[serde(default)]
    pub fractional_vendor_units: Option<bool>,
    #[serde(default)]
    pub rebuy_after_cancel: Option<bool>,
    #[serde(default)]
    pub approver_emails: Option<Vec<String>>,
    #[serde(default)]
    pub escalate_hours: Option<u32>,
    #[serde(default)]
    pub buyer_emails: Option<Vec<String>>,
    /// Of a customer only: who hears of its orders where the host names no owner.
    #[serde(default)]
    pub seller_emails: Option<Vec<String>>,
}

impl Scope {
    #[must_use]
    pub fn new(of: ScopeOf, id: &str, name: &str) -> Self {
        Self {
            of,
            id: id.to_owned(),
            name: name.to_owned(),
            mode: None,
            issue: None,
            ask_above: None,
            vendor_choice: None,
            ship_policy: None,
            drop_shipment: None,
            buy: None,
            ignore_below: None,
            buy_ahead_days: None,
            safety_stock: None,
            count_incoming: None,
            count_foreign_drafts: None,
            supply: None,
            hold_for_order: None,
            group_by: None,
            wait_minutes: None,
            merge_equal_items: None,
            min_qty_means: None,
            fractional_vendor_units: None,
            rebuy_after_cancel: None,
            approver_emails: None,
            escalate_hours: None,
            buyer_emails: None,
            seller_emails: None,
        }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::new(self.of, &self.id, &self.name)
    }
}

/// Whom a demand concerns.
#[derive(Debug, Clone, Copy, Default)]
pub struct Concerns<'a> {
    pub vendor: Option<&'a str>,
    pub customer: Option<&'a str>,
    pub item: Option<&'a str>,
}

/// What holds for one purchase order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Holds {
    pub mode: Mode,
    pub issue: bool,
    pub ask_above: Option<Decimal>,
}

impl Proposal {
    /// Whom one of its ways concerns, for each demand that it is for.
    pub fn concerns<'p>(&'p self, option: &'p PurchaseOption) -> impl Iterator<Item = Concerns<'p>> {
        let customer = |reference: &DocumentRef| {
            let document = self.documents.iter().find(|document| document.reference == *reference);
            document.map(|document| document.customer_id.as_str()).filter(|id| !id.is_empty())
        };
        let demands = option.lines.iter().flat_map(|line| line.pegs.iter().map(move |peg| (line, peg)));
        demands.map(move |(line, peg)| Concerns {
            vendor: Some(&option.vendor.id),
            customer: customer(&peg.document),
            item: Some(&line.item),
        })
    }
}

impl Settings {
    /// What the most particular scope says about these, if one does.
    pub fn particular<T>(&self, concerns: Concerns<'_>, said: impl Fn(&Scope) -> Option<T>) -> Option<T> {
        let id = |of| match of {
            ScopeOf::Vendor => concerns.vendor,
            ScopeOf::Customer => concerns.customer,
            ScopeOf::Item => concerns.item,
        };
        let fitting = self.scopes.iter().filter(|scope| id(scope.of) == Some(scope.id.as_str()));
        fitting.filter_map(|scope| Some((scope.of, said(scope)?))).max_by_key(|(of, _)| *of).map(|(_, value)| value)
    }

    /// The planner's rules, with what the scopes say to it.
    #[must_use]
    pub fn planner_policy(&self) -> Policy {
        let mut policy = self.policy.clone();
        let told = self.scopes.iter().filter_map(|scope| {
            let rule = Override {
                vendor: None,
                customer: None,
                item: None,
                vendor_choice: scope.vendor_choice,
                ship_policy: scope.ship_policy,
                buy: scope.buy,
                ignore_below: scope.ignore_below,
                buy_ahead_days: scope.buy_ahead_days,
                count_incoming: scope.count_incoming,
                count_foreign_drafts: scope.count_foreign_drafts,
                supply: scope.supply,
                hold_for_order: scope.hold_for_order,
                group_by: scope.group_by,
                merge_equal_items: scope.merge_equal_items,
                min_qty_means: scope.min_qty_means,
                fractional_vendor_units: scope.fractional_vendor_units,
                rebuy_after_cancel: scope.rebuy_after_cancel,
            };
            let says_something = rule != Override::default();
            let id = Some(Name::from(scope.id.as_str()));
            says_something.then_some(match scope.of {
                ScopeOf::Vendor => Override { vendor: id, ..rule },
                ScopeOf::Customer => Override { customer: id, ..rule },
                ScopeOf::Item => Override { item: id, ..rule },
            })
        });
        policy.overrides.extend(told);
        policy
    }

    /// Who approves what is above the limit of a purchase order of this vendor. None: anybody who may decide at all.
    #[must_use]
    pub fn approvers(&self, vendor: &str) -> &[String] {
        self.of_vendor(vendor, |scope| scope.approver_emails.as_ref()).unwrap_or(&self.approver_emails)
    }

    /// Hours after which an undecided purchase order of this vendor is put to the approvers as well. 0: never.
    #[must_use]
    pub fn escalate_after(&self, vendor: &str) -> u32 {
        self.of_vendor(vendor, |scope| scope.escalate_hours.as_ref()).copied().unwrap_or(self.escalate_hours)
    }

    /// Minutes for which a purchase order of this vendor waits for more.
    #[must_use]
    pub fn waits(&self, vendor: &str) -> u32 {
        self.of_vendor(vendor, |scope| scope.wait_minutes.as_ref()).copied().unwrap_or(self.wait_minutes)
    }

    fn of_vendor<'s, T>(&'s self, vendor: &str, said: impl Fn(&'s Scope) -> Option<&'s T>) -> Option<&'s T> {
        self.scopes.iter().filter(|scope| scope.of == ScopeOf::Vendor && scope.id == vendor).find_map(said)
    }

    /// Who decides about what concerns these, each once; of several that differ, all of theirs.
    #[must_use]
    pub fn buyers<'c>(&self, concerns: impl IntoIterator<Item = Concerns<'c>>) -> BTreeSet<String> {
        let mut concerns = concerns.into_iter().peekable();
        if concerns.peek().is_none() {
            return self.buyer_emails.iter().cloned().collect();
        }
        let of_one = |one| self.particular(one, |scope| scope.buyer_emails.clone());
        concerns.flat_map(|one| of_one(one).unwrap_or_else(|| self.buyer_emails.clone())).collect()
    }

    /// Who hears of this customer's orders where the host names no owner.
    #[must_use]
    pub fn sellers(&self, customer: Option<&str>) -> Vec<String> {
        let own = self.particular(Concerns { customer, ..Concerns::default() }, |scope| scope.seller_emails.clone());
        own.unwrap_or_else(|| self.seller_emails.clone())
    }

    /// Whether parts of this vendor's unit may be ordered of this item.
    #[must_use]
    pub fn parts_of_units(&self, vendor: &str, item: &str) -> bool {
        let concerns = Concerns { vendor: Some(vendor), item: Some(item), ..Concerns::default() };
        let own = self.particular(concerns, |scope| scope.fractional_vendor_units);
        own.unwrap_or(self.policy.fractional_vendor_units)
    }

    /// What holds for one way to buy a proposal.
    #[must_use]
    pub fn holds(&self, proposal: &Proposal, option: usize) -> Holds {
        let whole = Holds { mode: self.mode, issue: self.issue, ask_above: self.ask_above };
        let Some(option) = proposal.options.get(option).filter(|_| !self.scopes.is_empty()) else { return whole };
        proposal
            .concerns(option)
            .map(|concerns| Holds {
                mode: self.particular(concerns, |scope| scope.mode).unwrap_or(self.mode),
                issue: self.particular(concerns, |scope| scope.issue).unwrap_or(self.issue),
                ask_above: self.particular(concerns, |scope| scope.ask_above).or(self.ask_above),
            })
            .reduce(|one, other| Holds {
                mode: one.mode.min(other.mode),
                issue: one.issue && other.issue,
                ask_above: match (one.ask_above, other.ask_above) {
                    (Some(one), Some(other)) => Some(one.min(other)),
                    (one, other) => one.or(other),
                },
            })
            .unwrap_or(whole)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocumentKind;
    use crate::domain::proposal::{OptionLine, ProposalDocument, ProposedPeg, PurchaseOption};
    use crate::domain::sales_document::Party;

    fn proposal(items: &[&str]) -> Proposal {
        let reference = DocumentRef::new(DocumentKind::SalesOrder, "SO-1");
        let line = |item: &&str| OptionLine {
            item: (*item).to_owned(),
            sku: String::new(),
            name: String::new(),
            quantity: 1.into(),
            unit: None,
            stock_quantity: 1.into(),
            price: None,
            price_note: None,
            expected: jiff::civil::date(2026, 12, 3),
            surplus: 0.into(),
            why: String::new(),
            pegs: vec![ProposedPeg {
                document: reference.clone(),
                line: "1".to_owned(),
                component: String::new(),
                quantity: 1.into(),
                wanted: 1.into(),
            }],
        };
        Proposal {
            documents: vec![ProposalDocument {
                reference: reference.clone(),
                number: "SO-1".to_owned(),
                customer: "Customer".to_owned(),
                customer_id: "C".to_owned(),
            }],
            options: vec![PurchaseOption {
                vendor: Party { id: "V".to_owned(), name: "Vendor".to_owned() },
                warehouse: None,
                ship_to: None,
                currency: None,
                total: None,
                expected: jiff::civil::date(2026, 12, 3),
                lines: items.iter().map(line).collect(),
            }],
            basis: String::new(),
            limit: None,
        }
    }

    fn of(of: ScopeOf, id: &str, mode: Option<Mode>, ask_above: Option<i64>) -> Scope {
        Scope { mode, ask_above: ask_above.map(Decimal::from), ..Scope::new(of, id, "") }
    }

    #[test]
    fn the_most_particular_that_says_something_wins_and_of_several_lines_the_most_careful() {
        let mut settings = Settings { mode: Mode::Ask, issue: true, ..Settings::default() };
        assert_eq!(settings.holds(&proposal(&["A"]), 0), Holds { mode: Mode::Ask, issue: true, ask_above: None });
        settings.scopes = vec![
            of(ScopeOf::Item, "A", None, Some(10)),
            of(ScopeOf::Customer, "C", Some(Mode::Automatic), None),
            of(ScopeOf::Vendor, "V", Some(Mode::Watch), Some(99)),
            of(ScopeOf::Item, "B", Some(Mode::Watch), None),
        ];
        let holds = settings.holds(&proposal(&["A"]), 0);
        assert_eq!((holds.mode, holds.ask_above), (Mode::Automatic, Some(10.into())));
        let holds = settings.holds(&proposal(&["A", "B"]), 0);
        assert_eq!((holds.mode, holds.ask_above), (Mode::Watch, Some(10.into())));
    }

    #[test]
    fn the_planner_hears_only_what_concerns_it() {
        let scopes = vec![
            of(ScopeOf::Item, "A", Some(Mode::Ask), None),
            Scope { vendor_choice: Some(VendorChoice::Earliest), ..Scope::new(ScopeOf::Customer, "C", "") },
        ];
        let settings = Settings { scopes, ..Settings::default() };
        let overrides = settings.planner_policy().overrides;
        assert_eq!(overrides.len(), 1);
        assert_eq!(overrides[0].customer, Some(Name::from("C")));
        assert_eq!(overrides[0].vendor_choice, Some(VendorChoice::Earliest));
    }

    #[test]
    fn each_rule_of_a_scope_reaches_the_planner_also_alone() {
        let blank = || Scope::new(ScopeOf::Item, "A", "");
        for scope in [
            Scope { vendor_choice: Some(VendorChoice::Earliest), ..blank() },
            Scope { ship_policy: Some(ShipPolicy::AnyPart), ..blank() },
            Scope { buy: Some(Buy::Nothing), ..blank() },
            Scope { ignore_below: Some(Quantity::ONE), ..blank() },
            Scope { buy_ahead_days: Some(3), ..blank() },
        ] {
            let settings = Settings { scopes: vec![scope.clone()], ..Settings::default() };
            assert_eq!(settings.planner_policy().overrides.len(), 1, "{scope:?}");
        }
    }

    #[test]
    fn an_order_is_confirmed_by_us_only_if_that_holds_for_all_its_lines() {
        let mut settings = Settings { issue: true, ..Settings::default() };
        settings.scopes = vec![Scope { issue: Some(false), ..Scope::new(ScopeOf::Item, "B", "") }];
        let issue = |items: &[&str]| settings.holds(&proposal(items), 0).issue;
        assert_eq!([issue(&["A"]), issue(&["B"]), issue(&["A", "B"]), issue(&["B", "A"])], [true, false, false, false]);
    }

    #[test]
    fn parts_of_units_are_sold_by_whom_and_of_what_the_most_particular_says() {
        let of = |of, id, sold| Scope { fractional_vendor_units: Some(sold), ..Scope::new(of, id, "") };
        let mut settings = Settings::default();
        assert!(!settings.parts_of_units("V", "A"));
        settings.scopes = vec![of(ScopeOf::Vendor, "V", true), of(ScopeOf::Item, "A", false)];
        assert!(settings.parts_of_units("V", "B") && !settings.parts_of_units("V", "A"));
        assert!(!settings.parts_of_units("W", "B"));
    }

    #[test]
    fn the_planner_hears_whom_a_rule_is_for() {
        for of in ScopeOf::ALL {
            let scopes = vec![Scope { buy: Some(Buy::Nothing), ..Scope::new(of, "ID", "") }];
            let rule = Settings { scopes, ..Settings::default() }.planner_policy().overrides.remove(0);
            let named = [rule.vendor, rule.customer, rule.item].map(|name| name == Some(Name::from("ID")));
            assert_eq!(named, ScopeOf::ALL.map(|other| other == of), "{of:?}");
        }
    }
}
