//! Turns a notice into the subject, text and page that a person reads, in their language: `templates` say what stands
//! where, [`crate::wording`] the words.
//!
//! Invariants: each event has its own three files; text from a host is escaped in the page and never a link unless
//! it is a web address; a mail loads nothing from elsewhere.

use askama::Template;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::MailContent;
use crate::domain::notice::{Notice, NoticeDocument, NoticeEvent, NoticeLine};
use crate::wording::Words;

/// Lines of a table in a mail; the rest is in the app.
const MOST_LINES: usize = 30;

/// Where the mail's buttons lead; all of them addresses of ours, made when the mail is sent.
#[derive(Debug, Clone, Default)]
pub struct NoticeLinks {
    /// The backorder in the app.
    pub open: Option<String>,
    /// The page that asks to approve; opening it changes nothing.
    pub approve: Option<String>,
    /// The page that asks to decline.
    pub decline: Option<String>,
    /// Where the person says which mails to get.
    pub settings: Option<String>,
}

/// Renders a notice. Fails only if a template does, which is a defect of ours.
pub fn render(notice: &Notice, links: &NoticeLinks, words: Words) -> Result<MailContent, askama::Error> {
    let view = View { notice, links, words };
    match notice.event {
        NoticeEvent::ShortfallFound => shortfall_found::render(view),
        NoticeEvent::PurchaseOrderMade => purchase_order_made::render(view),
        NoticeEvent::Ready => ready::render(view),
        NoticeEvent::PartReady => part_ready::render(view),
        NoticeEvent::NotReady => not_ready::render(view),
        NoticeEvent::Late => late::render(view),
        NoticeEvent::PurchaseOrderCancelled => purchase_order_cancelled::render(view),
        NoticeEvent::NoVendor => no_vendor::render(view),
        NoticeEvent::OutcomeUnknown => outcome_unknown::render(view),
        NoticeEvent::PurchaseOrderRefused => purchase_order_refused::render(view),
        NoticeEvent::ChangeProposed => change_proposed::render(view),
        NoticeEvent::AccessRevoked => access_revoked::render(view),
    }
}

/// What a template sees.
#[derive(Debug, Clone, Copy)]
struct View<'a> {
    notice: &'a Notice,
    links: &'a NoticeLinks,
    /// The recipient's.
    words: Words,
}

/// The three templates of an event, as a module with one function.
macro_rules! event_templates {
    ($($event:ident: $subject:literal, $text:literal, $html:literal;)*) => {$(
        mod $event {
            use super::{MailContent, Template, View};

            #[derive(Template)]
            #[template(path = $subject, config = ".askama.toml")]
            struct Subject<'a> {
                v: View<'a>,
            }

            #[derive(Template)]
            #[template(path = $text, config = ".askama.toml")]
            struct Text<'a> {
                v: View<'a>,
            }

            #[derive(Template)]
            #[template(path = $html, config = ".askama.toml")]
            struct Html<'a> {
                v: View<'a>,
            }

            pub(super) fn render(v: View<'_>) -> Result<MailContent, askama::Error> {
                let subject = Subject { v }.render()?;
                let text = super::tidy(&Text { v }.render()?);
                Ok(MailContent { subject: subject.trim().to_owned(), text, html: Html { v }.render()? })
            }
        }
    )*};
}

event_templates! {
    shortfall_found: "mail/templates/shortfall_found/subject.txt", "mail/templates/shortfall_found/body.txt", "mail/templates/shortfall_found/body.html";
    purchase_order_made: "mail/templates/purchase_order_made/subject.txt", "mail/templates/purchase_order_made/body.txt", "mail/templates/purchase_order_made/body.html";
    ready: "mail/templates/ready/subject.txt", "mail/templates/ready/body.txt", "mail/templates/ready/body.html";
    part_ready: "mail/templates/part_ready/subject.txt", "mail/templates/part_ready/body.txt", "mail/templates/part_ready/body.html";
    not_ready: "mail/templates/not_ready/subject.txt", "mail/templates/not_ready/body.txt", "mail/templates/not_ready/body.html";
    late: "mail/templates/late/subject.txt", "mail/templates/late/body.txt", "mail/templates/late/body.html";
    purchase_order_cancelled: "mail/templates/purchase_order_cancelled/subject.txt", "mail/templates/purchase_order_cancelled/body.txt", "mail/templates/purchase_order_cancelled/body.html";
    no_vendor: "mail/templates/no_vendor/subject.txt", "mail/templates/no_vendor/body.txt", "mail/templates/no_vendor/body.html";
    outcome_unknown: "mail/templates/outcome_unknown/subject.txt", "mail/templates/outcome_unknown/body.txt", "mail/templates/outcome_unknown/body.html";
    purchase_order_refused: "mail/templates/purchase_order_refused/subject.txt", "mail/templates/purchase_order_refused/body.txt", "mail/templates/purchase_order_refused/body.html";
    change_proposed: "mail/templates/change_proposed/subject.txt", "mail/templates/change_proposed/body.txt", "mail/templates/change_proposed/body.html";
    access_revoked: "mail/templates/access_revoked/subject.txt", "mail/templates/access_revoked/body.txt", "mail/templates/access_revoked/body.html";
}

/// Paragraphs are one empty line apart, whichever of them are there.
pub(super) fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines() {
        empty = if line.trim().is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidy.push_str(line.trim_end());
            tidy.push('\n');
        }
    }
    tidy
}

impl<'a> View<'a> {
    /// The order that the notice is about: "SO-7 for Lim Trading".
    fn order(&self) -> String {
        match &self.notice.document {
            Some(document) if document.customer.is_empty() => document.number.clone(),
            Some(document) => self
                .words
                .say("mail-order-for")
                .with("order", &document.number)
                .with("customer", &document.customer)
                .to_string(),
            None => self.notice.company.clone(),
        }
    }

    /// The order's number alone, for a subject.
    fn number(&self) -> &'a str {
        self.notice.document.as_ref().map_or(self.notice.company.as_str(), |document| document.number.as_str())
    }

    fn document(&self) -> Option<&'a NoticeDocument> {
        self.notice.document.as_ref()
    }

    /// What is short, in few words: "8 × Desk lamp" or "3 items".
    fn short(&self) -> String {
        let mut short = self.notice.lines.iter().filter(|line| line.short > Decimal::ZERO);
        let said = match (short.next(), short.next()) {
            (Some(line), None) => self.words.say("mail-one-item").with("quantity", line.short).with("name", &line.name),
            (None, _) => self.words.say("mail-goods"),
            (Some(_), Some(_)) => self.words.say("mail-items").with("count", short.count() + 2),
        };
        said.to_string()
    }

    /// When it is expected and when it is needed, where both are known.
    fn late(&self) -> Option<(Date, Date)> {
        let document = self.notice.document.as_ref()?;
        Some((document.promise?, document.need_by?))
    }

    /// A line of the order in one sentence.
    fn line(&self, line: &NoticeLine) -> String {
        let open = format!("{} {}", self.words.quantity(line.open), line.unit);
        self.words
            .say("mail-line")
            .with("item", format!("{} ({})", line.name, line.sku))
            .with("open", open.trim_end())
            .with("stock", line.from_stock)
            .with("ordered", line.on_order)
            .with("short", line.short)
            .to_string()
    }

    /// The purchase order's number, or what to call it before it has one.
    fn purchase_order(&self) -> String {
        let number = self.notice.purchase_order.as_ref().and_then(|order| order.number.clone());
        number.unwrap_or_else(|| self.words.say("mail-the-order").to_string())
    }

    fn vendor(&self) -> String {
        let order = self.notice.purchase_order.as_ref();
        order.map_or_else(|| self.words.say("mail-the-vendor").to_string(), |order| order.vendor.clone())
    }

    /// How many of a list are shown.
    #[expect(clippy::unused_self, reason = "templates call it on the view")]
    fn shown<T>(&self, list: &'a [T]) -> &'a [T] {
        &list[..list.len().min(MOST_LINES)]
    }

    /// How many of a list are left out.
    #[expect(clippy::unused_self, reason = "templates call it on the view")]
    fn left_out<T>(&self, list: &[T]) -> usize {
        list.len().saturating_sub(MOST_LINES)
    }

    /// Exact, in the recipient's form.
    fn quantity(&self, quantity: &Decimal) -> String {
        self.words.quantity(*quantity)
    }

    /// An amount with its currency and at least the currency's digits; never fewer than the host's.
    fn money(&self, amount: &Decimal, currency: Option<&String>) -> String {
        self.words.money(Some(*amount), currency.map(String::as_str))
    }

    /// A host's address, if it is one that a person may be sent to.
    #[expect(clippy::unused_self, reason = "templates call it on the view")]
    fn web(&self, address: Option<&'a String>) -> Option<&'a str> {
        address.map(String::as_str).filter(|address| {
            url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        })
    }
}

#[cfg(test)]
mod tests;
