//! A quotation, order or invoice as a PDF of ours.
//!
//! Invariants: every figure is the host's own, none is computed; what the host does not tell is left out. Typefaces are
//! embedded and text can be selected. The same document makes the same bytes.

mod fonts;
mod sheet;
mod table;

use std::path::PathBuf;

use krilla::Document;
use krilla::metadata::Metadata;
use krilla::page::PageSettings;

use self::fonts::{Faces, Weight};
use self::sheet::{Align, GREY, INK, LEFT, RIGHT, Sheets, Style};
use super::labels::{Label, label};
use crate::domain::customer_mail::Letterhead;
use crate::domain::ids::DocumentKind;
use crate::domain::printed::PrintedDocument;
use crate::domain::sales_document::Address;
use crate::wording::{Language, Words};

const TITLE: Style = Style::new(19.0, Weight::Bold, INK);
const COMPANY: Style = Style::new(14.0, Weight::Bold, INK);
const SMALL: Style = Style::new(8.0, Weight::Regular, GREY);
const BODY: Style = Style::new(9.5, Weight::Regular, INK);
const STRONG: Style = Style::new(9.5, Weight::Bold, INK);

/// Why a print cannot be made; the texts are for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    #[error(
        "the PDF needs a typeface with Chinese (for example for {0}): install the package fonts-noto-cjk on the server"
    )]
    NoChinese(char),
    #[error("the PDF cannot show the letter {0}: no typeface here has it")]
    NoGlyph(char),
    #[error("the PDF cannot be set from right to left, as the letter {0} needs")]
    RightToLeft(char),
    #[error("the PDF could not be made")]
    Broken,
}

/// Prints a document on the company's paper. `folders`: where to look for a Chinese typeface instead of the system's.
///
/// # Errors
/// A letter that no typeface here can show is named, with what to do.
pub fn print(
    document: &PrintedDocument,
    letterhead: &Letterhead,
    words: Words,
    folders: Option<&[PathBuf]>,
) -> Result<Vec<u8>, PdfError> {
    let texts = texts(document, letterhead);
    let chinese = (words.language == Language::Zh).then_some("中");
    let faces = Faces::for_text(texts.iter().map(String::as_str).chain(chinese), folders)?;
    let mut sheets = Sheets::new(&faces);
    head(&mut sheets, letterhead)?;
    parties(&mut sheets, document, words)?;
    facts(&mut sheets, document, words)?;
    table::lines(&mut sheets, document, words)?;
    table::totals(&mut sheets, document, words)?;
    for text in [document.note.as_deref().unwrap_or_default(), terms(document.reference.kind, letterhead)] {
        if !text.trim().is_empty() {
            sheets.y += 8.0;
            paragraph(&mut sheets, text)?;
        }
    }
    sheets.feet(&letterhead.footer, |page, of| {
        words.say("customer-page").with("page", page).with("pages", of).to_string()
    })?;
    finish(&sheets, document, letterhead, words)
}

fn finish(
    sheets: &Sheets<'_>,
    document: &PrintedDocument,
    letterhead: &Letterhead,
    words: Words,
) -> Result<Vec<u8>, PdfError> {
    let title = format!("{} {}", label(words, kind(document.reference.kind)), document.number);
    let mut pdf = Document::new();
    pdf.set_metadata(
        Metadata::new()
            .title(title)
            .authors(vec![letterhead.name.clone()])
            .language(words.tag().to_owned())
            .creator("Backorders".to_owned()),
    );
    for draw in sheets.pages() {
        let settings = PageSettings::from_wh(sheet::WIDTH, sheet::HEIGHT).ok_or(PdfError::Broken)?;
        let mut page = pdf.start_page_with(settings);
        let mut surface = page.surface();
        draw(&mut surface);
        surface.finish();
        page.finish();
    }
    pdf.finish().map_err(|_| PdfError::Broken)
}

/// What a document of this kind is called.
pub(super) fn kind(kind: DocumentKind) -> Label {
    match kind {
        DocumentKind::Quotation => Label::Quotation,
        DocumentKind::Invoice => Label::Invoice,
        _ => Label::Order,
    }
}

fn terms(kind: DocumentKind, letterhead: &Letterhead) -> &str {
    match kind {
        DocumentKind::Quotation => &letterhead.quotation_terms,
        DocumentKind::Invoice => &letterhead.invoice_terms,
        _ => &letterhead.order_terms,
    }
}

/// Everything that may hold a foreign script.
fn texts(document: &PrintedDocument, letterhead: &Letterhead) -> Vec<String> {
    let mut texts = vec![
        document.number.clone(),
        document.customer.name.clone(),
        document.customer_reference.clone().unwrap_or_default(),
        document.note.clone().unwrap_or_default(),
        letterhead.name.clone(),
        letterhead.address.clone(),
        letterhead.footer.clone(),
        terms(document.reference.kind, letterhead).to_owned(),
    ];
    texts.extend([&document.bill_to, &document.ship_to].into_iter().flatten().map(Address::one_line));
    texts.extend(document.lines.iter().map(|line| format!("{} {} {}", line.sku, line.description, line.unit)));
    texts
}

/// The company's name and how to reach it.
fn head(sheets: &mut Sheets<'_>, letterhead: &Letterhead) -> Result<(), PdfError> {
    let (top, half) = (sheets.y, (RIGHT - LEFT) / 2.0);
    let left = sheets.text(&letterhead.name, COMPANY, (LEFT, top, half), Align::Left)?;
    let right = sheets.text(&letterhead.address, SMALL, (LEFT + half, top, half), Align::Right)?;
    sheets.y = left.max(right) + 8.0;
    sheets.rule(LEFT, sheets.y, RIGHT - LEFT);
    sheets.y += 22.0;
    Ok(())
}

/// Who it is for and where it goes.
fn parties(sheets: &mut Sheets<'_>, document: &PrintedDocument, words: Words) -> Result<(), PdfError> {
    let (top, column) = (sheets.y, (RIGHT - LEFT - 24.0) / 2.0);
    let name = document.customer.name.as_str();
    let bill_to = block(name, document.bill_to.as_ref());
    let mut bottom = party(sheets, &label(words, Label::BillTo), &bill_to, (LEFT, top, column))?;
    if let Some(address) = &document.ship_to {
        let ship_to = block(name, Some(address));
        if ship_to != bill_to {
            let at = (LEFT + column + 24.0, top, column);
            bottom = bottom.max(party(sheets, &label(words, Label::ShipTo), &ship_to, at)?);
        }
    }
    sheets.y = bottom + 18.0;
    Ok(())
}

fn party(sheets: &mut Sheets<'_>, title: &str, lines: &[String], at: (f32, f32, f32)) -> Result<f32, PdfError> {
    let mut y = sheets.text(title, SMALL, at, Align::Left)? + 1.0;
    for (index, line) in lines.iter().enumerate() {
        y = sheets.text(line, if index == 0 { STRONG } else { BODY }, (at.0, y, at.2), Align::Left)?;
    }
    Ok(y)
}

/// A name and an address as lines of a letter.
fn block(name: &str, address: Option<&Address>) -> Vec<String> {
    let mut lines = vec![name.to_owned()];
    if let Some(address) = address {
        let joined = |parts: [&str; 2]| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        lines.push(address.name.clone());
        lines.push(address.street.clone());
        lines.push(joined([&address.postal_code, &address.city]));
        lines.push(address.state.clone());
        lines.push(address.country.clone());
    }
    lines.retain(|line| !line.trim().is_empty());
    lines.dedup();
    lines
}

/// What it is, its number, and its dates.
fn facts(sheets: &mut Sheets<'_>, document: &PrintedDocument, words: Words) -> Result<(), PdfError> {
    let title = format!("{} {}", label(words, kind(document.reference.kind)), document.number);
    sheets.y = sheets.text(&title, TITLE, (LEFT, sheets.y, RIGHT - LEFT), Align::Left)? + 6.0;
    let until = if document.reference.kind == DocumentKind::Invoice { Label::DueDate } else { Label::ValidUntil };
    let date = |day: jiff::civil::Date| words.date(day);
    let facts = [
        (Label::Date, Some(date(document.date))),
        (until, document.until.map(date)),
        (Label::Delivery, document.delivery.map(date)),
        (Label::YourReference, document.customer_reference.clone()),
    ];
    let known: Vec<_> = facts.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect();
    let column = (RIGHT - LEFT) / 4.0;
    let (top, mut bottom, mut x) = (sheets.y, sheets.y, LEFT);
    for (name, value) in known {
        let y = sheets.text(&label(words, name), SMALL, (x, top, column - 8.0), Align::Left)?;
        bottom = bottom.max(sheets.text(&value, BODY, (x, y, column - 8.0), Align::Left)?);
        x += column;
    }
    sheets.y = bottom + 14.0;
    Ok(())
}

/// Text over the whole width that may go over several pages.
fn paragraph(sheets: &mut Sheets<'_>, text: &str) -> Result<(), PdfError> {
    for line in sheets.lines(text, BODY, RIGHT - LEFT)? {
        if !sheets.fits(BODY.leading()) {
            sheets.next_page();
        }
        sheets.y = sheets.draw(&[line], BODY, (LEFT, sheets.y, RIGHT - LEFT), Align::Left);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
