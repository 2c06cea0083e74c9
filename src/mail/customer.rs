//! Mails to customers: a template's subject and text, put into words in the customer's language and into our frame.
//!
//! Invariants: a template is text, never markup: whatever it or a name in it holds is escaped in the page; it can read
//! only what is listed in [`PLACEHOLDERS`], can load nothing, and ends by its fuel; a name that is not known is an error,
//! not an empty place. A mail loads nothing from elsewhere.

mod defaults;
mod engine;
mod frame;

use jiff::civil::Date;
use minijinja::Value;

use super::MailContent;
use super::labels::label;
use crate::domain::customer_mail::{CustomerEvent, CustomerNotice, Template};
use crate::domain::ids::DocumentKind;
use crate::wording::{Language, Words};

pub use self::defaults::default_template;
pub use self::engine::TemplateError;

/// What a template may name, each with what it is.
pub const PLACEHOLDERS: [&str; 9] =
    ["customer", "company", "document", "number", "expected", "said_before", "lines", "message", "attached"];

/// What a mail is made from beside its notice.
#[derive(Debug, Clone, Copy)]
pub struct CustomerView<'a> {
    pub notice: &'a CustomerNotice,
    pub words: Words,
    /// Ends such mails; an address of ours.
    pub unsubscribe: Option<&'a str>,
    pub attached: bool,
}

/// Renders a mail.
///
/// # Errors
/// What is wrong with the template, in words for the person who wrote it.
pub fn render(view: CustomerView<'_>, template: &Template) -> Result<MailContent, TemplateError> {
    let values = values(view);
    let subject = engine::render("subject", &template.subject, &values)?;
    let body = engine::render("text", &template.body, &values)?;
    frame::frame(view, &subject, &body).map_err(|error| TemplateError {
        part: "frame",
        line: 1,
        what: error.to_string(),
    })
}

fn values(view: CustomerView<'_>) -> Vec<(&'static str, Value)> {
    let CustomerView { notice, words, .. } = view;
    let day = |day: Option<Date>| Value::from(day.map(|day| words.date(day)).unwrap_or_default());
    let line = |text: &str| Value::from(engine::plain(text).replace('\n', " "));
    vec![
        ("customer", line(&notice.customer.name)),
        ("company", line(&notice.company)),
        ("document", line(&kind_word(notice.document.kind, words))),
        ("number", line(&notice.number)),
        ("expected", day(notice.expected)),
        ("said_before", day(notice.said_before)),
        ("lines", Value::from(engine::LINES)),
        ("message", Value::from(engine::plain(notice.message.as_deref().unwrap_or_default()))),
        ("attached", Value::from(view.attached)),
    ]
}

/// The document's kind inside a sentence.
fn kind_word(kind: DocumentKind, words: Words) -> String {
    let word = label(words, super::pdf::kind(kind));
    // German writes its nouns with a capital; Chinese has none
    if words.language == Language::De { word } else { word.to_lowercase() }
}

/// An example in the mail's language, for a preview where there is no backorder yet.
#[must_use]
pub fn example(event: CustomerEvent, words: Words, company: &str, today: Date) -> CustomerNotice {
    use crate::domain::customer_mail::CustomerLine;
    use crate::domain::ids::DocumentRef;
    use crate::domain::sales_document::Party;
    use jiff::ToSpan;
    let in_days = |days: i32| today.checked_add(days.days()).ok();
    CustomerNotice {
        event,
        document: DocumentRef::new(DocumentKind::SalesOrder, "SO-1042"),
        number: "SO-1042".to_owned(),
        customer: Party { id: "C-1".to_owned(), name: "Müller & Söhne GmbH".to_owned() },
        company: company.to_owned(),
        expected: in_days(12),
        said_before: (event == CustomerEvent::DateMoved).then(|| in_days(5)).flatten(),
        lines: vec![CustomerLine {
            sku: "LAMP-01".to_owned(),
            name: words.say("customer-example-item").into(),
            quantity: 8.into(),
            unit: words.say("customer-example-unit").into(),
            expected: in_days(12),
        }],
        attach: event == CustomerEvent::Document,
        message: None,
        try_on: None,
        language: None,
    }
}

#[cfg(test)]
mod tests;
