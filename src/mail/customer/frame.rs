//! The frame around a customer's mail: paragraphs, the list of items, why it came and how to end it; as text and as a
//! page.

use std::fmt::Write;

use askama::Template;

use super::CustomerView;
use super::engine::LINES;
use crate::domain::customer_mail::{CustomerEvent, CustomerLine};
use crate::mail::MailContent;
use crate::mail::labels::{Label, label};

/// Items that are listed; the rest is counted.
const MOST_LINES: usize = 50;

/// A part of the text between two empty lines.
enum Block {
    Lines,
    Paragraph(Vec<String>),
}

#[derive(Template)]
#[template(path = "mail/customer/templates/frame.html", config = ".askama.toml")]
struct Page<'a> {
    language: &'static str,
    subject: &'a str,
    company: &'a str,
    blocks: Vec<Block>,
    items: Vec<Item<'a>>,
    more: Option<String>,
    head: [String; 3],
    why: String,
    unsubscribe: Option<(&'a str, String)>,
}

struct Item<'a> {
    line: &'a CustomerLine,
    quantity: String,
    expected: String,
}

pub(super) fn frame(view: CustomerView<'_>, subject: &str, body: &str) -> Result<MailContent, askama::Error> {
    let words = view.words;
    let word = |name: Label| label(words, name);
    let notice = view.notice;
    let item = |line| Item {
        line,
        quantity: format!("{} {}", words.quantity(line.quantity), line.unit).trim().to_owned(),
        expected: match (line.expected, view.notice.event) {
            (_, CustomerEvent::OnItsWay) => String::new(),
            (Some(day), _) => words.date(day),
            (None, _) => word(Label::NoDate),
        },
    };
    let items: Vec<Item<'_>> = notice.lines.iter().take(MOST_LINES).map(item).collect();
    let left = notice.lines.len().saturating_sub(MOST_LINES);
    let more = (left > 0).then(|| words.say("customer-more-lines").with("count", left).to_string());
    let why = words.say("customer-why-you-get-this").with("company", &notice.company).to_string();
    let blocks = blocks(body);
    let text = text(&blocks, &items, more.as_deref(), &why, view);
    let page = Page {
        language: words.tag(),
        subject,
        company: &notice.company,
        blocks,
        items,
        more,
        head: [word(Label::Item), word(Label::Quantity), word(Label::Expected)],
        why,
        unsubscribe: view.unsubscribe.map(|address| (address, word(Label::Unsubscribe))),
    };
    Ok(MailContent { html: page.render()?, subject: subject.trim().to_owned(), text })
}

fn blocks(body: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut paragraph: Vec<String> = Vec::new();
    for line in body.lines().map(str::trim).chain([""]) {
        if (line.is_empty() || line.contains(LINES)) && !paragraph.is_empty() {
            blocks.push(Block::Paragraph(std::mem::take(&mut paragraph)));
        }
        if line.contains(LINES) {
            blocks.push(Block::Lines);
        } else if !line.is_empty() {
            paragraph.push(line.to_owned());
        }
    }
    blocks
}

fn text(blocks: &[Block], items: &[Item<'_>], more: Option<&str>, why: &str, view: CustomerView<'_>) -> String {
    let mut text = String::new();
    for block in blocks {
        match block {
            Block::Paragraph(lines) => lines.iter().for_each(|line| {
                let _ = writeln!(text, "{line}");
            }),
            Block::Lines => {
                for item in items {
                    let name = [item.line.sku.as_str(), item.line.name.as_str()];
                    let name: Vec<&str> = name.into_iter().filter(|part| !part.is_empty()).collect();
                    let _ = write!(text, "- {} × {}", item.quantity, name.join(" "));
                    let _ =
                        if item.expected.is_empty() { writeln!(text) } else { writeln!(text, ": {}", item.expected) };
                }
                if let Some(more) = more {
                    let _ = writeln!(text, "- {more}");
                }
            }
        }
        text.push('\n');
    }
    let _ = writeln!(text, "--\n{why}");
    if let Some(address) = view.unsubscribe {
        let _ = writeln!(text, "{}: {address}", label(view.words, Label::Unsubscribe));
    }
    text
}
