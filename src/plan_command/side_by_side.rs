//! Reads the sales documents of a large snapshot on several threads, each a stretch of the text.
//!
//! Invariants: what is read is what one thread would have read. Where a stretch begins is a guess; it holds only if the
//! thread before it ends a document exactly there, so that the text is followed from its start to its end. Whatever is
//! not as expected, an error included, is `None`: then the text is to be read in one piece.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::domain::parallel::in_parallel;
use crate::domain::snapshot::{Order, Snapshot};

/// How most documents start.
const START: &str = "{\"id\"";

/// Reads the text on that many threads.
pub(super) fn read(text: &str, threads: usize) -> Option<Snapshot> {
    let list = Place { text, at: 0 }.value_of("orders")?;
    let starts = starts(text, list, threads);
    let ends = starts.iter().skip(1).copied().chain([usize::MAX]);
    let stretches = in_parallel(starts.iter().copied().zip(ends), |(start, end)| stretch(text, start, end));
    let mut orders = Vec::new();
    let mut follows = starts.first().copied()?;
    for (stretch, start) in stretches.into_iter().zip(&starts) {
        let Stretch { documents, end, is_last } = stretch.filter(|_| *start == follows)?;
        if orders.is_empty() {
            orders = documents;
        } else {
            orders.extend(documents);
        }
        follows = end;
        if is_last {
            // The list itself, empty, keeps its place among the rest.
            let rest = [&text[..list], "[]", &text[end..]].concat();
            let rest: Snapshot = serde_json::from_str(&rest).ok()?;
            return Some(Snapshot { orders, ..rest });
        }
    }
    None
}

/// Where the stretches start: the first behind the bracket at `list`, the others at a guess.
fn starts(text: &str, list: usize, threads: usize) -> Vec<usize> {
    let others = (1..threads).filter_map(|stretch| {
        let from = (list + 1).max(text.len() / threads * stretch);
        let windows = text.as_bytes().get(from..)?.windows(START.len());
        let places = windows.enumerate().filter(|(_, window)| *window == START.as_bytes());
        // Lines have an id too, but are no documents.
        places.map(|(offset, _)| from + offset).find(|at| Place { text, at: *at }.read::<Order>().is_some())
    });
    let mut starts: Vec<usize> = std::iter::once(list + 1).chain(others).collect();
    starts.dedup();
    starts
}

/// Documents that follow each other.
struct Stretch {
    documents: Vec<Order>,
    /// Where the next one starts, or what is behind the list.
    end: usize,
    is_last: bool,
}

/// Reads documents up to the first that starts at `end` or behind it, or to the end of the list.
fn stretch(text: &str, start: usize, end: usize) -> Option<Stretch> {
    let mut place = Place { text, at: start };
    let mut documents = Vec::new();
    if start < end && place.skip(b']') {
        return Some(Stretch { documents, end: place.at, is_last: true });
    }
    while place.at < end {
        // A number or a word would be read only together with what follows it.
        if place.next_byte()? != b'{' {
            return None;
        }
        documents.push(place.read()?);
        let is_last = place.skip(b']');
        if is_last {
            return Some(Stretch { documents, end: place.at, is_last });
        }
        if !place.skip(b',') {
            return None;
        }
        place.next_byte()?;
    }
    Some(Stretch { documents, end: place.at, is_last: false })
}

/// A place in a JSON text.
struct Place<'t> {
    text: &'t str,
    at: usize,
}

impl Place<'_> {
    /// Goes behind white space; what stands there.
    fn next_byte(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().position(|byte| !matches!(byte, b' ' | b'\n' | b'\t' | b'\r'))?;
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes behind that byte if it comes next.
    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.next_byte() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    /// Reads one value.
    fn read<T: for<'de> Deserialize<'de>>(&mut self) -> Option<T> {
        let mut values = serde_json::Deserializer::from_str(&self.text[self.at..]).into_iter();
        let value = values.next()?.ok()?;
        self.at += values.byte_offset();
        Some(value)
    }

    /// Where the list begins that is the value of a key of the object here.
    fn value_of(&mut self, wanted: &str) -> Option<usize> {
        if !self.skip(b'{') {
            return None;
        }
        loop {
            let key: String = self.read()?;
            if !self.skip(b':') {
                return None;
            }
            let next = self.next_byte()?;
            if key == wanted {
                return (next == b'[').then_some(self.at);
            }
            self.read::<IgnoredAny>()?;
            if !self.skip(b',') {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#" {"today":"2026-01-05", "stock":[{"item":"{\"id\"","warehouse":"W","on_hand":1}],
        "orders" : [ {"id":"A","date":"2026-01-05"} , {"id":"{\"id\"","date":"2026-01-06","lines":[{"id":"1","item":"é",
        "warehouse":"W","ordered":"2"}]},{"id":"C","date":"2026-01-07"},{"date":"2026-01-08","id":"D"} ] , "costs":[]}"#;

    #[test]
    fn on_any_number_of_threads_it_is_the_same_snapshot() {
        let whole: Snapshot = serde_json::from_str(TEXT).unwrap();
        let mut in_stretches = 0;
        for threads in 1..200 {
            if let Some(snapshot) = read(TEXT, threads) {
                assert_eq!(snapshot, whole, "{threads} threads");
                in_stretches += usize::from(threads > 1);
            }
        }
        assert!(read(TEXT, 1).is_some() && in_stretches > 0);
        for orders in ["[]", "[ ]"] {
            let text = format!(r#"{{"today":"2026-01-05","orders":{orders}}}"#);
            assert_eq!(read(&text, 2).unwrap(), serde_json::from_str(&text).unwrap());
        }
    }

    #[test]
    fn a_guess_inside_a_name_is_noticed() {
        let text = r#"{"today":"2026-01-05","orders":[{"id":"A","customer":"xxxxxxxxxxxxxxxxxxxxxxxxxxxx{\"id\":1},{"id"","date":"2026-01-05"}]}"#;
        assert!(serde_json::from_str::<Snapshot>(text).is_err() && read(text, 2).is_none());
        let name = format!("{}{}", "x".repeat(60), "{\"id\"".replace('"', "\\u0022"));
        let text =
            format!(r#"{{"today":"2026-01-05","orders":[{{"id":"A","customer":"{name}","date":"2026-01-05"}}]}}"#);
        assert_eq!(read(&text, 2).unwrap(), serde_json::from_str(&text).unwrap());
    }

    #[test]
    fn what_is_not_as_expected_is_left_to_be_read_in_one_piece() {
        let order = r#"{"id":"A","date":"2026-01-05"}"#;
        for orders in [
            format!("[{order},]"),
            format!("[,{order}]"),
            format!("[{order}{order}]"),
            format!("[{order};{order}]"),
            format!("[{order}"),
            format!("[{order},{{\"id\":\"B\"}}]"),
            format!("[{order},null]"),
            format!("[{order},[\"B\"]]"),
            "null".to_owned(),
            "{}".to_owned(),
            "[é]".to_owned(),
        ] {
            for threads in [1, 2, 3] {
                assert!(read(&format!(r#"{{"today":"2026-01-05","orders":{orders}}}"#), threads).is_none(), "{orders}");
            }
        }
        for text in [
            r#"{"today":"2026-01-05"}"#,
            r#"{"today":"2026-01-05","orders":[],"orders":[]}"#,
            r#"{"today":"2026-01-05","orders":[]"#,
            r#"{"today":"2026-01-05","orders":[]} x"#,
            r#"{"today":"2026-01-05";"orders":[]}"#,
            r#"{"today" "2026-01-05","orders":[]}"#,
            r#"{"orders":[]}"#,
            r#"[{"orders":[]}]"#,
            "",
        ] {
            assert!(read(text, 2).is_none(), "{text}");
        }
    }
}
