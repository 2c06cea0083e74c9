//! What a person changes of a purchase order before approving it: quantity, price and date of each line.
//!
//! Invariants: exact; whoever ranks last goes short first when less is ordered than was needed, and what is left out is
//! given back to be recorded as not bought; a drop shipment is never more than what the customer ordered.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::proposal::{OptionLine, ProposedPeg, PurchaseOption};

/// The largest figure that a person can enter: more is a slip of the finger.
const MOST: Decimal = Decimal::from_parts(1_000_000_000, 0, 0, false, 0);

/// A line as a person wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditedLine {
    /// In the vendor's unit; 0 leaves the line out.
    pub quantity: Decimal,
    /// Per vendor's unit; None: not known.
    pub price: Option<Decimal>,
    pub expected: Date,
}

/// Why a purchase order cannot be edited so; each names the item that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EditError {
    /// The lines are not those that were shown.
    OtherLines,
    /// Nothing would be ordered at all.
    Nothing,
    /// Negative, or beyond what anybody orders.
    Quantity(String),
    /// A part of a unit that the vendor sells whole.
    NotWhole(String),
    /// It comes to no exact quantity in the stock unit.
    NotEven(String),
    /// A drop shipment of more than the customer ordered.
    MoreThanOrdered(String),
    Price(String),
    /// A date that has passed.
    Past(String),
}

/// A purchase order as a person edited it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    pub option: PurchaseOption,
    /// Demand that is not bought, because less is ordered than was proposed.
    pub left_out: Vec<ProposedPeg>,
    /// Whether anything differs from what was proposed.
    pub changed: bool,
}

/// Applies what a person entered to a way to buy it. `parts_of_units`: whether its vendor sells parts of its unit of an
/// item.
///
/// # Errors
/// When it cannot be ordered so; nothing is guessed.
pub fn edit(
    option: &PurchaseOption,
    wanted: &[EditedLine],
    today: Date,
    parts_of_units: impl Fn(&str) -> bool,
    by: &str,
) -> Result<Edited, EditError> {
    if wanted.len() != option.lines.len() {
        return Err(EditError::OtherLines);
    }
    let (mut lines, mut left_out, mut changed) = (Vec::new(), Vec::new(), false);
    for (line, wanted) in option.lines.iter().zip(wanted) {
        if line.quantity == wanted.quantity && line.price == wanted.price && line.expected == wanted.expected {
            lines.push(line.clone());
            continue;
        }
        changed = true;
        check(line, wanted, today, parts_of_units(&line.item))?;
        let (edited, cut) = edit_line(line, wanted, option.is_drop_ship(), by)?;
        left_out.extend(cut);
        lines.extend(edited);
    }
    if !changed {
        return Ok(Edited { option: option.clone(), left_out, changed });
    }
    let Some(expected) = lines.iter().map(|line| line.expected).max() else { return Err(EditError::Nothing) };
    let total = lines.iter().try_fold(Decimal::ZERO, |sum, line| {
        line.price.and_then(|price| price.checked_mul(line.quantity)).and_then(|amount| sum.checked_add(amount))
    });
    Ok(Edited { option: PurchaseOption { total, expected, lines, ..option.clone() }, left_out, changed })
}

fn check(line: &OptionLine, wanted: &EditedLine, today: Date, parts_of_units: bool) -> Result<(), EditError> {
    let sku = || line.sku.clone();
    let sensible = |figure: Decimal| (Decimal::ZERO..=MOST).contains(&figure) && figure.normalize().scale() <= 6;
    if !sensible(wanted.quantity) {
        return Err(EditError::Quantity(sku()));
    }
    if line.unit.is_some() && !parts_of_units && !wanted.quantity.fract().is_zero() {
        return Err(EditError::NotWhole(sku()));
    }
    if wanted.price.is_some_and(|price| !sensible(price)) {
        return Err(EditError::Price(sku()));
    }
    if wanted.expected != line.expected && wanted.expected < today {
        return Err(EditError::Past(sku()));
    }
    Ok(())
}

/// The line as edited (None: left out) and what it no longer covers.
fn edit_line(
    line: &OptionLine,
    wanted: &EditedLine,
    drop_ship: bool,
    by: &str,
) -> Result<(Option<OptionLine>, Vec<ProposedPeg>), EditError> {
    let stock_quantity = in_stock_units(line, wanted.quantity).ok_or_else(|| EditError::NotEven(line.sku.clone()))?;
    let needed: Decimal = line.pegs.iter().map(|peg| peg.quantity).sum();
    if drop_ship && stock_quantity > needed {
        return Err(EditError::MoreThanOrdered(line.sku.clone()));
    }
    let (mut pegs, mut left_out, mut rest) = (Vec::new(), Vec::new(), stock_quantity);
    for peg in &line.pegs {
        let covered = peg.quantity.min(rest);
        rest -= covered;
        if covered > Decimal::ZERO {
            pegs.push(ProposedPeg { quantity: covered, ..peg.clone() });
        }
        if covered < peg.quantity {
            left_out.push(ProposedPeg { quantity: peg.quantity - covered, ..peg.clone() });
        }
    }
    if wanted.quantity.is_zero() {
        return Ok((None, left_out));
    }
    let why = if wanted.quantity == line.quantity {
        line.why.clone()
    } else {
        format!("{}; {} in place of {}, by {by}", line.why, wanted.quantity.normalize(), line.quantity.normalize())
    };
    let edited = OptionLine {
        quantity: wanted.quantity,
        stock_quantity,
        price: wanted.price,
        price_note: line.price_note.clone().filter(|_| wanted.price == line.price),
        expected: wanted.expected,
        surplus: rest,
        why,
        pegs,
        ..line.clone()
    };
    Ok((Some(edited), left_out))
}

/// The line's own ratio of units holds; None where it comes to no exact figure.
fn in_stock_units(line: &OptionLine, quantity: Decimal) -> Option<Decimal> {
    if line.unit.is_none() {
        return Some(quantity);
    }
    let product = quantity.checked_mul(line.stock_quantity)?;
    let exact = product.checked_div(line.quantity)?.normalize();
    (exact.scale() <= 6 && exact.checked_mul(line.quantity)? == product).then_some(exact)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{DocumentKind, DocumentRef};
    use crate::domain::sales_document::{Address, Party};

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn number(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    fn peg(order: &str, quantity: i64) -> ProposedPeg {
        ProposedPeg {
            document: DocumentRef::new(DocumentKind::SalesOrder, order),
            line: "1".to_owned(),
            component: String::new(),
            quantity: quantity.into(),
            wanted: quantity.into(),
        }
    }

    /// Two boxes of six for SO-1 (5) and SO-2 (3): 4 over.
    fn option() -> PurchaseOption {
        PurchaseOption {
            vendor: Party { id: "V".to_owned(), name: "Vendor".to_owned() },
            warehouse: Some("W".to_owned()),
            ship_to: None,
            currency: Some("EUR".to_owned()),
            total: Some(number("24")),
            expected: day("2026-12-03"),
            lines: vec![OptionLine {
                item: "I".to_owned(),
                sku: "SKU".to_owned(),
                name: "Item".to_owned(),
                quantity: 2.into(),
                unit: Some("box".to_owned()),
                stock_quantity: 12.into(),
                price: Some(12.into()),
                price_note: Some("look at it".to_owned()),
                expected: day("2026-12-03"),
                surplus: 4.into(),
                why: "8 short".to_owned(),
                pegs: vec![peg("SO-1", 5), peg("SO-2", 3)],
            }],
        }
    }

    fn line(quantity: &str, price: Option<&str>, expected: &str) -> EditedLine {
        EditedLine { quantity: number(quantity), price: price.map(number), expected: day(expected) }
    }

    fn edited(wanted: &EditedLine) -> Result<Edited, EditError> {
        edit(&option(), std::slice::from_ref(wanted), day("2026-12-01"), |_| false, "Anna")
    }

    #[test]
    fn what_nobody_changed_stays_as_it_was() {
        let same = edited(&line("2.0", Some("12.00"), "2026-12-03")).unwrap();
        assert_eq!((same.option, same.changed), (option(), false));
    }

    #[test]
    fn less_leaves_out_whoever_ranks_last() {
        let less = edited(&line("1", Some("12"), "2026-12-05")).unwrap();
        let line = &less.option.lines[0];
        assert_eq!((line.stock_quantity, line.surplus), (6.into(), Decimal::ZERO));
        assert_eq!(line.pegs, [peg("SO-1", 5), ProposedPeg { wanted: 3.into(), ..peg("SO-2", 1) }]);
        assert_eq!(less.left_out, [ProposedPeg { wanted: 3.into(), ..peg("SO-2", 2) }]);
        assert_eq!((less.option.total, less.option.expected), (Some(12.into()), day("2026-12-05")));
        assert_eq!(line.why, "8 short; 1 in place of 2, by Anna");
    }

    #[test]
    fn who_gets_nothing_is_left_out_whole() {
        let mut option = option();
        option.lines[0].pegs = vec![peg("SO-1", 6), peg("SO-2", 3)];
        let one = edit(&option, &[line("1", Some("12"), "2026-12-03")], day("2026-12-01"), |_| false, "Anna").unwrap();
        assert_eq!(one.option.lines[0].pegs, [peg("SO-1", 6)]);
        assert_eq!(one.left_out, [peg("SO-2", 3)]);
    }

    #[test]
    fn what_is_just_allowed_is_taken() {
        let taken = |option: &PurchaseOption, wanted: EditedLine, parts: bool| {
            edit(option, &[wanted], day("2026-12-01"), |_| parts, "Anna").is_ok()
        };
        assert!(taken(&option(), line("2", Some("12"), "2026-12-01"), false), "today");
        assert!(taken(&option(), line("1.5", Some("12"), "2026-12-03"), true), "parts of units, where they may be");
        let mut loose = option();
        (loose.lines[0].unit, loose.lines[0].quantity) = (None, 12.into());
        assert!(taken(&loose, line("8.5", Some("12"), "2026-12-03"), false), "parts of what has no unit");
        let mut shipped = option();
        shipped.ship_to = Some(Address::default());
        shipped.lines[0].pegs = vec![peg("SO-1", 12)];
        assert!(taken(&shipped, line("2", Some("13"), "2026-12-03"), false), "all that was sold");
    }

    #[test]
    fn more_is_surplus_and_a_new_price_needs_no_look() {
        let more = edited(&line("3", Some("11.5"), "2026-12-03")).unwrap();
        let line = &more.option.lines[0];
        assert_eq!((line.surplus, line.price_note.clone()), (10.into(), None));
        assert_eq!(more.option.total, Some(number("34.5")));
        assert!(more.left_out.is_empty());
        let unknown = edited(&super::EditedLine { price: None, ..self::line("2", None, "2026-12-03") }).unwrap();
        assert_eq!(unknown.option.total, None);
    }

    #[test]
    fn what_cannot_be_ordered_is_refused_with_its_item() {
        let sku = || "SKU".to_owned();
        let of = |quantity, price, expected| edited(&line(quantity, price, expected)).unwrap_err();
        assert_eq!(of("0", Some("12"), "2026-12-03"), EditError::Nothing);
        assert_eq!(of("-1", Some("12"), "2026-12-03"), EditError::Quantity(sku()));
        assert_eq!(of("1000000001", Some("12"), "2026-12-03"), EditError::Quantity(sku()));
        assert_eq!(of("1.5", Some("12"), "2026-12-03"), EditError::NotWhole(sku()));
        assert_eq!(of("1", Some("-1"), "2026-12-03"), EditError::Price(sku()));
        assert_eq!(of("1", Some("1"), "2026-11-30"), EditError::Past(sku()));
        assert_eq!(edit(&option(), &[], day("2026-12-01"), |_| false, "Anna").unwrap_err(), EditError::OtherLines);
        let mut thirds = option();
        thirds.lines[0].quantity = 3.into();
        thirds.lines[0].stock_quantity = 10.into();
        let one = edit(&thirds, &[line("1", Some("12"), "2026-12-03")], day("2026-12-01"), |_| false, "Anna");
        assert_eq!(one.unwrap_err(), EditError::NotEven(sku()));
        let mut shipped = option();
        shipped.ship_to = Some(Address::default());
        let more = edit(&shipped, &[line("3", Some("12"), "2026-12-03")], day("2026-12-01"), |_| false, "Anna");
        assert_eq!(more.unwrap_err(), EditError::MoreThanOrdered(sku()));
    }
}
