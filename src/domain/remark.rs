//! What a person is told beside the figures: why something is short and not asked, or why it is told at all.
//!
//! Invariant: a kind with the names that it is about, worded where it is shown; kept with what it was told of.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::limit::Limit;
use super::problem::Problem;

/// One such thing. Vendors and purchase orders are named as people know them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Remark {
    /// Nobody sells it; `named`: the line names somebody who does not, or is blocked.
    NoVendor {
        named: Option<String>,
    },
    /// No vendor delivers the very quantity of a drop shipment.
    DropShipQuantity,
    /// A drop shipment without an address.
    NoShipTo,
    NoUnitFactor {
        vendor: String,
    },
    /// The vendor's terms cannot be right: as the planner says it.
    BadVendor {
        vendor: String,
        detail: String,
    },
    /// A figure of the host cannot be right: as the planner says it.
    BadQuantity {
        detail: String,
    },
    /// The vendor could not be compared.
    NoRate {
        vendor: String,
    },
    /// A purchase order of ours was cancelled; what it was for is not bought again by itself.
    PoCancelled {
        order: String,
    },
    /// The host refused our purchase order for it.
    PoRefused,
    /// The mode is Watch.
    Watched,
    /// Documents of its kind are not bought for, or nothing is.
    NotBoughtFor,
    /// It is not more than the settings ignore.
    TooLittle {
        most: Decimal,
    },
    /// It is needed later than the settings buy ahead: bought from that day on.
    NotBefore {
        date: Date,
    },
    /// It waits to be ordered with more of the same vendor.
    Gathers,
    /// Why Automatic asks.
    Limit {
        limit: Limit,
    },
    /// Somebody wants another to decide.
    AskedBy {
        person: String,
    },
    WaitedHours {
        hours: u32,
    },
    /// Two purchase orders carry one mark of ours.
    MarkTwice,
    /// A purchase order carries a mark of ours that is not known here.
    MarkUnknown,
    /// What went wrong.
    Problem {
        problem: Problem,
    },
    /// As a version before this one said it, or as the host does.
    #[serde(untagged)]
    Said(String),
}

impl Remark {
    #[must_use]
    pub fn of(problem: Problem) -> Self {
        Self::Problem { problem }
    }

    /// The stable name of its kind, as it is stored and in addresses.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::NoVendor { .. } => "no_vendor",
            Self::DropShipQuantity => "drop_ship_quantity",
            Self::NoShipTo => "no_ship_to",
            Self::NoUnitFactor { .. } => "no_unit_factor",
            Self::BadVendor { .. } => "bad_vendor",
            Self::BadQuantity { .. } => "bad_quantity",
            Self::NoRate { .. } => "no_rate",
            Self::PoCancelled { .. } => "po_cancelled",
            Self::PoRefused => "po_refused",
            Self::Watched => "watched",
            Self::NotBoughtFor => "not_bought_for",
            Self::TooLittle { .. } => "too_little",
            Self::NotBefore { .. } => "not_before",
            Self::Gathers => "gathers",
            Self::Limit { .. } => "limit",
            Self::AskedBy { .. } => "asked_by",
            Self::WaitedHours { .. } => "waited_hours",
            Self::MarkTwice => "mark_twice",
            Self::MarkUnknown => "mark_unknown",
            Self::Problem { .. } => "problem",
            Self::Said(_) => "said",
        }
    }
}

/// The kinds that are causes of a shortage, as a backorder keeps them; `declined`: a person decided so.
pub const CAUSES: [&str; 14] = [
    "declined",
    "no_vendor",
    "po_cancelled",
    "po_refused",
    "no_ship_to",
    "drop_ship_quantity",
    "no_unit_factor",
    "bad_vendor",
    "bad_quantity",
    "gathers",
    "not_before",
    "too_little",
    "not_bought_for",
    "watched",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remark_is_called_as_it_is_stored() {
        for remark in [
            Remark::NoVendor { named: None },
            Remark::PoCancelled { order: "P".to_owned() },
            Remark::PoRefused,
            Remark::TooLittle { most: Decimal::ONE },
            Remark::NotBefore { date: jiff::civil::date(2026, 12, 1) },
            Remark::MarkUnknown,
        ] {
            let stored = serde_json::to_value(&remark).unwrap();
            assert_eq!(stored["kind"], remark.kind());
            assert_eq!(serde_json::from_value::<Remark>(stored).unwrap(), remark);
        }
        assert_eq!(Remark::Said("as the host says it".to_owned()).kind(), "said");
    }
}
