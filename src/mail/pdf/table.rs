//! The lines of a document and what they come to.
//!
//! Invariants: the head of the table stands on each page that it goes over; a line is not torn; the totals stay together.

use super::fonts::{Set, Weight};
use super::sheet::{Align, GREY, INK, LEFT, PALE, RIGHT, Sheets, Style};
use super::{PdfError, STRONG};
use crate::domain::printed::{Discount, PrintedDocument, PrintedLine};
use crate::mail::labels::{Label, label};
use crate::wording::Words;

const CELL: Style = Style::new(9.0, Weight::Regular, INK);
const HEAD: Style = Style::new(8.0, Weight::Bold, GREY);
const NUMBER: Style = Style::new(8.0, Weight::Regular, GREY);
const HEADING: Style = Style::new(9.0, Weight::Bold, INK);
const TOTAL: Style = Style::new(11.0, Weight::Bold, INK);

/// Above and below a line.
const PAD: f32 = 4.5;
/// Lines of a description that are printed.
const MOST_LINES: usize = 40;

/// A column of figures, from the right.
struct Column {
    label: Label,
    width: f32,
    value: fn(&PrintedLine, Option<&str>, Words) -> Option<String>,
}

const COLUMNS: [Column; 5] = [
    Column {
        label: Label::Quantity,
        width: 72.0,
        value: |line, _, words| {
            line.quantity.map(|quantity| format!("{} {}", words.quantity(quantity), line.unit).trim_end().to_owned())
        },
    },
    Column {
        label: Label::UnitPrice,
        width: 72.0,
        value: |line, currency, words| line.unit_price.map(|price| words.form.amount(price, currency)),
    },
    Column {
        label: Label::Discount,
        width: 52.0,
        value: |line, currency, words| {
            line.discount.map(|discount| match discount {
                Discount::Percent(percent) => words.percent(percent),
                Discount::Amount(amount) => words.form.amount(amount, currency),
            })
        },
    },
    Column {
        label: Label::Tax,
        width: 60.0,
        value: |line, currency, words| line.tax.map(|tax| words.form.amount(tax, currency)),
    },
    Column {
        label: Label::Amount,
        width: 78.0,
        value: |line, currency, words| line.amount.map(|amount| words.form.amount(amount, currency)),
    },
];

/// Draws all lines; columns that the host fills in for none of them are left out.
pub(super) fn lines(sheets: &mut Sheets<'_>, document: &PrintedDocument, words: Words) -> Result<(), PdfError> {
    let currency = document.currency.as_deref();
    let columns: Vec<&Column> = COLUMNS
        .iter()
        .filter(|column| document.lines.iter().any(|line| (column.value)(line, currency, words).is_some()))
        .collect();
    let figures: f32 = columns.iter().map(|column| column.width).sum();
    let item = RIGHT - LEFT - figures - 12.0;
    head(sheets, &columns, item, words)?;
    for line in &document.lines {
        let style = if line.quantity.is_none() { HEADING } else { CELL };
        let mut description = sheets.lines(&line.description, style, item)?;
        description.truncate(MOST_LINES);
        let number = if line.sku.is_empty() { Vec::new() } else { sheets.lines(&line.sku, NUMBER, item)? };
        let cells: Vec<Vec<Set>> = columns
            .iter()
            .map(|column| {
                let value = (column.value)(line, currency, words).unwrap_or_default();
                sheets.lines(&value, CELL, column.width - 6.0)
            })
            .collect::<Result<_, _>>()?;
        let height = PAD * 2.0
            + (length(&description, style) + length(&number, NUMBER))
                .max(cells.iter().map(|cell| length(cell, CELL)).fold(0.0, f32::max));
        if !sheets.fits(height) {
            sheets.next_page();
            head(sheets, &columns, item, words)?;
        }
        let top = sheets.y + PAD;
        let below = sheets.draw(&description, style, (LEFT + 6.0, top, item), Align::Left);
        sheets.draw(&number, NUMBER, (LEFT + 6.0, below, item), Align::Left);
        let mut x = RIGHT - figures;
        for (column, cell) in columns.iter().zip(&cells) {
            sheets.draw(cell, CELL, (x, top, column.width - 6.0), Align::Right);
            x += column.width;
        }
        sheets.y += height;
        sheets.rule(LEFT, sheets.y, RIGHT - LEFT);
    }
    sheets.y += 10.0;
    Ok(())
}

fn length(lines: &[Set], style: Style) -> f32 {
    lines.iter().map(|_| style.leading()).sum()
}

fn head(sheets: &mut Sheets<'_>, columns: &[&Column], item: f32, words: Words) -> Result<(), PdfError> {
    let height = HEAD.leading() + 8.0;
    sheets.fill((LEFT, sheets.y), (RIGHT - LEFT, height), PALE);
    let top = sheets.y + 4.0;
    sheets.text(&label(words, Label::Item), HEAD, (LEFT + 6.0, top, item), Align::Left)?;
    let mut x = RIGHT - columns.iter().map(|column| column.width).sum::<f32>();
    for column in columns {
        sheets.text(&label(words, column.label), HEAD, (x, top, column.width - 6.0), Align::Right)?;
        x += column.width;
    }
    sheets.y += height;
    Ok(())
}

/// What the host says that the document comes to.
pub(super) fn totals(sheets: &mut Sheets<'_>, document: &PrintedDocument, words: Words) -> Result<(), PdfError> {
    let money = |value| words.money(Some(value), document.currency.as_deref());
    let tax = if document.tax_included { Label::TaxIncluded } else { Label::Tax };
    let rows = [
        (Label::Subtotal, document.untaxed, STRONG),
        (tax, document.tax, STRONG),
        (Label::Total, document.total, TOTAL),
    ];
    let known: Vec<_> = rows.into_iter().filter_map(|(name, value, style)| Some((name, value?, style))).collect();
    let height: f32 = known.iter().map(|(_, _, style)| style.leading() + 5.0).sum();
    if !sheets.fits(height) {
        sheets.next_page();
    }
    let (x, width) = (RIGHT - 260.0, 260.0 - 6.0);
    for (name, value, style) in known {
        if name == Label::Total {
            sheets.fill((x, sheets.y), (266.0 - 6.0, style.leading() + 7.0), PALE);
            sheets.y += 3.5;
        }
        let left = Style::new(style.size, if name == Label::Total { Weight::Bold } else { Weight::Regular }, INK);
        let below = sheets.text(&label(words, name), left, (x + 6.0, sheets.y, width / 2.0), Align::Left)?;
        let right =
            sheets.text(&money(value), style, (x + width / 2.0 - 40.0, sheets.y, width / 2.0 + 40.0), Align::Right)?;
        sheets.y = below.max(right) + 5.0;
    }
    sheets.y += 6.0;
    Ok(())
}
