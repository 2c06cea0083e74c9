//! What DIFOT is, in the words of the company's own rule.
//!
//! Invariant: nothing is said that the rule does not hold; one sentence for each part of it.

use rust_decimal::Decimal;

use crate::domain::difot::{DifotRule, MIN_ORDERS_FOR_PERCENT};
use crate::domain::quantity::Quantity;
use crate::wording::{Language, Words};

/// What counts, by the company's own rule: a sentence for each part of it.
pub(super) fn of(words: Words, rule: &DifotRule) -> String {
    let on_time = match (rule.before_days, rule.after_days) {
        (None, Some(0)) => words.say("insights-on-time"),
        (None, Some(after)) => words.say("insights-on-time-after").with("after", after),
        (Some(before), Some(after)) => {
            words.say("insights-on-time-between").with("before", before).with("after", after)
        }
        (Some(before), None) => words.say("insights-on-time-before").with("before", before),
        (None, None) => words.say("insights-on-time-any"),
    };
    let share = |percent: Quantity| words.percent(Decimal::from(percent));
    let in_full = if rule.under_percent.is_zero() {
        words.say("insights-in-full")
    } else {
        words.say("insights-in-full-under").with("under", share(rule.under_percent))
    };
    let over = rule.over_percent.map(|over| words.say("insights-in-full-over").with("over", share(over)));
    let no_drop_ship = (!rule.drop_ship_counted).then(|| words.say("insights-no-drop-ship"));
    let sentences = [Some(words.say("insights-difot-what")), Some(on_time), Some(in_full), over]
        .into_iter()
        .chain([Some(words.say("insights-due-date")), no_drop_ship])
        .chain([Some(words.say("insights-few").with("least", MIN_ORDERS_FOR_PERCENT))]);
    let sentences: Vec<String> = sentences.flatten().map(|said| said.to_string()).collect();
    sentences.join(if words.language == Language::Zh { "" } else { " " })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_says_the_rule_that_is_set() {
        let usual = of(Words::default(), &DifotRule::default());
        assert!(usual.contains("on or before the due date. In full: nothing was missing"), "{usual}");
        let other = DifotRule {
            before_days: Some(1),
            after_days: Some(2),
            under_percent: Quantity::units(5),
            over_percent: Some(Quantity::units(10)),
            drop_ship_counted: false,
        };
        let said = of(Words::default(), &other);
        for part in [
            "from 1 before to 2 after the due date",
            "at most 5% was missing",
            "At most 10% was too much",
            "Drop shipments are not",
            "Fewer than 20 orders",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let german = of(Words::of(Language::De), &other);
        assert!(german.contains("höchstens 5\u{a0}%") && german.contains("Direktlieferungen"), "{german}");
    }
}
