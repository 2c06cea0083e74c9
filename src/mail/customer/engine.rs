//! The template language that customers' mails are written in, shut in.
//!
//! Invariants: no loader, no include, no file, no code; what is undefined is an error; a template ends after so much
//! work and cannot grow without end.

use std::borrow::Cow;
use std::collections::BTreeMap;

use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};

/// Steps that one template may take: a long mail takes some hundred.
const FUEL: u64 = 20_000;
/// Bytes of a template, and of what it makes.
const MOST_TEMPLATE: usize = 20_000;
const MOST_TEXT: usize = 60_000;

/// Stands for the list of items until the frame puts it in. Text from outside never holds it: see [`plain`].
pub(super) const LINES: &str = "\u{1}lines\u{1}";

/// What is wrong with a template, for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{part}, line {line}: {what}")]
pub struct TemplateError {
    pub part: &'static str,
    pub line: usize,
    pub what: String,
}

/// Text from outside as a template may hold it: no control character but the ends of lines.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// Renders one template.
pub(super) fn render(
    part: &'static str,
    source: &str,
    values: &[(&'static str, Value)],
) -> Result<String, TemplateError> {
    let wrong = |line: usize, what: String| TemplateError { part, line, what };
    if source.len() > MOST_TEMPLATE {
        return Err(wrong(1, format!("it is longer than {MOST_TEMPLATE} bytes")));
    }
    if source.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(wrong(1, "it holds a control character".to_owned()));
    }
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(20);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.add_filter("upper", |text: Cow<'_, str>| text.to_uppercase());
    environment.add_filter("lower", |text: Cow<'_, str>| text.to_lowercase());
    environment.add_filter("trim", |text: Cow<'_, str>| text.trim().to_owned());
    let said = |error: &minijinja::Error| {
        let line = error.line().unwrap_or(1);
        wrong(line, words(error))
    };
    let source = source.replace("\r\n", "\n").replace('\r', "\n");
    let template = environment.template_from_named_str(part, &source).map_err(|error| said(&error))?;
    let mut out = Bounded(Vec::new());
    let context: BTreeMap<&str, Value> = values.iter().map(|(name, value)| (*name, value.clone())).collect();
    match template.render_captured_to(Value::from(context), &mut out) {
        Ok(_) => Ok(String::from_utf8_lossy(&out.0).into_owned()),
        Err(error) => Err(said(&error)),
    }
}

/// What happened, without what a template may have read.
fn words(error: &minijinja::Error) -> String {
    match error.kind() {
        ErrorKind::UndefinedError => "it names something that is not in the list of placeholders".to_owned(),
        ErrorKind::OutOfFuel => "it takes too long".to_owned(),
        ErrorKind::WriteFailure => format!("it makes more than {MOST_TEXT} bytes"),
        ErrorKind::UnknownFilter | ErrorKind::UnknownFunction | ErrorKind::UnknownTest | ErrorKind::UnknownMethod => {
            "it uses a function or filter that is not available; there are upper, lower and trim".to_owned()
        }
        ErrorKind::SyntaxError => {
            format!("it cannot be read: {}", error.detail().unwrap_or("a bracket or an end is missing"))
        }
        kind => format!("{kind}"),
    }
}

/// Takes so many bytes and no more.
struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > MOST_TEXT {
            return Err(std::io::Error::other("too much"));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
