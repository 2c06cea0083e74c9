//! Whether a delivery comes from the host: verified over the raw bytes, before anything is parsed.
//!
//! Invariants: MACs are decoded to 32 bytes first and compared in constant time; whatever is malformed is refused
//! before it is compared; nothing of a signature or secret appears in an error (trust.md W1 to W4).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;
use thiserror::Error;

/// How far a sender's clock may be from ours, in seconds.
const TOLERANCE: i64 = 300;

/// Bytes of an HMAC-SHA256.
const MAC_BYTES: usize = 32;

/// Signatures in one header: a host that rotates its keys sends two.
const MAX_SIGNATURES: usize = 8;

/// Bytes of one header of a scheme.
const MAX_HEADER: usize = 4096;

/// Bytes of a Standard Webhooks key, by its specification.
const KEY_BYTES: std::ops::RangeInclusive<usize> = 24..=64;

/// Shortest secret of the other schemes, in bytes.
const MIN_SECRET: usize = 16;

/// How a host shows that a delivery is its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// It does not: the unguessable path is all there is.
    None,
    /// `webhook-id`, `webhook-timestamp`, `webhook-signature` with `v1,` and base64 (standardwebhooks.com).
    StandardWebhooks,
    /// `X-Frappe-Webhook-Signature`: base64 of the HMAC over the raw body.
    Frappe,
}

impl Scheme {
    /// The stable name used in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::StandardWebhooks => "standard_webhooks",
            Self::Frappe => "frappe",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::None, Self::StandardWebhooks, Self::Frappe].into_iter().find(|scheme| scheme.as_str() == name)
    }
}

/// The key of a scheme.
#[derive(Debug, Clone)]
pub struct SigningKey(SecretSlice<u8>);

/// Why a secret cannot be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SecretError {
    #[error("the secret is empty")]
    Empty,
    #[error("the secret must be 'whsec_' followed by 24 to 64 random bytes in base64")]
    Form,
    #[error("the secret must be at least 16 characters long")]
    Short,
}

impl SigningKey {
    /// Reads a secret as a person pasted it; white space around it is dropped.
    pub fn parse(scheme: Scheme, text: &SecretString) -> Result<Self, SecretError> {
        let text = text.expose_secret().trim();
        if text.is_empty() {
            return Err(SecretError::Empty);
        }
        let bytes = match scheme {
            Scheme::StandardWebhooks => {
                let encoded = text.strip_prefix("whsec_").ok_or(SecretError::Form)?;
                let key = STANDARD.decode(encoded).map_err(|_| SecretError::Form)?;
                Some(key).filter(|key| KEY_BYTES.contains(&key.len())).ok_or(SecretError::Form)?
            }
            Scheme::None | Scheme::Frappe if text.len() < MIN_SECRET => return Err(SecretError::Short),
            Scheme::None | Scheme::Frappe => text.as_bytes().to_vec(),
        };
        Ok(Self(SecretSlice::from(bytes)))
    }

    fn mac(&self, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose_secret()).ok()?;
        for part in parts {
            mac.update(part);
        }
        Some(mac)
    }
}

/// The keys of one connection.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    pub current: Option<SigningKey>,
    /// The one before, good until then: hosts take a while to change over.
    pub previous: Option<(SigningKey, Timestamp)>,
}

/// Which key a delivery was signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matched {
    /// The scheme has none.
    Unsigned,
    Current,
    Previous,
}

/// A delivery that is the host's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    pub matched: Matched,
    /// The sender's id of the delivery, where the scheme has one: the same for a repetition.
    pub message_id: Option<String>,
    /// Our clock minus the sender's, in seconds, where the scheme has a time.
    pub skew_seconds: Option<i64>,
}

/// Why a delivery is refused; `as_str` of it is the label of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SignatureError {
    #[error("a header of the signature is missing")]
    Missing,
    #[error("a header of the signature stands twice, is too long or malformed")]
    Malformed,
    #[error("the timestamp is not within five minutes of now")]
    Stale,
    #[error("no signature matches")]
    Mismatch,
    #[error("no secret is configured")]
    NoSecret,
}

impl SignatureError {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::Stale => "stale",
            Self::Mismatch => "mismatch",
            Self::NoSecret => "no_secret",
        }
    }
}

/// Verifies one delivery: headers in any order, names in any case, the body as it came over the wire.
pub fn verify(
    scheme: Scheme,
    keys: &Keys,
    headers: &[(&str, &[u8])],
    body: &[u8],
    now: Timestamp,
) -> Result<Verified, SignatureError> {
    match scheme {
        Scheme::None => Ok(Verified { matched: Matched::Unsigned, message_id: None, skew_seconds: None }),
        Scheme::StandardWebhooks => {
            let id = header(headers, "webhook-id")?;
            // A dot in the id would let the signed text be cut in another place.
            let id_ok = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
            if !id_ok || id.len() > 256 {
                return Err(SignatureError::Malformed);
            }
            let timestamp = header(headers, "webhook-timestamp")?;
            let skew = now.as_second() - seconds(timestamp)?;
            if skew.abs() > TOLERANCE {
                return Err(SignatureError::Stale);
            }
            let macs = standard_macs(header(headers, "webhook-signature")?)?;
            let signed = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
            let matched = matching(keys, &macs, &signed, now)?;
            Ok(Verified { matched, message_id: Some(id.to_owned()), skew_seconds: Some(skew) })
        }
        Scheme::Frappe => {
            let mac = decode(header(headers, "x-frappe-webhook-signature")?).ok_or(SignatureError::Malformed)?;
            let matched = matching(keys, &[mac], &[body], now)?;
            Ok(Verified { matched, message_id: None, skew_seconds: None })
        }
    }
}

/// A header that must stand exactly once.
fn header<'a>(headers: &[(&str, &'a [u8])], name: &str) -> Result<&'a str, SignatureError> {
    let mut found = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
    let value = found.next().ok_or(SignatureError::Missing)?;
    if found.next().is_some() || value.len() > MAX_HEADER {
        return Err(SignatureError::Malformed);
    }
    let value = std::str::from_utf8(value).map_err(|_| SignatureError::Malformed)?;
    if value.is_empty() { Err(SignatureError::Missing) } else { Ok(value) }
}

/// Unix seconds: digits and nothing else. Milliseconds are thousands of years away and so stale.
fn seconds(text: &str) -> Result<i64, SignatureError> {
    if text.len() > 15 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(SignatureError::Malformed);
    }
    text.parse().map_err(|_| SignatureError::Malformed)
}

/// The `v1` signatures of the header; other versions are passed over.
fn standard_macs(text: &str) -> Result<Vec<[u8; MAC_BYTES]>, SignatureError> {
    let listed: Vec<&str> = text.split(' ').collect();
    if listed.len() > MAX_SIGNATURES {
        return Err(SignatureError::Malformed);
    }
    let macs: Vec<_> = listed.iter().filter_map(|one| one.strip_prefix("v1,")).filter_map(decode).collect();
    if macs.is_empty() { Err(SignatureError::Malformed) } else { Ok(macs) }
}

/// Standard base64 of exactly 32 bytes.
fn decode(text: &str) -> Option<[u8; MAC_BYTES]> {
    STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok())
}

fn matching(
    keys: &Keys,
    macs: &[[u8; MAC_BYTES]],
    signed: &[&[u8]],
    now: Timestamp,
) -> Result<Matched, SignatureError> {
    let previous = keys.previous.as_ref().filter(|(_, valid_until)| now <= *valid_until).map(|(key, _)| key);
    if keys.current.is_none() && previous.is_none() {
        return Err(SignatureError::NoSecret);
    }
    for (key, matched) in [(keys.current.as_ref(), Matched::Current), (previous, Matched::Previous)] {
        let Some(key) = key else { continue };
        for mac in macs {
            let fits = key.mac(signed).is_some_and(|expected| expected.verify_slice(mac).is_ok());
            if fits {
                return Ok(matched);
            }
        }
    }
    Err(SignatureError::Mismatch)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"type":"stock.changed","data":{"id":"P-1"}}"#;
    const NOW: i64 = 1_764_000_000;

    fn now() -> Timestamp {
        Timestamp::from_second(NOW).unwrap()
    }

    fn key(fill: u8) -> SigningKey {
        let text = format!("whsec_{}", STANDARD.encode([fill; 32]));
        SigningKey::parse(Scheme::StandardWebhooks, &text.into()).unwrap()
    }

    fn keys() -> Keys {
        Keys { current: Some(key(1)), previous: None }
    }

    fn mac(key: &SigningKey, signed: &[u8]) -> String {
        STANDARD.encode(key.mac(&[signed]).unwrap().finalize().into_bytes())
    }

    fn signed(key: &SigningKey, id: &str, timestamp: &str, body: &[u8]) -> String {
        mac(key, &[id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat())
    }

    fn standard(
        keys: &Keys,
        id: &str,
        timestamp: &str,
        signature: &[u8],
        body: &[u8],
    ) -> Result<Matched, SignatureError> {
        let headers: [(&str, &[u8]); 4] = [
            ("content-type", b"application/json"),
            ("Webhook-Id", id.as_bytes()),
            ("webhook-timestamp", timestamp.as_bytes()),
            ("webhook-signature", signature),
        ];
        verify(Scheme::StandardWebhooks, keys, &headers, body, now()).map(|verified| verified.matched)
    }

    #[test]
    fn a_signed_delivery_is_the_hosts_own() {
        let text = format!("v1,{}", signed(&key(1), "msg_1", &NOW.to_string(), BODY));
        assert_eq!(standard(&keys(), "msg_1", &NOW.to_string(), text.as_bytes(), BODY), Ok(Matched::Current));
    }

    #[test]
    fn attacks_1_to_6_malformed_signatures_are_refused() {
        let at = NOW.to_string();
        let right = signed(&key(1), "msg_1", &at, BODY);
        let bytes = STANDARD.decode(&right).unwrap();
        let half = |part: &[u8]| u128::from_be_bytes(part.try_into().unwrap());
        let hex = format!("{:032x}{:032x}", half(&bytes[..16]), half(&bytes[16..]));
        let mut bad =
            vec![String::new(), "v1".into(), "v1,".into(), "v1a,x".into(), right.clone(), format!("v2,{right}")];
        bad.extend((1..44).map(|length| format!("v1,{}", &right[..length])));
        bad.extend([format!("v1,{right}junk"), format!("v1,{right}="), format!("v1,{hex}"), "x".repeat(10_240)]);
        bad.extend([format!("v1,{}", right.trim_end_matches('=')), format!("v1, {right}"), format!("V1,{right}")]);
        bad.push(format!("v1,{}", base64::engine::general_purpose::URL_SAFE.encode([0xff_u8; 32])));
        bad.push(format!("v1,{}", STANDARD.encode([&bytes[..], &bytes[..]].concat())));
        for signature in bad {
            assert!(standard(&keys(), "msg_1", &at, signature.as_bytes(), BODY).is_err(), "{signature}");
        }
        assert!(standard(&keys(), "msg_1", &at, b"v1,\xff\xfe", BODY).is_err());
        assert_eq!(verify(Scheme::StandardWebhooks, &keys(), &[], BODY, now()), Err(SignatureError::Missing));
    }

    #[test]
    fn attack_7_the_raw_bytes_are_what_is_signed() {
        let at = NOW.to_string();
        let pretty = "{ \"type\": \"stock.changed\", \"data\": { \"id\": \"P-1\" } }".as_bytes();
        let text = format!("v1,{}", signed(&key(1), "msg_1", &at, BODY));
        assert_eq!(standard(&keys(), "msg_1", &at, text.as_bytes(), pretty), Err(SignatureError::Mismatch));
        for body in [pretty, "\u{feff}{}".as_bytes(), br#"{"b":1,"a":"\u0041"}"#, b"", b"\xff\x00"] {
            let text = format!("v1,{}", signed(&key(1), "msg_1", &at, body));
            assert_eq!(standard(&keys(), "msg_1", &at, text.as_bytes(), body), Ok(Matched::Current));
        }
    }

    #[test]
    fn attacks_8_and_9_only_this_connections_keys_count_and_the_old_one_only_for_its_grace() {
        let at = NOW.to_string();
        let by_old = format!("v1,{}", signed(&key(2), "msg_1", &at, BODY));
        assert_eq!(standard(&keys(), "msg_1", &at, by_old.as_bytes(), BODY), Err(SignatureError::Mismatch));
        let rotated = |valid_until| Keys {
            current: Some(key(1)),
            previous: Some((key(2), Timestamp::from_second(valid_until).unwrap())),
        };
        assert_eq!(standard(&rotated(NOW), "msg_1", &at, by_old.as_bytes(), BODY), Ok(Matched::Previous));
        assert_eq!(standard(&rotated(NOW - 1), "msg_1", &at, by_old.as_bytes(), BODY), Err(SignatureError::Mismatch));
        let by_new = format!("v1,{}", signed(&key(1), "msg_1", &at, BODY));
        assert_eq!(standard(&rotated(NOW), "msg_1", &at, by_new.as_bytes(), BODY), Ok(Matched::Current));
        assert_eq!(standard(&Keys::default(), "msg_1", &at, by_new.as_bytes(), BODY), Err(SignatureError::NoSecret));
    }

    #[test]
    fn attacks_10_and_11_several_signatures_are_tried_but_not_hundreds() {
        let at = NOW.to_string();
        let right = signed(&key(1), "msg_1", &at, BODY);
        let wrong = STANDARD.encode([7_u8; 32]);
        let two = format!("v1,{wrong} v1a,whatever v1,{right}");
        assert_eq!(standard(&keys(), "msg_1", &at, two.as_bytes(), BODY), Ok(Matched::Current));
        let many = vec![format!("v1,{wrong}"); 200].join(" ");
        assert_eq!(standard(&keys(), "msg_1", &at, many.as_bytes(), BODY), Err(SignatureError::Malformed));
    }

    #[test]
    fn attack_12_a_header_that_stands_twice_is_refused() {
        let at = NOW.to_string();
        let text = format!("v1,{}", signed(&key(1), "msg_1", &at, BODY));
        let headers: [(&str, &[u8]); 4] = [
            ("webhook-id", b"msg_1"),
            ("webhook-timestamp", at.as_bytes()),
            ("webhook-signature", text.as_bytes()),
            ("Webhook-Signature", text.as_bytes()),
        ];
        let outcome = verify(Scheme::StandardWebhooks, &keys(), &headers, BODY, now());
        assert_eq!(outcome, Err(SignatureError::Malformed));
    }

    #[test]
    fn attack_13_timestamps_are_digits_within_five_minutes() {
        let outcome = |at: &str| {
            let text = format!("v1,{}", signed(&key(1), "msg_1", at, BODY));
            standard(&keys(), "msg_1", at, text.as_bytes(), BODY).is_ok()
        };
        for at in [NOW, NOW - 300, NOW + 300] {
            assert!(outcome(&at.to_string()), "{at}");
        }
        let milliseconds = (NOW * 1000).to_string();
        let (early, late) = ((NOW - 301).to_string(), (NOW + 301).to_string());
        let (signed, spaced, fraction) = (format!("+{NOW}"), format!(" {NOW} "), format!("{NOW}.0"));
        for at in [
            early.as_str(),
            &late,
            "0",
            "-1",
            "1e30",
            "1e3",
            " 1 ",
            "١٢٣",
            "NaN",
            "100000000000000000000",
            &milliseconds,
            &signed,
            &spaced,
            &fraction,
            "",
        ] {
            assert!(!outcome(at), "{at:?}");
        }
    }

    #[test]
    fn attack_15_the_signed_text_cannot_be_cut_elsewhere() {
        let at = NOW.to_string();
        let shifted = format!("msg_1.{at}");
        let body = format!("{at}.rest");
        let text = format!("v1,{}", signed(&key(1), "msg_1", &at, body.as_bytes()));
        let outcome = standard(&keys(), &shifted, &at, text.as_bytes(), b"rest");
        assert_eq!(outcome, Err(SignatureError::Malformed));
    }

    #[test]
    fn attack_14_frappe_signs_the_raw_body_and_a_replay_still_verifies() {
        let key = SigningKey::parse(Scheme::Frappe, &" a secret of enough length\n".to_owned().into()).unwrap();
        let keys = Keys { current: Some(key.clone()), previous: None };
        let outcome = |signature: &str, body: &[u8]| {
            verify(Scheme::Frappe, &keys, &[("X-Frappe-Webhook-Signature", signature.as_bytes())], body, now())
                .map(|verified| verified.matched)
        };
        let right = mac(&key, BODY);
        assert_eq!(outcome(&right, BODY), Ok(Matched::Current));
        assert_eq!(outcome(&right, b"{}"), Err(SignatureError::Mismatch));
        assert_eq!(outcome(&right[..40], BODY), Err(SignatureError::Malformed));
        assert_eq!(outcome("", BODY), Err(SignatureError::Missing));
    }

    #[test]
    fn attacks_17_and_18_secrets_are_trimmed_and_never_empty_or_weak() {
        let parse = |scheme, text: &str| SigningKey::parse(scheme, &text.to_owned().into()).map(|_| ());
        let good = format!(" whsec_{}\n", STANDARD.encode([1_u8; 24]));
        assert_eq!(parse(Scheme::StandardWebhooks, &good), Ok(()));
        assert_eq!(parse(Scheme::StandardWebhooks, " \n"), Err(SecretError::Empty));
        assert_eq!(parse(Scheme::StandardWebhooks, "whsec_"), Err(SecretError::Form));
        assert_eq!(parse(Scheme::StandardWebhooks, "whsec_AAAA"), Err(SecretError::Form));
        assert_eq!(parse(Scheme::StandardWebhooks, "not base64 at all, but long enough"), Err(SecretError::Form));
        assert_eq!(parse(Scheme::Frappe, ""), Err(SecretError::Empty));
        assert_eq!(parse(Scheme::Frappe, "short"), Err(SecretError::Short));
    }

    #[test]
    fn an_unsigned_scheme_says_that_nothing_was_verified() {
        let verified = verify(Scheme::None, &Keys::default(), &[], b"", now()).unwrap();
        assert_eq!(verified.matched, Matched::Unsigned);
        assert_eq!(verified.message_id, None);
    }
}
