//! Prints, read back as a reader copies their text.

use super::*;
use crate::domain::ids::DocumentRef;
use crate::domain::printed::{Discount, PrintedLine};
use crate::domain::sales_document::Party;

fn line(name: &str, quantity: &str, price: &str, amount: &str) -> PrintedLine {
    PrintedLine {
        sku: "W-100".to_owned(),
        description: name.to_owned(),
        quantity: Some(quantity.parse().unwrap()),
        unit: "pcs".to_owned(),
        unit_price: Some(price.parse().unwrap()),
        discount: Some(Discount::Percent("5".parse().unwrap())),
        tax: None,
        amount: Some(amount.parse().unwrap()),
    }
}

fn document(lines: Vec<PrintedLine>) -> PrintedDocument {
    PrintedDocument {
        reference: DocumentRef::new(DocumentKind::Invoice, "SI-1"),
        number: "INV-00012".to_owned(),
        date: jiff::civil::date(2026, 11, 24),
        until: Some(jiff::civil::date(2026, 12, 24)),
        delivery: None,
        customer_reference: Some("PO-778".to_owned()),
        customer: Party { id: "C".to_owned(), name: "Harbour Outfitters".to_owned() },
        bill_to: Some(Address { street: "Dock 4".to_owned(), city: "Bristol".to_owned(), ..Address::default() }),
        ship_to: None,
        currency: Some("EUR".to_owned()),
        lines,
        untaxed: Some("1234.5".parse().unwrap()),
        tax: Some("234.56".parse().unwrap()),
        total: Some("1469.06".parse().unwrap()),
        tax_included: false,
        note: Some("Deliver to the back door.".to_owned()),
    }
}

fn letterhead() -> Letterhead {
    Letterhead {
        name: "Fairlight & Co Ltd".to_owned(),
        address: "12 Quay Street\nBristol BS1 4DJ\nTel. +44 117 496 0000\nVAT GB 123 4567 89".to_owned(),
        footer: "Fairlight & Co Ltd · Registered in England 01234567".to_owned(),
        invoice_terms: "Payment within 30 days.".to_owned(),
        ..Letterhead::default()
    }
}

/// The text of each page, as a reader copies it.
fn pages(bytes: &[u8]) -> Vec<String> {
    let pdf = lopdf::Document::load_mem(bytes).unwrap();
    let numbers: Vec<u32> = pdf.get_pages().keys().copied().collect();
    numbers.into_iter().map(|number| pdf.extract_text(&[number]).unwrap().replace('\u{a0}', " ")).collect()
}

fn printed(document: &PrintedDocument, language: Language) -> Vec<String> {
    pages(&print(document, &letterhead(), Words::of(language), Some(&[])).unwrap())
}

#[test]
fn an_invoice_says_what_the_host_says_to_the_cent() {
    let text = printed(&document(vec![line("Trail lantern", "12", "19.95", "227.43")]), Language::En).join("\n");
    for expected in [
        "Invoice INV-00012",
        "Fairlight & Co Ltd",
        "12 Quay Street",
        "Harbour Outfitters",
        "Dock 4",
        "PO-778",
        "24 Nov 2026",
        "24 Dec 2026",
        "Trail lantern",
        "W-100",
        "12 pcs",
        "19.95",
        "5%",
        "227.43",
        "1,234.50 EUR",
        "234.56 EUR",
        "1,469.06 EUR",
        "Deliver to the back door.",
        "Payment within 30 days.",
        "Page 1 of 1",
        "Registered in England",
    ] {
        assert!(text.contains(expected), "{expected} in:\n{text}");
    }
}

#[test]
fn a_long_document_goes_over_pages_with_its_head_and_numbers() {
    let lines = (1..=120).map(|n| line(&format!("Item number {n}"), "1", "1.00", "1.00")).collect();
    let pages = printed(&document(lines), Language::De);
    assert!(pages.len() >= 4, "{}", pages.len());
    for (index, page) in pages.iter().enumerate() {
        assert!(page.contains(&format!("Seite {} von {}", index + 1, pages.len())), "{page}");
    }
    assert!(pages[1].contains("Einzelpreis"), "{}", pages[1]);
    let all = pages.concat();
    for n in 1..=120 {
        assert!(all.contains(&format!("Item number {n}")), "{n}");
    }
    assert_eq!(all.matches("1.469,06 EUR").count(), 1);
}

#[test]
fn what_the_host_does_not_say_is_left_out() {
    let mut bare = document(vec![line("Trail lantern", "12", "19.95", "227.43")]);
    bare.lines[0].discount = None;
    bare.lines[0].amount = None;
    (bare.untaxed, bare.tax, bare.total, bare.until) = (None, None, None, None);
    let text = printed(&bare, Language::En).join("\n");
    for absent in ["Subtotal", "Tax", "Total", "Discount", "Amount", "Due date", "0.00", "Ship to"] {
        assert!(!text.contains(absent), "{absent} in:\n{text}");
    }
}

#[test]
fn typefaces_are_embedded_and_nothing_is_a_picture() {
    let bytes =
        print(&document(vec![line("Lantern", "1", "1", "1")]), &letterhead(), Words::default(), Some(&[])).unwrap();
    let pdf = lopdf::Document::load_mem(&bytes).unwrap();
    let descriptors: Vec<_> = pdf
        .objects
        .values()
        .filter_map(|object| object.as_dict().ok())
        .filter(|dict| dict.get(b"Type").and_then(lopdf::Object::as_name).is_ok_and(|name| name == b"FontDescriptor"))
        .collect();
    assert_eq!(descriptors.len(), 2, "a regular and a bold one");
    for descriptor in descriptors {
        assert!([b"FontFile2".as_slice(), b"FontFile3"].iter().any(|key| descriptor.has(key)), "{descriptor:?}");
    }
    assert!(!String::from_utf8_lossy(&bytes).contains("/Subtype/Image"));
    assert!(bytes.len() < 100_000, "{} bytes: only what is used of a typeface is embedded", bytes.len());
}

#[test]
fn the_same_document_makes_the_same_bytes() {
    let document = document(vec![line("Lantern", "1", "1", "1")]);
    let once = print(&document, &letterhead(), Words::of(Language::Fr), Some(&[])).unwrap();
    assert_eq!(once, print(&document, &letterhead(), Words::of(Language::Fr), Some(&[])).unwrap());
}

#[test]
fn without_a_chinese_typeface_it_is_said_what_to_install() {
    let mut chinese = document(vec![line("台灯", "1", "1", "1")]);
    let refused = print(&chinese, &letterhead(), Words::default(), Some(&[])).unwrap_err().to_string();
    assert!(refused.contains('台') && refused.contains("fonts-noto-cjk"), "{refused}");
    chinese.lines[0].description = "שלום".to_owned();
    let refused = print(&chinese, &letterhead(), Words::default(), Some(&[])).unwrap_err();
    assert!(matches!(refused, PdfError::RightToLeft(_)), "{refused}");
}

#[test]
fn hostile_names_are_text_in_their_own_cell() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/hostile_names.json");
    let page: Vec<String> = serde_json::from_str(&std::fs::read_to_string(page).unwrap()).unwrap();
    assert_eq!(page.len(), 100);
    let more = ["a\r\nb\0c\u{1b}[31m", ") Tj ET /Launch (calc", "<< /JavaScript (x) >>"].map(str::to_owned);
    let mut refused = Vec::new();
    for hostile in page.iter().chain(&more) {
        let mut document = document(vec![line(hostile, "1", "1.00", "1.00")]);
        document.customer.name.clone_from(hostile);
        document.number.clone_from(hostile);
        let bytes = match print(&document, &letterhead(), Words::default(), Some(&[])) {
            Ok(bytes) => bytes,
            Err(PdfError::Broken) => panic!("{hostile:?}"),
            // a letter that no typeface here has is named
            Err(error) => {
                assert!(
                    hostile.chars().any(|c| !c.is_ascii() && error.to_string().contains(c)),
                    "{hostile:?}: {error}"
                );
                refused.push(hostile.as_str());
                continue;
            }
        };
        let text = pages(&bytes).join("\n");
        assert!(text.contains("1,469.06 EUR"), "{hostile:?}: {text}");
        let pdf = lopdf::Document::load_mem(&bytes).unwrap();
        let dictionaries = pdf.objects.values().filter_map(|object| match object {
            lopdf::Object::Stream(stream) => Some(&stream.dict),
            other => other.as_dict().ok(),
        });
        for dictionary in dictionaries {
            let acts = ["Launch", "JavaScript", "JS", "URI", "AA", "OpenAction", "Annots", "EmbeddedFiles"];
            assert!(acts.iter().all(|key| !dictionary.has(key.as_bytes())), "{hostile:?}: {dictionary:?}");
        }
    }
    assert!(refused.len() <= 4, "Chinese without its typeface, Hebrew, Arabic, letters above letters: {refused:?}");
}
