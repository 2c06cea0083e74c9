//! One mail that carries many notices: what happened, each with where to look, however long.

use askama::Template;

use super::MailContent;
use super::notice::{self, NoticeLinks};
use crate::domain::notice::Notice;
use crate::wording::Words;

/// What stands in the mail of one notice.
struct Entry {
    subject: String,
    remark: Option<String>,
    open: Option<String>,
    /// Something waits for a decision there.
    decide: Option<String>,
}

#[derive(Template)]
#[template(path = "mail/templates/digest/body.html", config = ".askama.toml")]
struct Page<'a> {
    words: Words,
    company: &'a str,
    title: &'a str,
    entries: &'a [Entry],
    left_out: i64,
    settings: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "mail/templates/digest/body.txt", config = ".askama.toml")]
struct Text<'a> {
    words: Words,
    company: &'a str,
    entries: &'a [Entry],
    left_out: i64,
    settings: Option<&'a str>,
}

/// A notice and where its backorder and its decision are.
#[derive(Debug, Clone, Copy)]
pub struct Carried<'a> {
    pub notice: &'a Notice,
    pub links: &'a NoticeLinks,
}

/// Renders a digest; `in_all` counts what did not fit as well. Fails only if a template does, a defect of ours.
pub fn render(
    carried: &[Carried<'_>],
    in_all: i64,
    settings: Option<&str>,
    words: Words,
) -> Result<MailContent, askama::Error> {
    let company = carried.first().map_or("", |carried| carried.notice.company.as_str());
    let entries = carried
        .iter()
        .map(|carried| {
            let content = notice::render(carried.notice, carried.links, words)?;
            Ok(Entry {
                subject: content.subject,
                remark: carried.notice.remark.as_ref().map(|remark| words.remark(remark)),
                open: carried.links.open.clone(),
                decide: carried.links.approve.clone(),
            })
        })
        .collect::<Result<Vec<Entry>, askama::Error>>()?;
    let left_out = in_all - i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let title = words.say("mail-digest-title").with("count", in_all).to_string();
    let waiting = entries.iter().filter(|entry| entry.decide.is_some()).count();
    let subject = match waiting {
        0 => words.say("mail-digest-subject").with("title", &title).with("company", company),
        waiting => words
            .say("mail-digest-subject-decide")
            .with("title", &title)
            .with("company", company)
            .with("waiting", waiting),
    };
    let entries = entries.as_slice();
    Ok(MailContent {
        subject: subject.to_string(),
        text: notice::tidy(&Text { words, company, entries, left_out, settings }.render()?),
        html: Page { words, company, title: &title, entries, left_out, settings }.render()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::notice::NoticeEvent;
    use crate::domain::remark::Remark;

    fn news(remark: &str) -> Notice {
        Notice {
            event: NoticeEvent::NoVendor,
            company: "Fairlight & Co".to_owned(),
            document: None,
            lines: Vec::new(),
            purchase_order: None,
            decision: None,
            watch: false,
            remark: Some(Remark::Said(remark.to_owned())),
        }
    }

    #[test]
    fn a_digest_is_one_mail_however_long_and_names_are_text() {
        let notice = news("<script>alert(1)</script>");
        let links = NoticeLinks { open: Some("https://b.example/x".to_owned()), ..NoticeLinks::default() };
        let carried = vec![Carried { notice: &notice, links: &links }; 300];
        let mail = render(&carried, 1_234, None, Words::default()).unwrap();
        assert_eq!(mail.subject, "1,234 pieces of news from Fairlight & Co");
        assert!(mail.text.contains("934 more"), "{}", mail.text);
        assert_eq!(mail.text.matches("https://b.example/x").count(), 300);
        assert!(!mail.html.contains("<script>"));
    }

    #[test]
    fn what_waits_for_a_decision_is_said_in_the_subject() {
        let notice = news("x");
        let links = NoticeLinks { approve: Some("https://b.example/d".to_owned()), ..NoticeLinks::default() };
        let mail = render(&[Carried { notice: &notice, links: &links }], 1, None, Words::default()).unwrap();
        assert_eq!(mail.subject, "1 piece of news from Fairlight & Co, 1 to decide");
    }
}
