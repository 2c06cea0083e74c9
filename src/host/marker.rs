//! The marker by which a purchase order of ours is found again (trust.md section 3).
//!
//! Invariant: only a whole marker is one; a text that merely begins alike is not.

const PREFIX: &str = "BO-";

/// Characters after the prefix: 128 bits in base32.
const LENGTH: usize = 26;

/// The first marker in a text, wherever it stands.
pub(super) fn find(text: &str) -> Option<&str> {
    text.match_indices(PREFIX).find_map(|(at, _)| {
        let end = at + PREFIX.len() + LENGTH;
        let body = text.get(at + PREFIX.len()..end)?;
        let is_part = |c: char| c.is_ascii_alphanumeric();
        let alone = !text[..at].ends_with(is_part) && !text[end..].starts_with(is_part);
        let fits = body.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
        (fits && alone).then(|| &text[at..end])
    })
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_marker_is_found_whole_or_not_at_all() {
        let marker = format!("BO-{}", "A2".repeat(13));
        assert_eq!(find(&marker), Some(marker.as_str()));
        assert_eq!(find(&format!("Backorders {marker}\nwhy")), Some(marker.as_str()));
        assert_eq!(find(&format!("BO-1 and {marker}.")), Some(marker.as_str()));
        for text in
            ["", "BO-", "BO-12", &marker[..28], &format!("{marker}A"), &format!("X{marker}"), &marker.to_lowercase()]
        {
            assert_eq!(find(text), None, "{text}");
        }
        assert_eq!(find(&format!("BO-{}", "ä".repeat(26))), None);
    }
}
