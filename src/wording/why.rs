//! The sum that led to a quantity, in the reader's language.
//!
//! The sum is kept for good as the planner wrote it (`domain::explain`), with the purchase order and in the plan. Here it
//! is read back term by term and said again.
//!
//! Invariants: no figure and no name is lost or changed; a part that cannot be read, such as one with a name that looks
//! like a term, is shown as it was kept.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::Words;

/// The sum in the reader's words.
pub(super) fn worded(words: Words, kept: &str) -> String {
    let parts: Vec<String> =
        kept.split("; ").map(|part| of_part(words, part).unwrap_or_else(|| part.to_owned())).collect();
    parts.join("; ")
}

fn of_part(words: Words, part: &str) -> Option<String> {
    if let Some((head, sum)) = part.split_once(": ")
        && let Some((order, line)) = head.rsplit_once(" line ")
    {
        let sum = of_sum(words, sum)?;
        return Some(words.say("why-line").with("order", order).with("line", line).with("sum", sum).to_string());
    }
    of_sum(words, part).or_else(|| of_terms(words, part))
}

/// `12 ordered − 4 from stock = 8 short − 3 not to be bought = 5, 2 of it here`
fn of_sum(words: Words, sum: &str) -> Option<String> {
    let (sum, here) = match sum.rsplit_once(", ") {
        Some((before, rest)) if rest.ends_with(" of it here") => (before, Some(rest)),
        _ => (sum, None),
    };
    let mut said = String::new();
    for (at, side) in sum.split(" = ").enumerate() {
        if at > 0 {
            said.push_str(" = ");
        }
        for (at, term) in side.split(" − ").enumerate() {
            if at > 0 {
                said.push_str(" − ");
            }
            said.push_str(&of_term(words, term)?);
        }
    }
    if let Some(here) = here {
        let quantity: Decimal = here.split_once(' ')?.0.parse().ok()?;
        return Some(words.say("why-of-it-here").with("sum", said).with("quantity", quantity).to_string());
    }
    Some(said)
}

/// One term of a sum.
fn of_term(words: Words, term: &str) -> Option<String> {
    let (figure, rest) = term.split_once(' ').map_or((term, ""), |(figure, rest)| (figure, rest));
    let quantity: Decimal = figure.parse().ok()?;
    let plain = match rest {
        "" => return Some(words.quantity(quantity)),
        "ordered" => words.say("why-ordered").with("quantity", quantity),
        "delivered" => words.say("why-delivered").with("quantity", quantity),
        "closed" => words.say("why-closed").with("quantity", quantity),
        "from stock" => words.say("why-from-stock").with("quantity", quantity),
        "short" => words.say("why-short").with("quantity", quantity),
        "not to be bought" => words.say("why-not-bought").with("quantity", quantity),
        _ => return of_supply(words, quantity, rest),
    };
    Some(plain.to_string())
}

/// A term that names where the quantity comes from.
fn of_supply(words: Words, quantity: Decimal, rest: &str) -> Option<String> {
    if let Some(warehouse) = rest.strip_prefix("from stock in ") {
        return Some(
            words.say("why-from-stock-in").with("quantity", quantity).with("warehouse", warehouse).to_string(),
        );
    }
    if let Some(order) = rest.strip_prefix("arriving on ").and_then(|rest| rest.strip_suffix(", no date")) {
        return Some(words.say("why-arriving-no-date").with("quantity", quantity).with("order", order).to_string());
    }
    if let Some(due) = rest.strip_prefix("arriving overdue since ") {
        let due: Date = due.parse().ok()?;
        return Some(words.say("why-arriving-overdue").with("quantity", quantity).with("date", due).to_string());
    }
    if let Some(due) = rest.strip_prefix("arriving ") {
        let due: Date = due.parse().ok()?;
        return Some(words.say("why-arriving").with("quantity", quantity).with("date", due).to_string());
    }
    let order = rest.strip_prefix("on ")?;
    let (before, due) =
        order.rsplit_once(' ').map_or((order, None), |(before, due)| (before, due.parse::<Date>().ok()));
    let said = match (before.strip_suffix(" overdue since"), due) {
        (Some(order), Some(due)) => {
            words.say("why-on-order-overdue").with("quantity", quantity).with("order", order).with("date", due)
        }
        (None, Some(due)) => {
            words.say("why-on-order-due").with("quantity", quantity).with("order", before).with("date", due)
        }
        (_, None) => words.say("why-on-order").with("quantity", quantity).with("order", order),
    };
    Some(said.to_string())
}

/// What stands beside sums: `7 in all`, `2 packs of 6 = 12, 4 over`, `rounded up to 12, 4 over`, `5 free in Cork`.
fn of_terms(words: Words, part: &str) -> Option<String> {
    let (part, over) = match part.rsplit_once(", ") {
        Some((before, rest)) => match rest.strip_suffix(" over").and_then(|over| over.parse::<Decimal>().ok()) {
            Some(over) => (before, Some(over)),
            None => (part, None),
        },
        None => (part, None),
    };
    let said = if let Some(quantity) = part.strip_prefix("rounded up to ") {
        words.say("why-rounded").with("quantity", quantity.parse::<Decimal>().ok()?)
    } else {
        let (figure, rest) = part.split_once(' ')?;
        let quantity: Decimal = figure.parse().ok()?;
        if rest == "in all" {
            words.say("why-in-all").with("quantity", quantity)
        } else if let Some(warehouse) = rest.strip_prefix("free in ") {
            words.say("why-free-in").with("quantity", quantity).with("warehouse", warehouse)
        } else {
            let packs = rest.strip_prefix("packs of ").or_else(|| rest.strip_prefix("pack of "))?;
            let (factor, stock) = packs.split_once(" = ")?;
            let factor = factor.parse::<Decimal>().map_or_else(|_| factor.to_owned(), |factor| words.quantity(factor));
            let stock: Decimal = stock.parse().ok()?;
            if quantity == Decimal::ONE {
                words.say("why-pack").with("factor", factor).with("quantity", stock)
            } else {
                words.say("why-packs").with("packs", quantity).with("factor", factor).with("quantity", stock)
            }
        }
    };
    Some(match over {
        Some(over) => words.say("why-over").with("what", said).with("over", over).to_string(),
        None => said.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    /// Sums as the planner writes them.
    const KEPT: [&str; 8] = [
        "12 ordered − 4 from stock = 8 short",
        "12 ordered − 2 delivered − 1 closed − 1.5 from stock in Cork − 1 on PO-7 2026-12-03 − 1 on PO 8 overdue since \
         2026-11-01 − 1 on PO-9 − 1 arriving 2026-12-03 − 1 arriving overdue since 2026-11-20 − 1 arriving on PO-3, no \
         date = 1.5 short − 0.5 not to be bought = 1",
        "SO-1 line 2: 12 ordered = 12 short; SO 2 line 1: 3 ordered = 3 short, 2 of it here; 14 in all",
        "7 ordered = 7 short; 5 free in Galway; 2 packs of 6 = 12, 5 over",
        "7 ordered = 7 short; 1 pack of 7/3 = 2.333333",
        "1200 ordered = 1200 short; rounded up to 1250, 50 over",
        "changed by hand to 9",
        "12 ordered − 4 from stock in a = b; x = 8 short",
    ];

    fn of(language: Language) -> [String; 8] {
        KEPT.map(|kept| worded(Words::of(language), kept))
    }

    #[test]
    fn english_says_what_was_kept_with_dates_and_figures_in_its_form() {
        let dates = [("2026-12-03", "3 Dec 2026"), ("2026-11-01", "1 Nov 2026"), ("2026-11-20", "20 Nov 2026")];
        for (kept, said) in KEPT.iter().zip(of(Language::En)) {
            let expected = dates.iter().fold((*kept).to_owned(), |text, (iso, form)| text.replace(iso, form));
            assert_eq!(said, expected.replace("1200", "1,200").replace("1250", "1,250"));
        }
    }

    #[test]
    fn every_figure_and_name_is_said_in_every_language() {
        for language in Language::ALL {
            let said = of(language);
            for name in ["Cork", "PO-7", "PO 8", "PO-9", "PO-3", "SO-1", "SO 2", "Galway", "7/3"] {
                assert!(said.iter().any(|text| text.contains(name)), "{language:?} {name}: {said:?}");
            }
            assert_eq!(said[6], KEPT[6], "what cannot be read is shown as it was kept");
            if language != Language::En {
                let read: Vec<&String> = said.iter().take(6).collect();
                for english in ["ordered", "from stock", "short", "arriving", "overdue", "of it here", "in all", "over"]
                {
                    assert!(read.iter().all(|text| !text.contains(english)), "{language:?} {english}: {read:?}");
                }
            }
        }
        assert_eq!(worded(Words::of(Language::De), KEPT[0]), "12 beauftragt − 4 aus Bestand = 8 fehlen");
    }
}
