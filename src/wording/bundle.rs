//! The texts of all languages, read once, and a bundle of them for each language and form of numbers.
//!
//! Invariant: a text that a language lacks is the English one and is logged; `tests` hold that none is lacking.

use std::sync::{LazyLock, OnceLock};

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use super::form::Form;
use crate::domain::language::{DateForm, Language, NumberForm};

/// The texts of each area in each language. A new area is one more line here and one more file in each language.
macro_rules! areas {
    ($($area:literal)*) => {
        /// The areas, by the name of their files; every key begins with its area's name.
        #[cfg(test)]
        pub(super) const AREAS: &[&str] = &[$($area),*];

        /// The files of a language, in the order of the areas.
        pub(super) fn texts(language: Language) -> &'static [&'static str] {
            match language {
                Language::En => &[$(include_str!(concat!("en/", $area, ".ftl"))),*],
                Language::De => &[$(include_str!(concat!("de/", $area, ".ftl"))),*],
                Language::Fr => &[$(include_str!(concat!("fr/", $area, ".ftl"))),*],
                Language::Es => &[$(include_str!(concat!("es/", $area, ".ftl"))),*],
                Language::Ms => &[$(include_str!(concat!("ms/", $area, ".ftl"))),*],
                Language::Zh => &[$(include_str!(concat!("zh/", $area, ".ftl"))),*],
            }
        }
    };
}

areas! {
    "activity"
    "backorder"
    "connect"
    "customer"
    "decision"
    "error"
    "frame"
    "insights"
    "list"
    "mail"
    "odoo"
    "problem"
    "remark"
    "settings"
    "state"
    "term"
    "why"
}

type Bundle = FluentBundle<&'static FluentResource>;

/// Of all languages, in their order.
static RESOURCES: LazyLock<Vec<Vec<FluentResource>>> = LazyLock::new(|| {
    let read = |text: &&str| match FluentResource::try_new((*text).to_owned()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            tracing::error!(?errors, "a file of texts cannot be read in full");
            resource
        }
    };
    Language::ALL.map(|language| texts(language).iter().map(read).collect()).into()
});

/// By language and form of numbers, made when first asked for.
static BUNDLES: [[OnceLock<Bundle>; NumberForm::ALL.len()]; Language::ALL.len()] =
    [const { [const { OnceLock::new() }; NumberForm::ALL.len()] }; Language::ALL.len()];

fn bundle(language: Language, numbers: NumberForm) -> &'static Bundle {
    BUNDLES[language as usize][numbers as usize].get_or_init(|| {
        let mut bundle = empty(language, numbers);
        for resource in RESOURCES.get(language as usize).into_iter().flatten() {
            if let Err(errors) = bundle.add_resource(resource) {
                tracing::error!(?errors, language = language.as_str(), "a text is there twice");
            }
        }
        bundle
    })
}

fn empty<R>(language: Language, numbers: NumberForm) -> FluentBundle<R> {
    let mut bundle = FluentBundle::new_concurrent(language.tag().parse().into_iter().collect());
    // all six run from left to right; marks for direction would stand in CSV, subjects and searches
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(match numbers {
        NumberForm::CommaPoint => |value, _| count(value, NumberForm::CommaPoint),
        NumberForm::PointComma => |value, _| count(value, NumberForm::PointComma),
        NumberForm::SpaceComma => |value, _| count(value, NumberForm::SpaceComma),
        NumberForm::ApostrophePoint => |value, _| count(value, NumberForm::ApostrophePoint),
        NumberForm::Indian => |value, _| count(value, NumberForm::Indian),
    }));
    bundle
}

/// A count within a text, in the form of numbers. Anything else writes itself.
fn count(value: &FluentValue<'_>, numbers: NumberForm) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(Form { dates: DateForm::Word, numbers }.apart(&number.as_string())),
        _ => None,
    }
}

/// The text of a key.
pub(super) fn text(language: Language, numbers: NumberForm, key: &str, arguments: &FluentArgs<'_>) -> String {
    for language in [language, Language::En] {
        let bundle = bundle(language, numbers);
        if let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) {
            let mut errors = Vec::new();
            let text = bundle.format_pattern(pattern, Some(arguments), &mut errors);
            if !errors.is_empty() {
                tracing::error!(?errors, key, language = language.as_str(), "a text lacks what it is about");
            }
            return text.into_owned();
        }
        tracing::error!(key, language = language.as_str(), "there is no such text");
    }
    key.to_owned()
}

/// A text that only a test has, about a count.
#[cfg(test)]
pub(super) fn of_text(language: Language, numbers: NumberForm, resource: &str, key: &str, count: i64) -> String {
    let mut bundle = empty(language, numbers);
    bundle.add_resource(FluentResource::try_new(resource.to_owned()).unwrap()).unwrap();
    let (mut arguments, mut errors) = (FluentArgs::new(), Vec::new());
    arguments.set("count", count);
    let pattern = bundle.get_message(key).unwrap().value().unwrap();
    bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
}
