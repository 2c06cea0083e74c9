//! Addresses that a mail may go to.
//!
//! Invariant: an [`EmailAddress`] is exactly one address in plain ASCII: no list, no display name, no quoting, no
//! control character. A domain in another script is kept in its ASCII form, so that it cannot pass for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Letters that an address may have in all: 64 before the at sign and 255 after it (RFC 5321).
const MOST: usize = 320;
const MOST_LOCAL: usize = 64;
const MOST_DOMAIN: usize = 255;

/// One address, such as `anna@example.com`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EmailAddress(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    #[error("give one address, such as anna@example.com")]
    Form,
    #[error("an address has at most {MOST_LOCAL} letters before the @ and {MOST_DOMAIN} after it")]
    Length,
    #[error("the part before the @ may have letters, digits and . _ % + - = & ' / ! # $ * ? ^ ` {{ | }} ~ only")]
    Local,
    #[error("the part after the @ is not a domain name such as example.com")]
    Domain,
}

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows the at sign.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for EmailAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim_matches(' ');
        if text.len() > MOST {
            return Err(AddressError::Length);
        }
        let (local, domain) = text.split_once('@').ok_or(AddressError::Form)?;
        if local.is_empty() || domain.is_empty() || text.contains(['<', '>', ',', ';', ' ']) {
            return Err(AddressError::Form);
        }
        let is_atom = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
        if !local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom)) {
            return Err(AddressError::Local);
        }
        // Only names go to the IDN rules: addresses in brackets and numbers are no places for people's mail.
        let Ok(url::Host::Domain(domain)) = url::Host::parse(domain) else { return Err(AddressError::Domain) };
        if local.len() > MOST_LOCAL || domain.len() > MOST_DOMAIN {
            return Err(AddressError::Length);
        }
        let is_label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if domain.split('.').all(is_label) && (domain.contains('.') || domain == "localhost") {
            Ok(Self(format!("{local}@{domain}")))
        } else {
            Err(AddressError::Domain)
        }
    }
}

impl TryFrom<String> for EmailAddress {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        text.parse()
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who mails come from: `backorders@example.com` or `Backorders <backorders@example.com>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub name: Option<String>,
    pub address: EmailAddress,
}

impl FromStr for Sender {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let Some((name, address)) = text.strip_suffix('>').and_then(|text| text.split_once('<')) else {
            return Ok(Self { name: None, address: text.parse()? });
        };
        let name = name.trim().trim_matches('"');
        if name.contains(|c: char| c.is_control() || "<>\"\\".contains(c)) {
            return Err(AddressError::Form);
        }
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self { name, address: address.parse()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_taken() {
        for good in ["anna@example.com", "a.b+c_d@mail.example.co.uk", "o'hara@example.com", "demo@localhost"] {
            assert_eq!(good.parse::<EmailAddress>().unwrap().as_str(), good);
        }
        assert_eq!(" anna@EXAMPLE.com ".parse::<EmailAddress>().unwrap().as_str(), "anna@example.com");
    }

    #[test]
    fn everything_that_is_not_exactly_one_address_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}.com", "a.".repeat(160));
        for bad in [
            "",
            "@",
            "a",
            "a@",
            "@b.com",
            "a@b.c, d@e.f",
            "a@b.com;c@d.com",
            "<a@b.com>",
            "a@b.com>",
            "\"x y\"@b.com",
            "\"x\r\n\"@y.com",
            "a@b.com\r\nBcc: c@d.com",
            "a@b.com\n",
            "a\0@b.com",
            "a..b@c.com",
            ".a@b.com",
            "a.@b.com",
            "a@b",
            "a@-b.com",
            "a@b..com",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@b@c.com",
            "ü@example.com",
            "a b@c.com",
            "a@ex ample.com",
            "a@b.com\t",
            "a@b.com%0d%0a",
            "(comment)a@b.com",
            "a@b.com (comment)",
            &long_local,
            &long,
        ] {
            assert!(bad.parse::<EmailAddress>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn domain_that_looks_like_another_shows_what_it_is() {
        let cyrillic = "anna@\u{0435}xample.com".parse::<EmailAddress>().unwrap();
        assert_eq!(cyrillic.as_str(), "anna@xn--xample-2of.com");
        assert_eq!("a@bücher.example".parse::<EmailAddress>().unwrap().domain(), "xn--bcher-kva.example");
    }

    #[test]
    fn sender_may_have_a_name() {
        let sender: Sender = "Back Orders <b@example.com>".parse().unwrap();
        assert_eq!((sender.name.as_deref(), sender.address.as_str()), (Some("Back Orders"), "b@example.com"));
        assert_eq!("b@example.com".parse::<Sender>().unwrap().name, None);
        assert!("A\r\nBcc: x@y.com <b@example.com>".parse::<Sender>().is_err());
        assert!("A <b@example.com> <c@example.com>".parse::<Sender>().is_err());
    }
}
