//! Holds that every text is in every language with the same variables, and is said as it is written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};

use super::bundle::{AREAS, texts};
use super::*;

/// Texts that read the same in another language as in English, and are right.
const SAME: &[(&str, &str)] = &[
    ("de", "connect-country-il"),
    ("de", "connect-country-my"),
    ("de", "customer-template-text"),
    ("de", "insights-difot-short"),
    ("de", "mail-team"),
    ("es", "connect-country-au"),
    ("es", "connect-country-id"),
    ("es", "connect-country-il"),
    ("es", "connect-country-in"),
    ("es", "customer-subtotal"),
    ("es", "customer-total"),
    ("es", "decision-total"),
    ("es", "insights-difot-short"),
    ("fr", "activity-document"),
    ("fr", "backorder-stock"),
    ("fr", "connect-country-ca"),
    ("fr", "connect-country-ph"),
    ("fr", "customer-date"),
    ("fr", "customer-total"),
    ("fr", "decision-total"),
    ("de", "settings-schema"),
    ("es", "settings-no"),
    ("es", "settings-total"),
    ("fr", "settings-dates"),
    ("fr", "settings-total"),
    ("ms", "settings-section-data"),
    ("ms", "settings-import"),
    ("fr", "insights-cause"),
    ("fr", "insights-difot-short"),
    ("ms", "backorder-item"),
    ("ms", "connect-country-au"),
    ("ms", "connect-country-be"),
    ("ms", "connect-country-id"),
    ("ms", "connect-country-il"),
    ("ms", "connect-country-in"),
    ("ms", "connect-country-my"),
    ("ms", "connect-country-nz"),
    ("ms", "connect-country-uk"),
    ("ms", "insights-column-item"),
    ("ms", "insights-difot-short"),
    ("ms", "mail-item"),
    ("ms", "term-item"),
    ("zh", "insights-difot-short"),
];

/// What a text is made from.
#[derive(Debug, Default, PartialEq, Eq)]
struct Text {
    variables: BTreeSet<String>,
    /// The plural forms that it has, if any.
    forms: BTreeSet<String>,
    /// Its words, variables left out.
    words: String,
    /// Two spaces stand beside each other.
    gaps: bool,
}

fn walk(pattern: &Pattern<&str>, text: &mut Text) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => {
                text.words.push_str(value);
                text.gaps |= value.contains("  ");
            }
            PatternElement::Placeable { expression: Expression::Inline(inline) } => walk_inline(inline, text),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                walk_inline(selector, text);
                for variant in variants {
                    let (VariantKey::Identifier { name } | VariantKey::NumberLiteral { value: name }) = variant.key;
                    text.forms.insert(name.to_owned());
                    walk(&variant.value, text);
                }
            }
        }
    }
}

fn walk_inline(inline: &InlineExpression<&str>, text: &mut Text) {
    match inline {
        InlineExpression::VariableReference { id } => {
            text.variables.insert(id.name.to_owned());
        }
        InlineExpression::StringLiteral { value } => text.words.push_str(value),
        other => panic!("texts have variables and plural forms only, for whoever translates: {other:?}"),
    }
}

fn language_texts(language: Language) -> BTreeMap<String, Text> {
    let mut found = BTreeMap::new();
    for (area, file) in AREAS.iter().zip(texts(language)) {
        let place = format!("{}/{area}.ftl", language.as_str());
        let resource = fluent_syntax::parser::parse(*file).unwrap_or_else(|(_, errors)| panic!("{place}: {errors:?}"));
        for entry in &resource.body {
            match entry {
                Entry::Message(message) => {
                    let key = message.id.name;
                    assert!(key.starts_with(&format!("{area}-")), "{place}: {key} does not begin with its area");
                    let mut text = Text::default();
                    walk(message.value.as_ref().unwrap_or_else(|| panic!("{place}: {key} is empty")), &mut text);
                    assert!(found.insert(key.to_owned(), text).is_none(), "{place}: {key} is there twice");
                }
                Entry::Term(_) | Entry::Junk { .. } => panic!("{place}: {entry:?}"),
                _ => {}
            }
        }
    }
    found
}

#[test]
fn every_text_is_in_every_language_with_the_same_variables() {
    let english = language_texts(Language::En);
    let mut wrong = Vec::new();
    for language in Language::ALL {
        let name = language.as_str();
        let texts = language_texts(language);
        wrong.extend(english.keys().filter(|key| !texts.contains_key(*key)).map(|key| format!("{name} lacks {key}")));
        wrong.extend(
            texts.keys().filter(|key| !english.contains_key(*key)).map(|key| format!("{name}: {key} is not in en")),
        );
        for (key, text) in &texts {
            let Some(original) = english.get(key) else { continue };
            if text.variables != original.variables {
                wrong.push(format!("{name}: {key} has {:?}, en {:?}", text.variables, original.variables));
            }
            if text.words.contains('!') || text.gaps {
                wrong.push(format!("{name}: {key} is not calm: {}", text.words));
            }
            let admitted: &[&str] = match language {
                Language::En | Language::De => &["one", "other"],
                Language::Fr | Language::Es => &["one", "many", "other"],
                Language::Ms | Language::Zh => &["other"],
            };
            let numbers = |form: &String| form.bytes().all(|byte| byte.is_ascii_digit());
            let odd = text.forms.iter().find(|form| !admitted.contains(&form.as_str()) && !numbers(form));
            wrong.extend(odd.map(|form| format!("{name}: {key} has the form {form}, which its plural never takes")));
            let plural =
                original.forms.contains("one") && matches!(language, Language::De | Language::Fr | Language::Es);
            if plural && !text.forms.contains("one") {
                wrong.push(format!("{name}: {key} has no form for one"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Words alone, as people compare them.
fn bare(text: &Text) -> String {
    text.words.chars().filter(|c| c.is_alphabetic()).collect::<String>().to_lowercase()
}

#[test]
fn no_text_is_left_in_english() {
    let english = language_texts(Language::En);
    let mut wrong = Vec::new();
    for language in Language::ALL.into_iter().filter(|language| *language != Language::En) {
        for (key, text) in language_texts(language) {
            let same =
                english.get(&key).is_some_and(|original| bare(original) == bare(&text) && !bare(&text).is_empty());
            if same && !SAME.contains(&(language.as_str(), key.as_str())) {
                wrong.push(format!("{}: {key} = {}", language.as_str(), text.words));
            }
            let has_han = text.words.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
            if (language == Language::Zh) != has_han
                && !bare(&text).is_empty()
                && !SAME.contains(&(language.as_str(), &key))
            {
                wrong.push(format!("{}: {key} is in another script: {}", language.as_str(), text.words));
            }
        }
    }
    assert!(wrong.is_empty(), "say it in the language, or put it on SAME if it is the same:\n{}", wrong.join("\n"));
}

/// The files of this module that say texts themselves.
const SAYING: [&str; 3] = ["/wording/problem.rs", "/wording/remark.rs", "/wording/why.rs"];

/// Every file that may say a text.
fn sources() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_str().unwrap().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else if (!name.contains("/src/wording/") || SAYING.iter().any(|file| name.ends_with(file)))
                && [".rs", ".html", ".txt"].iter().any(|end| name.ends_with(end))
            {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.push(("src/wording/mod.rs".to_owned(), r#"say("term-not-known")"#.to_owned()));
    found
}

/// What stands between a parenthesis that has just been opened and its end, and what follows.
fn parenthesised(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted, mut escaped) = (1_u32, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return Some((&text[..at], &text[at + 1..]));
                }
            }
            _ => {}
        }
    }
    None
}

/// The string literals of an expression that look like keys.
fn keys(expression: &str) -> Vec<String> {
    let literals = expression.split('"').skip(1).step_by(2);
    let is_key = |text: &&str| AREAS.iter().any(|area| text.starts_with(&format!("{area}-")));
    literals.filter(is_key).map(str::to_owned).collect()
}

#[test]
fn what_is_said_is_there_and_what_is_there_is_said() {
    let english = language_texts(Language::En);
    let (mut wrong, mut said) = (Vec::new(), BTreeSet::new());
    for (file, source) in sources() {
        for (at, _) in source.match_indices("say(") {
            let Some((expression, mut rest)) = parenthesised(&source[at + "say(".len()..]) else { continue };
            let keys = keys(expression);
            let mut given = BTreeSet::new();
            while let Some(after) = rest.trim_start().strip_prefix(".with(") {
                let Some((argument, after)) = parenthesised(after) else { break };
                given.extend(argument.split('"').nth(1).map(str::to_owned));
                rest = after;
            }
            for key in &keys {
                let Some(text) = english.get(key) else {
                    wrong.push(format!("{file}: there is no text {key}"));
                    continue;
                };
                // several keys share the arguments of one call
                let fits = if keys.len() == 1 { text.variables == given } else { text.variables.is_subset(&given) };
                if !fits {
                    wrong.push(format!("{file}: {key} is about {:?}, said with {given:?}", text.variables));
                }
            }
            said.extend(keys);
        }
    }
    wrong.extend(english.keys().filter(|key| !said.contains(*key)).map(|key| format!("{key} is never said")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn texts_are_about_their_arguments_in_the_company_s_form() {
    let mut company = Settings { language: Some(Language::De), ..Settings::default() };
    let german = Words::choose(None, &company, Language::Fr);
    assert_eq!(
        german.say("frame-check-failed").with("error", "x").to_string(),
        "Die letzte Prüfung ist fehlgeschlagen und wird wiederholt: x"
    );
    assert_eq!(german.money(Some("1250.5".parse().unwrap()), Some("EUR")), "1.250,50\u{a0}EUR");
    assert_eq!(german.money(None, None), "nicht bekannt");
    assert_eq!(german.date(jiff::civil::date(2026, 12, 3)), "03.12.2026");
    assert_eq!(german.date(None), "–");
    company.dates = Some(DateForm::YearDash);
    let chinese = Words::choose(Some(Language::Zh), &company, Language::En);
    assert_eq!(chinese.date(jiff::civil::date(2026, 12, 3)), "2026-12-03");
    assert_eq!(chinese.tag(), "zh-Hans");
}

#[test]
fn a_text_that_does_not_exist_is_its_key_and_not_a_panic() {
    assert_eq!(Words::default().say("nothing-of-the-kind").to_string(), "nothing-of-the-kind");
}

#[test]
fn counts_choose_the_plural_form_of_their_language() {
    let said = |language, count: i64| {
        let resource = "n = { $count ->\n    [one] one\n   *[other] { $count } other\n}\n";
        bundle::of_text(language, NumberForm::CommaPoint, resource, "n", count)
    };
    let forms = |language| [0, 1, 2, 1_000, 1_000_000].map(|count| said(language, count));
    let germanic = ["0 other", "one", "2 other", "1,000 other", "1,000,000 other"];
    assert_eq!(forms(Language::En), germanic);
    assert_eq!(forms(Language::De), germanic);
    assert_eq!(forms(Language::Es), germanic);
    assert_eq!(forms(Language::Fr), ["one", "one", "2 other", "1,000 other", "1,000,000 other"]);
    let none = ["0 other", "1 other", "2 other", "1,000 other", "1,000,000 other"];
    assert_eq!(forms(Language::Ms), none);
    assert_eq!(forms(Language::Zh), none);
}
