//! What people read on pages and in mails, in English, German, French, Spanish, Malay and simplified Chinese; dates and
//! figures in their company's form.
//!
//! # How to write a text
//!
//! 1. Texts stand in `src/wording/<language>/<area>.ftl` ([Fluent](https://projectfluent.org/fluent/guide/)), one file
//!    per area. A key begins with its area: `settings-mode-help`. Write it in all six, in the words of the table below:
//!
//!    ```text
//!    list-more = { $count ->
//!        [one] and { $count } more item
//!       *[other] and { $count } more items
//!    }
//!    ```
//!
//!    Plural forms: en, de, es, fr `one other`; ms, zh none (write the text plainly). French `one` is 0 and 1: show the
//!    `{ $count }` there.
//! 2. Say it where there is a [`Words`] (`frame.words` in pages, `v.words` in mails):
//!
//!    ```text
//!    {{ frame.words.say("settings-title") }}
//!    {{ frame.words.say("list-more").with("count", row.more) }}
//!    WebError::Invalid(member.words.say("decision-no-reason").into())
//!    ```
//!
//!    The result is escaped like any other text: no markup within texts; a link is a key of its own. Whole numbers are
//!    counts (they choose the plural form), [`Decimal`]s and dates are written in the company's form; money is
//!    `.with("total", words.money(total, currency))`. Never join sentences from pieces: word order differs.
//! 3. The key is a literal inside the call, also as `say(match state { … => "state-short", … })`: that is what the
//!    tests find it by. They fail on a key that is missing in a language, has other variables there, is never said, is
//!    said with other arguments than it has, or reads the same as the English one without being on the list of words
//!    that are the same.
//!
//! Dates and figures alone: [`Words::date`], [`Words::time`], [`Words::quantity`], [`Words::money`],
//! [`Words::percent`]; what a person enters is read by [`Words::read`].
//!
//! Whose language: the person's choice (account, else cookie), else the company's setting, else what the browser asks
//! for, else English; in a mail the recipient's choice, else the company's setting, else English.
//!
//! Why Fluent (`fluent-bundle`, of Mozilla's project Fluent, kept up, in Firefox): plural rules of all languages from
//! CLDR, texts that a translator can read, small and pure Rust. Of the others, `rust-i18n` has no plurals, and
//! `fluent-templates` adds loaders that a program with its texts inside does not need.
//!
//! Invariants: no figure goes through a float but whole counts, which are exact far beyond any count; every text is in
//! every language with the same variables; logs and answers to machines are not worded here, they stay English.
#![doc = include_str!("terms.md")]

mod bundle;
mod form;
mod problem;
mod remark;
#[cfg(test)]
mod tests;
mod why;

use std::fmt;

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

pub use form::{Form, currency_decimals};

pub use crate::domain::language::{DateForm, Language, NumberForm};
use crate::domain::limit::Limit;
use crate::domain::problem::Problem;
use crate::domain::remark::Remark;
use crate::domain::settings::Settings;

/// The language that somebody is spoken to in, and how dates and figures are written for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    pub language: Language,
    pub form: Form,
}

impl Default for Words {
    fn default() -> Self {
        Self::of(Language::En)
    }
}

impl Words {
    /// A language with the form that its readers expect.
    #[must_use]
    pub fn of(language: Language) -> Self {
        Self { language, form: Form::of(language) }
    }

    /// For somebody of a company: in the language that the person chose, else the company's, else what `otherwise`
    /// says (a browser's wish; English where there is no browser). The form is the company's, else the language's.
    #[must_use]
    pub fn choose(person: Option<Language>, company: &Settings, otherwise: Language) -> Self {
        let language = person.or(company.language).unwrap_or(otherwise);
        let usual = Form::of(language);
        let form =
            Form { dates: company.dates.unwrap_or(usual.dates), numbers: company.numbers.unwrap_or(usual.numbers) };
        Self { language, form }
    }

    /// The value of a page's `lang`.
    #[must_use]
    pub fn tag(&self) -> &'static str {
        self.language.tag()
    }

    /// Begins a text; it is written where it is shown.
    #[must_use]
    pub fn say(&self, key: &'static str) -> Said {
        Said { words: *self, key, arguments: FluentArgs::new() }
    }

    /// `3 Dec 2026`, or a dash where there is none.
    #[must_use]
    pub fn date(&self, date: impl Into<Option<Date>>) -> String {
        date.into().map_or_else(|| "–".to_owned(), |date| self.form.date(date, self.language))
    }

    /// `3 Dec`, where the year is known.
    #[must_use]
    pub fn day(&self, date: Date) -> String {
        self.form.day(date, self.language)
    }

    /// `3 Dec 2026 09:40`, in the company's time.
    #[must_use]
    pub fn time(&self, at: Timestamp, zone: &TimeZone) -> String {
        self.form.time(at, zone, self.language)
    }

    /// Without zeros at its end, thousands apart: `1,250.5`.
    #[must_use]
    pub fn quantity(&self, value: Decimal) -> String {
        self.form.quantity(value)
    }

    /// With the currency's decimals and its code: `1,250.50 EUR`; `not known` where there is none.
    #[must_use]
    pub fn money(&self, value: Option<Decimal>, currency: Option<&str>) -> String {
        let Some(value) = value else { return self.say("term-not-known").to_string() };
        let amount = self.form.amount(value, currency);
        // unbreakable, so that no line ends between the two
        currency.map_or_else(|| amount.clone(), |currency| format!("{amount}\u{a0}{currency}"))
    }

    /// `87.5%`, `87,5 %`
    #[must_use]
    pub fn percent(&self, value: Decimal) -> String {
        let gap = match self.language {
            Language::En | Language::Ms | Language::Zh => "",
            Language::De | Language::Es => "\u{a0}",
            Language::Fr => "\u{202f}",
        };
        format!("{}{gap}%", self.form.quantity(value))
    }

    /// The sum that led to a quantity (`domain::explain`), in these words.
    #[must_use]
    pub fn why(&self, kept: &str) -> String {
        why::worded(*self, kept)
    }

    /// What went wrong between us and the host, as it was kept (`host::HostError`, the worker); what the host said is quoted.
    #[must_use]
    pub fn problem(&self, kept: &str) -> String {
        problem::worded(*self, &Problem::read(kept))
    }

    /// Why something is short, or what a person should know beside the figures, in a sentence.
    #[must_use]
    pub fn remark(&self, remark: &Remark) -> String {
        remark::worded(*self, remark)
    }

    /// A kind of cause (`Remark::kind`, or `declined`) in two or three words.
    #[must_use]
    pub fn cause(&self, kind: &str) -> String {
        remark::cause(*self, kind)
    }

    /// Why a person must decide although Automatic is on.
    #[must_use]
    pub fn limit(&self, limit: &Limit) -> String {
        remark::limit(*self, limit)
    }

    /// Reads a figure as a person of this company enters it; see [`Form::read`].
    #[must_use]
    pub fn read(&self, entered: &str) -> Option<Decimal> {
        self.form.read(entered)
    }
}

/// A text that is about to be written.
#[derive(Debug)]
pub struct Said {
    words: Words,
    key: &'static str,
    arguments: FluentArgs<'static>,
}

impl Said {
    /// Gives a variable of the text its value.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Argument) -> Self {
        let value = value.worded(&self.words);
        self.arguments.set(name, value);
        self
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Words { language, form } = self.words;
        f.write_str(&bundle::text(language, form.numbers, self.key, &self.arguments))
    }
}

impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.to_string()
    }
}

/// What a text can be about.
pub trait Argument {
    /// The value for the text; a count stays a number, everything else is written now.
    fn worded(&self, words: &Words) -> FluentValue<'static>;
}

impl<T: Argument + ?Sized> Argument for &T {
    fn worded(&self, words: &Words) -> FluentValue<'static> {
        (**self).worded(words)
    }
}

impl Argument for str {
    fn worded(&self, _: &Words) -> FluentValue<'static> {
        FluentValue::from(self.to_owned())
    }
}

impl Argument for String {
    fn worded(&self, _: &Words) -> FluentValue<'static> {
        FluentValue::from(self.clone())
    }
}

impl Argument for Said {
    fn worded(&self, _: &Words) -> FluentValue<'static> {
        FluentValue::from(self.to_string())
    }
}

impl Argument for Decimal {
    fn worded(&self, words: &Words) -> FluentValue<'static> {
        FluentValue::from(words.quantity(*self))
    }
}

impl Argument for Date {
    fn worded(&self, words: &Words) -> FluentValue<'static> {
        FluentValue::from(words.date(*self))
    }
}

macro_rules! counts {
    ($($number:ty)*) => {$(
        impl Argument for $number {
            fn worded(&self, _: &Words) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        }
    )*};
}

counts! { i32 i64 u32 u64 usize }
