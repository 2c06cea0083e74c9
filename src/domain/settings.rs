//! What a company decides about how the app works for it.
//!
//! Invariants: every field has a default that is safe for somebody who never opens the page; unknown keys are
//! refused; nothing switches by itself (domain.md section 6, modes).

use jiff::{SignedDuration, Timestamp};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::alerts::Alerts;
use super::customer_mail::CustomerMail;
use super::difot::DifotRule;
use super::language::{DateForm, Language, NumberForm};
use super::notice::NoticeEvent;
use super::policy::{GroupBy, Policy};
use super::sales_document::{DocumentStatus, SalesDocument};
use super::scope::Scope;

/// How much the app does by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Plans and tells what it would do; does nothing.
    #[default]
    Watch,
    /// Asks before each purchase order.
    Ask,
    /// Buys by itself within the limits.
    Automatic,
}

impl Mode {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Watch => "watch",
            Self::Ask => "ask",
            Self::Automatic => "automatic",
        }
    }
}

/// Which lines are shipped by their vendor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DropShipment {
    /// None.
    Off,
    /// Those whose line or item says so.
    #[default]
    AsMarked,
    /// Those, and a person decides each time.
    Ask,
}

/// A tenant's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    pub mode: Mode,
    /// Nothing is read, planned or sent while it is on; events are kept.
    pub paused: bool,
    /// The planner's rules.
    pub policy: Policy,
    pub drop_shipment: DropShipment,
    /// Minutes for which a purchase order of a vendor waits for more, where it takes several orders together. 0: none.
    pub wait_minutes: u32,
    /// Warehouses whose stock counts as 0.
    pub warehouses_left_out: Vec<String>,
    /// Statuses by the host's own words: what has one of them is left alone as a draft is.
    pub statuses_left_out: Vec<String>,
    /// Stock units of each item in each warehouse that count as held back.
    pub safety_stock: Decimal,
    /// Issue purchase orders; else they stay drafts in the host.
    pub issue: bool,
    /// In the base currency: a purchase order above it is asked even in Automatic. None: no limit.
    pub ask_above: Option<Decimal>,
    /// Who approves what is above `ask_above`. Empty: anybody who may decide at all.
    pub approver_emails: Vec<String>,
    /// Hours after which an undecided purchase order is put to the approvers as well. 0: never.
    pub escalate_hours: u32,
    /// Purchase orders that Automatic may make in a day; more are asked.
    pub daily_orders: u32,
    /// What they may come to in a day, in the base currency; more is asked. None: any.
    pub daily_value: Option<Decimal>,
    /// Hours for which an approval link in a mail works.
    pub link_hours: u32,
    /// Approve from the mail; else the mail only links to the app.
    pub mail_approval: bool,
    /// Who decides what is bought.
    pub buyer_emails: Vec<String>,
    /// Who hears of orders whose owner the host does not name.
    pub seller_emails: Vec<String>,
    /// News that nobody is mailed about.
    pub silent: Vec<NoticeEvent>,
    /// The language of pages and mails for people who have not chosen one. None: what their browser asks for.
    pub language: Option<Language>,
    /// How dates are written. None: as readers of the language expect.
    pub dates: Option<DateForm>,
    /// How figures are written and read. None: as readers of the language expect.
    pub numbers: Option<NumberForm>,
    /// Who is told what, by which way and when.
    pub alerts: Alerts,
    /// What goes to customers.
    pub customer_mail: CustomerMail,
    /// What counts as delivered in full and on time.
    pub difot: DifotRule,
    /// Days for which finished orders are kept with all that belongs to them. None, or longer than the operator keeps
    /// them: as long as the operator does.
    pub keep_days: Option<u32>,
    /// What differs for one vendor, customer or item.
    pub scopes: Vec<Scope>,
}

impl Settings {
    /// Takes the demand from an open document whose status in the host is left out: it counts as a draft.
    pub fn leave_out(&self, document: &mut SalesDocument) {
        let status = document.host_status.as_deref().map(str::to_lowercase);
        let is_left_out = |status: String| self.statuses_left_out.iter().any(|out| out.to_lowercase() == status);
        if document.status == DocumentStatus::Open && status.is_some_and(is_left_out) {
            document.status = DocumentStatus::Draft;
        }
    }

    /// Until when a purchase order of this vendor, put together so, waits for more: it is planned now for the first time,
    /// or waits `until` then already. None: it does not wait.
    #[must_use]
    pub fn gathers(
        &self,
        (group_by, vendor): (GroupBy, &str),
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let wait = SignedDuration::from_mins(i64::from(self.waits(vendor)));
        let until = until.unwrap_or(now + wait);
        (group_by == GroupBy::Vendor && !wait.is_zero() && until > now).then_some(until)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            paused: false,
            policy: Policy::default(),
            drop_shipment: DropShipment::default(),
            wait_minutes: 0,
            warehouses_left_out: Vec::new(),
            statuses_left_out: Vec::new(),
            safety_stock: Decimal::ZERO,
            issue: false,
            ask_above: None,
            approver_emails: Vec::new(),
            escalate_hours: 0,
            daily_orders: 50,
            daily_value: None,
            link_hours: 72,
            mail_approval: true,
            buyer_emails: Vec::new(),
            seller_emails: Vec::new(),
            silent: Vec::new(),
            language: None,
            dates: None,
            numbers: None,
            alerts: Alerts::default(),
            customer_mail: CustomerMail::default(),
            difot: DifotRule::default(),
            keep_days: None,
            scopes: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DocumentKind, DocumentRef};

    #[test]
    fn an_open_document_whose_status_is_left_out_counts_as_a_draft() {
        let settings = Settings { statuses_left_out: vec!["On Hold".into()], ..Settings::default() };
        let after = |status: DocumentStatus, host_status: Option<&str>| {
            let reference = DocumentRef::new(DocumentKind::Invoice, "7");
            let blank = SalesDocument::blank(reference, "INV-7", jiff::civil::date(2026, 1, 5));
            let mut document = SalesDocument { status, host_status: host_status.map(str::to_owned), ..blank };
            settings.leave_out(&mut document);
            document.status
        };
        assert_eq!(after(DocumentStatus::Open, Some("ON HOLD")), DocumentStatus::Draft);
        assert_eq!(after(DocumentStatus::Open, Some("Released")), DocumentStatus::Open);
        assert_eq!(after(DocumentStatus::Open, None), DocumentStatus::Open);
        assert_eq!(after(DocumentStatus::Closed, Some("On Hold")), DocumentStatus::Closed);
    }
}
