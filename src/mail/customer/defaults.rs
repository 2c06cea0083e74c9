//! The templates that come with the app, in each language: the first line is the subject, the text follows after an
//! empty line.

use crate::domain::customer_mail::{CustomerEvent, Template};
use crate::domain::language::Language;

/// The template of an event in a language, as it is until a company writes its own.
#[must_use]
pub fn default_template(event: CustomerEvent, language: Language) -> Template {
    let text = match (language, event) {
        (Language::En, CustomerEvent::Document) => include_str!("templates/en/document.txt"),
        (Language::En, CustomerEvent::Backorder) => include_str!("templates/en/backorder.txt"),
        (Language::En, CustomerEvent::DateMoved) => include_str!("templates/en/date_moved.txt"),
        (Language::En, CustomerEvent::OnItsWay) => include_str!("templates/en/on_its_way.txt"),
        (Language::De, CustomerEvent::Document) => include_str!("templates/de/document.txt"),
        (Language::De, CustomerEvent::Backorder) => include_str!("templates/de/backorder.txt"),
        (Language::De, CustomerEvent::DateMoved) => include_str!("templates/de/date_moved.txt"),
        (Language::De, CustomerEvent::OnItsWay) => include_str!("templates/de/on_its_way.txt"),
        (Language::Fr, CustomerEvent::Document) => include_str!("templates/fr/document.txt"),
        (Language::Fr, CustomerEvent::Backorder) => include_str!("templates/fr/backorder.txt"),
        (Language::Fr, CustomerEvent::DateMoved) => include_str!("templates/fr/date_moved.txt"),
        (Language::Fr, CustomerEvent::OnItsWay) => include_str!("templates/fr/on_its_way.txt"),
        (Language::Es, CustomerEvent::Document) => include_str!("templates/es/document.txt"),
        (Language::Es, CustomerEvent::Backorder) => include_str!("templates/es/backorder.txt"),
        (Language::Es, CustomerEvent::DateMoved) => include_str!("templates/es/date_moved.txt"),
        (Language::Es, CustomerEvent::OnItsWay) => include_str!("templates/es/on_its_way.txt"),
        (Language::Ms, CustomerEvent::Document) => include_str!("templates/ms/document.txt"),
        (Language::Ms, CustomerEvent::Backorder) => include_str!("templates/ms/backorder.txt"),
        (Language::Ms, CustomerEvent::DateMoved) => include_str!("templates/ms/date_moved.txt"),
        (Language::Ms, CustomerEvent::OnItsWay) => include_str!("templates/ms/on_its_way.txt"),
        (Language::Zh, CustomerEvent::Document) => include_str!("templates/zh/document.txt"),
        (Language::Zh, CustomerEvent::Backorder) => include_str!("templates/zh/backorder.txt"),
        (Language::Zh, CustomerEvent::DateMoved) => include_str!("templates/zh/date_moved.txt"),
        (Language::Zh, CustomerEvent::OnItsWay) => include_str!("templates/zh/on_its_way.txt"),
    };
    let (subject, body) = text.split_once("\n\n").unwrap_or((text, ""));
    Template { subject: subject.trim().to_owned(), body: body.trim().to_owned() }
}
