//! Why something is short, and what a person should know beside the figures.
//!
//! Invariant: names and figures are the remark's own; what the host or a former version said is shown as a problem is.

use super::{Words, problem};
use crate::domain::limit::Limit;
use crate::domain::remark::Remark;

/// In a sentence.
pub(super) fn worded(words: Words, remark: &Remark) -> String {
    let said = match remark {
        Remark::NoVendor { named: None } => words.say("remark-no-vendor"),
        Remark::NoVendor { named: Some(vendor) } => words.say("remark-no-vendor-named").with("vendor", vendor),
        Remark::DropShipQuantity => words.say("remark-drop-ship-quantity"),
        Remark::NoShipTo => words.say("remark-no-ship-to"),
        Remark::NoUnitFactor { vendor } => words.say("remark-no-unit-factor").with("vendor", vendor),
        Remark::BadVendor { vendor, detail } => {
            words.say("remark-bad-vendor").with("vendor", vendor).with("detail", detail)
        }
        Remark::BadQuantity { detail } => words.say("remark-bad-quantity").with("detail", detail),
        Remark::NoRate { vendor } => words.say("remark-no-rate").with("vendor", vendor),
        Remark::PoCancelled { order } => words.say("remark-po-cancelled").with("order", order),
        Remark::PoRefused => words.say("remark-po-refused"),
        Remark::Watched => words.say("remark-watched"),
        Remark::NotBoughtFor => words.say("remark-not-bought-for"),
        Remark::TooLittle { most } => words.say("remark-too-little").with("most", *most),
        Remark::NotBefore { date } => words.say("remark-not-before").with("date", *date),
        Remark::Gathers => words.say("remark-gathers"),
        Remark::Limit { limit: why } => words.say("remark-limit").with("why", limit(words, why)),
        Remark::AskedBy { person } => words.say("remark-asked-by").with("person", person),
        Remark::WaitedHours { hours } => words.say("remark-waited").with("hours", *hours),
        Remark::MarkTwice => words.say("remark-mark-twice"),
        Remark::MarkUnknown => words.say("remark-mark-unknown"),
        Remark::Problem { problem } => return problem::worded(words, problem),
        Remark::Said(text) => return text.clone(),
    };
    said.to_string()
}

/// A kind of cause in two or three words.
pub(super) fn cause(words: Words, kind: &str) -> String {
    let said = words.say(match kind {
        "no_vendor" => "remark-cause-no-vendor",
        "drop_ship_quantity" => "remark-cause-drop-ship-quantity",
        "no_ship_to" => "remark-cause-no-ship-to",
        "no_unit_factor" => "remark-cause-no-unit-factor",
        "bad_vendor" => "remark-cause-bad-vendor",
        "bad_quantity" => "remark-cause-bad-quantity",
        "po_cancelled" => "remark-cause-po-cancelled",
        "po_refused" => "remark-cause-po-refused",
        "watched" => "remark-cause-watched",
        "not_bought_for" => "remark-cause-not-bought-for",
        "too_little" => "remark-cause-too-little",
        "not_before" => "remark-cause-not-before",
        "gathers" => "remark-cause-gathers",
        "declined" => "remark-cause-declined",
        other => return other.to_owned(),
    });
    said.to_string()
}

/// Why a person must decide although Automatic is on.
pub(super) fn limit(words: Words, limit: &Limit) -> String {
    match limit {
        Limit::DailyOrders(most) => words.say("decision-limit-daily-orders").with("count", *most).into(),
        Limit::DailyValue(most) => words.say("decision-limit-daily-value").with("limit", *most).into(),
        Limit::Above(most) => words.say("decision-limit-above").with("limit", *most).into(),
        Limit::NoTotal => words.say("decision-limit-no-total").into(),
        Limit::PriceToCheck => words.say("decision-limit-price").into(),
        Limit::DropShipment => words.say("decision-limit-drop-shipment").into(),
        Limit::Said(text) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::remark::CAUSES;
    use crate::wording::Language;

    #[test]
    fn a_remark_is_kept_as_its_kind_and_read_again_also_what_a_former_version_kept() {
        for remark in [
            Remark::NoVendor { named: Some("V & Co".to_owned()) },
            Remark::PoRefused,
            Remark::TooLittle { most: "0.5".parse().unwrap() },
            Remark::Limit { limit: Limit::Above("100".parse().unwrap()) },
            Remark::Said("as it was".to_owned()),
        ] {
            let kept = serde_json::to_value(&remark).unwrap();
            assert_eq!(serde_json::from_value::<Remark>(kept.clone()).unwrap(), remark, "{kept}");
            assert!(matches!(remark, Remark::Said(_)) || kept["kind"] == remark.kind(), "{kept}");
        }
        assert_eq!(serde_json::from_str::<Remark>("\"as it was\"").unwrap(), Remark::Said("as it was".to_owned()));
    }

    #[test]
    fn a_remark_is_said_in_the_reader_s_language_with_its_names() {
        let cancelled = Remark::PoCancelled { order: "PO-7".to_owned() };
        assert!(worded(Words::default(), &cancelled).starts_with("PO-7 was cancelled."));
        assert!(worded(Words::of(Language::De), &cancelled).starts_with("PO-7 wurde storniert."));
        let limit = Remark::Limit { limit: Limit::DropShipment };
        assert_eq!(worded(Words::default(), &limit), "Automatic asks because the vendor would ship to the customer.");
    }

    #[test]
    fn every_cause_has_a_name() {
        for kind in CAUSES {
            assert_ne!(cause(Words::default(), kind), kind, "{kind}");
        }
    }
}
